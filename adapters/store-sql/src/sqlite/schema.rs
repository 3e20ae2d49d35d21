//! The schema: which migrations there are, and whether a file has them.
//!
//! A migration that was released is never changed. Its file holds one statement, as MySQL needs it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Connection, SqlSafeStr, SqliteConnection};

/// One migration per file of `migrations/sqlite/`; a test compares the list with the folder.
macro_rules! migrations {
    ($($version:literal $name:literal),* $(,)?) => {
        &[$(($version, $name, include_str!(concat!("../../migrations/sqlite/", $name, ".sql")))),*]
    };
}

const MIGRATIONS: &[(i64, &str, &str)] = migrations![
    1 "0001_user",
    2 "0002_user_by_confirmation",
    3 "0003_session",
    4 "0004_session_by_user",
    5 "0005_session_token",
    6 "0006_session_token_by_session",
    7 "0007_session_token_by_expiry",
    8 "0008_album",
    9 "0009_album_by_owner",
    10 "0010_photo",
    11 "0011_photo_by_album",
    12 "0012_photo_by_album_taken",
    13 "0013_photo_by_owner",
    14 "0014_photo_by_owner_taken",
    15 "0015_photo_by_deadline",
    16 "0016_posting",
    17 "0017_posting_by_target",
    18 "0018_job",
    19 "0019_job_by_due",
    20 "0020_job_by_user",
    21 "0021_idempotency_record",
    22 "0022_idempotency_record_by_resource",
    23 "0023_idempotency_record_by_expiry",
    24 "0024_counter",
    25 "0025_counter_by_end",
];

/// How a file's schema compares with this program's.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Schema {
    /// There is none yet.
    Empty,
    /// The file belongs to another program.
    Foreign,
    /// This many migrations are missing; none when it is current.
    Behind(usize),
    /// The file has this migration, which this program does not know.
    Newer(i64),
    /// This migration was another when the file got it.
    Altered(i64),
}

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
    Ok(compare(&applied))
}

fn compare(applied: &[(i64, Vec<u8>)]) -> Schema {
    let migrator = migrator();
    let known: BTreeMap<i64, &Migration> = migrator.iter().map(|known| (known.version, known)).collect();
    for (version, checksum) in applied {
        match known.get(version) {
            None => return Schema::Newer(*version),
            Some(known) if *known.checksum != **checksum => return Schema::Altered(*version),
            Some(_) => {}
        }
    }
    Schema::Behind(known.len() - applied.len())
}

/// Applies the migrations that are missing, all of them or none.
pub(super) async fn migrate(connection: &mut SqliteConnection) -> Result<(), MigrateError> {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    migrator().run_direct(None, &mut *tx, false).await?;
    tx.commit().await?;
    Ok(())
}

fn migrator() -> Migrator {
    let migration = |&(version, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(MIGRATIONS.iter().map(migration).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_folder() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let listed: Vec<String> = MIGRATIONS.iter().map(|(_, name, _)| format!("{name}.sql")).collect();
        assert_eq!(listed, files);
        for (version, name, _) in MIGRATIONS {
            assert!(name.starts_with(&format!("{version:04}_")), "{name} is not number {version}");
        }
    }

    #[test]
    fn every_file_holds_one_statement() {
        for (_, name, sql) in MIGRATIONS {
            let code: Vec<&str> = sql.lines().filter(|line| !line.starts_with("--")).collect();
            let code = code.join("\n");
            assert!(code.trim_end().ends_with(';'), "{name}");
            assert_eq!(code.matches(';').count(), 1, "{name}");
        }
    }

    #[test]
    fn what_a_file_has_is_compared_by_number_and_content() {
        let applied: Vec<(i64, Vec<u8>)> =
            migrator().iter().map(|known| (known.version, known.checksum.to_vec())).collect();
        assert_eq!(compare(&applied), Schema::Behind(0));
        assert_eq!(compare(&applied[..20]), Schema::Behind(5));
        let newer = [&applied[..], &[(26, vec![0; 48])]].concat();
        assert_eq!(compare(&newer), Schema::Newer(26));
        let mut altered = applied;
        altered[2].1[0] ^= 1;
        assert_eq!(compare(&altered), Schema::Altered(3));
    }
}
