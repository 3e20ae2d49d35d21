//! The schema is made once, however many start at once, and is taken up where a crash has left it.

use gallery_core::ports::Store;
use gallery_store_sql::MySqlStore;
use sqlx::Connection;
use tokio::task::JoinSet;

use super::fresh::{Database, connect};

/// How many migrations there are.
const ALL: i64 = 44;

/// How many migrations are recorded as done, and whether the index of the 27th is there.
async fn state(database: &Database) -> (i64, bool) {
    let mut connection = connect(&database.url()).await;
    let (done,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM _sqlx_migrations WHERE success")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let index = sqlx::query("SHOW INDEX FROM Suppression WHERE Key_name = 'Suppression_by_end'")
        .fetch_optional(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    (done, index.is_some())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_instances_start_at_once_on_an_empty_database() {
    let database = Database::create().await;
    let mut starting = JoinSet::new();
    for _ in 0..8 {
        let settings = database.settings();
        starting.spawn(async move { MySqlStore::open(&settings).await.unwrap().ready().await.unwrap() });
    }
    assert_eq!(starting.join_all().await.len(), 8);
    assert_eq!(state(&database).await, (ALL, true));
}

#[tokio::test]
async fn a_migration_that_was_begun_and_not_applied_is_applied() {
    let database = Database::create().await;
    database.open().await.close().await;
    database
        .execute("DROP INDEX Suppression_by_end ON Suppression; UPDATE _sqlx_migrations SET success = FALSE WHERE version = 27")
        .await;
    assert_eq!(state(&database).await, (ALL - 1, false));
    database.open().await.ready().await.unwrap();
    assert_eq!(state(&database).await, (ALL, true));
}

#[tokio::test]
async fn a_migration_that_was_applied_and_not_recorded_is_recorded() {
    let database = Database::create().await;
    database.open().await.close().await;
    for version in 26..=44 {
        let forget = format!("UPDATE _sqlx_migrations SET success = FALSE WHERE version = {version}");
        database.execute(&forget).await;
        database.open().await.ready().await.unwrap();
        assert_eq!(state(&database).await, (ALL, true));
    }
}

#[tokio::test]
async fn a_first_start_that_was_interrupted_is_taken_up() {
    let database = Database::create().await;
    database.open().await.close().await;
    database
        .execute(
            "DROP TABLE Suppression, Upgrade; ALTER TABLE Photo DROP COLUMN generation, DROP COLUMN damaged, \
             DROP COLUMN taken_override; \
             ALTER TABLE User DROP COLUMN language; \
             DROP INDEX Job_by_queue ON Job; ALTER TABLE Job DROP COLUMN class, DROP COLUMN shard; \
             DROP TABLE Registration; CREATE INDEX User_by_confirmation ON User (confirmed_at, created_at); \
             DELETE FROM _sqlx_migrations WHERE version > 25",
        )
        .await;
    database.open().await.ready().await.unwrap();
    assert_eq!(state(&database).await, (ALL, true));
}
