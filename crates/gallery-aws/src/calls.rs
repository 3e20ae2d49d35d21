//! How every call to a service is made: within limits of time, and again only where that is safe,
//! promising, and no burden on a service that is in trouble already. It is the one retry loop; the
//! SDK's own is disabled.
//!
//! Must not know any service. Tests: `tests/it/calls.rs`; with real clients, those of the adapters.

use std::error::Error;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::time::Instant;

use crate::backoff::{Backoff, RetryClass, RetryPolicy};
use crate::budget::RetryBudget;
use crate::error::{CallError, Classify, SdkError};

/// What is left for an attempt must be enough for a response.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(100);

/// How long a call may take. One that takes longer has an unknown outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeBudget {
    /// One attempt that may be followed by another.
    pub attempt: Duration,
    /// All attempts and the pauses between them.
    pub total: Duration,
}

/// Whether a call may be made again when nobody knows whether it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// Yes: it reads, or it carries a token by which the service recognises it, or doing it twice
    /// is doing it once.
    Idempotent,
    /// No: it might be refused because of itself, or happen twice.
    NotIdempotent,
}

/// The retries of a client. All its calls share one.
#[derive(Debug)]
pub struct Retrier<K> {
    policy: RetryPolicy,
    /// Retries that a service in trouble may see.
    failures: RetryBudget,
    /// Retries of calls that met another one. The service is well then.
    contention: RetryBudget,
    kind: PhantomData<fn() -> K>,
}

/// Attempts at one piece of work, whether it is one call or several: they share a time budget and a
/// count of retries.
#[derive(Debug)]
pub struct Attempts<'r, K> {
    retrier: &'r Retrier<K>,
    began: Instant,
    time: TimeBudget,
    retries: u32,
}

impl TimeBudget {
    /// The same, and this much more for either.
    #[must_use]
    pub fn plus(self, extra: Duration) -> Self {
        Self { attempt: self.attempt + extra, total: self.total + extra }
    }
}

impl<K: Classify> Retrier<K> {
    /// With full budgets.
    pub fn new(policy: RetryPolicy) -> Self {
        let (failures, contention) = (RetryBudget::for_failures(), RetryBudget::for_contention());
        Self { policy, failures, contention, kind: PhantomData }
    }

    /// Begins a piece of work; its time runs from now.
    pub fn begin(&self, time: TimeBudget) -> Attempts<'_, K> {
        Attempts { retrier: self, began: Instant::now(), time, retries: 0 }
    }

    /// Makes a call once, within this time.
    pub async fn once<T, E>(
        &self,
        operation: &'static str,
        limit: Duration,
        sent: Pin<Box<impl Future<Output = Result<T, SdkError<E>>> + Send>>,
    ) -> Result<T, CallError<K>>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let result = match tokio::time::timeout(limit, sent).await {
            Ok(result) => result.map_err(|error| CallError::<K>::of(operation, error)),
            Err(_) => Err(CallError::timed_out(operation)),
        };
        let responded =
            result.as_ref().map_or_else(|error| error.kind.retry_class() == RetryClass::Permanent, |_| true);
        if responded {
            self.failures.deposit();
            self.contention.deposit();
        }
        result
    }

    fn retries(&self, class: RetryClass) -> Option<(&Backoff, &RetryBudget)> {
        match class {
            RetryClass::Permanent => None,
            RetryClass::Throttled => Some((&self.policy.throttled, &self.failures)),
            RetryClass::Contention => Some((&self.policy.contention, &self.contention)),
            RetryClass::UnknownOutcome => Some((&self.policy.unknown_outcome, &self.failures)),
        }
    }
}

impl<K: Classify> Attempts<'_, K> {
    /// Makes a call, and makes it again where that helps.
    pub async fn call<T, E, F>(
        &mut self,
        operation: &'static str,
        idempotency: Idempotency,
        send: impl Fn() -> F + Send + Sync,
    ) -> Result<T, CallError<K>>
    where
        F: Future<Output = Result<T, SdkError<E>>> + Send,
        T: Send,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        loop {
            // The SDK's futures are large.
            let attempt = self.retrier.once(operation, self.limit(idempotency), Box::pin(send()));
            let error = match attempt.await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let class = error.kind.retry_class();
            let safe = class != RetryClass::UnknownOutcome || idempotency == Idempotency::Idempotent;
            if !safe || !self.pause(class).await {
                return Err(error);
            }
        }
    }

    /// Waits before another attempt; false when there shall be none.
    pub async fn pause(&mut self, class: RetryClass) -> bool {
        let Some((backoff, budget)) = self.retrier.retries(class) else { return false };
        let Some(pause) = backoff.pause(self.retries) else { return false };
        if pause + SHORTEST_ATTEMPT > self.left() || !budget.withdraw() {
            return false;
        }
        self.retries += 1;
        tokio::time::sleep(pause).await;
        true
    }

    fn left(&self) -> Duration {
        self.time.total.saturating_sub(self.began.elapsed())
    }

    /// How long one attempt may take: what can be made again leaves time for that.
    fn limit(&self, idempotency: Idempotency) -> Duration {
        match idempotency {
            Idempotency::Idempotent => self.left().min(self.time.attempt),
            Idempotency::NotIdempotent => self.left(),
        }
    }
}
