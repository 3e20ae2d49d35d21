//! What a purge removes for good: rows under a mark, tallied on the purge's job. Usage is not
//! touched: it was when the mark was made. Knows the records only; tested by the conformance
//! suite's deletion.

use gallery_core::model::{PhotoState, Rendition, Tally, stored_bytes};
use gallery_core::ports::{Conflict, StoreError};
use gallery_core::values::{AlbumId, JobId, PhotoId};

use crate::state::State;

impl State {
    pub fn remove_photos(&mut self, photos: &[PhotoId], job: JobId) {
        for id in photos {
            if !self.is_marked(*id) {
                continue;
            }
            let removed = self.photos.remove(id);
            self.forget_key_of(id.uuid());
            // An upload that was never published has no photo to tell of.
            if let Some((facts, tally)) = removed.and_then(|row| row.facts).zip(self.tally_mut(job)) {
                *tally = Tally {
                    photos: tally.photos + 1,
                    objects: tally.objects + Rendition::ALL.len() as u64,
                    bytes: tally.bytes + stored_bytes(&facts.objects),
                    ..*tally
                };
            }
        }
    }

    pub fn remove_album(&mut self, id: AlbumId, job: JobId) -> Result<(), StoreError> {
        if self.live_album(id).is_ok() {
            return Err(StoreError::NotFound);
        }
        if self.photos.values().any(|row| row.stored.album_id == id) {
            return Err(StoreError::Conflict(Conflict::NotEmpty));
        }
        if self.albums.remove(&id).is_some() {
            self.forget_key_of(id.uuid());
            if let Some(tally) = self.tally_mut(job) {
                tally.albums += 1;
            }
        }
        Ok(())
    }

    /// True when the photo, its album or its owner is marked as deleting.
    fn is_marked(&self, photo: PhotoId) -> bool {
        self.photos.get(&photo).is_some_and(|row| {
            row.stored.state == PhotoState::Deleting || self.live_album(row.stored.album_id).is_err()
        })
    }
}
