//! The SELECT of an album's newest photos by the index that is made for it. The pools are set as
//! the gallery sets its own: no question to the database before a connection is used, as many
//! connections, a whole page ahead.

use std::str::FromStr as _;

use anyhow::Result;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions, MySqlSslMode};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{MySqlPool, SqlitePool};
use uuid::Uuid;

/// What a list of photos reads of every row.
const PAGE: &str = "SELECT id, album_id, owner_id, version, created_at, updated_at, fingerprint, title, description, \
                    tags, file_name, image, objects FROM Photo \
                    WHERE album_id = ? AND state = 1 ORDER BY id DESC LIMIT 51";

/// A SQLite file.
pub struct Sqlite(SqlitePool);

impl Sqlite {
    pub async fn open(file: &str) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(file).read_only(true).row_buffer_size(201);
        let pool = SqlitePoolOptions::new().max_connections(4).test_before_acquire(false);
        Ok(Self(pool.connect_with(options).await?))
    }

    pub async fn rows(&self, album: Uuid) -> Result<usize> {
        let rows = sqlx::query(PAGE).bind(album.as_bytes().as_slice()).fetch_all(&self.0).await?;
        Ok(rows.len())
    }
}

/// A database of a MySQL or MariaDB server.
pub struct MySql(MySqlPool);

impl MySql {
    pub async fn open(url: &str) -> Result<Self> {
        let options = MySqlConnectOptions::from_str(url)?.ssl_mode(MySqlSslMode::Disabled);
        let pool = MySqlPoolOptions::new().max_connections(16).test_before_acquire(false);
        Ok(Self(pool.connect_with(options).await?))
    }

    pub async fn rows(&self, album: Uuid) -> Result<usize> {
        let rows = sqlx::query(PAGE).bind(album.as_bytes().as_slice()).fetch_all(&self.0).await?;
        Ok(rows.len())
    }
}
