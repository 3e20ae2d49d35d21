//! How statements are run: a unit of work on the one connection that writes, or a read on one of several. Every
//! failure of the driver becomes a [`StoreError`] here and nowhere else.

use gallery_core::ports::{Conflict, StoreError};
use sqlx::error::ErrorKind;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{FromRow, Sqlite, Transaction};

use super::SqliteStore;
use crate::error::SqlError;

/// A statement with its values.
pub(super) type Statement<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// A statement, prepared once per connection.
pub(super) fn statement(text: &'static str) -> Statement<'static> {
    sqlx::query(text)
}

/// A row that decodes by itself.
pub(super) trait Row: for<'r> FromRow<'r, SqliteRow> + Send + Unpin {}
impl<T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin> Row for T {}

/// One unit of work. Dropping it without a commit leaves nothing behind.
pub(super) struct Tx(Transaction<'static, Sqlite>);

impl SqliteStore {
    /// Begins a unit of work: it has the right to write from its first statement on, so that it never has to
    /// start over because another was faster.
    pub(super) async fn begin(&self) -> Result<Tx, StoreError> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map(Tx).map_err(failed)
    }

    /// A snapshot for several reads.
    pub(super) async fn snapshot(&self) -> Result<Tx, StoreError> {
        self.readers.begin().await.map(Tx).map_err(failed)
    }

    /// The first row, outside of a unit of work.
    pub(super) async fn first<T: Row>(&self, statement: Statement<'_>) -> Result<Option<T>, StoreError> {
        let row = statement.fetch_optional(&self.readers).await.map_err(failed)?;
        row.as_ref().map(decode).transpose()
    }

    /// All rows, outside of a unit of work.
    pub(super) async fn all<T: Row>(&self, statement: Statement<'_>) -> Result<Vec<T>, StoreError> {
        self.rows(statement).await?.iter().map(decode).collect()
    }

    /// All rows, undecoded.
    pub(super) async fn rows(&self, statement: Statement<'_>) -> Result<Vec<SqliteRow>, StoreError> {
        statement.fetch_all(&self.readers).await.map_err(failed)
    }
}

impl Tx {
    /// Runs a change; answers how many rows it touched.
    pub(super) async fn run(&mut self, statement: Statement<'_>) -> Result<u64, StoreError> {
        statement.execute(&mut *self.0).await.map(|done| done.rows_affected()).map_err(failed)
    }

    /// Runs a change of one row; `NotFound` when it is not there.
    pub(super) async fn changed_one(&mut self, statement: Statement<'_>) -> Result<(), StoreError> {
        if self.run(statement).await? == 0 { Err(StoreError::NotFound) } else { Ok(()) }
    }

    /// Runs an insertion; a key that is taken is this conflict.
    pub(super) async fn insert(
        &mut self,
        statement: Statement<'_>,
        taken: Conflict,
    ) -> Result<(), StoreError> {
        match statement.execute(&mut *self.0).await {
            Ok(_) => Ok(()),
            Err(sqlx::Error::Database(error)) if error.kind() == ErrorKind::UniqueViolation => {
                Err(StoreError::Conflict(taken))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// The first row.
    pub(super) async fn first<T: Row>(&mut self, statement: Statement<'_>) -> Result<Option<T>, StoreError> {
        let row = statement.fetch_optional(&mut *self.0).await.map_err(failed)?;
        row.as_ref().map(decode).transpose()
    }

    /// The first row; `NotFound` without one.
    pub(super) async fn found<T: Row>(&mut self, statement: Statement<'_>) -> Result<T, StoreError> {
        self.first(statement).await?.ok_or(StoreError::NotFound)
    }

    /// True when there is a row.
    pub(super) async fn exists(&mut self, statement: Statement<'_>) -> Result<bool, StoreError> {
        Ok(statement.fetch_optional(&mut *self.0).await.map_err(failed)?.is_some())
    }

    /// All rows.
    pub(super) async fn all<T: Row>(&mut self, statement: Statement<'_>) -> Result<Vec<T>, StoreError> {
        statement.fetch_all(&mut *self.0).await.map_err(failed)?.iter().map(decode).collect()
    }

    /// Ends the unit of work; when this is Ok, its changes are on the disk.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.0.commit().await.map_err(failed)
    }
}

/// Decodes a row.
pub(super) fn decode<T: Row>(row: &SqliteRow) -> Result<T, StoreError> {
    T::from_row(row).map_err(failed)
}

/// What a failure of the driver means to the core.
pub(super) fn failed(error: sqlx::Error) -> StoreError {
    if is_away(&error) { SqlError::Away(error).into() } else { SqlError::Failed(error).into() }
}

/// SQLite's primary result codes (<https://www.sqlite.org/rescode.html>), the low byte of the extended ones.
pub(super) mod code {
    pub(crate) const NOMEM: i32 = 7;
    pub(crate) const INTERRUPT: i32 = 9;
    pub(crate) const BUSY: i32 = 5;
    pub(crate) const LOCKED: i32 = 6;
    pub(crate) const IOERR: i32 = 10;
    pub(crate) const CORRUPT: i32 = 11;
    pub(crate) const FULL: i32 = 13;
    pub(crate) const CANTOPEN: i32 = 14;
    pub(crate) const PROTOCOL: i32 = 15;
    pub(crate) const NOTADB: i32 = 26;
}

/// The primary result code of an error that SQLite itself reports.
pub(super) fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

/// True when trying again later may help.
fn is_away(error: &sqlx::Error) -> bool {
    use code::{BUSY, CANTOPEN, FULL, INTERRUPT, IOERR, LOCKED, NOMEM, PROTOCOL};
    match error {
        sqlx::Error::Database(_) => matches!(
            primary_code(error),
            Some(BUSY | LOCKED | NOMEM | INTERRUPT | IOERR | FULL | CANTOPEN | PROTOCOL)
        ),
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => true,
        _ => false,
    }
}
