//! The model test, run against the embedded store. One process at a time opens a file, so both
//! handles are one store.

use std::sync::Arc;

use gallery_core::ports::SharedStore;
use gallery_store_memory::MemoryStore;
use gallery_store_nosql::EmbeddedStore;
use tempfile::TempDir;

async fn fresh_pair() -> ([SharedStore; 2], TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(&folder.path().join("gallery.redb")).await.unwrap();
    ([Arc::new(store.clone()), Arc::new(store)], folder)
}

fn model() -> SharedStore {
    Arc::new(MemoryStore::new())
}

gallery_conformance::model_suite!(fresh_pair, model, 40);
