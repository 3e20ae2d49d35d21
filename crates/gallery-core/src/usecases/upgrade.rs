//! Records of a release before, brought to this one's while the gallery serves: by one job that
//! comes back until all are, and goes on after a crash where it was. Tested in
//! `tests/it/upgrade.rs`; against stores in `gallery-conformance`.

use super::{Error, Gallery};
use crate::model::LeasedJob;
use crate::ports::UpgradeProgress;

/// The newest upgrade. Its first one: usage counts renditions and records, too, and terms have
/// fields.
pub(super) const UPGRADE: u32 = 1;
/// Records that are upgraded before the progress is recorded: long before a lease ends.
const BATCH_SIZE: u32 = 50;

impl Gallery {
    /// Whether records may be there that a release before has written. Until they are upgraded,
    /// usage and search can miss what is new in this release.
    pub async fn is_upgraded(&self) -> Result<bool, Error> {
        Ok(self.ports.store.upgrade_progress(UPGRADE).await? == UpgradeProgress::Done)
    }

    /// Upgrades some records; returns false when all are.
    pub(super) async fn upgrade_some(&self, leased: &LeasedJob) -> Result<bool, Error> {
        let store = &self.ports.store;
        let next = match store.upgrade_progress(UPGRADE).await? {
            UpgradeProgress::Albums(after) => {
                let albums = store.audit_albums(after, BATCH_SIZE).await?;
                for album in &albums {
                    store.upgrade_album(album.id).await?;
                }
                match albums.last() {
                    Some(last) => UpgradeProgress::Albums(Some(last.id)),
                    None => UpgradeProgress::Photos(None),
                }
            }
            UpgradeProgress::Photos(after) => {
                let photos = store.audit_photos(after, BATCH_SIZE).await?;
                for photo in &photos {
                    store.upgrade_photo(photo.row.id).await?;
                }
                match photos.last() {
                    Some(last) => UpgradeProgress::Photos(Some(last.row.id)),
                    None => UpgradeProgress::Done,
                }
            }
            UpgradeProgress::Done => return Ok(false),
        };
        self.keep_lease(leased).await?;
        store.record_upgrade(UPGRADE, next).await?;
        if next == UpgradeProgress::Done {
            tracing::info!(upgrade = UPGRADE, "all records are upgraded");
        }
        Ok(next != UpgradeProgress::Done)
    }
}
