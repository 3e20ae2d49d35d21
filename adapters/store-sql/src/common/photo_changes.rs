//! The units of work on photos: what else changes in the same transaction when a photo begins,
//! becomes ready, is edited or moved, is marked, and is removed. The rules are those of the port
//! `Photos`. Compiled once for each dialect (see `lib.rs`).

use gallery_core::model::{
    NewRenditions, NewUpload, Photo, PhotoChange, PhotoFacts, PhotoState, Rendition, StoredPhoto, Usage,
    counted_bytes, stored_bytes,
};
use gallery_core::ports::{Conflict, StoreError};
use gallery_core::search::Terms;
use gallery_core::values::{AlbumId, Generation, JobId, PhotoId, Taken, Timestamp};

use super::albums::KeyUse;
use super::db::Tx;
use super::statements::statement;
use crate::rows::{
    ImageColumns, PhotoRow, PostingKind, UnmarkedPhoto, UnmarkedPhotoRow, signed, tags_json, unpack_objects,
    unsigned,
};
use crate::sql::{albums, jobs, photos, users};

impl Tx {
    pub(super) async fn live_photo(&mut self, id: PhotoId) -> Result<Photo, StoreError> {
        let row: PhotoRow = self.found(statement(photos::LIVE).bind(id.uuid())).await?;
        Ok(row.try_into()?)
    }

    /// A pending or ready photo in a live album.
    pub(super) async fn unmarked_photo(&mut self, id: PhotoId) -> Result<Option<UnmarkedPhoto>, StoreError> {
        let row: Option<UnmarkedPhotoRow> = self.first(statement(photos::UNMARKED).bind(id.uuid())).await?;
        Ok(row.map(UnmarkedPhoto::try_from).transpose()?)
    }

    /// A ready photo in a live album; `NotFound` without one.
    async fn ready_photo(&mut self, id: PhotoId) -> Result<UnmarkedPhoto, StoreError> {
        let known = self.unmarked_photo(id).await?.ok_or(StoreError::NotFound)?;
        if known.stored.state == PhotoState::Ready { Ok(known) } else { Err(StoreError::NotFound) }
    }

    /// Reserves and inserts; returns the bytes granted.
    pub(super) async fn begin_upload(&mut self, upload: &NewUpload) -> Result<u64, StoreError> {
        self.lock_live_account(upload.owner).await?;
        self.own_album(upload.owner, upload.album_id).await?;
        // Without a key, the repetition of a beginning whose answer was lost is answered again.
        if upload.idempotency.is_none()
            && let Some((bytes,)) = self.first(statement(photos::BYTES).bind(upload.id.uuid())).await?
        {
            return Ok(unsigned(bytes).saturating_sub(Usage::RECORD_BYTES));
        }
        if let Some((key, expires_at)) = &upload.idempotency {
            let use_now = KeyUse { resource: upload.id.uuid(), fingerprint: None, expires_at: *expires_at };
            self.record_key(upload.owner, key, &use_now, upload.created_at).await?;
        }
        let (left,): (i64,) = self.found(statement(users::BYTES_LEFT).bind(upload.owner.uuid())).await?;
        let granted = Usage::grant(upload.wanted_bytes, unsigned(left))
            .ok_or(StoreError::Conflict(Conflict::QuotaExceeded))?;
        let reserved = signed(granted + Usage::RECORD_BYTES);
        let insert = statement(photos::INSERT)
            .bind(upload.id.uuid())
            .bind(upload.album_id.uuid())
            .bind(upload.owner.uuid())
            .bind(reserved)
            .bind(upload.deadline.millis())
            .bind(upload.created_at.millis())
            .bind(upload.created_at.millis())
            .bind(upload.created_at.millis())
            .bind(i64::from(Generation::FIRST.number()));
        self.run(insert).await?;
        self.add_usage(upload.owner, 0, 0, reserved).await?;
        self.add_content(upload.album_id, 0, reserved).await?;
        Ok(granted)
    }

    /// Moves the deadline of a pending photo, unless it lies later already.
    pub(super) async fn extend_upload(&mut self, id: PhotoId, deadline: Timestamp) -> Result<(), StoreError> {
        self.lock_owner_of_photo(id).await?;
        let known = self.unmarked_photo(id).await?.ok_or(StoreError::NotFound)?;
        if known.stored.state != PhotoState::Pending {
            return Err(StoreError::NotFound);
        }
        if known.deadline.is_none_or(|known| known < deadline) {
            self.run(statement(photos::SET_DEADLINE).bind(deadline.millis()).bind(id.uuid())).await?;
        }
        Ok(())
    }

