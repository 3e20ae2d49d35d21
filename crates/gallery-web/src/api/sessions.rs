//! Log-in, the list of sessions, log-out.

use std::sync::Arc;

use gallery_core::usecases::Error;
use gallery_core::values::SessionId;
use poem::Request;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Deserialize;

use super::accounts::Done;
use super::login::Login;
use super::paging::PageOf;
use super::payload::JsonBody;
use super::refusal::{Answer, LogIn, OwnReading, OwnRemoval, Removal};
use super::tag::Tag;
use super::types::Id;
use super::views::{LoggedInView, SessionView};
use crate::Web;
use crate::http::{Problem, RequestContext};

/// Operations on sessions.
pub(super) struct Sessions(pub(super) Arc<Web>);

/// Who logs in.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
struct Credentials {
    /// The e-mail address.
    email: String,
    /// The password.
    password: String,
}

#[derive(ApiResponse)]
enum Begun {
    /// The session has begun; `Set-Cookie` carries its token.
    #[oai(status = 201)]
    Begun(JsonBody<LoggedInView>),
}

#[OpenApi(tag = "Tag::Sessions")]
impl Sessions {
    /// Log in
    ///
    /// An unknown address, a wrong password and an address that is not confirmed yet are answered
    /// alike. A session cookie that was sent along is replaced. A second cookie, `gallery_device`,
    /// is what the client is known by at its next log-in: with it, the guesses of others do not
    /// keep the account's owner out.
    #[oai(path = "/sessions", method = "post", operation_id = "logIn")]
    async fn log_in(&self, request: &Request, body: JsonBody<Credentials>) -> Answer<Begun, LogIn> {
        let Credentials { email, password } = &body.0;
        let client = self.0.client(request)?;
        let refused = |error: Error| Problem::from(error).at_log_in();
        let logged_in = self.0.gallery.log_in(email, password, &client).await.map_err(refused)?;
        RequestContext::of(request)?.logged_in(&logged_in);
        Ok(Begun::Begun(JsonBody((&logged_in).into())))
    }

    /// List one's own sessions
    ///
    /// Newest first, always on one page.
    #[oai(path = "/sessions", method = "get", operation_id = "listSessions")]
    async fn list(&self, login: Login) -> Answer<JsonBody<PageOf<SessionView>>, OwnReading> {
        let caller = login.caller(&self.0).await?;
        let sessions = self.0.gallery.sessions(&caller).await?;
        Ok(JsonBody(PageOf::whole(
            sessions.iter().map(|session| SessionView::of(session, &caller)).collect(),
        )))
    }

    /// Log out
    #[oai(path = "/sessions/current", method = "delete", operation_id = "logOut")]
    async fn log_out(&self, login: Login) -> Answer<Done, OwnRemoval> {
        let caller = login.caller(&self.0).await?;
        self.0.gallery.log_out(&caller).await?;
        login.clear();
        Ok(Done::Done)
    }

    /// End one of one's own sessions
    #[oai(path = "/sessions/:session_id", method = "delete", operation_id = "endSession")]
    async fn end(&self, login: Login, session_id: Path<Id<SessionId>>) -> Answer<Done, Removal> {
        let caller = login.caller(&self.0).await?;
        self.0.gallery.end_session(&caller, session_id.0.0).await?;
        if session_id.0.0 == caller.session.id {
            login.clear();
        }
        Ok(Done::Done)
    }
}
