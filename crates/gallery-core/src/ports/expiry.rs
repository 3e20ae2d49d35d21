//! What ends by itself: the port [`Expiry`].

use async_trait::async_trait;

use super::StoreError;
use crate::values::Timestamp;

/// Removing what has expired. Only the sweeper does: every other method takes a record that has expired for absent, or
/// leaves the comparison to its caller, and so nothing depends on when it goes.
#[async_trait]
pub trait Expiry: Send + Sync {
    /// Removes up to `limit` records of all kinds together that ended before `now` — tokens of sessions, idempotency
    /// records, counters, suppressions — and returns how many; 0 when none was found. A session goes with its last
    /// token, and is not counted. A store that removes what has expired by itself has nothing to do.
    async fn remove_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
