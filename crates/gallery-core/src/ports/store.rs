//! All records together: the port [`Store`].

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    Albums, Audit, Expiry, Jobs, Limits, Photos, Sessions, StoreError, Suppressions, Upgrades, Users,
};

/// All records of a gallery: what an adapter for a database implements.
#[async_trait]
pub trait Store:
    Users
    + Sessions
    + Albums
    + Photos
    + Jobs
    + Limits
    + Suppressions
    + Expiry
    + Audit
    + Upgrades
    + Send
    + Sync
    + 'static
{
    /// Returns whether the store can be reached and used now, within about a second.
    async fn ready(&self) -> Result<(), StoreError>;

    /// Finishes up to `limit` things that a crash has left half done within the store, and returns
    /// how many; 0 MUST mean that nothing is left, and what was counted MUST NOT be counted again.
    /// For a store whose transactions cannot hold a whole photo's postings; the sweeper calls it.
    /// Any other has nothing to finish.
    async fn finish_interrupted(&self, limit: u32) -> Result<u64, StoreError>;
}

/// A shared store.
pub type SharedStore = Arc<dyn Store>;
