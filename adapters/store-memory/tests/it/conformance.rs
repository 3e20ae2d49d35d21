//! The conformance suite, run against the reference store.

use std::future::{Ready, ready};
use std::sync::Arc;

use gallery_core::ports::SharedStore;
use gallery_store_memory::MemoryStore;

fn fresh() -> Ready<(SharedStore, ())> {
    ready((Arc::new(MemoryStore::new()), ()))
}

gallery_conformance::store_suite!(fresh);
