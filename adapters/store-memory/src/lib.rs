//! The reference store: records in memory, one lock, every port method one critical section.
//!
//! It is written to be read beside the ports' documentation: no index, no cache, a search that
//! looks at every record. What it answers is what every other store must answer. Embedders may use
//! it for records that need not survive the process. It must not know a clock, a file or another
//! adapter.
//!
//! Its tests are `gallery-conformance`'s scenarios, run by `tests/it/conformance.rs`.

mod albums;
mod audit;
mod expiry;
mod jobs;
mod limits;
mod photos;
mod purge;
mod sessions;
mod state;
mod suppressions;
mod upgrades;
mod users;

use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use gallery_core::ports::{Store, StoreError};

use state::State;

/// A store in memory. Clones share their records.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins the critical section of a port method. A method checks everything before it changes
    /// anything, so that an error leaves the records as they were.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no method panics while it holds the lock")
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn ready(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn finish_interrupted(&self, _: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// Doctests compile the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
