//! The conformance suite, run against the server.

use std::sync::Arc;

use gallery_core::ports::SharedStore;

use super::fresh::Database;

async fn fresh() -> (SharedStore, Database) {
    let database = Database::create().await;
    (Arc::new(database.open().await), database)
}

gallery_conformance::store_suite!(fresh);
