//! Upgrading records that a release before has written: the port `Upgrades`. Compiled once for each
//! dialect (see `lib.rs`).

use async_trait::async_trait;
use gallery_core::model::{PhotoState, Usage};
use gallery_core::ports::{StoreError, UpgradeProgress, Upgrades};
use gallery_core::search::Terms;
use gallery_core::values::{AlbumId, PhotoId, UserId};
use uuid::Uuid;

use super::db::{SqlStore, Tx, unit_of_work};
use super::sql;
use super::statements::statement;
use crate::rows::{PostingKind, signed};
use crate::sql::{albums, photos, upgrades};

#[async_trait]
impl Upgrades for SqlStore {
    async fn upgrade_progress(&self, number: u32) -> Result<UpgradeProgress, StoreError> {
        let row: Option<(String,)> =
            self.first(statement(upgrades::PROGRESS).bind(i64::from(number))).await?;
        Ok(row.map_or(UpgradeProgress::Albums(None), |(progress,)| progress.as_str().into()))
    }

    async fn record_upgrade(&self, number: u32, progress: UpgradeProgress) -> Result<(), StoreError> {
        let (number, progress) = (i64::from(number), progress.to_string());
        unit_of_work!(self, async |tx| {
            let record = statement(sql::RECORD_UPGRADE).bind(number).bind(progress.as_str());
            tx.run(record.bind(progress.as_str())).await.map(drop)
        })
    }

    async fn upgrade_album(&self, id: AlbumId) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| tx.upgrade_album(id).await)
    }

    async fn upgrade_photo(&self, id: PhotoId) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| tx.upgrade_photo(id).await)
    }
}

impl Tx {
    async fn upgrade_album(&mut self, id: AlbumId) -> Result<(), StoreError> {
        self.lock_owner_of_album(id).await?;
        let content = self.first(statement(albums::CONTENT).bind(id.uuid())).await?;
        let Some((owner, _, recorded)): Option<(Uuid, i64, i64)> = content else { return Ok(()) };
        let (of_photos,): (i64,) = self.found(statement(upgrades::COUNTED_IN_ALBUM).bind(id.uuid())).await?;
        let owner = UserId::from_uuid(owner);
        let grown = of_photos + signed(Usage::RECORD_BYTES) - recorded;
        if grown != 0 {
            self.add_usage(owner, 0, 0, grown).await?;
            self.add_content(id, 0, grown).await?;
        }
        let album = self.live_album(id).await?;
        let terms = Terms::of_album(&album.name, &album.description);
        self.set_postings(owner, PostingKind::Album, id.uuid(), &terms).await
    }

    async fn upgrade_photo(&mut self, id: PhotoId) -> Result<(), StoreError> {
        self.lock_owner_of_photo(id).await?;
        let Some(known) = self.unmarked_photo(id).await? else { return Ok(()) };
        if known.stored.state != PhotoState::Ready {
            return Ok(());
        }
        let photo = self.live_photo(id).await?;
        let counted = signed(photo.facts.counted_bytes());
        let grown = counted - signed(known.stored.bytes);
        if grown != 0 {
            self.run(statement(photos::SET_BYTES).bind(counted).bind(id.uuid())).await?;
            self.photo_grew(&known.stored, grown).await?;
        }
        self.set_postings(photo.owner, PostingKind::Photo, id.uuid(), &photo.terms()).await
    }
}
