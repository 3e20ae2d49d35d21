//! What other services call: `POST /hooks/ses`, where Amazon SNS delivers what SES reports of mails
//! that it could not deliver. `docs/mail.md` tells how that is set up.
//!
//! The caller is no browser: it shows no session, and what it may say is proven by the report
//! itself, which the mail adapter checks. SNS sends JSON as `text/plain`, so the type of the body
//! is not looked at. It repeats a report unless the answer is a success. Tests are in
//! `tests/it/hooks.rs`.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::{Request, Response, Route};

use crate::http::{Methods, Problem, Web, handle};

/// Everything under `/hooks`.
pub(crate) fn routes(web: &Arc<Web>) -> Route {
    Route::new().at("/ses", Methods::new().post(handle(web, mail_report)))
}

async fn mail_report(web: Arc<Web>, mut request: Request) -> Result<Response, Problem> {
    let report = request.take_body().into_bytes().await.map_err(poem::Error::from)?;
    web.gallery.mail_feedback(&report).await?;
    Ok(Response::builder().status(StatusCode::NO_CONTENT).finish())
}
