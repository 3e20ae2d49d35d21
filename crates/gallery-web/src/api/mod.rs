//! The JSON API under `/api/v1`, its OpenAPI document, and the readable page at `/api/docs`.

use std::sync::Arc;

use poem::Route;

use crate::Web;

/// Everything under `/api`.
pub(crate) fn routes(_web: &Arc<Web>) -> Route {
    Route::new()
}

/// The OpenAPI document: JSON, the same at every call, with a newline at its end.
pub fn openapi_document() -> String {
    "{}\n".to_owned()
}
