//! A store of the release of 2026-11-22 on a server: what is asserted is in `release.rs`.

use std::fs;
use std::sync::Arc;

use gallery_core::ports::SharedStore;
use gallery_store_sql::{MySqlOpenError, MySqlStore};

use super::fresh::Database;
use crate::release::assert_goes_on;

/// A database as that release left it.
pub async fn filled() -> Database {
    let database = Database::create().await;
    let dump = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/2026-11-22/gallery.sql");
    database.execute(&fs::read_to_string(dump).unwrap()).await;
    database
}

#[tokio::test]
async fn a_store_of_2026_11_22_goes_on() {
    let database = filled().await;
    let early = MySqlStore::open_shared(&database.settings()).await.unwrap_err();
    assert!(matches!(early, MySqlOpenError::Outdated { missing: 1.., .. }), "{early:?}");
    let store: SharedStore = Arc::new(database.open().await);
    assert_goes_on(&store).await;
}
