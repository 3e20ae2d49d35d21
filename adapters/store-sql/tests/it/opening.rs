//! Opening a database file: who may, what is refused, and that a refusal leaves the file as it was.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use gallery_conformance::store::World;
use gallery_core::ports::{SharedStore, Store, Users};
use gallery_core::values::PersonName;
use gallery_store_sql::{SqliteOpenError, SqliteStore};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

/// Runs a statement on a database that nobody has open.
async fn tamper(path: &Path, statement: &'static str) {
    let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// A current database that nobody has open.
async fn closed_database(path: &Path) {
    SqliteStore::open(path).await.unwrap().close().await;
}

/// Opens a file that must be refused, and stay as it is; returns the refusal.
async fn refusal(path: &Path) -> SqliteOpenError {
    let before = fs::read(path).unwrap();
    let refusal = SqliteStore::open(path).await.unwrap_err();
    assert_eq!(fs::read(path).unwrap(), before, "a refused file is not touched");
    assert!(refusal.to_string().contains(path.to_str().unwrap()), "{refusal}");
    refusal
}

#[tokio::test]
async fn a_new_folder_is_made_and_its_database_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/deep/gallery.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.ready().await.unwrap();
    #[cfg(unix)]
    for file in ["gallery.db", "gallery.db-wal", "gallery.db.lock"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path.with_file_name(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    fs::write(&file, "").unwrap();
    let refusal = SqliteStore::open(&file.join("gallery.db")).await.unwrap_err();
    assert!(matches!(&refusal, SqliteOpenError::Folder { folder, .. } if *folder == file), "{refusal:?}");
    assert!(refusal.to_string().contains("a file"), "{refusal}");
}

#[tokio::test]
async fn a_folder_in_the_database_s_place_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.db");
    fs::create_dir(&path).unwrap();
    let refusal = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(&refusal, SqliteOpenError::File { path: named, .. } if *named == path), "{refusal:?}");
}

#[tokio::test]
async fn a_database_in_use_is_refused_until_it_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.db");
    let first = SqliteStore::open(&path).await.unwrap();
    assert!(matches!(refusal(&path).await, SqliteOpenError::Locked { .. }));
    first.close().await;
    let second = SqliteStore::open(&path).await.unwrap();
    drop(second);
    SqliteStore::open(&path).await.unwrap();
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.db");
    closed_database(&path).await;
    // One that lacks a migration, too: it is not applied.
    tamper(
        &path,
        "DROP TABLE Suppression; DELETE FROM _sqlx_migrations WHERE version IN (26, 27); \
         INSERT INTO _sqlx_migrations VALUES (9998, 'later', CURRENT_TIMESTAMP, TRUE, x'00', 0), \
         (9999, 'later still', CURRENT_TIMESTAMP, TRUE, x'00', 0)",
    )
    .await;
    let before = fs::read(&path).unwrap();
    let shared = SqliteStore::open_shared(&path).await.unwrap_err();
    assert_eq!(fs::read(&path).unwrap(), before, "sharing touches nothing, either");
    for newer in [refusal(&path).await, shared] {
        assert!(matches!(newer, SqliteOpenError::Newer { format: 9999, .. }), "{newer:?}");
        let text = newer.to_string();
        assert!(text.contains("belongs to a newer version of this program (its format is 9999"), "{text}");
        assert!(text.ends_with("Install that version; nothing was changed"), "{text}");
        assert!(!text.contains('\n') && !text.contains("  "), "{text}");
    }
}

#[tokio::test]
async fn a_database_with_another_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.db");
    closed_database(&path).await;
    tamper(&path, "UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 3").await;
    assert!(matches!(refusal(&path).await, SqliteOpenError::Altered { migration: 3, .. }));
}

#[tokio::test]
async fn a_database_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.db");
    fs::write(&path, "").unwrap();
    tamper(&path, "CREATE TABLE moz_places (id INTEGER PRIMARY KEY)").await;
    assert!(matches!(refusal(&path).await, SqliteOpenError::Foreign { .. }));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.db");
    for garbage in ["hello".as_bytes(), &[0xab; 10_000], b"SQLite format 3\0 and then something else"] {
        fs::write(&path, garbage).unwrap();
        let refusal = refusal(&path).await;
        assert!(matches!(refusal, SqliteOpenError::NotADatabase { .. }), "{refusal:?}");
    }
}

#[tokio::test]
async fn an_empty_file_becomes_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.db");
    fs::write(&path, "").unwrap();
    SqliteStore::open(&path).await.unwrap().ready().await.unwrap();
}

#[tokio::test]
async fn an_interrupted_first_start_is_taken_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.db");
    fs::write(&path, "").unwrap();
    // The log was chosen, which is written to the file, and no migration has run.
    tamper(&path, "PRAGMA journal_mode = WAL").await;
    assert!(fs::metadata(&path).unwrap().len() > 0);
    SqliteStore::open(&path).await.unwrap().ready().await.unwrap();
}

#[tokio::test]
async fn sharing_needs_a_database_of_this_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.db");
    let missing = SqliteStore::open_shared(&path).await.unwrap_err();
    assert!(matches!(missing, SqliteOpenError::Missing { .. }), "{missing:?}");
    assert!(!path.exists(), "sharing makes no database");
    closed_database(&path).await;
    tamper(&path, "DELETE FROM _sqlx_migrations WHERE version > 25").await;
    let outdated = SqliteStore::open_shared(&path).await.unwrap_err();
    assert!(matches!(outdated, SqliteOpenError::Outdated { missing: 19, .. }), "{outdated:?}");
}

#[tokio::test]
async fn an_administrator_works_beside_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.db");
    let server: SharedStore = Arc::new(SqliteStore::open(&path).await.unwrap());
    let admin = SqliteStore::open_shared(&path).await.unwrap();
    let ann = World::of(&server).user("ann@example.org").await;
    assert_eq!(admin.user(ann.id).await.unwrap(), ann);
    let name = PersonName::parse("Renamed by the administrator").unwrap();
    admin.update_user(ann.id, &name, None).await.unwrap();
    admin.close().await;
    assert_eq!(server.user(ann.id).await.unwrap().name, name);
}
