//! The client, and how its calls are made: within limits of time, and again where that is safe and
//! promising. Which calls are idempotent, those say who make them.
//!
//! Knows no items. Tested against a fault proxy in `tests/faults.rs` of this module.

use std::fmt;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use gallery_aws::{Backoff, Retrier, RetryPolicy, TimeBudget};

use super::failure::FailureKind;

/// What is throttled waits longer than what met another transaction: that one is over soon.
const RETRIES: RetryPolicy = RetryPolicy {
    throttled: backoff(6, 25, 400),
    contention: backoff(8, 5, 100),
    unknown_outcome: backoff(2, 25, 100),
};

const fn backoff(max_retries: u32, first_ms: u64, longest_ms: u64) -> Backoff {
    Backoff::new(max_retries, Duration::from_millis(first_ms), Duration::from_millis(longest_ms))
}

/// Attempts at one piece of work.
pub(super) type Attempts<'c> = gallery_aws::Attempts<'c, FailureKind>;

/// The client, and how it is used.
pub(super) struct Calls {
    client: Client,
    time_limit: Duration,
    retrier: Retrier<FailureKind>,
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").field("time_limit", &self.time_limit).finish_non_exhaustive()
    }
}

impl Calls {
    pub(super) fn new(client: Client, time_limit: Duration) -> Self {
        Self { client, time_limit, retrier: Retrier::new(RETRIES) }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Attempts within the usual time.
    pub(super) fn attempts(&self) -> Attempts<'_> {
        self.attempts_within(self.time_limit)
    }

    /// Attempts within this time. What can be made again leaves time for that.
    pub(super) fn attempts_within(&self, total: Duration) -> Attempts<'_> {
        self.retrier.begin(TimeBudget { attempt: total.mul_f64(0.6), total })
    }
}
