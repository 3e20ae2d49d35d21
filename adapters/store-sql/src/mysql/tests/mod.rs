//! What only the inside can test, on a server: the plans of statements, and the settings of
//! sessions. Needs the feature `engines` and `GALLERY_TEST_MYSQL_URL`, as `tests/it/mysql/` does.

mod lists;
mod plans;
mod session;

use sqlx::{AssertSqlSafe, Executor};

use super::{MySqlSettings, MySqlStore};

/// A store on a database of this name, which is made anew; each test has one of its own.
async fn fresh(name: &str) -> MySqlStore {
    let server = std::env::var("GALLERY_TEST_MYSQL_URL").expect(
        "GALLERY_TEST_MYSQL_URL is not set: run `cargo xtask engines up` and set what it prints, or run `cargo xtask test`",
    );
    let server = server.trim_end_matches('/');
    let name = format!("gallery_inside_{}_{name}", std::process::id());
    let root = sqlx::MySqlPool::connect(server).await.unwrap();
    let create = format!("DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name}");
    root.execute(AssertSqlSafe(create)).await.unwrap();
    MySqlStore::open(&MySqlSettings::parse(&format!("{server}/{name}")).unwrap()).await.unwrap()
}

/// Drops the store's database.
async fn drop_database(store: &MySqlStore) {
    let (name,): (String,) = sqlx::query_as("SELECT DATABASE()").fetch_one(&store.pool).await.unwrap();
    store.pool.execute(AssertSqlSafe(format!("DROP DATABASE {name}"))).await.unwrap();
}
