//! Pages for people.

use std::sync::Arc;

use poem::{IntoResponse, Response, Route};

use crate::Web;
use crate::http::{Problem, RequestContext};

/// Every path that is not the API's or a probe's.
pub(crate) fn routes(_web: &Arc<Web>) -> Route {
    Route::new()
}

/// The page for an error. A GET without a session leads to the log-in.
pub(crate) fn error_page(_web: &Web, _context: &RequestContext, problem: &Problem) -> Response {
    problem.sentence().to_owned().with_status(problem.status()).into_response()
}
