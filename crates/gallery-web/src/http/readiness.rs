//! Whether the store and the blobs can be used now, looked at once a second at most. Tests are in
//! `tests/it/shell.rs`.

use std::time::{Duration, Instant};

use gallery_core::Gallery;
use tokio::sync::Mutex;

/// An answer is good for this long, however many probes ask.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// When store and blobs were looked at last, and what came out. One probe looks, the others wait
/// for it.
#[derive(Debug, Default)]
pub(super) struct Readiness {
    last: Mutex<Option<(Instant, bool)>>,
}

impl Readiness {
    pub(super) async fn check(&self, gallery: &Gallery) -> bool {
        let mut last = self.last.lock().await;
        if let Some((at, ready)) = *last
            && at.elapsed() < GOOD_FOR
        {
            return ready;
        }
        let ready = gallery.ready().await;
        if let Err(error) = &ready {
            tracing::warn!(error = error as &dyn std::error::Error, "not ready");
        }
        *last = Some((Instant::now(), ready.is_ok()));
        ready.is_ok()
    }
}
