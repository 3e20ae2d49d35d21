//! What failures of the driver and of SQLite mean: every one becomes a [`StoreError`] here and
//! nowhere else. Tests: `tests/settings.rs`, beside this file.

use gallery_core::ports::StoreError;

use crate::error::SqlError;

/// What a failure of the driver means to the core.
pub(super) fn failed(error: sqlx::Error) -> StoreError {
    if is_away(&error) { SqlError::Away(error).into() } else { SqlError::Failed(error).into() }
}

/// SQLite's primary result codes (<https://www.sqlite.org/rescode.html>), the low byte of the
/// extended ones.
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
