//! The store on one SQLite file.
//!
//! One connection writes, several read. The file is in WAL mode, so that readers and the writer don't wait for
//! each other, and a commit returns when the log is on the disk (`synchronous=FULL`). Units of work begin
//! `IMMEDIATE`. Tests: `tests/conformance.rs` for the ports; `tests/opening.rs`, `tests/durability.rs` and the
//! module `tests` for what is SQLite's own.

mod albums;
mod audit;
mod db;
mod jobs;
mod limits;
mod open;
mod photo_changes;
mod photos;
mod postings;
mod schema;
mod sessions;
mod sql;
mod suppressions;
#[cfg(test)]
mod tests;
mod users;

use std::fs::File;
use std::time::Duration;

use async_trait::async_trait;
use gallery_core::ports::{Store, StoreError};
use sqlx::SqlitePool;
use uuid::Uuid;

use crate::sql::users::IS_LIVE;

pub use open::OpenError;

/// How long [`Store::ready`] waits for an answer.
const READY_TIMEOUT: Duration = Duration::from_secs(1);

/// A store in one SQLite file. See [`SqliteStore::open`].
#[derive(Debug)]
pub struct SqliteStore {
    /// The one connection that writes.
    writer: SqlitePool,
    /// Connections that cannot write.
    readers: SqlitePool,
    /// Held for as long as this process has the file to itself; absent when it is shared.
    lock: Option<File>,
}

impl SqliteStore {
    /// Stops gracefully: waits for the work in hand, moves the log into the database file, and lets go of the
    /// file. Every later call of a port answers `Unavailable`. Closing again does nothing.
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
        let answer = self.first::<(i64,)>(db::statement(IS_LIVE).bind(Uuid::nil()));
        match tokio::time::timeout(READY_TIMEOUT, answer).await {
            Ok(answered) => answered.map(drop),
            Err(elapsed) => Err(StoreError::Unavailable(Box::new(elapsed))),
        }
    }

    async fn finish_interrupted(&self, _: u32) -> Result<u64, StoreError> {
        Ok(0)
    }
}
