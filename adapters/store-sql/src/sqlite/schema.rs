//! The schema: whether a file has it, and bringing it there. Tests: `tests/it/opening.rs`.

use sqlx::migrate::MigrateError;
use sqlx::{Connection, SqliteConnection};

use crate::migrations::{SQLITE, Schema, migrator};

/// Looks at a file's schema without changing it.
pub(super) async fn inspect(connection: &mut SqliteConnection) -> Result<Schema, sqlx::Error> {
    let tables: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .fetch_all(&mut *connection)
        .await?;
    if tables.is_empty() {
        return Ok(Schema::Empty);
    }
    if !tables.iter().any(|name| name == "_sqlx_migrations") {
        return Ok(Schema::Foreign);
    }
    let applied: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations ORDER BY version")
            .fetch_all(connection)
            .await?;
    Ok(Schema::compare(&applied, SQLITE))
}

/// Applies the migrations that are missing, all of them or none.
pub(super) async fn migrate(connection: &mut SqliteConnection) -> Result<(), MigrateError> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    migrator(SQLITE).run_direct(None, &mut *tx, false).await?;
    tx.commit().await?;
    Ok(())
}