    /// Makes a pending photo ready; leaves one that is ready as it is.
    pub(super) async fn publish_photo(&mut self, id: PhotoId, facts: &PhotoFacts) -> Result<(), StoreError> {
        self.lock_owner_of_photo(id).await?;
        let unmarked = self.unmarked_photo(id).await?.ok_or(StoreError::NotFound)?;
        let UnmarkedPhoto { stored: known, created_at, .. } = unmarked;
        if known.state == PhotoState::Ready {
            return Ok(());
        }
        let counted = facts.counted_bytes();
        let grown = signed(counted) - signed(known.bytes);
        self.check_quota(known.owner, grown).await?;
        let columns = ImageColumns::of(&facts.image, &facts.objects)?;
        let fingerprint = facts.fingerprint.as_ref().map(|hash| hash.as_bytes().as_slice());
        let publish = statement(photos::PUBLISH)
            .bind(signed(counted))
            .bind(facts.taken_order(created_at).millis())
            .bind(fingerprint)
            .bind(facts.title.as_str())
            .bind(facts.description.as_str())
            .bind(tags_json(&facts.tags)?)
            .bind(facts.file_name.as_str())
            .bind(facts.taken_override.map(|taken| taken.to_string()))
            .bind(facts.image.damaged)
            .bind(columns.image)
            .bind(columns.objects)
            .bind(columns.exif)
            .bind(id.uuid());
        self.run(publish).await?;
        self.set_postings(known.owner, PostingKind::Photo, id.uuid(), &facts.terms()).await?;
        self.run(statement(albums::SET_FINGERPRINT).bind(fingerprint).bind(id.uuid())).await?;
        self.add_usage(known.owner, 0, 1, grown).await?;
        self.photo_came(id, known.album_id, grown).await
    }

    pub(super) async fn update_photo(
        &mut self,
        id: PhotoId,
        change: &PhotoChange,
        terms: &Terms,
    ) -> Result<(), StoreError> {
        self.lock_owner_of_photo(id).await?;
        let known = self.live_photo(id).await?;
        self.own_album(known.owner, change.album_id).await?;
        if known.version != change.version {
            return Err(StoreError::Conflict(Conflict::Stale));
        }
        let facts = PhotoFacts { taken_override: change.taken_override, ..known.facts };
        let update = statement(photos::UPDATE)
            .bind(change.updated_at.millis())
            .bind(change.title.as_str())
            .bind(change.description.as_str())
            .bind(tags_json(&change.tags)?)
            .bind(facts.taken_override.map(|taken| taken.to_string()))
            .bind(facts.taken_order(known.created_at).millis())
            .bind(change.album_id.uuid())
            .bind(id.uuid());
        self.run(update).await?;
        self.set_postings(known.owner, PostingKind::Photo, id.uuid(), terms).await?;
        if known.album_id != change.album_id {
            let (bytes,) = self.found(statement(photos::BYTES).bind(id.uuid())).await?;
            self.photo_went(id, known.album_id, bytes).await?;
            self.photo_came(id, change.album_id, bytes).await?;
        }
        Ok(())
    }

    /// Names the next generation of a live photo's renditions, and returns it.
    pub(super) async fn begin_renditions(&mut self, id: PhotoId) -> Result<Generation, StoreError> {
        self.lock_owner_of_photo(id).await?;
        let next = self.ready_photo(id).await?.stored.generation.next();
        let name = statement(photos::SET_GENERATION).bind(i64::from(next.number())).bind(id.uuid());
        self.run(name).await?;
        Ok(next)
    }

    /// Makes a live photo show renditions of the newest generation that its row names.
    pub(super) async fn replace_renditions(
        &mut self,
        id: PhotoId,
        new: &NewRenditions,
        terms: &Terms,
    ) -> Result<(), StoreError> {
        self.lock_owner_of_photo(id).await?;
        let photo = self.ready_photo(id).await?;
        let UnmarkedPhoto { stored: known, created_at, version, taken_override, .. } = photo;
        if (version, known.generation) != (new.version, new.generation) {
            return Err(StoreError::Conflict(Conflict::Stale));
        }
        let counted = counted_bytes(&new.objects);
        let columns = ImageColumns::of(&new.image, &new.objects)?;
        let taken = taken_override.or(new.image.metadata.taken);
        let replace = statement(photos::REPLACE_RENDITIONS)
            .bind(signed(counted))
            .bind(taken.map_or(created_at, Taken::local).millis())
            .bind(new.image.damaged)
            .bind(columns.image)
            .bind(columns.objects)
            .bind(columns.exif)
            .bind(id.uuid());
        self.run(replace).await?;
        self.photo_grew(&known, signed(counted) - signed(known.bytes)).await?;
        self.set_postings(known.owner, PostingKind::Photo, id.uuid(), terms).await
    }

