//! Opening the embedded store's file: who may, what is refused, and that a refusal leaves the file
//! as it was.

use std::fs;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;

use gallery_conformance::store::World;
use gallery_core::ports::{SharedStore, Store as _, StoreError, Users as _};
use gallery_core::values::Timestamp;
use gallery_store_nosql::{EmbeddedError, EmbeddedStore};
use redb::{Database, ReadableDatabase as _, TableDefinition};
use tempfile::TempDir;

fn place() -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.redb");
    (folder, path)
}

/// A store with an account that nobody has open.
async fn closed_store(path: &Path) {
    let store = EmbeddedStore::open(path).await.unwrap();
    let shared: SharedStore = Arc::new(store.clone());
    World::of(&shared).user("ann@example.org").await;
    store.close().await;
}

/// Opens a file that must be refused, and stay as it is; returns the refusal.
async fn refusal(path: &Path) -> EmbeddedError {
    let before = fs::read(path).unwrap();
    let refusal = EmbeddedStore::open(path).await.unwrap_err();
    assert_eq!(fs::read(path).unwrap(), before, "a refused file is not touched");
    assert_one_line(&refusal, path);
    refusal
}

fn assert_one_line(refusal: &EmbeddedError, path: &Path) {
    let line = refusal.to_string();
    assert!(line.contains(path.to_str().unwrap()) && !line.contains('\n'), "{line}");
}

#[tokio::test]
async fn a_new_folder_is_made_and_its_store_is_private() {
    let (_folder, path) = place();
    let path = path.with_file_name("new").join("deep").join("gallery.redb");
    let store = EmbeddedStore::open(&path).await.unwrap();
    store.ready().await.unwrap();
    let mode = |name| fs::metadata(path.with_file_name(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("gallery.redb"), mode("gallery.redb.lock")), (0o600, 0o600));
    // The file is written anew at its end.
    let shared: SharedStore = Arc::new(store.clone());
    let ann = World::of(&shared).user("ann@example.org").await;
    let name = gallery_core::values::PersonName::parse("Ann").unwrap();
    store.update_user(ann.id, &name, None).await.unwrap();
    store.close().await;
    assert_eq!(mode("gallery.redb"), 0o600);
    let names = fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(names, 2, "nothing is left over");
}

#[tokio::test]
async fn a_folder_that_cannot_be_is_named() {
    let (_folder, file) = place();
    fs::write(&file, "a file").unwrap();
    let refusal = EmbeddedStore::open(&file.join("gallery.redb")).await.unwrap_err();
    assert!(matches!(&refusal, EmbeddedError::Folder { folder, .. } if *folder == file), "{refusal:?}");
    assert_one_line(&refusal, &file);
}

#[tokio::test]
async fn a_folder_in_the_stores_place_is_named() {
    let (_folder, path) = place();
    fs::create_dir(&path).unwrap();
    let refusal = EmbeddedStore::open(&path).await.unwrap_err();
    assert!(matches!(&refusal, EmbeddedError::File { path: named, .. } if *named == path), "{refusal:?}");
    assert_one_line(&refusal, &path);
}

#[tokio::test]
async fn a_store_in_use_is_refused_until_it_is_closed() {
    let (_folder, path) = place();
    let first = EmbeddedStore::open(&path).await.unwrap();
    let clone = first.clone();
    assert!(matches!(refusal(&path).await, EmbeddedError::Locked { .. }));
    first.close().await;
    let second = EmbeddedStore::open(&path).await.unwrap();
    assert!(matches!(clone.ready().await, Err(StoreError::Unavailable(_))), "a closed store stays closed");
    drop(second);
    let third = EmbeddedStore::open(&path).await.unwrap();
    third.close().await;
    third.close().await;
}

#[tokio::test]
async fn a_file_that_other_software_has_open_is_refused() {
    let (_folder, path) = place();
    closed_store(&path).await;
    let tool = Database::open(&path).unwrap();
    let refusal = EmbeddedStore::open(&path).await.unwrap_err();
    assert!(matches!(refusal, EmbeddedError::Locked { .. }), "{refusal:?}");
    drop(tool);
    EmbeddedStore::open(&path).await.unwrap();
}

/// Changes the version of the format, as another version of the program would.
fn set_version(path: &Path, version: u64) {
    let database = Database::open(path).unwrap();
    let transaction = database.begin_write().unwrap();
    let meta = TableDefinition::<&str, u64>::new("meta");
    transaction.open_table(meta).unwrap().insert("version", version).unwrap();
    transaction.commit().unwrap();
}

