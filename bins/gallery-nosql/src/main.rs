//! The photo gallery with its records as key-value items: plugs the adapters into the runtime, which does the rest.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use gallery_assembly::Records;
use gallery_runtime::config::{Derived, Problem};
use gallery_runtime::{Adapters, Opening, Purpose, System, Variant};
use gallery_store_nosql::{DynamoStore, EmbeddedStore};

mod settings;
use settings::Place;

struct NoSql;

#[async_trait]
impl Variant for NoSql {
    const NAME: &'static str = "gallery-nosql";
    const ABOUT: &'static str =
        "Records are kept as items in DynamoDB or in one file, photos in files or in S3.";

    fn check(&self, derived: &Derived) -> Option<Problem> {
        settings::place(derived).err()
    }

    fn system(&self) -> System {
        gallery_assembly::system()
    }

    async fn open(&self, opening: Opening<'_>) -> Result<Adapters> {
        let records = match settings::place(opening.derived)? {
            Place::DataFolder => embedded(&opening.folder.join("gallery.redb")).await?,
            Place::File(path) => embedded(&path).await?,
            Place::DynamoDb => dynamodb(&opening).await?,
        };
        gallery_assembly::adapters(opening, records).await
    }
}

async fn embedded(path: &Path) -> Result<Records> {
    let store = EmbeddedStore::open(path).await?;
    let closed = store.clone();
    let close = Box::pin(async move { closed.close().await });
    Ok(Records { store: Arc::new(store), place: path.display().to_string(), close })
}

async fn dynamodb(opening: &Opening<'_>) -> Result<Records> {
    let options = settings::dynamodb(opening.config);
    if opening.purpose == Purpose::Migrate {
        DynamoStore::create_tables(options.clone()).await?;
    }
    let store = Arc::new(DynamoStore::open(options).await?);
    Ok(Records { store, place: settings::dynamodb_place(opening.config), close: Box::pin(async {}) })
}

fn main() -> ExitCode {
    gallery_runtime::main(&NoSql)
}
