//! Photos: the port `Photos`, but for its purge step. Knows the records only; tested by the
//! conformance suite's photos, search and deletion.

use async_trait::async_trait;
use gallery_core::model::{
    IdempotencyRecord, NewJob, NewRenditions, NewUpload, Photo, PhotoChange, PhotoFacts, PhotoSort,
    PhotoState, StoredPhoto, Usage, counted_bytes,
};
use gallery_core::ports::{Conflict, Photos, StoreError};
use gallery_core::search::{Query, Terms};
use gallery_core::values::{
    AlbumId, Cursor, Generation, JobId, Page, PageRequest, PhotoId, Timestamp, UserId,
};

use crate::MemoryStore;
use crate::state::{PhotoRow, State, page, up_to};

#[async_trait]
impl Photos for MemoryStore {
    async fn begin_upload(&self, upload: &NewUpload) -> Result<u64, StoreError> {
        self.state().begin_upload(upload)
    }

    async fn extend_upload(&self, id: PhotoId, deadline: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        let row = state.unmarked_photo_mut(id)?;
        if row.stored.state != PhotoState::Pending {
            return Err(StoreError::NotFound);
        }
        row.deadline = row.deadline.max(deadline);
        Ok(())
    }

    async fn publish_photo(&self, id: PhotoId, facts: &PhotoFacts) -> Result<Photo, StoreError> {
        let mut state = self.state();
        let row = state.unmarked_photo_mut(id)?;
        if row.stored.state == PhotoState::Pending {
            let StoredPhoto { owner, album_id, bytes: reserved, .. } = row.stored;
            let counted = facts.counted_bytes();
            state.count_bytes(owner, counted.saturating_sub(reserved))?;
            let row = state.unmarked_photo_mut(id)?;
            row.stored.state = PhotoState::Ready;
            row.stored.bytes = counted;
            row.stored.objects.clone_from(&facts.objects);
            row.postings = facts.terms();
            row.facts = Some(facts.clone());
            let usage = &mut state.live_user_mut(owner)?.usage;
            usage.bytes -= reserved.saturating_sub(counted);
            usage.photos += 1;
            state.photo_came(id, album_id);
            for record in state.idempotency.values_mut().filter(|record| record.resource == id.uuid()) {
                record.fingerprint = facts.fingerprint;
            }
        }
        state.live_photo(id)
    }

    async fn photo(&self, id: PhotoId) -> Result<Photo, StoreError> {
        self.state().live_photo(id)
    }

    async fn photos_of(
        &self,
        owner: UserId,
        sort: PhotoSort,
        request: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        Ok(self.state().list(owner, sort, request, |_| true))
    }

    async fn photos_in_album(
        &self,
        owner: UserId,
        album: AlbumId,
        sort: PhotoSort,
        request: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        let state = self.state();
        state.own_album(owner, album)?;
        Ok(state.list(owner, sort, request, |row| row.stored.album_id == album))
    }

    async fn search_photos(
        &self,
        owner: UserId,
        album: Option<AlbumId>,
        query: &Query,
        request: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        Ok(self.state().list(owner, PhotoSort::Uploaded, request, |row| {
            album.is_none_or(|album| row.stored.album_id == album)
                && query.matches_photo(&row.postings, row.stored.album_id)
        }))
    }

    async fn update_photo(
        &self,
        id: PhotoId,
        change: &PhotoChange,
        terms: &Terms,
    ) -> Result<Photo, StoreError> {
        let mut state = self.state();
        let known = state.live_photo(id)?;
        state.own_album(known.owner, change.album_id)?;
        if known.version != change.version {
            return Err(StoreError::Conflict(Conflict::Stale));
        }
        let row = state.unmarked_photo_mut(id)?;
        row.stored.album_id = change.album_id;
        row.version += 1;
        row.updated_at = change.updated_at;
        row.postings = terms.clone();
        row.facts = Some(PhotoFacts {
            title: change.title.clone(),
            description: change.description.clone(),
            tags: change.tags.clone(),
            taken_override: change.taken_override,
            ..known.facts
        });
        if known.album_id != change.album_id {
            state.photo_went(id, known.album_id);
            state.photo_came(id, change.album_id);
        }
        state.live_photo(id)
    }

    async fn begin_renditions(&self, id: PhotoId) -> Result<Generation, StoreError> {
        let mut state = self.state();
        state.live_photo(id)?;
        let row = state.unmarked_photo_mut(id)?;
        row.stored.generation = row.stored.generation.next();
        Ok(row.stored.generation)
    }

    async fn replace_renditions(
        &self,
        id: PhotoId,
        new: &NewRenditions,
        terms: &Terms,
        job: NewJob,
    ) -> Result<Photo, StoreError> {
        let mut state = self.state();
        let known = state.live_photo(id)?;
        let row = state.unmarked_photo_mut(id)?;
        if (new.version, new.generation) != (known.version, row.stored.generation) {
            return Err(StoreError::Conflict(Conflict::Stale));
        }
        row.version += 1;
        let counted = counted_bytes(&new.objects);
        let counted_before = std::mem::replace(&mut row.stored.bytes, counted);
        row.stored.objects.clone_from(&new.objects);
        row.postings = terms.clone();
        row.facts =
            Some(PhotoFacts { image: new.image.clone(), objects: new.objects.clone(), ..known.facts });
        let usage = &mut state.live_user_mut(known.owner)?.usage;
        usage.bytes = usage.bytes - counted_before + counted;
        state.record_job(job);
        state.live_photo(id)
    }

