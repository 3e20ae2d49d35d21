//! `docs/sql.md` is compared with a server, in the same way as in `sql_page.rs`.

use sqlx::Connection;

use super::fresh::{Database, connect};
use super::release::filled;
use crate::sql_page::{Column, Dialect, assert_same, documented_columns, drawn_foreign_keys, examples};

const MYSQL: Dialect = Dialect { info: "sql mysql", type_cell: 3 };

const COLUMNS: &str = "SELECT CAST(TABLE_NAME AS CHAR), CAST(COLUMN_NAME AS CHAR), \
     CAST(COLUMN_TYPE AS CHAR), IS_NULLABLE = 'YES' \
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()";

const FOREIGN_KEYS: &str = "SELECT CAST(REFERENCED_TABLE_NAME AS CHAR), CAST(TABLE_NAME AS CHAR) \
     FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()";

/// The server's modes instead of the driver's, as at a prompt, with MySQL's rule for groups, which
/// is off in MariaDB by default.
const AT_A_PROMPT: &str = "SET SESSION sql_mode = CONCAT(@@GLOBAL.sql_mode, ',ONLY_FULL_GROUP_BY'); \
     START TRANSACTION READ ONLY";

/// The type as the page has it, without the width that some servers show of integers: `BIGINT` for
/// `bigint(20)`.
fn documented_type(stored: &str) -> String {
    let name = stored.split('(').next().unwrap_or(stored);
    if name.ends_with("int") { name.to_uppercase() } else { stored.to_uppercase() }
}

#[tokio::test]
async fn every_column_and_foreign_key_is_documented_and_no_other() {
    let database = Database::create().await;
    database.open().await.close().await;
    let mut connection = connect(&database.url()).await;
    let columns: Vec<Column> = sqlx::query_as(COLUMNS).fetch_all(&mut connection).await.unwrap();
    let columns = columns.into_iter().map(|(table, column, stored, nullable)| {
        let documented = documented_type(&stored);
        (table, column, documented, nullable)
    });
    assert_same(documented_columns(&MYSQL), columns.collect());
    let keys: Vec<(String, String)> = sqlx::query_as(FOREIGN_KEYS).fetch_all(&mut connection).await.unwrap();
    assert_same(drawn_foreign_keys(), keys);
    connection.close().await.unwrap();
}

#[tokio::test]
async fn every_example_runs_and_changes_nothing() {
    let database = filled().await;
    database.open().await.close().await;
    let mut connection = connect(&database.url()).await;
    sqlx::raw_sql(AT_A_PROMPT).execute(&mut connection).await.unwrap();
    for example in examples(&MYSQL) {
        if let Err(error) = sqlx::raw_sql(example).fetch_all(&mut connection).await {
            panic!("{error}\n{example}");
        }
    }
    connection.close().await.unwrap();
}
