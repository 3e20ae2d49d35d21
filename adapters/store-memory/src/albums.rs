//! Albums and idempotency records: the port `Albums`, but for its purge step. Knows the records
//! only; tested by the conformance suite's albums and deletion.

use async_trait::async_trait;
use gallery_core::model::{Album, AlbumChange, IdempotencyRecord, NewAlbum, NewJob, PhotoState, Usage};
use gallery_core::ports::{Albums, Conflict, StoreError};
use gallery_core::search::{Query, Terms};
use gallery_core::values::{
    AlbumId, Cursor, IdempotencyKey, JobId, Page, PageRequest, PhotoId, Timestamp, UserId,
};
use uuid::Uuid;

use crate::MemoryStore;
use crate::state::{AlbumRow, State, page, up_to};

#[async_trait]
impl Albums for MemoryStore {
    async fn create_album(&self, new: &NewAlbum, terms: &Terms) -> Result<Album, StoreError> {
        let mut state = self.state();
        state.live_user(new.owner)?;
        if let Some((key, fingerprint, expires_at)) = &new.idempotency {
            let record = IdempotencyRecord {
                owner: new.owner,
                key: key.clone(),
                resource: new.id.uuid(),
                fingerprint: Some(*fingerprint),
                expires_at: *expires_at,
            };
            let used = state.key_use(new.owner, key, new.created_at).is_some();
            if used {
                return Err(StoreError::Conflict(Conflict::IdempotencyKeyUsed));
            }
            state.count_bytes(new.owner, Usage::RECORD_BYTES)?;
            state.record_key(record, new.created_at)?;
        } else if let Some(row) = state.albums.get(&new.id) {
            return Ok(row.album.clone());
        } else {
            state.count_bytes(new.owner, Usage::RECORD_BYTES)?;
        }
        let album = fresh(new);
        let row = AlbumRow { album: album.clone(), deleting: false, postings: terms.clone() };
        state.albums.insert(new.id, row);
        state.live_user_mut(new.owner)?.usage.albums += 1;
        Ok(album)
    }

    async fn album(&self, id: AlbumId) -> Result<Album, StoreError> {
        self.state().live_album(id).map(|row| row.album.clone())
    }

    async fn albums_of(
        &self,
        owner: UserId,
        query: Option<&Query>,
        request: &PageRequest,
    ) -> Result<Page<Album>, StoreError> {
        let state = self.state();
        let own = state.albums.keys().filter_map(|id| state.own_album(owner, *id).ok());
        let found = own.filter(|row| query.is_none_or(|query| query.matches_album(&row.postings)));
        let found = found.map(|row| row.album.clone()).collect();
        Ok(page(found, request, |album| Cursor { order: 0, id: album.id.uuid() }))
    }

    async fn update_album(
        &self,
        id: AlbumId,
        change: &AlbumChange,
        terms: &Terms,
    ) -> Result<Album, StoreError> {
        let mut state = self.state();
        let known = &state.live_album(id)?.album;
        if known.version != change.version {
            return Err(StoreError::Conflict(Conflict::Stale));
        }
        let cover = match change.cover {
            None => known.cover,
            Some(None) => state.newest_ready_photo_in(id),
            Some(Some(photo)) => Some(state.ready_photo_in(id, photo)?),
        };
        let row = state.live_album_mut(id)?;
        row.postings = terms.clone();
        row.album.name = change.name.clone();
        row.album.description = change.description.clone();
        row.album.cover = cover;
        row.album.updated_at = change.updated_at;
        row.album.version += 1;
        Ok(row.album.clone())
    }

    async fn begin_album_deletion(&self, id: AlbumId, job: NewJob) -> Result<(), StoreError> {
        let mut state = self.state();
        let Ok(row) = state.live_album_mut(id) else { return Ok(()) };
        row.deleting = true;
        let AlbumRow { album: Album { owner, photo_count, .. }, .. } = *row;
        let bytes: u64 = state.unmarked_photos_in(id).map(|row| row.stored.bytes).sum();
        let usage = &mut state.live_user_mut(owner)?.usage;
        usage.albums -= 1;
        usage.photos -= photo_count;
        usage.bytes -= bytes + Usage::RECORD_BYTES;
        state.record_job(job);
        Ok(())
    }

    async fn albums_in_any_state(&self, owner: UserId, limit: u32) -> Result<Vec<AlbumId>, StoreError> {
        let state = self.state();
        let own = state.albums.values().filter(|row| row.album.owner == owner);
        Ok(up_to(limit, own.map(|row| row.album.id)))
    }

    async fn remove_album(&self, id: AlbumId, job: JobId) -> Result<(), StoreError> {
        self.state().remove_album(id, job)
    }

    async fn idempotency_record(
        &self,
        owner: UserId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<IdempotencyRecord, StoreError> {
        let state = self.state();
        state.live_user(owner)?;
        state.key_use(owner, key, now).cloned().ok_or(StoreError::NotFound)
    }
}

impl State {
    /// What its owner has used a key for, unless that expired before now.
    pub fn key_use(&self, owner: UserId, key: &IdempotencyKey, now: Timestamp) -> Option<&IdempotencyRecord> {
        self.idempotency.get(&(owner, key.clone())).filter(|record| record.expires_at >= now)
    }

    /// Records what a key was used for, unless its owner has used it before.
    pub fn record_key(&mut self, record: IdempotencyRecord, now: Timestamp) -> Result<(), StoreError> {
        if self.key_use(record.owner, &record.key, now).is_some() {
            return Err(StoreError::Conflict(Conflict::IdempotencyKeyUsed));
        }
        self.idempotency.insert((record.owner, record.key.clone()), record);
        Ok(())
    }

    /// Forgets the key that made this album or photo.
    pub fn forget_key_of(&mut self, resource: Uuid) {
        self.idempotency.retain(|_, record| record.resource != resource);
    }

    fn ready_photo_in(&self, album: AlbumId, photo: PhotoId) -> Result<PhotoId, StoreError> {
        let ready = self
            .photos
            .get(&photo)
            .filter(|row| row.stored.album_id == album && row.stored.state == PhotoState::Ready);
        ready.map(|row| row.stored.id).ok_or(StoreError::Conflict(Conflict::NotInAlbum))
    }
}

fn fresh(new: &NewAlbum) -> Album {
    Album {
        id: new.id,
        owner: new.owner,
        name: new.name.clone(),
        description: new.description.clone(),
        cover: None,
        photo_count: 0,
        created_at: new.created_at,
        updated_at: new.created_at,
        version: 1,
    }
}
