//! `/healthz` and `/readyz`, for load balancers and process managers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use poem::http::StatusCode;
use poem::{IntoResponse, Response};
use tokio::sync::Mutex;

use super::{Methods, Web};

/// An answer is good for this long, however many probes ask.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// When store and blobs were looked at last, and what came out. One probe looks, the others wait for it.
#[derive(Debug, Default)]
pub(super) struct Readiness {
    last: Mutex<Option<(Instant, bool)>>,
}

impl Readiness {
    async fn check(&self, web: &Web) -> bool {
        let mut last = self.last.lock().await;
        if let Some((at, ready)) = *last
            && at.elapsed() < GOOD_FOR
        {
            return ready;
        }
        let ready = web.gallery.ready().await;
        if let Err(error) = &ready {
            tracing::warn!(error = error as &dyn std::error::Error, "not ready");
        }
        *last = Some((Instant::now(), ready.is_ok()));
        ready.is_ok()
    }
}

/// Answers 200 as long as the process answers at all.
pub(crate) fn healthz() -> Methods {
    Methods::new().get(poem::endpoint::make_sync(|_| "ok\n"))
}

/// Answers 200 when requests may be sent here: store and blobs can be reached, and the process is not draining.
pub(crate) fn readyz(web: &Arc<Web>) -> Methods {
    let web = web.clone();
    Methods::new().get(poem::endpoint::make(move |_| answer(web.clone())))
}

async fn answer(web: Arc<Web>) -> Response {
    let (status, text) = if web.is_draining() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else if web.readiness.check(&web).await {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    };
    text.with_status(status).into_response()
}