    async fn begin_photo_deletion(
        &self,
        id: PhotoId,
        only_pending_before: Option<Timestamp>,
        job: NewJob,
    ) -> Result<(), StoreError> {
        self.state().begin_photo_deletion(id, only_pending_before, job)
    }

    async fn photo_in_any_state(&self, id: PhotoId) -> Result<StoredPhoto, StoreError> {
        self.state().photos.get(&id).map(|row| row.stored.clone()).ok_or(StoreError::NotFound)
    }

    async fn photos_in_any_state(&self, album: AlbumId, limit: u32) -> Result<Vec<StoredPhoto>, StoreError> {
        let state = self.state();
        let inside = state.photos.values().filter(|row| row.stored.album_id == album);
        Ok(up_to(limit, inside.map(|row| row.stored.clone())))
    }

    async fn remove_photos(&self, photos: &[PhotoId], job: JobId) -> Result<(), StoreError> {
        self.state().remove_photos(photos, job);
        Ok(())
    }

    async fn overdue_uploads(
        &self,
        deadline_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredPhoto>, StoreError> {
        let state = self.state();
        let unmarked = state.photos.keys().filter_map(|id| state.unmarked_photo(*id).ok());
        let overdue = unmarked.filter(|row| row.is_overdue(deadline_before));
        Ok(up_to(limit, overdue.map(|row| row.stored.clone())))
    }
}

impl PhotoRow {
    fn is_overdue(&self, deadline_before: Timestamp) -> bool {
        self.stored.state == PhotoState::Pending && self.deadline < deadline_before
    }
}

impl State {
    fn begin_upload(&mut self, upload: &NewUpload) -> Result<u64, StoreError> {
        self.own_album(upload.owner, upload.album_id)?;
        if let Some(row) = self.photos.get(&upload.id).filter(|_| upload.idempotency.is_none()) {
            return Ok(row.stored.bytes - Usage::RECORD_BYTES);
        }
        let record = upload.idempotency.clone().map(|(key, expires_at)| IdempotencyRecord {
            owner: upload.owner,
            key,
            resource: upload.id.uuid(),
            fingerprint: None,
            expires_at,
        });
        let used = |new: &IdempotencyRecord| self.key_use(new.owner, &new.key, upload.created_at).is_some();
        if record.as_ref().is_some_and(used) {
            return Err(StoreError::Conflict(Conflict::IdempotencyKeyUsed));
        }
        let usage = &mut self.live_user_mut(upload.owner)?.usage;
        let left = usage.quota_bytes.saturating_sub(usage.bytes);
        let granted =
            Usage::grant(upload.wanted_bytes, left).ok_or(StoreError::Conflict(Conflict::QuotaExceeded))?;
        let reserved = granted + Usage::RECORD_BYTES;
        usage.bytes += reserved;
        if let Some(record) = record {
            self.record_key(record, upload.created_at)?;
        }
        self.photos.insert(upload.id, pending(upload, reserved));
        Ok(granted)
    }

    fn begin_photo_deletion(
        &mut self,
        id: PhotoId,
        only_pending_before: Option<Timestamp>,
        job: NewJob,
    ) -> Result<(), StoreError> {
        let Ok(row) = self.unmarked_photo_mut(id) else { return Ok(()) };
        if only_pending_before.is_some_and(|before| !row.is_overdue(before)) {
            return Ok(());
        }
        let StoredPhoto { album_id, owner, state: known, bytes, .. } = row.stored;
        row.stored.state = PhotoState::Deleting;
        row.postings = Terms::default();
        let usage = &mut self.live_user_mut(owner)?.usage;
        usage.bytes -= bytes;
        if known == PhotoState::Ready {
            usage.photos -= 1;
            self.photo_went(id, album_id);
        } else {
            self.forget_key_of(id.uuid());
        }
        self.record_job(job);
        Ok(())
    }

    fn list(
        &self,
        owner: UserId,
        sort: PhotoSort,
        request: &PageRequest,
        wanted: impl Fn(&PhotoRow) -> bool,
    ) -> Page<Photo> {
        let own = self.photos.values().filter(|row| row.stored.owner == owner && wanted(row));
        let live = own.filter_map(|row| self.live_photo(row.stored.id).ok()).collect();
        page(live, request, |photo: &Photo| match sort {
            PhotoSort::Uploaded => Cursor { order: 0, id: photo.id.uuid() },
            PhotoSort::Taken => Cursor { order: photo.taken_order().millis(), id: photo.id.uuid() },
        })
    }
}

fn pending(upload: &NewUpload, reserved: u64) -> PhotoRow {
    PhotoRow {
        stored: StoredPhoto {
            id: upload.id,
            album_id: upload.album_id,
            owner: upload.owner,
            state: PhotoState::Pending,
            bytes: reserved,
            generation: Generation::FIRST,
            objects: Vec::new(),
        },
        created_at: upload.created_at,
        deadline: upload.deadline,
        updated_at: upload.created_at,
        version: 1,
        facts: None,
        postings: Terms::default(),
    }
}
