//! [`PageContext`]: one request for a page, as handlers see it, and the endpoints around handlers:
//! who is calling, messages after a redirect, errors as pages. It knows no particular page. Tests
//! are in `tests/it/pages/frame.rs`.

use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;

use askama::Template;
use gallery_core::Gallery;
use gallery_core::model::User;
use gallery_core::texts::{Language, Text};
use gallery_core::usecases::{Caller, Client, Error, LoggedIn};
use gallery_core::values::PageRequest;
use poem::http::{StatusCode, header};
use poem::{Endpoint, Request, RequestBody, Response};

use super::error;
use super::flash::Flash;
use super::form::Form;
use super::page::{Page, Section, Viewer, html, site};
use crate::http::{Code, PhotoForm, Problem, RequestContext, SessionCookie, Web, handle, see_other};

/// What a handler answers.
pub(super) type Answer = Result<Response, Problem>;

/// One request for a page.
pub(super) struct PageContext {
    web: Arc<Web>,
    request_context: Arc<RequestContext>,
    request: Request,
    body: RequestBody,
    page: Page,
    https: bool,
}

/// An endpoint for everybody. The handler gets the caller, if somebody is logged in.
pub(super) fn public<F, A>(web: &Arc<Web>, handler: F) -> impl Endpoint<Output = Response> + 'static
where
    F: Fn(PageContext, Option<Caller>) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    handle(web, move |web, request| {
        let handler = handler.clone();
        async move {
            let caller = match web.caller(&request).await {
                Ok(caller) => Some(caller),
                Err(Error::NoSession) => None,
                Err(other) => return Err(other.into()),
            };
            let context = PageContext::new(web, request, caller.as_ref())?;
            let frame = context.frame();
            frame.complete(handler(context, caller).await)
        }
    })
}

/// An endpoint for people who are logged in; others are sent to the log-in page.
pub(super) fn authenticated<F, A>(web: &Arc<Web>, handler: F) -> impl Endpoint<Output = Response> + 'static
where
    F: Fn(PageContext, Caller) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    handle(web, move |web, request| {
        let handler = handler.clone();
        async move {
            let caller = web.caller(&request).await?;
            let context = PageContext::new(web, request, Some(&caller))?;
            let frame = context.frame();
            frame.complete(handler(context, caller).await)
        }
    })
}

/// What is left of a request when its handler has answered.
struct Frame {
    page: Page,
    https: bool,
}

impl Frame {
    /// Shows refusals in the member's own frame, and takes away the message that was shown. Defects
    /// and outages are left to the shell, which logs them.
    fn complete(self, answer: Answer) -> Answer {
        let shown = self.page.flash.is_some();
        let refusal =
            |problem: &Problem| problem.status().is_client_error() && problem.code() != Code::NoSession;
        let mut response = match answer {
            Err(problem) if refusal(&problem) => error::page(self.page, &problem)?,
            other => other?,
        };
        if shown && !response.status().is_redirection() {
            response.headers_mut().append(header::SET_COOKIE, Flash::clear(self.https));
        }
        Ok(response)
    }
}

impl PageContext {
    fn new(web: Arc<Web>, request: Request, caller: Option<&Caller>) -> Result<Self, Problem> {
        let viewer = caller.map_or(Viewer::Visitor, |caller| Viewer::Member(caller.user.name.to_string()));
        let request_context = RequestContext::of(&request)?;
        let mut page = Page::new(site(&web), viewer, request_context.language());
        let https = web.is_https();
        page.flash = Flash::of(request.headers(), https);
        let (request, body) = request.split();
        Ok(Self { web, request_context, request, body, page, https })
    }

    fn frame(&self) -> Frame {
        Frame { page: self.page.clone(), https: self.https }
    }

    /// The site.
    pub(super) fn web(&self) -> &Arc<Web> {
        &self.web
    }

    /// The use cases.
    pub(super) fn gallery(&self) -> &Gallery {
        &self.web.gallery
    }

    /// The page around the answer.
    pub(super) fn page(&self, section: Section) -> Page {
        self.page.clone().within(section)
    }

