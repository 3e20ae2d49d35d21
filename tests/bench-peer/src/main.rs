//! The yardstick of `cargo xtask bench`: the same web framework, the same driver, the same SELECT by the same
//! index as a page of an album's photos, and nothing else. No session, no JSON, no headers.
//!
//! `bench-peer ADDRESS DATABASE` serves `GET /albums/{id}`: the number of rows.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use poem::listener::TcpListener;
use poem::web::{Data, Path as PathParameter};
use poem::{EndpointExt, Route, Server, get, handler};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use uuid::Uuid;

/// What a list of photos reads of every row.
const PAGE: &str = "SELECT id, album_id, owner_id, version, created_at, updated_at, title, description, tags, \
                    file_name, image, objects FROM Photo WHERE album_id = ? AND state = 1 ORDER BY id DESC LIMIT 51";

#[handler]
async fn album(
    PathParameter(id): PathParameter<Uuid>,
    Data(pool): Data<&Arc<SqlitePool>>,
) -> poem::Result<String> {
    let rows = sqlx::query(PAGE).bind(id.as_bytes().as_slice()).fetch_all(&**pool).await;
    let rows = rows.map_err(poem::error::InternalServerError)?;
    Ok(rows.len().to_string())
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: bench-peer ADDRESS DATABASE";
    let address = arguments.next().context(usage)?;
    let database = arguments.next().context(usage)?;
    let options = SqliteConnectOptions::new().filename(Path::new(&database)).read_only(true);
    let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
    let routes = Route::new().at("/albums/:id", get(album)).data(Arc::new(pool));
    Server::new(TcpListener::bind(address)).run(routes).await?;
    Ok(())
}
