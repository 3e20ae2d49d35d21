//! The client, and how its calls are made: within limits of time, and again where that is
//! promising. Knows no objects. Tested in `tests/it/faults.rs`.

use std::error::Error;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use gallery_aws::Idempotency::Idempotent;
use gallery_aws::{Attempts, Backoff, Retrier, RetryPolicy, TimeBudget};

use crate::failure::{Failure, FailureKind};
use crate::options::TimeLimits;

const RETRIES: RetryPolicy =
    RetryPolicy::uniform(Backoff::new(2, Duration::from_millis(100), Duration::from_secs(1)));
/// A thousand keys, or all parts of an upload, are worth this much more time.
pub(crate) const MANY: Duration = Duration::from_secs(20);

/// The client, and how it is used.
#[derive(Debug)]
pub(crate) struct Calls {
    pub(crate) client: Client,
    pub(crate) limits: TimeLimits,
    pub(crate) retrier: Retrier<FailureKind>,
}

impl Calls {
    pub(crate) fn new(client: Client, limits: TimeLimits) -> Self {
        Self { client, limits, retrier: Retrier::new(RETRIES) }
    }

    /// Attempts within the usual time, and this much more.
    pub(crate) fn attempts(&self, extra: Duration) -> Attempts<'_, FailureKind> {
        let usual = TimeBudget { attempt: self.limits.answer, total: self.limits.whole };
        self.retrier.begin(usual.plus(extra))
    }

    /// Makes a call that reads, or that is done once when it is done twice, and makes it again
    /// where that helps. `extra` is added to the limits of time.
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
        self.attempts(extra).call(operation, Idempotent, send).await
    }
}
