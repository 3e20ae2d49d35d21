//! Counters against abuse: the port [`Limits`], in the store so that instances share them.

use async_trait::async_trait;

use super::StoreError;
use crate::values::{ContentHash, Timestamp};

/// Counters that end by themselves. Their names are hashes, so that a store holds no address through them.
#[async_trait]
pub trait Limits: Send + Sync {
    /// Adds `amount` to a counter, and answers its value after that; 0 reads it and changes nothing. A counter that is absent, or that
    /// ended before `now`, starts at 0 and ends at `ends_at`; one that runs keeps its end.
    async fn count(
        &self,
        name: &ContentHash,
        amount: u32,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<u32, StoreError>;
}
