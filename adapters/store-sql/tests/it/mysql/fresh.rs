//! A database for each test, on the server that the environment names.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gallery_store_sql::{MySqlSettings, MySqlStore};
use sqlx::mysql::MySqlConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, MySqlConnection};

/// The server's URL, without a database.
pub fn server() -> String {
    std::env::var("GALLERY_TEST_MYSQL_URL").expect(
        "GALLERY_TEST_MYSQL_URL is not set: run `cargo xtask engines up` and set what it prints, or run `cargo xtask test`",
    )
}

/// A connection to a server, as the user of the URL.
pub async fn connect(url: &str) -> MySqlConnection {
    let options: MySqlConnectOptions = url.parse().unwrap();
    options.disable_statement_logging().connect().await.unwrap()
}

/// Runs statements, one after another.
pub async fn execute(url: &str, statements: impl Into<String>) {
    let mut connection = connect(url).await;
    sqlx::raw_sql(AssertSqlSafe(statements.into())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// A database that no other test uses; it is dropped with this.
pub struct Database {
    pub name: String,
    server: String,
}

impl Database {
    /// An empty one, on the server of the environment.
    pub async fn create() -> Self {
        Self::on(&server()).await
    }

    /// An empty one on this server.
    pub async fn on(server: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Every test may be a process of its own.
        let name = format!("gallery_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        execute(server, format!("DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name}")).await;
        Self { name, server: server.trim_end_matches('/').to_owned() }
    }

    pub fn url(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// Settings for it. Tests share a machine: they wait longer for a connection than people would.
    pub fn settings(&self) -> MySqlSettings {
        let mut settings = MySqlSettings::parse(&self.url()).unwrap();
        settings.acquire_timeout = Duration::from_secs(20);
        settings
    }

    /// The same, as another user, who needs to be made first.
    pub fn settings_as(&self, user: &str) -> MySqlSettings {
        let url = self.url().replacen("root@", &format!("{user}@"), 1);
        MySqlSettings::parse(&url).unwrap()
    }

    /// Runs statements in it.
    pub async fn execute(&self, statements: &str) {
        execute(&self.url(), statements).await;
    }

    /// A store on it, with all tables.
    pub async fn open(&self) -> MySqlStore {
        MySqlStore::open(&self.settings()).await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // A thread of its own, because this one may be tokio's.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                // A server that the test has stopped keeps nothing, either.
                let options: MySqlConnectOptions = server.parse().unwrap();
                let Ok(mut connection) = options.disable_statement_logging().connect().await else { return };
                let drop = AssertSqlSafe(format!("DROP DATABASE {name}"));
                sqlx::raw_sql(drop).execute(&mut connection).await.unwrap();
            });
        });
        let _ = dropping.join();
    }
}
