//! Upgrading records that a release before has written: the port `Upgrades`. Not here are changes
//! of keys, which a store takes over when it is opened: see `upgrade`.

use async_trait::async_trait;
use gallery_core::model::{PhotoState, Usage};
use gallery_core::ports::{StoreError, UpgradeProgress, Upgrades};
use gallery_core::values::{AlbumId, PhotoId};

use crate::index::Found;
use crate::keys;
use crate::records::UpgradeRecord;
use crate::store::ItemStore;
use crate::table::Engine;
use crate::unit::{Unit, unit_of_work};

#[async_trait]
impl<E: Engine> Upgrades for ItemStore<E> {
    async fn upgrade_progress(&self, number: u32) -> Result<UpgradeProgress, StoreError> {
        let record = self.reading().read(&keys::upgrade(number)).await?;
        Ok(record.map_or(UpgradeProgress::Albums(None), |record| record.progress.as_str().into()))
    }

    async fn record_upgrade(&self, number: u32, progress: UpgradeProgress) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| {
            let slot = keys::upgrade(number);
            unit.read(&slot).await?;
            unit.put(&slot, &UpgradeRecord { progress: progress.to_string() })?;
        });
        Ok(())
    }

    async fn upgrade_album(&self, id: AlbumId) -> Result<(), StoreError> {
        let unsettled = unit_of_work!(self, |unit| or_gone(unit.upgrade_album(id).await)?);
        if unsettled { self.settle(id.uuid()).await } else { Ok(()) }
    }

    async fn upgrade_photo(&self, id: PhotoId) -> Result<(), StoreError> {
        let unsettled = unit_of_work!(self, |unit| or_gone(unit.upgrade_photo(id).await)?);
        if unsettled { self.settle(id.uuid()).await } else { Ok(()) }
    }
}

/// What is not live has nothing to settle.
fn or_gone(upgraded: Result<bool, StoreError>) -> Result<bool, StoreError> {
    match upgraded {
        Err(StoreError::NotFound) => Ok(false),
        other => other,
    }
}

impl<E: Engine> Unit<'_, E> {
    /// Returns whether the postings must be settled.
    async fn upgrade_album(&mut self, id: AlbumId) -> Result<bool, StoreError> {
        let (mut head, mut owner) = self.live_album(id).await?;
        let (owner_id, terms) = (head.owner, head.terms());
        if !head.counted {
            head.counted = true;
            head.bytes += Usage::RECORD_BYTES;
            owner.usage.bytes += Usage::RECORD_BYTES;
            self.put(&keys::album(id), &head)?;
            self.put(&keys::user(owner_id), &owner)?;
        }
        self.index(Found { owner: owner_id, id: id.uuid(), album: None, terms: &terms }).await
    }

    /// Returns whether the postings must be settled.
    async fn upgrade_photo(&mut self, id: PhotoId) -> Result<bool, StoreError> {
        let (mut record, album, owner) = self.unmarked_photo(id).await?;
        if record.state() != PhotoState::Ready {
            return Ok(false);
        }
        let photo = record.clone().photo(id)?;
        let counted_before = std::mem::replace(&mut record.bytes, photo.facts.counted_bytes());
        if record.bytes != counted_before {
            self.photo_grew(&record, counted_before, (album, owner))?;
            self.put(&keys::photo(id), &record)?;
        }
        self.rely(&keys::photo(id));
        let (album, terms) = (Some(photo.album_id), photo.terms());
        self.index(Found { owner: photo.owner, id: id.uuid(), album, terms: &terms }).await
    }
}
