//! The connections, and how statements are run on them: a unit of work on the one connection that
//! writes, or a read on one of several. What a failure means is in `failure`. Tests:
//! `tests/settings.rs`, beside this file.

use std::fs::File;

use gallery_core::ports::StoreError;
use sqlx::error::ErrorKind;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Sqlite, SqlitePool, Transaction};

use super::failure::failed;

/// The dialect, as the files that are compiled for each know it.
pub(super) type Database = Sqlite;
pub(super) type SqlStore = SqliteStore;

/// A statement with its values.
pub(super) type Statement<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// A store in one SQLite file. See [`SqliteStore::open`].
#[derive(Debug)]
pub struct SqliteStore {
    /// The one connection that writes.
    pub(super) writer: SqlitePool,
    /// Connections that cannot write.
    pub(super) readers: SqlitePool,
    /// Held for as long as this process has the file to itself; absent when it is shared.
    pub(super) lock: Option<File>,
}

/// Runs a unit of work, wholly or not at all: `unit_of_work!(self, async |tx| …)` returns what the
/// body returns. In this dialect the body runs once: nobody else writes in the meantime.
macro_rules! unit_of_work {
    ($store:expr, async |$tx:ident| $body:expr) => {{
        let mut tx = $store.begin().await?;
        let $tx = &mut tx;
        let outcome = async { $body }.await;
        tx.end(outcome).await
    }};
}
pub(super) use unit_of_work;

/// One unit of work. Dropping it without a commit leaves nothing behind.
pub(super) struct Tx(Transaction<'static, Sqlite>);

impl SqliteStore {
    /// Begins a unit of work: it has the right to write from its first statement on, so that it
    /// never has to start over because another was faster.
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map(Tx).map_err(failed)
    }

    /// A snapshot for several reads.
    pub(super) async fn snapshot(&self) -> Result<Tx, StoreError> {
        self.readers.begin().await.map(Tx).map_err(failed)
    }

    /// All rows, undecoded, outside of a unit of work.
    pub(super) async fn rows(&self, statement: Statement<'_>) -> Result<Vec<SqliteRow>, StoreError> {
        statement.fetch_all(&self.readers).await.map_err(failed)
    }
}

impl Tx {
    /// Runs a change; returns how many rows it touched.
    pub(super) async fn run(&mut self, statement: Statement<'_>) -> Result<u64, StoreError> {
        statement.execute(&mut *self.0).await.map(|done| done.rows_affected()).map_err(failed)
    }

    /// Runs an insertion; returns false when the key is taken, which leaves the unit of work as it
    /// was.
    pub(super) async fn inserted(&mut self, statement: Statement<'_>) -> Result<bool, StoreError> {
        match statement.execute(&mut *self.0).await {
            Ok(_) => Ok(true),
            Err(sqlx::Error::Database(error)) if error.kind() == ErrorKind::UniqueViolation => Ok(false),
            Err(error) => Err(failed(error)),
        }
    }

    /// All rows, undecoded.
    pub(super) async fn rows(&mut self, statement: Statement<'_>) -> Result<Vec<SqliteRow>, StoreError> {
        statement.fetch_all(&mut *self.0).await.map_err(failed)
    }

    /// Ends a unit of work of this outcome; see `unit_of_work!`.
    pub(super) async fn end<T>(self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        let value = outcome?;
        self.commit().await?;
        Ok(value)
    }

    /// Ends the unit of work; when this is Ok, its changes are on the disk.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.0.commit().await.map_err(failed)
    }

    /// Ends a snapshot. What was read from it stays true, whatever comes of this.
    pub(super) async fn finish(self) {
        drop(self.0.rollback().await);
    }
}
