//! The store on a MySQL or MariaDB server; the same statements for both.
//!
//! Connections come from a pool. How units of work keep out of each other's way is told in `db`.
//! Tests: `tests/it/mysql/` for the ports and the faults, the module `tests` for plans and
//! sessions; all of them need a server.

#[path = "../common/accounts.rs"]
mod accounts;
#[path = "../common/albums.rs"]
mod albums;
#[path = "../common/audit.rs"]
mod audit;
mod db;
#[path = "../common/expiry.rs"]
mod expiry;
mod failure;
#[path = "../common/jobs.rs"]
mod jobs;
#[path = "../common/limits.rs"]
mod limits;
mod open;
#[path = "../common/photo_changes.rs"]
mod photo_changes;
#[path = "../common/photos.rs"]
mod photos;
mod postings;
mod schema;
#[path = "../common/search.rs"]
mod search;
#[path = "../common/sessions.rs"]
mod sessions;
mod settings;
mod sql;
#[path = "../common/statements.rs"]
mod statements;
#[path = "../common/suppressions.rs"]
mod suppressions;
#[cfg(all(test, feature = "engines"))]
mod tests;
#[path = "../common/upgrades.rs"]
mod upgrades;
#[path = "../common/users.rs"]
mod users;

use std::time::Duration;

use async_trait::async_trait;
use gallery_core::ports::{Store, StoreError};

pub use db::MySqlStore;
pub use open::OpenError;
pub use settings::{Encryption, MySqlSettings, SettingsError, Tls};

/// How long [`Store::ready`] waits for an answer.
const READY_TIMEOUT: Duration = Duration::from_secs(1);

impl MySqlStore {
    /// Stops gracefully: waits for the work in hand and closes every connection. Every later call
    /// of a port returns `Unavailable`. Closing again does nothing.
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
