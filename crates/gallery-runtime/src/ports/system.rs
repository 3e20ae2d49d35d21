//! Time and randomness of the operating system, and the bell that wakes this process's workers. The one place where
//! either is asked for.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use gallery_core::ports::{Bell, Clock, Entropy};
use gallery_core::values::Timestamp;
use tokio::sync::Notify;

/// The system's clock.
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

/// The system's random number generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "this is the generator behind the port")]
        let filled = getrandom::fill(buffer);
        // Without randomness there are no ids and no tokens: a request that goes on would be a breach.
        filled.expect("the system has random bytes");
    }
}

/// Wakes one waiting worker; a ring that nobody waits for is remembered.
#[derive(Debug, Default)]
pub struct TokioBell {
    notify: Notify,
}

impl TokioBell {
    /// Returns when the bell has rung since the last time somebody waited.
    pub async fn rung(&self) {
        self.notify.notified().await;
    }
}

impl Bell for TokioBell {
    fn ring(&self) {
        self.notify.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_tells_this_millennium() {
        let now = SystemClock.now();
        assert!(now > Timestamp::from_millis(1_700_000_000_000), "{now}");
        assert!(now < Timestamp::from_millis(32_503_680_000_000), "{now}");
    }

    #[test]
    fn random_bytes_differ() {
        let (mut a, mut b) = ([0; 32], [0; 32]);
        OsEntropy.fill(&mut a);
        OsEntropy.fill(&mut b);
        assert_ne!(a, b);
        assert_ne!(a, [0; 32]);
    }

    #[tokio::test]
    async fn a_ring_before_anybody_waits_is_heard() {
        let bell = TokioBell::default();
        bell.ring();
        bell.ring();
        bell.rung().await;
        let again = tokio::time::timeout(Duration::from_millis(10), bell.rung()).await;
        assert!(again.is_err(), "rings that came together are one");
    }
}
