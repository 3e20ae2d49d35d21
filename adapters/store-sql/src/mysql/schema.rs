//! The schema: whether a database has it, and bringing it there, one instance at a time. Tests:
//! `tests/it/mysql/`.
//!
//! The server commits every change of the schema by itself. A migration is therefore recorded as
//! begun, applied, and recorded as done; each of the three is done or not done. After a crash in
//! between, the next start finds a migration that was begun, and applies it again; the server then
//! says that it is there, if it is.

use std::io;

use sqlx::migrate::{Migrate, MigrateError};
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection};

use super::failure::number;
use crate::migrations::{MYSQL, Schema, migrator};

/// The table that records migrations, of the same form as in SQLite.
const TABLE: &str = "_sqlx_migrations";

/// Seconds that an instance waits for another one that is bringing the same database up to date.
const LOCK_WAIT_SECONDS: u32 = 120;

/// The name of the lock is the server's, not the database's, and at most 64 characters long.
const LOCK: &str = "SELECT GET_LOCK(CONCAT('gallery ', SHA1(DATABASE())), ?)";
const UNLOCK: &str = "DO RELEASE_LOCK(CONCAT('gallery ', SHA1(DATABASE())))";

/// The errors that the server returns for a change that was made before: the table, column or index
/// is there (or gone).
const DONE_BEFORE: [u16; 4] = [1050, 1060, 1061, 1091];

/// Why the schema was not brought up to date.
#[derive(Debug)]
pub(super) enum Failure {
    /// Another instance has been at it all the time.
    Busy,
    /// The server refused.
    Driver(sqlx::Error),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver(error)
    }
}

impl From<MigrateError> for Failure {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::Driver(error),
            other => Self::Driver(sqlx::Error::Io(io::Error::other(other))),
        }
    }
}

/// Looks at a database's schema without changing it.
pub(super) async fn inspect(connection: &mut MySqlConnection) -> Result<Schema, sqlx::Error> {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()",
    )
    .fetch_all(&mut *connection)
    .await?;
    if tables.is_empty() {
        return Ok(Schema::Empty);
    }
    if !tables.iter().any(|name| name == TABLE) {
        return Ok(Schema::Foreign);
    }
    let recorded = applied(connection).await?;
    // One that was only begun is missing, and is no other program's.
    let begun = recorded.iter().filter(|(_, _, done)| !done).count();
    let recorded: Vec<_> = recorded.into_iter().map(|(version, checksum, _)| (version, checksum)).collect();
    Ok(match Schema::compare(&recorded, MYSQL) {
        Schema::Behind(missing) => Schema::Behind(missing + begun),
        other => other,
    })
}

/// Number, check sum, and whether it is done, of every recorded migration.
async fn applied(connection: &mut MySqlConnection) -> Result<Vec<(i64, Vec<u8>, bool)>, sqlx::Error> {
    sqlx::query_as("SELECT version, checksum, success FROM _sqlx_migrations ORDER BY version")
        .fetch_all(connection)
        .await
}

/// Applies the migrations that are missing, while no other instance does. Returns the schema as it
/// is then, which is not `Behind(0)` when another program, or a newer version of this one, was
/// there first.
pub(super) async fn migrate(mut connection: MySqlConnection) -> Result<Schema, Failure> {
    let (locked,): (Option<i64>,) =
        sqlx::query_as(LOCK).bind(LOCK_WAIT_SECONDS).fetch_one(&mut connection).await?;
    if locked != Some(1) {
        return Err(Failure::Busy);
    }
    // A server that shuts down, or a connection that ends, gives the lock free as well.
    let schema = match inspect(&mut connection).await? {
        Schema::Empty | Schema::Behind(_) => {
            apply_missing(&mut connection).await?;
            inspect(&mut connection).await?
        }
        refused => refused,
    };
    connection.execute(UNLOCK).await?;
    connection.close().await?;
    Ok(schema)
}

async fn apply_missing(connection: &mut MySqlConnection) -> Result<(), Failure> {
    // A change of a table waits for the requests that read it; there is time for that.
    connection.execute("SET SESSION lock_wait_timeout = 60").await?;
    connection.ensure_migrations_table(TABLE).await?;
    let recorded = applied(connection).await?;
    for migration in migrator(MYSQL).iter() {
        let before = recorded.iter().find(|(version, _, _)| *version == migration.version);
        match before {
            Some((_, _, true)) => continue,
            Some((_, _, false)) => {}
            None => {
                sqlx::query(
                    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                     VALUES (?, ?, FALSE, ?, -1)",
                )
                .bind(migration.version)
                .bind(&*migration.description)
                .bind(&*migration.checksum)
                .execute(&mut *connection)
                .await?;
            }
        }
        match connection.execute(AssertSqlSafe(migration.sql.as_str().to_owned())).await {
            Ok(_) => {}
            Err(error)
                if before.is_some() && number(&error).is_some_and(|code| DONE_BEFORE.contains(&code)) => {}
            Err(error) => return Err(error.into()),
        }
        sqlx::query("UPDATE _sqlx_migrations SET success = TRUE WHERE version = ?")
            .bind(migration.version)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
