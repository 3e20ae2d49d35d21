//! Errors as pages. Tests are in `tests/it/pages/frame.rs`.

use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use poem::Response;
use poem::http::{Method, StatusCode};

use super::next::safe_next;
use super::page::{Page, Viewer, html, site};
use crate::http::{Code, Problem, RequestContext, Web, see_other};

/// An error.
#[derive(Template)]
#[template(path = "error.html")]
pub(super) struct ErrorPage {
    pub page: Page,
    pub title: String,
    pub detail: String,
    pub status: String,
}

/// The page that says what is wrong.
pub(super) fn page(page: Page, problem: &Problem) -> Result<Response, Problem> {
    let (title, detail) = (page.say(&problem.code().title()), page.say(problem.sentence()));
    let view = ErrorPage { page, title, detail, status: problem.status().as_u16().to_string() };
    let mut response = html(problem.status(), &view)?;
    problem.apply_headers(&mut response);
    Ok(response)
}

/// The answer to a request for a page that failed: a page; for somebody who has to log in first,
/// the way there.
pub(crate) fn error_page(web: &Web, context: &RequestContext, problem: &Problem) -> Response {
    if problem.code() == Code::NoSession {
        return see_other(&log_in_address(context));
    }
    let language = context.language();
    page(Page::new(site(web), Viewer::Unknown, language), problem).unwrap_or_else(|_| {
        let sentence = Problem::new(Code::Internal).sentence().in_language(language);
        Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR).body(sentence)
    })
}

/// The log-in page, which leads back to a page; a form that was sent cannot be sent again by a
/// link.
fn log_in_address(context: &RequestContext) -> String {
    let wanted = context.uri.path_and_query().map_or("/", |wanted| wanted.as_str());
    let safe = matches!(context.method, Method::GET | Method::HEAD);
    match safe_next(wanted).filter(|wanted| safe && *wanted != "/") {
        Some(wanted) => format!("/login?next={}", utf8_percent_encode(wanted, NON_ALPHANUMERIC)),
        None => "/login".to_owned(),
    }
}
