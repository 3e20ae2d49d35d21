//! The migrations: one list of names for every dialect, and how a database compares with it. Must
//! not know how a dialect looks into a database, or applies a migration. Tested here.
//!
//! # The store's format
//!
//! The format version of a store is the number of the newest migration that it has, or has begun;
//! that of the program is [`FORMAT`], the newest that it knows. Nothing else records it. A program
//! refuses a store of a newer format before it writes anything, because it does not know what the
//! newer one relies on. So whatever an older program must not do to a store takes a migration, even
//! if no table changes.
//!
//! A migration that was released is never changed. Its file holds one statement, because MySQL
//! commits every change of the schema by itself: each is then done or not done, never half done.
//!
//! `docs/sql.md` describes every table and column; `tests/it/sql_page.rs` compares it with the
//! schema.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// Number, name and statement of each migration.
pub(crate) type Migrations = [(i64, &'static str, &'static str)];

/// One migration per file of the dialect's folder; a test compares the list with the folders.
macro_rules! migrations {
    ($dialect:literal) => {
        migrations!(
            $dialect:
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
            26 "0026_suppression",
            27 "0027_suppression_by_end",
            28 "0028_photo_generation",
            29 "0029_photo_damaged",
            30 "0030_registration",
            31 "0031_registration_by_address",
            32 "0032_registration_by_time",
            33 "0033_registration_of_pending_user",
            34 "0034_user_without_pending",
            35 "0035_user_by_confirmation_gone",
            36 "0036_user_language",
            37 "0037_registration_language",
            38 "0038_photo_taken_override",
            39 "0039_job_class",
            40 "0040_job_shard",
            41 "0041_job_by_queue",
            42 "0042_job_class_of_kind",
            43 "0043_posting_by_field",
            44 "0044_upgrade",
        )
    };
    ($dialect:literal: $($version:literal $name:literal,)*) => {
        &[$(($version, $name, include_str!(concat!("../migrations/", $dialect, "/", $name, ".sql")))),*]
    };
}

/// SQLite's.
pub(crate) const SQLITE: &Migrations = migrations!("sqlite");
/// Those of MySQL and MariaDB.
pub(crate) const MYSQL: &Migrations = migrations!("mysql");

/// The newest format that this program knows.
pub(crate) const FORMAT: i64 = MYSQL[MYSQL.len() - 1].0;

/// How a database's schema compares with this program's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    /// There is none yet.
    Empty,
    /// The database belongs to another program.
    Foreign,
    /// This many migrations are missing; none when it is current.
    Behind(usize),
    /// The database has this format, which is newer than this program's.
    Newer(i64),
    /// This migration was another when the database got it.
    Altered(i64),
}

impl Schema {
    /// Compares what a database records of its migrations, each a number and a check sum, with
    /// these.
    pub(crate) fn compare(applied: &[(i64, Vec<u8>)], migrations: &Migrations) -> Self {
        let format = applied.iter().map(|(version, _)| *version).max();
        if let Some(newer) = format.filter(|format| *format > FORMAT) {
            return Self::Newer(newer);
        }
        let migrator = migrator(migrations);
        let known: BTreeMap<i64, &Migration> = migrator.iter().map(|known| (known.version, known)).collect();
        for (version, checksum) in applied {
            match known.get(version) {
                Some(known) if *known.checksum == **checksum => {}
                _ => return Self::Altered(*version),
            }
        }
        Self::Behind(known.len() - applied.len())
    }
}

/// The migrations with their check sums.
pub(crate) fn migrator(migrations: &Migrations) -> Migrator {
    let migration = |&(version, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(migrations.iter().map(migration).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIALECTS: [(&str, &Migrations); 2] = [("sqlite", SQLITE), ("mysql", MYSQL)];

    #[test]
    fn every_dialect_has_the_files_of_the_list_and_no_other() {
        for (dialect, migrations) in DIALECTS {
            let folder = format!("{}/migrations/{dialect}", env!("CARGO_MANIFEST_DIR"));
            let mut files: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            let listed: Vec<String> = migrations.iter().map(|(_, name, _)| format!("{name}.sql")).collect();
            assert_eq!(listed, files, "{dialect}");
            for (version, name, _) in migrations {
                assert!(name.starts_with(&format!("{version:04}_")), "{name} is not number {version}");
            }
        }
    }

    #[test]
    fn the_format_is_the_newest_migration_s_number_in_both_dialects() {
        for (dialect, migrations) in DIALECTS {
            assert_eq!(migrations.iter().map(|(version, ..)| *version).max(), Some(FORMAT), "{dialect}");
        }
    }

    #[test]
    fn every_file_holds_one_statement() {
        for (dialect, migrations) in DIALECTS {
            for (_, name, sql) in migrations {
                let code: Vec<&str> = sql.lines().filter(|line| !line.starts_with("--")).collect();
                let code = code.join("\n");
                assert!(code.trim_end().ends_with(';'), "{dialect} {name}");
                assert_eq!(code.matches(';').count(), 1, "{dialect} {name}");
            }
        }
    }

    #[test]
    fn what_a_database_has_is_compared_by_number_and_content() {
        let applied: Vec<(i64, Vec<u8>)> =
            migrator(SQLITE).iter().map(|known| (known.version, known.checksum.to_vec())).collect();
        assert_eq!(Schema::compare(&applied, SQLITE), Schema::Behind(0));
        assert_eq!(Schema::compare(&applied[..20], SQLITE), Schema::Behind(applied.len() - 20));
        assert_eq!(Schema::compare(&applied, MYSQL), Schema::Altered(1), "the dialects differ");
        for (unknown, expected) in [
            (vec![FORMAT + 1], Schema::Newer(FORMAT + 1)),
            (vec![FORMAT + 1, FORMAT + 4], Schema::Newer(FORMAT + 4)),
            (vec![-1], Schema::Altered(-1)),
        ] {
            let unknown = unknown.into_iter().map(|version| (version, vec![0; 48]));
            let applied: Vec<_> = applied.iter().cloned().chain(unknown).collect();
            assert_eq!(Schema::compare(&applied, SQLITE), expected);
        }
        let mut altered = applied;
        altered[2].1[0] ^= 1;
        assert_eq!(Schema::compare(&altered, SQLITE), Schema::Altered(3));
    }
}
