//! Upgrades: the port `Upgrades`. What is in memory was written by this release.

use async_trait::async_trait;
use gallery_core::ports::{StoreError, UpgradeProgress, Upgrades};
use gallery_core::values::{AlbumId, PhotoId};

use crate::MemoryStore;

#[async_trait]
impl Upgrades for MemoryStore {
    async fn upgrade_progress(&self, number: u32) -> Result<UpgradeProgress, StoreError> {
        Ok(self.state().upgrades.get(&number).copied().unwrap_or(UpgradeProgress::Albums(None)))
    }

    async fn record_upgrade(&self, number: u32, progress: UpgradeProgress) -> Result<(), StoreError> {
        self.state().upgrades.insert(number, progress);
        Ok(())
    }

    async fn upgrade_album(&self, _: AlbumId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn upgrade_photo(&self, _: PhotoId) -> Result<(), StoreError> {
        Ok(())
    }
}
