//! The store on one SQLite file.
//!
//! One connection writes, several read. The file is in WAL mode, so that readers and the writer
//! don't wait for each other, and a commit returns when the log is on the disk
//! (`synchronous=FULL`). Units of work begin `IMMEDIATE`. Tests: `tests/it/conformance.rs` for the
//! ports; `tests/it/opening.rs`, `tests/it/durability.rs` and the module `tests` for what is
//! SQLite's own.

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
mod sql;
#[path = "../common/statements.rs"]
mod statements;
#[path = "../common/suppressions.rs"]
mod suppressions;
#[cfg(test)]
mod tests;
#[path = "../common/upgrades.rs"]
mod upgrades;
#[path = "../common/users.rs"]
mod users;

use std::time::Duration;

use async_trait::async_trait;
use gallery_core::ports::{Store, StoreError};
use uuid::Uuid;

use self::statements::statement;
use crate::sql::users::IS_LIVE;

pub use db::SqliteStore;
pub use open::OpenError;

/// How long [`Store::ready`] waits for an answer.
const READY_TIMEOUT: Duration = Duration::from_secs(1);

impl SqliteStore {
    /// Stops gracefully: waits for the work in hand, moves the log into the database file, and lets
    /// go of the file. Every later call of a port returns `Unavailable`. Closing again does
    /// nothing.
    pub async fn close(&self) {
        // The writer is the last to close, because SQLite then moves the log and removes it.
        self.readers.close().await;
        self.writer.close().await;
        if let Some(lock) = &self.lock
            && let Err(error) = lock.unlock()
        {
            tracing::warn!(%error, "the database's lock was not released; it ends with the process");
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn ready(&self) -> Result<(), StoreError> {
        let answer = self.first::<(i64,)>(statement(IS_LIVE).bind(Uuid::nil()));
        match tokio::time::timeout(READY_TIMEOUT, answer).await {
            Ok(answered) => answered.map(drop),
            Err(elapsed) => Err(StoreError::Unavailable(Box::new(elapsed))),
        }
    }

    async fn finish_interrupted(&self, _: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}
