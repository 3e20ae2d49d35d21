//! The photo gallery with its records in SQL: plugs the adapters into the runtime, which does the
//! rest.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use gallery_assembly::Records;
use gallery_runtime::config::{Derived, Problem};
use gallery_runtime::texts::Text;
use gallery_runtime::{Adapters, Opening, Purpose, System, Variant};
use gallery_store_sql::{MySqlSettings, MySqlStore, SqliteStore};

mod settings;

use settings::StoreLocation;

struct Sql;

#[async_trait]
impl Variant for Sql {
    const NAME: &'static str = "gallery-sql";
    const ABOUT: Text = Text::new("cli-about-sql");

    fn check(&self, derived: &Derived) -> Option<Problem> {
        settings::store_location(derived).err()
    }

    fn system(&self) -> System {
        gallery_assembly::system()
    }

    async fn open(&self, opening: Opening<'_>) -> Result<Adapters> {
        let shared = opening.purpose == Purpose::Administer;
        let records = match settings::store_location(opening.derived)? {
            StoreLocation::DataFolder => sqlite(&opening.folder.join("gallery.db"), shared).await?,
            StoreLocation::File(path) => sqlite(&path, shared).await?,
            StoreLocation::Server(server) => {
                mysql(&settings::mysql(*server, opening.config)?, shared).await?
            }
        };
        gallery_assembly::adapters(opening, records).await
    }
}

async fn sqlite(path: &Path, shared: bool) -> Result<Records> {
    let store = if shared { SqliteStore::open_shared(path).await? } else { SqliteStore::open(path).await? };
    let (store, place) = (Arc::new(store), path.display().to_string().into());
    Ok(Records { store: store.clone(), place, close: Box::pin(async move { store.close().await }) })
}

async fn mysql(server: &MySqlSettings, shared: bool) -> Result<Records> {
    let store =
        if shared { MySqlStore::open_shared(server).await? } else { MySqlStore::open(server).await? };
    let (store, place) = (Arc::new(store), settings::mysql_place(server).into());
    Ok(Records { store: store.clone(), place, close: Box::pin(async move { store.close().await }) })
}

fn main() -> ExitCode {
    gallery_runtime::main(&Sql)
}
