//! The yardstick of `cargo xtask bench`: the same web framework, the same driver, the store's one
//! query for a page of an album's photos, and nothing else. No session, no JSON, no headers.
//!
//! `bench-peer ADDRESS KIND PLACE` serves `GET /albums/{id}`: how many rows or items the query
//! answered. Kind and place are `sqlite FILE`, `mysql URL`, `redb FILE` (a copy: the gallery has
//! its file to itself) or `dynamodb PREFIX`. It knows the stores' form as `docs/` and the
//! migrations describe it, and uses none of the gallery's crates. What it answers is checked by the
//! measuring program before it measures.

mod dynamodb;
mod embedded;
mod sql;

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use poem::http::StatusCode;
use poem::listener::TcpListener;
use poem::web::{Data, Path};
use poem::{EndpointExt, Route, Server, get, handler};
use uuid::Uuid;

const USAGE: &str = "usage: bench-peer ADDRESS (sqlite FILE | mysql URL | redb FILE | dynamodb PREFIX)";

/// An open store.
enum Store {
    Sqlite(sql::Sqlite),
    MySql(sql::MySql),
    Redb(embedded::File),
    DynamoDb(dynamodb::Table),
}

impl Store {
    async fn open(kind: &str, place: &str) -> Result<Self> {
        Ok(match kind {
            "sqlite" => Self::Sqlite(sql::Sqlite::open(place).await?),
            "mysql" => Self::MySql(sql::MySql::open(place).await?),
            "redb" => Self::Redb(embedded::File::open(place)?),
            "dynamodb" => Self::DynamoDb(dynamodb::Table::open(place).await),
            _ => bail!(USAGE),
        })
    }

    /// What the query for an album's newest photos answers: so many rows or items.
    async fn rows(&self, album: Uuid) -> Result<usize> {
        match self {
            Self::Sqlite(store) => store.rows(album).await,
            Self::MySql(store) => store.rows(album).await,
            Self::Redb(store) => store.rows(album).await,
            Self::DynamoDb(store) => store.rows(album).await,
        }
    }
}

#[handler]
async fn page(Path(id): Path<Uuid>, Data(store): Data<&Arc<Store>>) -> poem::Result<String> {
    match store.rows(id).await {
        Ok(rows) => Ok(rows.to_string()),
        Err(error) => Err(poem::Error::from_string(format!("{error:#}"), StatusCode::INTERNAL_SERVER_ERROR)),
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().context(USAGE);
    let (address, kind, place) = (next()?, next()?, next()?);
    let store = Store::open(&kind, &place).await?;
    let routes = Route::new().at("/albums/:id", get(page)).data(Arc::new(store));
    Server::new(TcpListener::bind(address)).run(routes).await?;
    Ok(())
}
