//! The model test, run against the reference store itself: two handles answer as one.

use std::future::{Ready, ready};
use std::sync::Arc;

use gallery_core::ports::SharedStore;
use gallery_store_memory::MemoryStore;

fn fresh_pair() -> Ready<([SharedStore; 2], ())> {
    let store = MemoryStore::new();
    ready(([Arc::new(store.clone()), Arc::new(store)], ()))
}

fn model() -> SharedStore {
    Arc::new(MemoryStore::new())
}

gallery_conformance::model_suite!(fresh_pair, model);
