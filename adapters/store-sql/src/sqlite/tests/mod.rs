//! What only the inside can test: the plans of statements, and the settings of connections.

mod lists;
mod plans;
mod settings;

use tempfile::TempDir;

use super::SqliteStore;

async fn fresh() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("gallery.db")).await.unwrap();
    (store, folder)
}
