//! The bell between the use cases that record jobs and the workers of this process. It must not know what a job is.

use async_trait::async_trait;
use gallery_core::ports::Bell;
use tokio::sync::Notify;

/// Wakes one waiting worker of this process. A ring that nobody waits for is remembered, so that it is not lost
/// while every worker is busy; rings that come together are one.
#[derive(Debug, Default)]
pub struct TokioBell {
    notify: Notify,
}

#[async_trait]
impl Bell for TokioBell {
    fn ring(&self) {
        self.notify.notify_one();
    }

    async fn rung(&self) {
        self.notify.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_ring_before_anybody_waits_is_heard() {
        let bell = TokioBell::default();
        bell.ring();
        bell.ring();
        bell.rung().await;
        let again = timeout(Duration::from_hours(1), bell.rung()).await;
        assert!(again.is_err(), "rings that came together are one");
    }

    #[tokio::test(start_paused = true)]
    async fn a_ring_wakes_who_waits() {
        let bell = TokioBell::default();
        let (heard, ()) = tokio::join!(timeout(Duration::from_hours(1), bell.rung()), async { bell.ring() });
        assert!(heard.is_ok());
    }
}
