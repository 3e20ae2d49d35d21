//! How statements are run, as far as that is the same in both dialects: rows become values, what is
//! missing is an error, and lists of values fill their places. Compiled once for each dialect, over
//! its `db` (see `lib.rs`).

use gallery_core::ports::{Conflict, StoreError};
use sqlx::{AssertSqlSafe, Encode, FromRow, Type};

use super::db::{Database, SqlStore, Statement, Tx};
use super::failure::failed;
use crate::sql::lists;

/// A row of the dialect's driver.
pub(super) type DriverRow = <Database as sqlx::Database>::Row;

/// A row that decodes by itself.
pub(super) trait Row: for<'r> FromRow<'r, DriverRow> + Send + Unpin {}
impl<T: for<'r> FromRow<'r, DriverRow> + Send + Unpin> Row for T {}

/// A statement, prepared once per connection.
pub(super) fn statement(text: &'static str) -> Statement<'static> {
    sqlx::query(text)
}

/// A statement whose text was put together from constants, for a list of values.
pub(super) fn composed(text: String) -> Statement<'static> {
    sqlx::query(AssertSqlSafe(text))
}

/// A statement for a list of values: at least one, and no more than `lists::MOST`.
pub(super) fn for_each<T>(text: fn(usize) -> String, values: &[T]) -> Statement<'static>
where
    for<'t> &'t T: Encode<'t, Database> + Type<Database>,
{
    let places = lists::places(values.len());
    padded(values).fold(composed(text(places)), Statement::bind)
}

/// The values, and the last one again as often as it takes to fill the places of the statement.
pub(super) fn padded<T>(values: &[T]) -> impl Iterator<Item = &T> {
    let places = lists::places(values.len());
    values.iter().chain(values.last().into_iter().cycle()).take(places)
}

impl SqlStore {
    /// The first row, outside of a unit of work.
    pub(super) async fn first<T: Row>(&self, statement: Statement<'_>) -> Result<Option<T>, StoreError> {
        self.rows(statement).await?.first().map(decode).transpose()
    }

    /// All rows, outside of a unit of work.
    pub(super) async fn all<T: Row>(&self, statement: Statement<'_>) -> Result<Vec<T>, StoreError> {
        self.rows(statement).await?.iter().map(decode).collect()
    }
}

impl Tx {
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
        if self.inserted(statement).await? { Ok(()) } else { Err(StoreError::Conflict(taken)) }
    }

    /// Runs a change of a list of values, in as many statements as that takes; returns how many
    /// rows they touched.
    pub(super) async fn run_for<T>(
        &mut self,
        text: fn(usize) -> String,
        values: &[T],
    ) -> Result<u64, StoreError>
    where
        T: Sync,
        for<'t> &'t T: Encode<'t, Database> + Type<Database>,
    {
        let mut touched = 0;
        for values in lists::parts(values) {
            touched += self.run(for_each(text, values)).await?;
        }
        Ok(touched)
    }

    /// All rows for a list of values, in as many statements as that takes.
    pub(super) async fn all_for<R: Row, T>(
        &mut self,
        text: fn(usize) -> String,
        values: &[T],
    ) -> Result<Vec<R>, StoreError>
    where
        T: Sync,
        for<'t> &'t T: Encode<'t, Database> + Type<Database>,
    {
        let mut rows = Vec::new();
        for values in lists::parts(values) {
            rows.extend(self.all::<R>(for_each(text, values)).await?);
        }
        Ok(rows)
    }

    /// The first row.
    pub(super) async fn first<T: Row>(&mut self, statement: Statement<'_>) -> Result<Option<T>, StoreError> {
        self.rows(statement).await?.first().map(decode).transpose()
    }

    /// The first row; `NotFound` without one.
    pub(super) async fn found<T: Row>(&mut self, statement: Statement<'_>) -> Result<T, StoreError> {
        self.first(statement).await?.ok_or(StoreError::NotFound)
    }

    /// True when there is a row.
    pub(super) async fn exists(&mut self, statement: Statement<'_>) -> Result<bool, StoreError> {
        Ok(!self.rows(statement).await?.is_empty())
    }

    /// All rows.
    pub(super) async fn all<T: Row>(&mut self, statement: Statement<'_>) -> Result<Vec<T>, StoreError> {
        self.rows(statement).await?.iter().map(decode).collect()
    }
}

fn decode<T: Row>(row: &DriverRow) -> Result<T, StoreError> {
    T::from_row(row).map_err(failed)
}
