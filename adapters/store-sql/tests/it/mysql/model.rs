//! The model test, run against the server: two instances, each with its own connections.

use std::sync::Arc;

use gallery_core::ports::SharedStore;
use gallery_store_memory::MemoryStore;

use super::fresh::Database;

async fn fresh_pair() -> ([SharedStore; 2], Database) {
    let database = Database::create().await;
    let handles: [SharedStore; 2] = [Arc::new(database.open().await), Arc::new(database.open().await)];
    (handles, database)
}

fn model() -> SharedStore {
    Arc::new(MemoryStore::new())
}

gallery_conformance::model_suite!(fresh_pair, model, 25);
