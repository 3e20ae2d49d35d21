//! The model test, run against SQLite. One process at a time opens a file, so both handles are one
//! store.

use std::sync::Arc;

use gallery_core::ports::SharedStore;
use gallery_store_memory::MemoryStore;
use gallery_store_sql::SqliteStore;
use tempfile::TempDir;

async fn fresh_pair() -> ([SharedStore; 2], TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store: SharedStore = Arc::new(SqliteStore::open(&folder.path().join("gallery.db")).await.unwrap());
    ([SharedStore::clone(&store), store], folder)
}

fn model() -> SharedStore {
    Arc::new(MemoryStore::new())
}

gallery_conformance::model_suite!(fresh_pair, model, 40);
