//! How every call to S3 is made: within limits of time, and again only where that helps and is no burden on a
//! service that is in trouble already. It is the one retry policy; the SDK's own is off.
//!
//! Every call may be made again: it reads, or doing it twice is doing it once. A put, for which that is not so,
//! looks at what an earlier attempt did (`put`). Knows no objects. Tested in `tests/s3/faults.rs`.

use std::error::Error;
use std::hash::{BuildHasher as _, RandomState};
use std::pin::Pin;
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use gallery_aws::Budget;

use crate::failure::{Failure, Why};
use crate::options::TimeLimits;

/// A call is made again this often at most.
const MOST_RETRIES: u32 = 2;
/// The pause before a retry doubles from here …
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// … to here, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// What is left for an attempt must be enough for an answer.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(100);
/// A thousand keys, or all parts of an upload, are worth this much more time.
pub(crate) const MANY: Duration = Duration::from_secs(20);

/// The client, and how it is used.
#[derive(Debug)]
pub(crate) struct Calls {
    pub(crate) client: Client,
    pub(crate) limits: TimeLimits,
    budget: Budget,
}

impl Calls {
    pub(crate) fn new(client: Client, limits: TimeLimits) -> Self {
        Self { client, limits, budget: Budget::of_trouble() }
    }

    /// Makes a call, and makes it again where that helps. `extra` is added to the limits of time.
    pub(crate) async fn call<T, E, F>(
        &self,
        operation: &'static str,
        extra: Duration,
        send: impl Fn() -> F + Send + Sync,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, SdkError<E>>> + Send,
        T: Send,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let mut patience = self.patience(extra);
        loop {
            match patience.attempt(operation, Box::pin(send())).await {
                Ok(answer) => return Ok(answer),
                Err(failure) if patience.again(&failure).await => {}
                Err(failure) => return Err(failure),
            }
        }
    }

    /// A patience of the usual length, and this much more.
    pub(crate) fn patience(&self, extra: Duration) -> Patience<'_> {
        let (answer, whole) = (self.limits.answer + extra, self.limits.whole + extra);
        Patience { calls: self, began: Instant::now(), answer, whole, retries: 0 }
    }

    /// Makes a call once. The SDK's futures are large, and so come boxed.
    pub(crate) async fn attempt<T, E>(
        &self,
        operation: &'static str,
        limit: Duration,
        sent: Pin<Box<impl Future<Output = Result<T, SdkError<E>>> + Send>>,
    ) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let answer = match tokio::time::timeout(limit, sent).await {
            Ok(answer) => answer.map_err(|error| Failure::of(operation, error)),
            Err(_) => Err(Failure::timed_out(operation)),
        };
        let answered = answer
            .as_ref()
            .map_or_else(|failure| !matches!(failure.why, Why::Unknown | Why::Overload), |_| true);
        if answered {
            self.budget.earn();
        }
        answer
    }
}

/// How long something may take, all its attempts and pauses together.
pub(crate) struct Patience<'c> {
    calls: &'c Calls,
    began: Instant,
    answer: Duration,
    whole: Duration,
    retries: u32,
}

impl Patience<'_> {
    /// Makes a call once, in the time that is left.
    pub(crate) async fn attempt<T, E>(
        &self,
        operation: &'static str,
        sent: Pin<Box<impl Future<Output = Result<T, SdkError<E>>> + Send>>,
    ) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        self.calls.attempt(operation, self.left().min(self.answer), sent).await
    }

    /// Waits before another attempt, for a random time that doubles at most ("full jitter"). False when there
    /// shall be none.
    pub(crate) async fn again(&mut self, failure: &Failure) -> bool {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.retries).min(LONGEST_PAUSE).mul_f64(jitter());
        let promising = matches!(failure.why, Why::Unknown | Why::Overload | Why::Conflict);
        if !promising
            || self.retries == MOST_RETRIES
            || pause + SHORTEST_ATTEMPT > self.left()
            || !self.calls.budget.spend()
        {
            return false;
        }
        self.retries += 1;
        tokio::time::sleep(pause).await;
        true
    }

    fn left(&self) -> Duration {
        self.whole.saturating_sub(self.began.elapsed())
    }
}

/// A number from 0 to 1 that differs between callers. It need not be unpredictable.
fn jitter() -> f64 {
    let bits = u32::try_from(RandomState::new().hash_one(0_u8) >> 32).unwrap_or_default();
    f64::from(bits) / f64::from(u32::MAX)
}
