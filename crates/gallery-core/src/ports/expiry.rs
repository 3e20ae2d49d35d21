//! What ends by itself: the port [`Expiry`].

use async_trait::async_trait;

use super::StoreError;
use crate::values::Timestamp;

/// Removing what has expired. Only the sweeper does: every other method takes a record that has
/// expired for absent, or leaves the comparison to its caller, and so nothing depends on when it
/// goes.
#[async_trait]
pub trait Expiry: Send + Sync {
    /// Removes up to `limit` records of all kinds together that ended before `now` — tokens of
    /// sessions, idempotency records, counters, suppressions, and registrations [that nobody
    /// confirmed in time](crate::model::Registration::ended_before) — and returns how many; 0 when
    /// none was found. A session goes with its last token, and the mails that wait for a
    /// registration go with it; neither is counted. What a store removes by itself when it has
    /// expired, it need not remove here.
    async fn remove_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
