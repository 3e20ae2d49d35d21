//! The store on a MySQL or MariaDB server; the same statements for both.
//!
//! Connections come from a pool. How units of work keep out of each other's way is told in `db`. Tests:
//! `tests/mysql/` for the ports and the faults, the module `tests` for plans and sessions; all of them need a server.

mod accounts;
mod albums;
mod audit;
mod db;
mod failure;
mod jobs;
mod limits;
mod open;
mod photo_changes;
mod photos;
mod postings;
mod schema;
mod sessions;
mod settings;
mod sql;
mod suppressions;
#[cfg(all(test, feature = "engines"))]
mod tests;
mod users;

use std::time::Duration;

use async_trait::async_trait;
use gallery_core::ports::{Store, StoreError};
use sqlx::MySqlPool;

pub use open::OpenError;
pub use settings::{MySqlSettings, SettingsError, Tls};

/// How long [`Store::ready`] waits for an answer.
const READY_TIMEOUT: Duration = Duration::from_secs(1);

/// A store on a MySQL or MariaDB server. See [`MySqlStore::open`].
#[derive(Debug)]
pub struct MySqlStore {
    pool: MySqlPool,
}

impl MySqlStore {
    /// Stops gracefully: waits for the work in hand and closes every connection. Every later call of a port answers
    /// `Unavailable`. Closing again does nothing.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

#[async_trait]
impl Store for MySqlStore {
    async fn ready(&self) -> Result<(), StoreError> {
        match tokio::time::timeout(READY_TIMEOUT, self.takes_changes()).await {
            Ok(answered) => answered,
            Err(elapsed) => Err(StoreError::Unavailable(Box::new(elapsed))),
        }
    }

    async fn finish_interrupted(&self, _limit: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}
