//! How every call to DynamoDB is made: within a time limit, and again only where that is safe, promising, and
//! no burden on a service that is in trouble already. It is the one retry policy; the SDK's own is off.
//!
//! Knows no items. Tested here, and against a fault proxy in `tests/faults.rs` of this module.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use super::failure::{Failure, Why};
use super::meter::Meter;
use crate::unit::jitter;

/// What is left for an attempt must be enough for an answer.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(100);

/// Whether a call may be made again when nobody knows whether it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// Yes: it reads, or it carries a token by which DynamoDB knows it again, or doing it twice is doing it once.
    Safe,
    /// No: it might be refused because of itself.
    Unsafe,
}

/// The client, and how it is used.
pub(super) struct Calls {
    client: Client,
    time_limit: Duration,
    /// Retries that a service in trouble may see.
    trouble: Bucket,
    /// Retries of transactions that met another one. The service is well then, only busy with the same item.
    contention: Bucket,
    meter: Option<Arc<Meter>>,
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").field("time_limit", &self.time_limit).finish_non_exhaustive()
    }
}

impl Calls {
    pub(super) fn new(client: Client, time_limit: Duration, meter: Option<Arc<Meter>>) -> Self {
        // A tenth of a retry is earned by every call that is answered: in the long run a service that answers no
        // call sees each once, and one that answers some sees at most a tenth more. The first few are a loan.
        let trouble = Bucket::new(20 * WHOLE, WHOLE / 10);
        let contention = Bucket::new(500 * WHOLE, WHOLE);
        Self { client, time_limit, trouble, contention, meter }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn meter(&self) -> Option<&Meter> {
        self.meter.as_deref()
    }

    /// A patience of the usual length.
    pub(super) fn patience(&self) -> Patience<'_> {
        self.patience_of(self.time_limit)
    }

    pub(super) fn patience_of(&self, limit: Duration) -> Patience<'_> {
        Patience { calls: self, began: Instant::now(), limit, retries: 0 }
    }

    fn answered(&self) {
        self.trouble.earn();
        self.contention.earn();
    }
}

/// How long something may take, all its calls and pauses together.
pub(super) struct Patience<'c> {
    calls: &'c Calls,
    began: Instant,
    limit: Duration,
    retries: u32,
}

impl Patience<'_> {
    /// Makes a call, and makes it again where that helps.
    pub(super) async fn call<T, E, F>(
        &mut self,
        operation: &'static str,
        again: Again,
        send: impl Fn() -> F + Send,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, SdkError<E>>> + Send,
        T: Send,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        loop {
            // The SDK's futures are large.
            let failure = match tokio::time::timeout(self.attempt(again), Box::pin(send())).await {
                Ok(Ok(answer)) => {
                    self.calls.answered();
                    return Ok(answer);
                }
                Ok(Err(error)) => Failure::of(operation, error),
                Err(_) => Failure::timed_out(operation),
            };
            if failure.why == Why::Refused {
                self.calls.answered();
            }
            if (failure.why == Why::Unknown && again == Again::Unsafe) || !self.pause(failure.why).await {
                return Err(failure);
            }
        }
    }

    /// Waits before another attempt, for a random time that doubles at most ("full jitter"). False when there
    /// shall be none.
    pub(super) async fn pause(&mut self, why: Why) -> bool {
        let (bucket, most_retries, first_ms, longest_ms) = match why {
            Why::Contention => (&self.calls.contention, 8, 5, 100),
            Why::Overload => (&self.calls.trouble, 6, 25, 400),
            Why::Unknown => (&self.calls.trouble, 2, 25, 100),
            _ => return false,
        };
        let most = Duration::from_millis(longest_ms.min(first_ms << self.retries.min(10)));
        let pause = most.mul_f64(jitter());
        if self.retries >= most_retries || pause + SHORTEST_ATTEMPT > self.left() || !bucket.spend() {
            return false;
        }
        self.retries += 1;
        tokio::time::sleep(pause).await;
        true
    }

    fn left(&self) -> Duration {
        self.limit.saturating_sub(self.began.elapsed())
    }

    /// How long one attempt may take: what can be made again leaves time for that.
    fn attempt(&self, again: Again) -> Duration {
        match again {
            Again::Safe => self.left().min(self.limit.mul_f64(0.6)),
            Again::Unsafe => self.left(),
        }
    }
}

/// What one retry costs.
const WHOLE: u32 = 10;

/// A store of retries that is spent by them and filled by answers.
struct Bucket {
    level: AtomicU32,
    capacity: u32,
    earned: u32,
}

impl Bucket {
    fn new(capacity: u32, earned: u32) -> Self {
        Self { level: AtomicU32::new(capacity), capacity, earned }
    }

    fn spend(&self) -> bool {
        let take = |level: u32| level.checked_sub(WHOLE);
        self.level.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    fn earn(&self) {
        let give = |level: u32| (level < self.capacity).then(|| (level + self.earned).min(self.capacity));
        // Full is full.
        let _ = self.level.fetch_update(Ordering::Relaxed, Ordering::Relaxed, give);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_lends_and_then_gives_a_tenth_of_what_was_answered() {
        let bucket = Bucket::new(2 * WHOLE, WHOLE / 10);
        assert!(bucket.spend() && bucket.spend() && !bucket.spend());
        (0..9).for_each(|_| bucket.earn());
        assert!(!bucket.spend());
        bucket.earn();
        assert!(bucket.spend() && !bucket.spend());
        (0..1000).for_each(|_| bucket.earn());
        assert!(bucket.spend() && bucket.spend() && !bucket.spend());
    }
}
