//! The settings that durability and integrity rest on are in force on the connections that are
//! used.

use gallery_core::ports::StoreError;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::fresh;
use crate::sqlite::failure::failed;
use crate::sqlite::statements::statement;

async fn pragma(pool: &sqlx::SqlitePool, name: &str) -> String {
    let select = AssertSqlSafe(format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}"));
    sqlx::query_scalar(select).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn a_commit_is_on_the_disk_and_references_hold() {
    let (store, _folder) = fresh().await;
    assert_eq!(pragma(&store.writer, "journal_mode").await, "wal");
    assert_eq!(pragma(&store.writer, "synchronous").await, "2", "FULL");
    assert_eq!(pragma(&store.writer, "foreign_keys").await, "1");
    assert_eq!(pragma(&store.writer, "secure_delete").await, "1");
    assert_eq!(pragma(&store.readers, "journal_mode").await, "wal");
    for pool in [&store.writer, &store.readers] {
        let (busy_timeout,): (i64,) = sqlx::query_as("PRAGMA busy_timeout").fetch_one(pool).await.unwrap();
        assert_eq!(busy_timeout, 5_000);
        assert_eq!(pragma(pool, "cache_size").await, "-2048");
    }
}

#[tokio::test]
async fn one_connection_writes_and_the_others_cannot() {
    let (store, _folder) = fresh().await;
    assert_eq!(store.writer.options().get_max_connections(), 1);
    let refused = sqlx::query("DELETE FROM Counter").execute(&store.readers).await.unwrap_err();
    assert!(refused.to_string().contains("readonly"), "{refused}");
}

#[tokio::test]
async fn no_album_without_an_account_and_no_photo_without_an_album() {
    let (store, _folder) = fresh().await;
    let id = Uuid::from_u128(1);
    let mut tx = store.begin().await.unwrap();
    let album = statement(
        "INSERT INTO Album (id, owner_id, version, created_at, updated_at, name, description) VALUES (?, ?, 1, 0, 0, '', '')",
    );
    assert_foreign_key(tx.run(album.bind(id).bind(id)).await);
    let photo = statement(
        "INSERT INTO Photo (id, album_id, owner_id, state, bytes, version, created_at, updated_at, taken_order) VALUES (?, ?, ?, 1, 0, 1, 0, 0, 0)",
    );
    assert_foreign_key(tx.run(photo.bind(id).bind(id).bind(id)).await);
}

fn assert_foreign_key(result: Result<u64, StoreError>) {
    let Err(StoreError::Backend(error)) = result else { panic!("not refused: {result:?}") };
    let driver = error.source().unwrap().to_string();
    assert!(driver.contains("FOREIGN KEY constraint failed"), "{driver}");
}

#[tokio::test]
async fn a_unit_of_work_that_is_dropped_leaves_nothing() {
    let (store, _folder) = fresh().await;
    let count = "INSERT INTO Counter (name, value, ends_at) VALUES (x'01', 1, 1)";
    let mut tx = store.begin().await.unwrap();
    tx.run(statement(count)).await.unwrap();
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    let (left,): (i64,) = tx.found(statement("SELECT COUNT(*) FROM Counter")).await.unwrap();
    assert_eq!(left, 0);
    tx.run(statement(count)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(store.first::<(i64,)>(statement("SELECT value FROM Counter")).await.unwrap().is_some());
}

#[tokio::test]
async fn what_may_pass_is_unavailable_and_what_will_not_is_a_failure() {
    let (store, _folder) = fresh().await;
    for passing in [sqlx::Error::PoolTimedOut, sqlx::Error::PoolClosed, sqlx::Error::WorkerCrashed] {
        assert!(matches!(failed(passing), StoreError::Unavailable(_)));
    }
    let wrong = store.first::<(i64,)>(statement("SELECT nothing FROM nowhere")).await;
    assert!(matches!(wrong, Err(StoreError::Backend(_))), "{wrong:?}");
    store.close().await;
    let closed = store.first::<(i64,)>(statement("SELECT 1")).await;
    assert!(matches!(closed, Err(StoreError::Unavailable(_))), "{closed:?}");
}
