//! Pages for people, complete without JavaScript: parse, use case, view.
//!
//! * [`routes`] lists every address. A handler is an async function from a [`visit::Visit`] to an answer; there is
//!   one module of handlers for each part of the site.
//! * A page is an askama template (`templates/`) filled from a struct beside its handler. What is around the
//!   content is a [`page::Page`].
//! * Words and shapes are in `templates/`, looks in `assets/css`, what JavaScript adds in
//!   `assets/site.js`.
//!
//! Pages know no store, no status of an error (that is [`Problem`]'s) and no cookie of a session. Tests of handlers
//! are in `tests/it/pages`, over the memory store; every template has a snapshot in `snapshots`.

mod access;
mod account;
mod albums;
mod assets;
mod error;
mod flash;
mod form;
mod format;
mod mailing;
mod next;
mod page;
mod photos;
mod search;
#[cfg(test)]
mod snapshots;
mod timeline;
mod uploaded;
mod uploads;
mod views;
mod visit;

use std::sync::Arc;

use gallery_core::usecases::Caller;
use poem::Route;

pub(crate) use error::error_page;
use visit::{Answer, Visit, members, open};

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
    let nothing = || Methods::new().get(open(web, nowhere)).post(open(web, nowhere));
    route
        .at("/assets/:name", Methods::new().get(handle(web, assets::asset)))
        // A catch-all would also take `/`.
        .at("/:first", nothing())
        .at("/:first/*rest", nothing())
}

fn access_routes(route: Route, web: &Arc<Web>) -> Route {
    route
        .at("/signup", Methods::new().get(open(web, access::sign_up_form)).post(open(web, access::sign_up)))
        .at("/signup/sent", Methods::new().get(open(web, mailing::signed_up)))
        .at("/confirm/:token", Methods::new().get(open(web, access::confirm)))
        .at("/login", Methods::new().get(open(web, access::log_in_form)).post(open(web, access::log_in)))
        .at("/logout", Methods::new().post(open(web, access::log_out)))
        .at("/resend", Methods::new().get(open(web, mailing::resend_form)).post(open(web, mailing::resend)))
        .at("/resend/sent", Methods::new().get(open(web, mailing::resent)))
        .at("/forgot", Methods::new().get(open(web, mailing::forgot_form)).post(open(web, mailing::forgot)))
        .at("/forgot/sent", Methods::new().get(open(web, mailing::reset_sent)))
        .at("/reset/:token", Methods::new().get(open(web, access::reset_form)).post(open(web, access::reset)))
}

fn gallery_routes(route: Route, web: &Arc<Web>) -> Route {
    route
        .at("/", Methods::new().get(members(web, albums::list)))
        .at("/albums", Methods::new().get(handle(web, albums::front)))
        .at(
            "/albums/new",
            Methods::new().get(members(web, albums::new_form)).post(members(web, albums::create)),
        )
        .at("/albums/:id", Methods::new().get(members(web, albums::one)))
        .at(
            "/albums/:id/edit",
            Methods::new().get(members(web, albums::edit_form)).post(members(web, albums::edit)),
        )
        .at(
            "/albums/:id/delete",
            Methods::new().get(members(web, albums::delete_form)).post(members(web, albums::delete)),
        )
        .at("/albums/:id/photos", Methods::new().post(members(web, uploads::upload)))
        .at("/photos", Methods::new().get(members(web, timeline::list)))
        .at("/photos/:id", Methods::new().get(members(web, photos::one)))
        .at(
            "/photos/:id/edit",
            Methods::new().get(members(web, photos::edit_form)).post(members(web, photos::edit)),
        )
        .at(
            "/photos/:id/delete",
            Methods::new().get(members(web, photos::delete_form)).post(members(web, photos::delete)),
        )
        .at("/search", Methods::new().get(members(web, search::search)))
}

fn account_routes(route: Route, web: &Arc<Web>) -> Route {
    route
        .at(
            "/account",
            Methods::new().get(members(web, account::account)).post(members(web, account::rename)),
        )
        .at("/account/password", Methods::new().post(members(web, account::change_password)))
        .at("/account/sessions/:id/end", Methods::new().post(members(web, account::end_session)))
        .at(
            "/account/cancel",
            Methods::new().get(members(web, account::cancel_form)).post(members(web, account::cancel)),
        )
        .at("/account/cancelled", Methods::new().get(open(web, account::cancelled)))
}

/// Where there is no page.
async fn nowhere(_visit: Visit, _caller: Option<Caller>) -> Answer {
    Err(Problem::new(Code::NotFound))
}