    /// Marks the photo; returns false when there was nothing to mark.
    pub(super) async fn begin_photo_deletion(
        &mut self,
        id: PhotoId,
        only_pending_before: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        self.lock_owner_of_photo(id).await?;
        let Some(UnmarkedPhoto { stored: known, deadline, .. }) = self.unmarked_photo(id).await? else {
            return Ok(false);
        };
        let pending = known.state == PhotoState::Pending;
        let overdue = |before: Timestamp| pending && deadline.is_some_and(|deadline| deadline < before);
        if only_pending_before.is_some_and(|before| !overdue(before)) {
            return Ok(false);
        }
        self.run(statement(photos::MARK).bind(id.uuid())).await?;
        self.run(statement(albums::DELETE_POSTINGS).bind(id.uuid())).await?;
        let bytes = signed(known.bytes);
        if pending {
            self.run(statement(albums::DELETE_RECORDS_OF_RESOURCE).bind(id.uuid())).await?;
            self.add_usage(known.owner, 0, 0, -bytes).await?;
            self.add_content(known.album_id, 0, -bytes).await?;
        } else {
            self.add_usage(known.owner, 0, -1, -bytes).await?;
            self.photo_went(id, known.album_id, bytes).await?;
        }
        Ok(true)
    }

    /// Removes what is marked of these, and adds it to the job's tally.
    pub(super) async fn remove_photos(&mut self, ids: &[PhotoId], job: JobId) -> Result<(), StoreError> {
        self.lock_owners_of_photos(ids).await?;
        let (mut removed, mut removed_bytes) = (0_i64, 0_i64);
        for id in ids {
            let marked = self.first(statement(photos::REMOVABLE).bind(id.uuid())).await?;
            let Some((objects, was_ready)): Option<(Option<Vec<u8>>, bool)> = marked else { continue };
            self.run(statement(albums::DELETE_POSTINGS).bind(id.uuid())).await?;
            self.run(statement(albums::DELETE_RECORDS_OF_RESOURCE).bind(id.uuid())).await?;
            self.run(statement(photos::DELETE).bind(id.uuid())).await?;
            // An upload that was never published has no photo to tell of.
            if was_ready {
                removed += 1;
                let objects = objects.as_deref().map(unpack_objects).transpose()?;
                removed_bytes += signed(stored_bytes(&objects.unwrap_or_default()));
            }
        }
        let objects = removed * signed(Rendition::ALL.len() as u64);
        let tally = statement(jobs::ADD_TALLY).bind(0).bind(removed).bind(objects).bind(removed_bytes);
        self.run(tally.bind(job.uuid())).await.map(drop)
    }

    /// What follows when a photo that stays where it is counts so many bytes more.
    pub(super) async fn photo_grew(&mut self, known: &StoredPhoto, bytes: i64) -> Result<(), StoreError> {
        if bytes == 0 {
            return Ok(());
        }
        self.add_usage(known.owner, 0, 0, bytes).await?;
        self.add_content(known.album_id, 0, bytes).await
    }

    /// What follows when a ready photo has come into an album that grows by these bytes.
    async fn photo_came(&mut self, photo: PhotoId, album: AlbumId, bytes: i64) -> Result<(), StoreError> {
        let add = statement(albums::ADD_PHOTO).bind(1).bind(bytes).bind(photo.uuid()).bind(album.uuid());
        self.run(add).await.map(drop)
    }

    /// What follows when a ready photo of these bytes has gone from an album.
    async fn photo_went(&mut self, photo: PhotoId, album: AlbumId, bytes: i64) -> Result<(), StoreError> {
        self.add_content(album, -1, -bytes).await?;
        let replace = statement(albums::REPLACE_COVER).bind(album.uuid()).bind(photo.uuid());
        self.run(replace).await.map(drop)
    }

    pub(super) async fn add_content(
        &mut self,
        album: AlbumId,
        photos: i64,
        bytes: i64,
    ) -> Result<(), StoreError> {
        let add = statement(albums::ADD_CONTENT).bind(photos).bind(bytes).bind(album.uuid());
        self.run(add).await.map(drop)
    }
}
