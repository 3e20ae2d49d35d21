//! Counters against abuse: the port [`Limits`], in the store so that instances share them.

use async_trait::async_trait;

use super::StoreError;
use crate::values::{ContentHash, Timestamp};

/// A counter, and the most that it may come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// The counter's name.
    pub name: ContentHash,
    /// What it may come to.
    pub limit: u32,
}

/// Counters that end by themselves. Their names are hashes, so that a store holds no address
/// through them.
#[async_trait]
pub trait Limits: Send + Sync {
    /// Adds `amount` to a counter, and returns its value after that; 0 reads it and changes
    /// nothing. A counter that is absent, or that ended before `now`, starts at 0 and ends at
    /// `ends_at`; one that runs keeps its end.
    async fn count(
        &self,
        name: &ContentHash,
        amount: u32,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<u32, StoreError>;

    /// Adds 1 to each of these counters, of different names, if every one of them stays within its
    /// limit; otherwise changes none, and returns `Conflict(LimitReached)`. One unit of work: of
    /// any number of callers, exactly as many as the limits allow MUST succeed. When counters begin
    /// and end is as for [`count`](Self::count).
    async fn admit(
        &self,
        allowances: &[Allowance],
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Takes 1 back from each of these counters, of different names, that runs at `now` and is
    /// above 0. Not idempotent: a caller that does not know the outcome MUST NOT repeat it.
    async fn give_back(&self, names: &[ContentHash], now: Timestamp) -> Result<(), StoreError>;
}
