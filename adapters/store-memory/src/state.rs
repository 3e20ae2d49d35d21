//! The records, and the rules that several ports share: who is live, how usage and covers follow.
//!
//! Knows the core's types only; tested through the ports.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use gallery_core::model::{
    Album, IdempotencyRecord, Job, NewJob, NewToken, Photo, PhotoFacts, PhotoState, Registration, Session,
    StoredPhoto, Tally, Usage, User,
};
use gallery_core::ports::{Conflict, StoreError, Suppression, UpgradeProgress};
use gallery_core::search::Terms;
use gallery_core::values::{
    AddressHash, AlbumId, ContentHash, Cursor, IdempotencyKey, JobId, Page, PageRequest, PhotoId, SessionId,
    Timestamp, TokenHash, UserId,
};

/// Everything the store holds.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Accounts that somebody can see.
    pub users: BTreeMap<UserId, User>,
    /// Sign-ups that wait for their confirmation.
    pub registrations: BTreeMap<UserId, Registration>,
    /// Accounts that are marked as deleting: their address, name and password are forgotten.
    pub leaving: BTreeMap<UserId, LeavingUser>,
    pub sessions: BTreeMap<SessionId, Session>,
    pub tokens: BTreeMap<TokenHash, TokenRow>,
    pub albums: BTreeMap<AlbumId, AlbumRow>,
    pub photos: BTreeMap<PhotoId, PhotoRow>,
    pub idempotency: BTreeMap<(UserId, IdempotencyKey), IdempotencyRecord>,
    pub jobs: BTreeMap<JobId, JobRow>,
    pub counters: BTreeMap<ContentHash, Counter>,
    pub suppressions: BTreeMap<AddressHash, Suppression>,
    pub upgrades: BTreeMap<u32, UpgradeProgress>,
}

/// What is left of an account that is marked as deleting.
#[derive(Debug)]
pub(crate) struct LeavingUser {
    pub created_at: Timestamp,
    pub confirmed_at: Timestamp,
    pub usage: Usage,
}

#[derive(Debug)]
pub(crate) struct TokenRow {
    pub token: NewToken,
    pub session: SessionId,
    /// The token's one replacement.
    pub replacement: Option<TokenHash>,
}

#[derive(Debug)]
pub(crate) struct AlbumRow {
    pub album: Album,
    pub deleting: bool,
    pub postings: Terms,
}

#[derive(Debug)]
pub(crate) struct PhotoRow {
    pub stored: StoredPhoto,
    pub created_at: Timestamp,
    pub deadline: Timestamp,
    pub updated_at: Timestamp,
    pub version: u64,
    /// Present once the photo has been ready.
    pub facts: Option<PhotoFacts>,
    pub postings: Terms,
}

#[derive(Debug)]
pub(crate) struct JobRow {
    pub job: Job,
    pub lease: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Counter {
    pub value: u32,
    pub ends_at: Timestamp,
}

impl PhotoRow {
    /// The photo as its owner sees it; `None` unless it is ready.
    pub fn photo(&self) -> Option<Photo> {
        let facts = self.facts.clone().filter(|_| self.stored.state == PhotoState::Ready)?;
        Some(Photo {
            id: self.stored.id,
            album_id: self.stored.album_id,
            owner: self.stored.owner,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            facts,
        })
    }
}

impl State {
    pub fn live_user(&self, id: UserId) -> Result<&User, StoreError> {
        self.users.get(&id).ok_or(StoreError::NotFound)
    }

    pub fn live_user_mut(&mut self, id: UserId) -> Result<&mut User, StoreError> {
        self.users.get_mut(&id).ok_or(StoreError::NotFound)
    }

    /// Adds these bytes to what an account counts, if its quota holds them.
    pub fn count_bytes(&mut self, owner: UserId, bytes: u64) -> Result<(), StoreError> {
        let usage = &mut self.live_user_mut(owner)?.usage;
        *usage = usage.with_bytes(bytes).ok_or(StoreError::Conflict(Conflict::QuotaExceeded))?;
        Ok(())
    }

    /// The counter of this name, unless it has ended.
    pub fn counter(&self, name: &ContentHash, now: Timestamp) -> Option<Counter> {
        self.counters.get(name).filter(|counter| counter.ends_at >= now).copied()
    }

    pub fn live_album(&self, id: AlbumId) -> Result<&AlbumRow, StoreError> {
        let live = |row: &&AlbumRow| !row.deleting && self.users.contains_key(&row.album.owner);
        self.albums.get(&id).filter(live).ok_or(StoreError::NotFound)
    }

