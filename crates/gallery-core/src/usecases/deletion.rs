//! Deletion's second half: what workers do after the mark was made. Blobs first, rows after them,
//! the head last, page by page; every step can be repeated.

use super::{Error, Gallery};
use crate::model::{Content, JobCause, JobKind, LeasedJob, NewJob, OutgoingMail, Receipt, StoredPhoto};
use crate::ports::{Conflict, StoreError};
use crate::values::{AlbumId, JobId, PhotoId, UserId};

/// Photos removed in one step: as many rows as a transaction takes everywhere.
const PHOTOS_PER_BATCH: u32 = 25;
/// Albums looked up in one step.
const ALBUMS_PER_BATCH: u32 = 100;

impl Gallery {
    pub(super) async fn purge_photo(&self, leased: &LeasedJob, photo: PhotoId) -> Result<(), Error> {
        match self.ports.store.photo_in_any_state(photo).await {
            Err(StoreError::NotFound) => Ok(()),
            other => self.purge_photos(&[other?], leased.job.id).await,
        }
    }

    pub(super) async fn purge_album(&self, leased: &LeasedJob, album: AlbumId) -> Result<(), Error> {
        loop {
            let photos = self.ports.store.photos_in_any_state(album, PHOTOS_PER_BATCH).await?;
            if photos.is_empty() {
                match self.ports.store.remove_album(album, leased.job.id).await {
                    // An upload that began before the mark was made.
                    Err(StoreError::Conflict(Conflict::NotEmpty)) => continue,
                    other => return Ok(other?),
                }
            }
            self.purge_photos(&photos, leased.job.id).await?;
            self.keep_lease(leased).await?;
        }
    }

    pub(super) async fn purge_account(
        &self,
        leased: &LeasedJob,
        user: UserId,
        receipt: Option<&Receipt>,
    ) -> Result<(), Error> {
        loop {
            let albums = self.ports.store.albums_in_any_state(user, ALBUMS_PER_BATCH).await?;
            if albums.is_empty() {
                let removed = self.ports.store.job(leased.job.id).await?.tally;
                let mail = receipt.map(|receipt| self.receipt_mail(user, receipt, removed));
                match self.ports.store.remove_user(user, leased.job.id, mail).await {
                    Err(StoreError::Conflict(Conflict::NotEmpty)) => continue,
                    other => return Ok(other?),
                }
            }
            for album in albums {
                self.purge_album(leased, album).await?;
            }
            self.keep_lease(leased).await?;
        }
    }

    /// Removes the blobs, then the rows, of photos that are marked or lie under a mark; at most 25.
    async fn purge_photos(&self, photos: &[StoredPhoto], job: JobId) -> Result<(), Error> {
        let keys: Vec<_> = photos.iter().flat_map(StoredPhoto::blob_keys).collect();
        self.ports.blobs.delete(&keys).await?;
        let ids: Vec<_> = photos.iter().map(|photo| photo.id).collect();
        Ok(self.ports.store.remove_photos(&ids, job).await?)
    }

    /// The mail is no longer about the account, but still caused by it.
    fn receipt_mail(&self, user: UserId, receipt: &Receipt, removed: crate::model::Tally) -> NewJob {
        let mail = OutgoingMail {
            user: None,
            to: receipt.to.clone(),
            name: receipt.name.clone(),
            language: receipt.language,
            issued_at: self.now(),
            content: Content::AccountCancelled { cancelled_at: receipt.cancelled_at, removed },
        };
        self.new_job(JobKind::SendMail { mail }).caused_by(JobCause::Account(user))
    }
}
