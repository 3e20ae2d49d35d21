//! The range of an album's partition in a redb file, read backwards: its head and its newest
//! photos, each copied out of the file's pages. On a thread that may block, as whoever serves
//! others at the same time must read a file.

use std::sync::Arc;

use anyhow::{Context, Result};
use redb::{Builder, ReadOnlyDatabase, ReadableDatabase as _, TableDefinition};
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// Items by partition key and sort key.
const GALLERY: TableDefinition<'static, (&str, &str), &[u8]> = TableDefinition::new("PhotoGallery");

/// A redb file that nobody writes.
pub struct File(Arc<ReadOnlyDatabase>);

impl File {
    pub fn open(path: &str) -> Result<Self> {
        let database = Builder::new().open_read_only(path);
        Ok(Self(Arc::new(database.with_context(|| format!("cannot open {path}"))?)))
    }

    pub async fn rows(&self, album: Uuid) -> Result<usize> {
        let database = Arc::clone(&self.0);
        spawn_blocking(move || items(&database, album).map(|items| items.len())).await?
    }
}

fn items(database: &ReadOnlyDatabase, album: Uuid) -> Result<Vec<Vec<u8>>> {
    let album = album.to_string();
    let snapshot = database.begin_read()?;
    let table = snapshot.open_table(GALLERY)?;
    let photos_and_head = table.range((album.as_str(), "")..=(album.as_str(), "head"))?;
    photos_and_head.rev().take(52).map(|entry| Ok(entry?.1.value().to_vec())).collect()
}
