//! How often a call is made again, and after which pauses. Must not know what a call is. Tests are
//! below.

use std::time::Duration;

use crate::random::jitter;

/// What a failed call means for the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryClass {
    /// The service responded, or the request cannot be sent: the next attempt would fail like this
    /// one.
    Permanent,
    /// Throttled: nothing happened, and the service has too much to do.
    Throttled,
    /// Another request held the same thing: nothing happened, and the service is well.
    Contention,
    /// No response, or one that says nothing: it may have happened.
    UnknownOutcome,
}

/// Exponential backoff with full jitter: a pause is random, from zero to a bound that doubles with
/// every retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// How often a call is made again at most.
    pub max_retries: u32,
    /// The bound of the first pause.
    pub first_pause: Duration,
    /// The bound of every pause.
    pub longest_pause: Duration,
}

impl Backoff {
    /// So many retries, with pauses from the first bound to the last.
    pub const fn new(max_retries: u32, first_pause: Duration, longest_pause: Duration) -> Self {
        Self { max_retries, first_pause, longest_pause }
    }

    /// The pause before another attempt, when there were so many retries; `None` when there shall
    /// be none.
    pub fn pause(&self, retries: u32) -> Option<Duration> {
        let bound = self.first_pause.saturating_mul(1 << retries.min(30)).min(self.longest_pause);
        (retries < self.max_retries).then(|| bound.mul_f64(jitter()))
    }
}

/// How a failed call is made again, by what the failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// After [`RetryClass::Throttled`].
    pub throttled: Backoff,
    /// After [`RetryClass::Contention`].
    pub contention: Backoff,
    /// After [`RetryClass::UnknownOutcome`], for calls that are idempotent.
    pub unknown_outcome: Backoff,
}

impl RetryPolicy {
    /// The same for every reason.
    pub const fn uniform(backoff: Backoff) -> Self {
        Self { throttled: backoff, contention: backoff, unknown_outcome: backoff }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let backoff = Backoff::new(40, Duration::from_millis(100), Duration::from_millis(500));
        for (retries, bound) in [(0, 100), (1, 200), (2, 400), (3, 500), (39, 500)] {
            let pauses: Vec<Duration> = (0..200).map(|_| backoff.pause(retries).unwrap()).collect();
            let bound = Duration::from_millis(bound);
            assert!(pauses.iter().all(|pause| *pause <= bound), "{retries}");
            assert!(pauses.iter().any(|pause| *pause > bound / 2), "{retries}");
            assert!(pauses.iter().any(|pause| *pause < bound / 2), "{retries}");
        }
        assert_eq!(backoff.pause(40), None);
    }
}
