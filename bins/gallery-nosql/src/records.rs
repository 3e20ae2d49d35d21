//! Opens the store that the settings name. Must not know anything else of the gallery. Tested by
//! the black-box tests.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use gallery_assembly::Records;
use gallery_runtime::{Opening, Purpose, StoreInUse};
use gallery_store_nosql::{DynamoStore, EmbeddedError, EmbeddedStore};

use crate::settings;

/// The embedded store in this file.
pub async fn embedded(path: &Path) -> Result<Records> {
    let store = EmbeddedStore::open(path).await.map_err(|error| match error {
        EmbeddedError::Locked { .. } => StoreInUse(error.into()).into(),
        other => anyhow::Error::from(other),
    })?;
    let closed = store.clone();
    let close = Box::pin(async move { closed.close().await });
    Ok(Records { store: Arc::new(store), place: path.display().to_string().into(), close })
}

/// The tables in DynamoDB.
pub async fn dynamodb(opening: &Opening<'_>) -> Result<Records> {
    let options = settings::dynamodb(opening.config);
    if opening.purpose == Purpose::Migrate {
        DynamoStore::create_tables(options.clone()).await?;
    }
    let store = Arc::new(DynamoStore::open(options).await?);
    let place = settings::dynamodb_place(opening.config);
    Ok(Records { store, place: place.into(), close: Box::pin(async {}) })
}
