//! The settings that durability, integrity and order rest on are in force on the connections that
//! are used.

use gallery_core::ports::StoreError;
use uuid::Uuid;

use super::{drop_database, fresh};
use crate::mysql::db::unit_of_work;
use crate::mysql::statements::statement;

#[tokio::test]
async fn sessions_are_set_whatever_the_server_s_defaults_are() {
    let store = fresh("session").await;
    let variables: Vec<(String, String)> =
        sqlx::query_as("SHOW SESSION VARIABLES").fetch_all(&store.pool).await.unwrap();
    let value = |name: &str| {
        let found = variables.iter().find(|(variable, _)| variable == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    // MySQL and MariaDB call it by different names.
    let isolation = [value("transaction_isolation"), value("tx_isolation")];
    assert!(isolation.contains(&"READ-COMMITTED"), "{isolation:?}");
    assert_eq!(value("sql_mode"), "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION");
    assert_eq!((value("innodb_lock_wait_timeout"), value("lock_wait_timeout")), ("2", "2"));
    assert_eq!((value("foreign_key_checks"), value("autocommit")), ("ON", "ON"));
    assert_eq!(value("collation_connection"), "utf8mb4_bin");
    drop_database(&store).await;
}

#[tokio::test]
async fn a_change_counts_the_rows_it_found_not_those_it_altered() {
    let store = fresh("found_rows").await;
    let insert = "INSERT INTO Counter (name, value, ends_at) VALUES (REPEAT('a', 32), 1, 1)";
    let found: Result<u64, StoreError> = async {
        unit_of_work!(&store, async |tx| {
            tx.run(statement(insert)).await?;
            tx.run(statement("UPDATE Counter SET value = 1")).await
        })
    }
    .await;
    assert_eq!(found.unwrap(), 1);
    drop_database(&store).await;
}

#[tokio::test]
async fn no_album_without_an_account_and_no_photo_without_an_album() {
    let store = fresh("references").await;
    let id = Uuid::from_u128(1);
    let album = "INSERT INTO Album (id, owner_id, version, created_at, updated_at, name, description) \
         VALUES (?, ?, 1, 0, 0, '', '')";
    let photo = "INSERT INTO Photo (id, album_id, owner_id, state, bytes, version, created_at, updated_at, taken_order) \
         VALUES (?, ?, ?, 1, 0, 1, 0, 0, 0)";
    for orphan in [statement(album).bind(id).bind(id), statement(photo).bind(id).bind(id).bind(id)] {
        let error = orphan.execute(&store.pool).await.unwrap_err();
        let error = error.as_database_error().unwrap();
        assert!(error.is_foreign_key_violation(), "{error}");
    }
    drop_database(&store).await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_not_cut() {
    let store = fresh("strict").await;
    let long = statement(crate::sql::users::REGISTER)
        .bind(Uuid::from_u128(1))
        .bind("ann@example.org")
        .bind("ann@example.org")
        .bind("x".repeat(101))
        .bind(None::<&str>)
        .bind("$argon2id$")
        .bind(0)
        .bind(0);
    let error = long.execute(&store.pool).await.unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
    drop_database(&store).await;
}
