//! The notifier between the use cases that record jobs and the workers of this process. It must not
//! know what a job is.

use async_trait::async_trait;
use gallery_core::ports::JobNotifier;
use tokio::sync::Notify;

/// Wakes one waiting worker of this process. A notification that nobody waits for is remembered, so
/// that it is not lost while every worker is busy; notifications that come together are one.
#[derive(Debug, Default)]
pub struct TokioJobNotifier {
    notify: Notify,
}

#[async_trait]
impl JobNotifier for TokioJobNotifier {
    fn notify(&self) {
        self.notify.notify_one();
    }

    async fn notified(&self) {
        self.notify.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_notification_before_anybody_waits_is_heard() {
        let notifier = TokioJobNotifier::default();
        notifier.notify();
        notifier.notify();
        notifier.notified().await;
        let again = timeout(Duration::from_hours(1), notifier.notified()).await;
        assert!(again.is_err(), "notifications that came together are one");
    }

    #[tokio::test(start_paused = true)]
    async fn a_notification_wakes_who_waits() {
        let notifier = TokioJobNotifier::default();
        let (heard, ()) =
            tokio::join!(timeout(Duration::from_hours(1), notifier.notified()), async { notifier.notify() });
        assert!(heard.is_ok());
    }
}