    pub fn live_album_mut(&mut self, id: AlbumId) -> Result<&mut AlbumRow, StoreError> {
        self.live_album(id)?;
        self.albums.get_mut(&id).ok_or(StoreError::NotFound)
    }

    /// The live album, if it is this owner's.
    pub fn own_album(&self, owner: UserId, id: AlbumId) -> Result<&AlbumRow, StoreError> {
        self.live_album(id).ok().filter(|row| row.album.owner == owner).ok_or(StoreError::NotFound)
    }

    /// A pending or ready photo in a live album.
    pub fn unmarked_photo(&self, id: PhotoId) -> Result<&PhotoRow, StoreError> {
        let unmarked = |row: &&PhotoRow| {
            row.stored.state != PhotoState::Deleting && self.live_album(row.stored.album_id).is_ok()
        };
        self.photos.get(&id).filter(unmarked).ok_or(StoreError::NotFound)
    }

    pub fn unmarked_photo_mut(&mut self, id: PhotoId) -> Result<&mut PhotoRow, StoreError> {
        self.unmarked_photo(id)?;
        self.photos.get_mut(&id).ok_or(StoreError::NotFound)
    }

    pub fn live_photo(&self, id: PhotoId) -> Result<Photo, StoreError> {
        self.unmarked_photo(id)?.photo().ok_or(StoreError::NotFound)
    }

    /// The photos of an album that are not marked themselves: what its owner's usage holds of it.
    pub fn unmarked_photos_in(&self, album: AlbumId) -> impl Iterator<Item = &PhotoRow> {
        self.photos
            .values()
            .filter(move |row| row.stored.album_id == album && row.stored.state != PhotoState::Deleting)
    }

    pub fn newest_ready_photo_in(&self, album: AlbumId) -> Option<PhotoId> {
        self.unmarked_photos_in(album)
            .filter(|row| row.stored.state == PhotoState::Ready)
            .map(|row| row.stored.id)
            .max()
    }

    /// What follows when a ready photo has come into this album.
    pub fn photo_came(&mut self, photo: PhotoId, album: AlbumId) {
        if let Some(AlbumRow { album, .. }) = self.albums.get_mut(&album) {
            album.photo_count += 1;
            album.cover.get_or_insert(photo);
        }
    }

    /// What follows when a ready photo has gone from this album.
    pub fn photo_went(&mut self, photo: PhotoId, album: AlbumId) {
        let newest = self.newest_ready_photo_in(album);
        if let Some(AlbumRow { album, .. }) = self.albums.get_mut(&album) {
            album.photo_count -= 1;
            if album.cover == Some(photo) {
                album.cover = newest;
            }
        }
    }

    /// Records a job unless one of this id is there.
    pub fn record_job(&mut self, new: NewJob) {
        if let Entry::Vacant(place) = self.jobs.entry(new.id) {
            let job = Job {
                id: new.id,
                shard: new.cause.shard(),
                kind: new.kind,
                due_at: new.due_at,
                leased_until: None,
                failures: 0,
                last_error: None,
                parked: false,
                tally: Tally::default(),
            };
            place.insert(JobRow { job, lease: None });
        }
    }

    /// The tally of this job, while there is one.
    pub fn tally_mut(&mut self, job: JobId) -> Option<&mut Tally> {
        self.jobs.get_mut(&job).map(|row| &mut row.job.tally)
    }

    pub fn end_session(&mut self, id: SessionId) {
        self.sessions.remove(&id);
        self.tokens.retain(|_, row| row.session != id);
    }
}

/// Cuts the wanted page out of a complete list.
pub(crate) fn page<T>(items: Vec<T>, request: &PageRequest, position: impl Fn(&T) -> Cursor) -> Page<T> {
    let key = |item: &T| {
        let Cursor { order, id } = position(item);
        (order, id)
    };
    let mut rest: Vec<T> = items
        .into_iter()
        .filter(|item| request.after().is_none_or(|after| key(item) < (after.order, after.id)))
        .collect();
    rest.sort_by_key(|item| std::cmp::Reverse(key(item)));
    Page::cut(rest, request, position)
}

/// The first `limit` of these, as the ports count them.
pub(crate) fn up_to<T>(limit: u32, items: impl IntoIterator<Item = T>) -> Vec<T> {
    items.into_iter().take(limit as usize).collect()
}