pub fn version(path: &Path) -> u64 {
    let database = Database::open(path).unwrap();
    let meta = TableDefinition::<&str, u64>::new("meta");
    let meta = database.begin_read().unwrap().open_table(meta).unwrap();
    meta.get("version").unwrap().unwrap().value()
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_refused() {
    let (_folder, path) = place();
    closed_store(&path).await;
    let known = version(&path);
    for newer in [known + 1, 9999] {
        set_version(&path, newer);
        let refusal = refusal(&path).await;
        assert!(matches!(refusal, EmbeddedError::Newer { version, .. } if version == newer), "{refusal:?}");
        assert_eq!(
            refusal.to_string(),
            format!(
                "the store {} belongs to a newer version of this program (its format is {newer}, this one knows \
                 {known}). Install that version; nothing was changed",
                path.display()
            )
        );
        assert_eq!(version(&path), newer);
    }
}

#[tokio::test]
async fn a_store_of_an_older_version_is_taken_over() {
    let (_folder, path) = place();
    closed_store(&path).await;
    let known = version(&path);
    set_version(&path, 1);
    let store = EmbeddedStore::open(&path).await.unwrap();
    let email = gallery_core::values::Email::parse("ann@example.org").unwrap();
    store.user_by_email(email.key()).await.unwrap();
    store.close().await;
    assert_eq!((version(&path), known), (4, 4));
}

#[tokio::test]
async fn a_database_of_another_program_is_refused() {
    let (_folder, path) = place();
    let database = Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(TableDefinition::<u64, u64>::new("moz_places")).unwrap();
    transaction.commit().unwrap();
    drop(database);
    assert!(matches!(refusal(&path).await, EmbeddedError::Foreign { .. }));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let (_folder, path) = place();
    for garbage in ["hello".as_bytes(), &[0xab; 10_000], b"SQLite format 3\0", b"redb\x1A\x0A\xA9\x0D\x0A"] {
        fs::write(&path, garbage).unwrap();
        let refusal = refusal(&path).await;
        assert!(matches!(refusal, EmbeddedError::Damaged { .. }), "{refusal:?}");
    }
}

#[tokio::test]
async fn an_empty_file_becomes_a_store() {
    let (_folder, path) = place();
    fs::write(&path, "").unwrap();
    EmbeddedStore::open(&path).await.unwrap().ready().await.unwrap();
}

#[tokio::test]
async fn an_interrupted_first_start_is_taken_up_again() {
    let (_folder, path) = place();
    fs::write(path.with_extension("redb.new"), "half a file").unwrap();
    EmbeddedStore::open(&path).await.unwrap().ready().await.unwrap();
    assert!(!path.with_extension("redb.new").exists());
}

#[tokio::test]
async fn a_file_cut_off_is_damaged() {
    let (_folder, path) = place();
    closed_store(&path).await;
    let whole = fs::metadata(&path).unwrap().len();
    for bytes in [100, 4096, whole / 2, whole - 4096] {
        let cut = path.with_file_name("cut.redb");
        fs::copy(&path, &cut).unwrap();
        fs::OpenOptions::new().write(true).open(&cut).unwrap().set_len(bytes).unwrap();
        let refusal = EmbeddedStore::open(&cut).await.unwrap_err();
        assert!(matches!(refusal, EmbeddedError::Damaged { .. }), "cut to {bytes}: {refusal:?}");
        assert_one_line(&refusal, &cut);
    }
}

#[tokio::test]
async fn a_page_that_was_altered_is_never_taken_for_good() {
    let (_folder, path) = place();
    closed_store(&path).await;
    let original = fs::read(&path).unwrap();
    let mut refused = 0;
    for page in 0..original.len() / 4096 {
        fs::write(&path, &original).unwrap();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(&[0xA5; 64], page as u64 * 4096 + 16).unwrap();
        match EmbeddedStore::open(&path).await {
            Err(EmbeddedError::Damaged { .. }) => refused += 1,
            Err(other) => panic!("page {page}: {other:?}"),
            Ok(store) => {
                // A page that is not in use, or that redb has mended.
                let email = gallery_core::values::Email::parse("ann@example.org").unwrap();
                let ann = store.user_by_email(email.key()).await.unwrap();
                assert!(ann.created_at > Timestamp::from_millis(0));
                store.close().await;
            }
        }
    }
    assert!(refused > 0, "pages with items are in use");
}

#[tokio::test]
async fn a_file_that_may_not_be_written_is_named() {
    let (_folder, path) = place();
    closed_store(&path).await;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    // An administrator may write it all the same.
    if fs::OpenOptions::new().write(true).open(&path).is_ok() {
        EmbeddedStore::open(&path).await.unwrap();
        return;
    }
    assert!(matches!(refusal(&path).await, EmbeddedError::File { .. }));
}
