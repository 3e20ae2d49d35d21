//! The time. It must not be asked for anywhere else.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use gallery_core::ports::Clock;
use gallery_core::values::Timestamp;

/// The system's clock, cut to milliseconds. It may jump when the operator sets it: nothing in the
/// gallery needs it to be monotonic. Sleeping is tokio's, which does not follow such jumps.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the clock behind the port")]
        let now = SystemTime::now();
        let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(match now.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => millis(since),
            Err(before) => -millis(before.duration()),
        })
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn the_clock_tells_this_millennium() {
        let now = SystemClock.now();
        assert!(now > Timestamp::from_millis(1_700_000_000_000), "{now}");
        assert!(now < Timestamp::from_millis(32_503_680_000_000), "{now}");
    }

    #[tokio::test(start_paused = true)]
    async fn sleeping_takes_as_long_as_it_was_told() {
        let start = Instant::now();
        SystemClock.sleep(Duration::from_secs(90)).await;
        assert_eq!(start.elapsed(), Duration::from_secs(90));
    }
}
