//! The conformance suite, run against SQLite.

use std::sync::Arc;

use gallery_core::ports::SharedStore;
use gallery_store_sql::SqliteStore;
use tempfile::TempDir;

async fn fresh() -> (SharedStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("gallery.db")).await.unwrap();
    (Arc::new(store), folder)
}

gallery_conformance::store_suite!(fresh);
