//! How every call to DynamoDB is made: within a time limit, and again only where that is safe, promising, and
//! no burden on a service that is in trouble already. It is the one retry policy; the SDK's own is off.
//!
//! Knows no items. Tested against a fault proxy in `tests/faults.rs` of this module.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use gallery_aws::Budget;

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
    trouble: Budget,
    /// Retries of transactions that met another one. The service is well then, only busy with the same item.
    contention: Budget,
    meter: Option<Arc<Meter>>,
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").field("time_limit", &self.time_limit).finish_non_exhaustive()
    }
}

impl Calls {
    pub(super) fn new(client: Client, time_limit: Duration, meter: Option<Arc<Meter>>) -> Self {
        let (trouble, contention) = (Budget::of_trouble(), Budget::of_contention());
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
        let (budget, most_retries, first_ms, longest_ms) = match why {
            Why::Contention => (&self.calls.contention, 8, 5, 100),
            Why::Overload => (&self.calls.trouble, 6, 25, 400),
            Why::Unknown => (&self.calls.trouble, 2, 25, 100),
            _ => return false,
        };
        let most = Duration::from_millis(longest_ms.min(first_ms << self.retries.min(10)));
        let pause = most.mul_f64(jitter());
        if self.retries >= most_retries || pause + SHORTEST_ATTEMPT > self.left() || !budget.spend() {
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
