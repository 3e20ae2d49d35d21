//! `/healthz` and `/readyz`, for load balancers and process managers.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::{IntoResponse, Response};

use super::{Methods, Web};

/// Answers 200 as long as the process answers at all.
pub(crate) fn healthz() -> Methods {
    Methods::new().get(poem::endpoint::make_sync(|_| "ok\n"))
}

/// Answers 200 when requests may be sent here: store and blobs can be reached, and the process is
/// not draining.
pub(crate) fn readyz(web: &Arc<Web>) -> Methods {
    let web = web.clone();
    Methods::new().get(poem::endpoint::make(move |_| answer(web.clone())))
}

async fn answer(web: Arc<Web>) -> Response {
    let (status, text) = if web.is_draining() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else if web.readiness.check(&web.gallery).await {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    };
    text.with_status(status).into_response()
}
