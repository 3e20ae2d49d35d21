//! The units of work that change a photo.

use gallery_core::model::{
    NewJob, NewRenditions, NewUpload, Photo, PhotoChange, PhotoFacts, PhotoState, Usage,
};
use gallery_core::ports::{Conflict, StoreError};
use gallery_core::search::Terms;
use gallery_core::values::{AlbumId, Generation, PhotoId, Timestamp, UserId};

use crate::index::Found;
use crate::keys;
use crate::records::{AlbumHead, KeyRecord, Marker, PhotoRecord, TimelineEntry, UserHead};
use crate::slot::Slot;
use crate::table::Engine;
use crate::unit::Unit;

impl<E: Engine> Unit<'_, E> {
    /// Returns the bytes granted.
    pub(crate) async fn begin_upload(&mut self, upload: &NewUpload) -> Result<u64, StoreError> {
        let (slot, id) = (keys::photo(upload.id), upload.id);
        let key = upload.idempotency.as_ref().map(|(key, _)| keys::idempotency(upload.owner, key));
        let heads = [keys::album(upload.album_id).into_key(), keys::user(upload.owner).into_key()];
        let more = [slot.key().clone()].into_iter().chain(key.map(Slot::into_key));
        self.load(heads.into_iter().chain(more)).await?;
        let (mut album, mut owner) = self.own_album(upload.owner, upload.album_id).await?;
        if let Some(known) = self.read(&slot).await?.filter(|_| upload.idempotency.is_none()) {
            return Ok(known.bytes.saturating_sub(Usage::RECORD_BYTES));
        }
        if let Some((key, expires_at)) = &upload.idempotency {
            let record = KeyRecord { resource: id.uuid(), fingerprint: None, expires_at: *expires_at };
            self.record_key(upload.owner, key, &record, upload.created_at).await?;
        }
        let left = owner.usage.quota_bytes.saturating_sub(owner.usage.bytes);
        let granted =
            Usage::grant(upload.wanted_bytes, left).ok_or(StoreError::Conflict(Conflict::QuotaExceeded))?;
        let reserved = granted + Usage::RECORD_BYTES;
        owner.usage.bytes += reserved;
        album.bytes += reserved;
        let record = PhotoRecord::pending(upload, reserved);
        self.put(&keys::user(upload.owner), &owner)?;
        self.put(&keys::album(upload.album_id), &album)?;
        self.put(&keys::unlisted(upload.album_id, id), &record.unlisted())?;
        self.put(&keys::upload(upload.deadline, id), &Marker {})?;
        self.put(&slot, &record)?;
        Ok(granted)
    }

    /// A photo that is not marked, in a live album of a live owner.
    pub(crate) async fn unmarked_photo(
        &mut self,
        id: PhotoId,
    ) -> Result<(PhotoRecord, AlbumHead, UserHead), StoreError> {
        let record = self.found(&keys::photo(id)).await?;
        if record.state() == PhotoState::Deleting {
            return Err(StoreError::NotFound);
        }
        let heads = [keys::album(record.album).into_key(), keys::user(record.owner).into_key()];
        self.load(heads.into_iter().chain([keys::index(id.uuid()).into_key()])).await?;
        let (album, owner) = self.live_album(record.album).await?;
        Ok((record, album, owner))
    }

    /// Moves the deadline of a pending photo, unless it lies later already.
    pub(crate) async fn extend_upload(&mut self, id: PhotoId, deadline: Timestamp) -> Result<(), StoreError> {
        let (mut record, ..) = self.unmarked_photo(id).await?;
        if record.state() != PhotoState::Pending {
            return Err(StoreError::NotFound);
        }
        if record.deadline < deadline {
            self.delete(&keys::upload(record.deadline, id));
            self.put(&keys::upload(deadline, id), &Marker {})?;
            record.deadline = deadline;
            self.put(&keys::photo(id), &record)?;
        }
        Ok(())
    }

    /// Returns the photo, and whether its postings must be settled.
    pub(crate) async fn publish_photo(
        &mut self,
        id: PhotoId,
        facts: &PhotoFacts,
    ) -> Result<(Photo, bool), StoreError> {
        let (mut record, mut album, mut owner) = self.unmarked_photo(id).await?;
        if record.state() == PhotoState::Ready {
            let unsettled = self.seen(&keys::index(id.uuid()))?.is_some_and(|index| !index.settled);
            return Ok((record.photo(id)?, unsettled));
        }
        let (album_id, owner_id, reserved) = (record.album, record.owner, record.bytes);
        record.publish(facts);
        owner.count(record.bytes.saturating_sub(reserved))?;
        owner.usage.bytes = owner.usage.bytes.saturating_sub(reserved.saturating_sub(record.bytes));
        owner.usage.photos += 1;
        album.bytes = album.bytes.saturating_sub(reserved);
        Self::photo_came(&mut album, id, record.bytes);
        if let Some(slot) = record.idempotency_key.as_ref().map(|key| keys::idempotency(owner_id, key))
            && let Some(known) = self.read(&slot).await?.filter(|known| known.resource == id.uuid())
        {
            self.put(&slot, &KeyRecord { fingerprint: facts.fingerprint, ..known })?;
        }
        self.delete(&keys::upload(record.deadline, id));
        self.delete(&keys::unlisted(album_id, id));
        self.put(&keys::photo(id), &record)?;
        self.put(&keys::user(owner_id), &owner)?;
        self.put(&keys::album(album_id), &album)?;
        let photo = self.list(id, &record)?;
        let terms = photo.terms();
        let found = Found { owner: owner_id, id: id.uuid(), album: Some(album_id), terms: &terms };
        let unsettled = self.index(found).await?;
        Ok((photo, unsettled))
    }

    /// Returns the photo, and whether its postings must be settled.
    pub(crate) async fn update_photo(
        &mut self,
        id: PhotoId,
        change: &PhotoChange,
        terms: &Terms,
    ) -> Result<(Photo, bool), StoreError> {
        let (mut record, mut album, _) = self.unmarked_photo(id).await?;
        let known = record.clone().photo(id)?;
        let (mut target, _) = self.own_album(known.owner, change.album_id).await?;
        if known.version != change.version {
            return Err(StoreError::Conflict(Conflict::Stale));
        }
        let facts = PhotoFacts {
            title: change.title.clone(),
            description: change.description.clone(),
            tags: change.tags.clone(),
            taken_override: change.taken_override,
            ..known.facts.clone()
        };
        record.set_facts(&facts);
        record.version += 1;
        record.updated_at = change.updated_at;
        record.album = change.album_id;
        let bytes = record.bytes;
        self.put(&keys::photo(id), &record)?;
        if known.album_id != change.album_id {
            self.photo_goes(known.album_id, &mut album, id, bytes).await?;
            Self::photo_came(&mut target, id, bytes);
            self.put(&keys::album(known.album_id), &album)?;
            self.put(&keys::album(change.album_id), &target)?;
        }
        let photo = self.list_again(&known, record)?;
        let found = Found { owner: photo.owner, id: id.uuid(), album: Some(photo.album_id), terms };
        let unsettled = self.index(found).await?;
        Ok((photo, unsettled))
    }

    /// Returns the generation that the photo names from then on.
    pub(crate) async fn begin_renditions(&mut self, id: PhotoId) -> Result<Generation, StoreError> {
        let (mut record, ..) = self.unmarked_photo(id).await?;
        let generation = record.name_generation();
        self.put(&keys::photo(id), &record)?;
        self.put(&keys::card(record.album, id), &record.card()?)?;
        Ok(generation)
    }

    /// Returns the photo, and whether its postings must be settled.
    pub(crate) async fn replace_renditions(
        &mut self,
        id: PhotoId,
        new: &NewRenditions,
        terms: &Terms,
        job: &NewJob,
    ) -> Result<(Photo, bool), StoreError> {
        let (mut record, album, owner) = self.unmarked_photo(id).await?;
        let known = record.clone().photo(id)?;
        if (record.version, record.generation) != (new.version, new.generation) {
            return Err(StoreError::Conflict(Conflict::Stale));
        }
        let counted_before = record.bytes;
        record.replace_renditions(new)?;
        self.photo_grew(&record, counted_before, (album, owner))?;
        self.put(&keys::photo(id), &record)?;
        let photo = self.list_again(&known, record)?;
        self.record_job(job).await?;
        let found = Found { owner: photo.owner, id: id.uuid(), album: Some(photo.album_id), terms };
        let unsettled = self.index(found).await?;
        Ok((photo, unsettled))
    }

    /// What follows when a photo that stays where it is counts more or less than before.
    pub(crate) fn photo_grew(
        &mut self,
        record: &PhotoRecord,
        counted_before: u64,
        (mut album, mut owner): (AlbumHead, UserHead),
    ) -> Result<(), StoreError> {
        if record.bytes == counted_before {
            return Ok(());
        }
        for bytes in [&mut album.bytes, &mut owner.usage.bytes] {
            *bytes = bytes.saturating_sub(counted_before) + record.bytes;
        }
        self.put(&keys::album(record.album), &album)?;
        self.put(&keys::user(record.owner), &owner)
    }

    /// Marks a photo; returns false when there was nothing to mark.
    pub(crate) async fn begin_photo_deletion(
        &mut self,
        id: PhotoId,
        only_pending_before: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let (mut record, mut album, mut owner) = match self.unmarked_photo(id).await {
            Err(StoreError::NotFound) => return Ok(false),
            other => other?,
        };
        let pending = record.state() == PhotoState::Pending;
        if only_pending_before.is_some_and(|before| !pending || record.deadline >= before) {
            return Ok(false);
        }
        let (album_id, owner_id): (AlbumId, UserId) = (record.album, record.owner);
        owner.usage.bytes = owner.usage.bytes.saturating_sub(record.bytes);
        if pending {
            album.bytes = album.bytes.saturating_sub(record.bytes);
            self.delete(&keys::upload(record.deadline, id));
            self.forget_key(owner_id, record.idempotency_key.as_ref(), id.uuid()).await?;
        } else {
            owner.usage.photos = owner.usage.photos.saturating_sub(1);
            self.photo_goes(album_id, &mut album, id, record.bytes).await?;
            self.unlist(&record.clone().photo(id)?);
        }
        record.mark();
        self.put(&keys::photo(id), &record)?;
        self.put(&keys::unlisted(album_id, id), &record.unlisted())?;
        self.put(&keys::album(album_id), &album)?;
        self.put(&keys::user(owner_id), &owner)?;
        Ok(true)
    }

    /// Puts a changed photo where it belongs in the lists, and returns it. Where it stays at its
    /// place, only its card is new.
    fn list_again(&mut self, known: &Photo, record: PhotoRecord) -> Result<Photo, StoreError> {
        let stays = (known.album_id, Some(known.taken_order())) == (record.album, record.taken_order());
        if stays {
            self.put(&keys::card(record.album, known.id), &record.card()?)?;
            return record.photo(known.id);
        }
        self.unlist(known);
        self.list(known.id, &record)
    }

    /// Puts a ready photo on the lists of its album and owner, and returns it.
    fn list(&mut self, id: PhotoId, record: &PhotoRecord) -> Result<Photo, StoreError> {
        let photo = record.clone().photo(id)?;
        let Photo { album_id, owner, .. } = photo;
        let at = photo.taken_order();
        let entry = TimelineEntry { album: album_id };
        self.put(&keys::card(album_id, id), &record.card()?)?;
        self.put(&keys::taken(album_id, at, id), &Marker {})?;
        self.put(&keys::uploaded(owner, id), &entry)?;
        self.put(&keys::timeline(owner, at, id), &entry)?;
        Ok(photo)
    }

    /// Takes a ready photo off them.
    fn unlist(&mut self, photo: &Photo) {
        let Photo { id, album_id, owner, .. } = *photo;
        let at = photo.taken_order();
        self.delete(&keys::card(album_id, id));
        self.delete(&keys::taken(album_id, at, id));
        self.delete(&keys::uploaded(owner, id));
        self.delete(&keys::timeline(owner, at, id));
    }
}