    /// The page is read by the owner of this account, who has proven it otherwise than by a
    /// session: it is in the account's language.
    pub(super) fn read_by(&mut self, user: &User) {
        self.request_context.called_by(user);
        self.page.language = self.request_context.language();
    }

    /// The language of the answer.
    pub(super) fn language(&self) -> Language {
        self.page.language
    }

    /// A form that was refused because of this problem, in the answer's language.
    pub(super) fn refused(&self, form: Form, problem: &Problem) -> Form {
        form.refused(problem, self.language())
    }

    /// The session cookie.
    pub(super) fn session(&self) -> &SessionCookie {
        &self.request_context.session
    }

    /// Lets the answer carry what a log-in gives.
    pub(super) fn logged_in(&self, logged_in: &LoggedIn) {
        self.request_context.logged_in(logged_in);
    }

    /// Lets the answer carry what names a sign-up.
    pub(super) fn signed_up(&self, named: String) {
        self.request_context.sign_up.set(named);
    }

    /// What names the sign-up of this browser.
    pub(super) fn sign_up(&self) -> Option<&str> {
        self.request_context.sign_up.shown()
    }

    /// Who sends the request.
    pub(super) fn client(&self) -> Result<Client, Problem> {
        self.web.client(&self.request)
    }

    /// A part of the path; empty when the route has none of this name.
    pub(super) fn part(&self, name: &str) -> &str {
        self.request.raw_path_param(name).unwrap_or_default()
    }

    /// The id in the path. What cannot be an id leads nowhere.
    pub(super) fn id<T: FromStr>(&self) -> Result<T, Problem> {
        self.part("id").parse().map_err(|_| Problem::new(Code::NotFound))
    }

    /// A parameter of the query; `None` when it is absent or empty.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let query = self.request_context.uri.query().unwrap_or_default();
        let found = url::form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
    }

    /// The part of a list that is wanted.
    pub(super) fn page_request(&self, limit: u32) -> Result<PageRequest, Problem> {
        let bad = |_| Problem::new(Code::InvalidCursor).detail(Text::new("problem-invalid_cursor-link"));
        PageRequest::new(Some(limit), self.query("cursor").as_deref()).map_err(bad)
    }

    /// The form that was sent.
    pub(super) async fn form(&mut self) -> Result<Form, Problem> {
        let content_type = self.request.content_type().unwrap_or_default();
        // A form without fields may come without a type.
        if !content_type.is_empty() && !content_type.starts_with("application/x-www-form-urlencoded") {
            return Err(Problem::new(Code::UnsupportedMediaType));
        }
        let body = self.body.take().map_err(poem::Error::from)?;
        let body = body.into_bytes().await.map_err(poem::Error::from)?;
        Ok(Form::parse(&body))
    }

    /// The form with photos that was sent.
    pub(super) fn photo_form(&mut self) -> Result<PhotoForm, Problem> {
        let body = self.body.take().map_err(poem::Error::from)?;
        PhotoForm::new(self.request.headers(), body)
    }

    /// 303 to `location`, where the message is shown.
    #[expect(clippy::unnecessary_wraps, reason = "handlers end with it")]
    pub(super) fn go(&self, location: &str, flash: Option<Flash>) -> Answer {
        let mut response = see_other(location);
        if let Some(flash) = flash {
            response.headers_mut().append(header::SET_COOKIE, flash.set(self.https));
        }
        Ok(response)
    }
}

/// 200 with this page.
pub(super) fn show(template: &impl Template) -> Answer {
    html(StatusCode::OK, template)
}

/// A form that is shown again because of this problem.
pub(super) fn show_again(problem: &Problem, template: &impl Template) -> Answer {
    let mut response = html(problem.status(), template)?;
    problem.apply_headers(&mut response);
    Ok(response)
}

/// Splits what a form did into what can be said in the form (Ok), and what ends the request (Err).
pub(super) fn form_error(error: impl Into<Problem>) -> Result<Problem, Problem> {
    let mut problem = error.into();
    if problem.code() == Code::TooManyAttempts {
        problem = problem.detail(Text::new("problem-too_many_attempts-form"));
    }
    let ends =
        problem.status().is_server_error() || matches!(problem.code(), Code::NotFound | Code::NoSession);
    if ends { Err(problem) } else { Ok(problem) }
}
