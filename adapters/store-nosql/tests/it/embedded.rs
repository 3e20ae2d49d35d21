//! The conformance suite, run against the embedded store.

use std::sync::Arc;

use gallery_core::ports::SharedStore;
use gallery_store_nosql::EmbeddedStore;
use tempfile::TempDir;

async fn fresh() -> (SharedStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(&folder.path().join("gallery.redb")).await.unwrap();
    (Arc::new(store), folder)
}

gallery_conformance::store_suite!(fresh);
