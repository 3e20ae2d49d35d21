//! Pages for people, complete without JavaScript: parse, use case, view.
//!
//! * [`routes`] lists every address. A handler is an async function from a
//!   [`page_context::PageContext`] to an answer; there is one module of handlers for each part of
//!   the site.
//! * A page is an askama template (`templates/`) filled from a struct beside its handler. What is
//!   around the content is a [`page::Page`].
//! * Words and shapes are in `templates/`, looks in `assets/css`, what JavaScript adds in
//!   `assets/site.js`.
//!
//! Pages know no store, no status of an error (that is [`Problem`]'s) and no cookie of a session.
//! Tests of handlers are in `tests/it/pages`, over the memory store; every template has a snapshot
//! in `snapshots`.

mod access;
mod account;
mod albums;
mod assets;
mod client_name;
mod error;
mod flash;
mod form;
mod format;
mod mailing;
mod next;
mod page;
mod page_context;
mod photos;
mod search;
#[cfg(test)]
mod snapshots;
mod timeline;
mod uploaded;
mod uploads;
mod views;

use std::sync::Arc;

use gallery_core::usecases::Caller;
use poem::Route;

pub(crate) use error::error_page;
use page_context::{Answer, PageContext, authenticated, public};

use crate::Web;
use crate::http::{Code, Methods, Problem, handle};

/// Where the stylesheet is, for pages that are not made here.
pub(crate) fn stylesheet() -> &'static str {
    &assets::AssetLinks::current().css
}

/// Every path that is not the API's or a probe's.
pub(crate) fn routes(web: &Arc<Web>) -> Route {
    let route = access_routes(Route::new(), web);
    let route = gallery_routes(route, web);
    let route = account_routes(route, web);
    let nothing = || Methods::new().get(public(web, not_found)).post(public(web, not_found));
    route
        .at("/assets/:name", Methods::new().get(handle(web, assets::asset)))
        // A catch-all would also take `/`.
        .at("/:first", nothing())
        .at("/:first/*rest", nothing())
}

fn access_routes(route: Route, web: &Arc<Web>) -> Route {
    route
        .at(
            "/signup",
            Methods::new().get(public(web, access::sign_up_form)).post(public(web, access::sign_up)),
        )
        .at("/signup/sent", Methods::new().get(public(web, mailing::signed_up)))
        .at("/confirm/:token", Methods::new().get(public(web, access::confirm)))
        .at("/login", Methods::new().get(public(web, access::log_in_form)).post(public(web, access::log_in)))
        .at("/logout", Methods::new().post(public(web, access::log_out)))
        .at(
            "/resend",
            Methods::new().get(public(web, mailing::resend_form)).post(public(web, mailing::resend)),
        )
        .at("/resend/sent", Methods::new().get(public(web, mailing::resent)))
        .at(
            "/forgot",
            Methods::new().get(public(web, mailing::forgot_form)).post(public(web, mailing::forgot)),
        )
        .at("/forgot/sent", Methods::new().get(public(web, mailing::reset_sent)))
        .at(
            "/reset/:token",
            Methods::new().get(public(web, access::reset_form)).post(public(web, access::reset)),
        )
}

fn gallery_routes(route: Route, web: &Arc<Web>) -> Route {
    route
        .at("/", Methods::new().get(authenticated(web, albums::list)))
        .at("/albums", Methods::new().get(handle(web, albums::front)))
        .at(
            "/albums/new",
            Methods::new().get(authenticated(web, albums::new_form)).post(authenticated(web, albums::create)),
        )
        .at("/albums/:id", Methods::new().get(authenticated(web, albums::one)))
        .at(
            "/albums/:id/edit",
            Methods::new().get(authenticated(web, albums::edit_form)).post(authenticated(web, albums::edit)),
        )
        .at(
            "/albums/:id/delete",
            Methods::new()
                .get(authenticated(web, albums::delete_form))
                .post(authenticated(web, albums::delete)),
        )
        .at("/albums/:id/photos", Methods::new().post(authenticated(web, uploads::upload)))
        .at("/photos", Methods::new().get(authenticated(web, timeline::list)))
        .at("/photos/:id", Methods::new().get(authenticated(web, photos::one)))
        .at(
            "/photos/:id/edit",
            Methods::new().get(authenticated(web, photos::edit_form)).post(authenticated(web, photos::edit)),
        )
        .at(
            "/photos/:id/delete",
            Methods::new()
                .get(authenticated(web, photos::delete_form))
                .post(authenticated(web, photos::delete)),
        )
        .at("/search", Methods::new().get(authenticated(web, search::search)))
}

fn account_routes(route: Route, web: &Arc<Web>) -> Route {
    route
        .at(
            "/account",
            Methods::new()
                .get(authenticated(web, account::account))
                .post(authenticated(web, account::update)),
        )
        .at("/account/password", Methods::new().post(authenticated(web, account::change_password)))
        .at("/account/sessions/:id/end", Methods::new().post(authenticated(web, account::end_session)))
        .at(
            "/account/cancel",
            Methods::new()
                .get(authenticated(web, account::cancel_form))
                .post(authenticated(web, account::cancel)),
        )
        .at("/account/cancelled", Methods::new().get(public(web, account::cancelled)))
}

/// Where there is no page.
async fn not_found(_context: PageContext, _caller: Option<Caller>) -> Answer {
    Err(Problem::new(Code::NotFound))
}
