//! Albums and idempotency records: the port `Albums`. Compiled once for each dialect (see
//! `lib.rs`).

use async_trait::async_trait;
use gallery_core::model::{Album, AlbumChange, IdempotencyRecord, NewAlbum, NewJob, Usage};
use gallery_core::ports::{Albums, Conflict, StoreError};
use gallery_core::search::{Query, Terms};
use gallery_core::values::{AlbumId, IdempotencyKey, JobId, Page, PageRequest, PhotoId, Timestamp, UserId};
use uuid::Uuid;

use super::db::{SqlStore, Tx, unit_of_work};
use super::statements::statement;
use crate::paging;
use crate::rows::{AlbumRow, PostingKind, RecordRow, signed};
use crate::sql::{albums, jobs, photos, users};

#[async_trait]
impl Albums for SqlStore {
    async fn create_album(&self, album: &NewAlbum, terms: &Terms) -> Result<Album, StoreError> {
        unit_of_work!(self, async |tx| tx.create_album(album, terms).await)
    }

    async fn album(&self, id: AlbumId) -> Result<Album, StoreError> {
        let row: Option<AlbumRow> = self.first(statement(albums::LIVE).bind(id.uuid())).await?;
        Ok(row.ok_or(StoreError::NotFound)?.into())
    }

    async fn albums_of(
        &self,
        owner: UserId,
        query: Option<&Query>,
        page: &PageRequest,
    ) -> Result<Page<Album>, StoreError> {
        if let Some(query) = query {
            return self.found_albums(owner, query, page).await;
        }
        let list = statement(albums::OF_OWNER).bind(owner.uuid()).bind(paging::below(page));
        let rows: Vec<AlbumRow> = self.all(list.bind(paging::rows(page))).await?;
        let items = rows.into_iter().map(Album::from).collect();
        Ok(paging::cut_by_id(items, page, |album: &Album| album.id.uuid()))
    }

    async fn update_album(
        &self,
        id: AlbumId,
        change: &AlbumChange,
        terms: &Terms,
    ) -> Result<Album, StoreError> {
        unit_of_work!(self, async |tx| {
            tx.lock_owner_of_album(id).await?;
            let known = tx.live_album(id).await?;
            if known.version != change.version {
                return Err(StoreError::Conflict(Conflict::Stale));
            }
            if let Some(cover) = change.cover {
                tx.choose_cover(id, cover).await?;
            }
            let update = statement(albums::UPDATE)
                .bind(change.updated_at.millis())
                .bind(change.name.as_str())
                .bind(change.description.as_str())
                .bind(id.uuid());
            tx.run(update).await?;
            tx.set_postings(known.owner, PostingKind::Album, id.uuid(), terms).await?;
            tx.live_album(id).await
        })
    }

    async fn begin_album_deletion(&self, id: AlbumId, job: NewJob) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            tx.lock_owner_of_album(id).await?;
            let content = tx.first(statement(albums::CONTENT).bind(id.uuid())).await?;
            let Some((owner, photos, bytes)): Option<(Uuid, i64, i64)> = content else { return Ok(()) };
            tx.add_usage(UserId::from_uuid(owner), -1, -photos, -bytes).await?;
            tx.run(statement(albums::MARK).bind(id.uuid())).await?;
            tx.enqueue(&job).await
        })
    }

    async fn albums_in_any_state(&self, owner: UserId, limit: u32) -> Result<Vec<AlbumId>, StoreError> {
        let own = statement(albums::IN_ANY_STATE).bind(owner.uuid()).bind(i64::from(limit));
        let ids: Vec<(Uuid,)> = self.all(own).await?;
        Ok(ids.into_iter().map(|(id,)| AlbumId::from_uuid(id)).collect())
    }

    async fn remove_album(&self, id: AlbumId, job: JobId) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            tx.lock_owner_of_album(id).await?;
            match tx.first(statement(albums::LEFT_OVER).bind(id.uuid())).await? {
                None => return Ok(()),
                Some((false, _)) => return Err(StoreError::NotFound),
                Some((true, true)) => return Err(StoreError::Conflict(Conflict::NotEmpty)),
                Some((true, false)) => {}
            }
            tx.run(statement(albums::DELETE_POSTINGS).bind(id.uuid())).await?;
            tx.run(statement(albums::DELETE_RECORDS_OF_RESOURCE).bind(id.uuid())).await?;
            tx.run(statement(albums::DELETE).bind(id.uuid())).await?;
            let tally = statement(jobs::ADD_TALLY).bind(1).bind(0).bind(0).bind(0).bind(job.uuid());
            tx.run(tally).await.map(drop)
        })
    }

    async fn idempotency_record(
        &self,
        owner: UserId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<IdempotencyRecord, StoreError> {
        let record = statement(albums::RECORD).bind(owner.uuid()).bind(key.as_str()).bind(now.millis());
        let row: Option<RecordRow> = self.first(record).await?;
        Ok(row.ok_or(StoreError::NotFound)?.of(owner, key)?)
    }
}

impl Tx {
    async fn create_album(&mut self, new: &NewAlbum, terms: &Terms) -> Result<Album, StoreError> {
        self.lock_live_account(new.owner).await?;
        match &new.idempotency {
            Some((key, fingerprint, expires_at)) => {
                let fingerprint = Some(fingerprint.as_bytes().as_slice());
                let use_now = KeyUse { resource: new.id.uuid(), fingerprint, expires_at: *expires_at };
                self.record_key(new.owner, key, &use_now, new.created_at).await?;
            }
            // Without a key, the repetition of a creation whose answer was lost is answered again.
            None => match self.live_album(new.id).await {
                Err(StoreError::NotFound) => {}
                known => return known,
            },
        }
        let counted = signed(Usage::RECORD_BYTES);
        self.check_quota(new.owner, counted).await?;
        let insert = statement(albums::INSERT)
            .bind(new.id.uuid())
            .bind(new.owner.uuid())
            .bind(counted)
            .bind(new.created_at.millis())
            .bind(new.created_at.millis())
            .bind(new.name.as_str())
            .bind(new.description.as_str());
        self.run(insert).await?;
        self.set_postings(new.owner, PostingKind::Album, new.id.uuid(), terms).await?;
        self.add_usage(new.owner, 1, 0, counted).await?;
        self.live_album(new.id).await
    }

    pub(super) async fn live_album(&mut self, id: AlbumId) -> Result<Album, StoreError> {
        let row: AlbumRow = self.found(statement(albums::LIVE).bind(id.uuid())).await?;
        Ok(row.into())
    }

    /// Fails with `NotFound` unless the album is live and this owner's. The owner is locked.
    pub(super) async fn own_album(&mut self, owner: UserId, id: AlbumId) -> Result<(), StoreError> {
        let own = statement(albums::IS_LIVE_OF).bind(id.uuid()).bind(owner.uuid());
        if self.exists(own).await? { Ok(()) } else { Err(StoreError::NotFound) }
    }

    /// Makes the photo of the owner's choice the cover, or else the newest.
    async fn choose_cover(&mut self, album: AlbumId, photo: Option<PhotoId>) -> Result<(), StoreError> {
        let Some(photo) = photo else {
            return self.run(statement(albums::SET_NEWEST_COVER).bind(album.uuid())).await.map(drop);
        };
        let ready = statement(photos::IS_READY_IN).bind(photo.uuid()).bind(album.uuid());
        if !self.exists(ready).await? {
            return Err(StoreError::Conflict(Conflict::NotInAlbum));
        }
        self.run(statement(albums::SET_COVER).bind(photo.uuid()).bind(album.uuid())).await.map(drop)
    }

    /// Records what a key is used for, unless its owner has used it before and that has not
    /// expired.
    pub(super) async fn record_key(
        &mut self,
        owner: UserId,
        key: &IdempotencyKey,
        use_now: &KeyUse<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let record = || {
            statement(albums::INSERT_RECORD)
                .bind(owner.uuid())
                .bind(key.as_str())
                .bind(use_now.resource)
                .bind(use_now.fingerprint)
                .bind(use_now.expires_at.millis())
        };
        if self.inserted(record()).await? {
            return Ok(());
        }
        let expired = statement(albums::DELETE_EXPIRED_RECORD).bind(owner.uuid()).bind(key.as_str());
        self.run(expired.bind(now.millis())).await?;
        self.insert(record(), Conflict::IdempotencyKeyUsed).await
    }

    /// `Conflict(QuotaExceeded)` when an account may not count so many bytes more.
    pub(super) async fn check_quota(&mut self, user: UserId, bytes: i64) -> Result<(), StoreError> {
        let (left,): (i64,) = self.found(statement(users::BYTES_LEFT).bind(user.uuid())).await?;
        if bytes > left.max(0) { Err(StoreError::Conflict(Conflict::QuotaExceeded)) } else { Ok(()) }
    }

    /// Adds to an account's usage.
    pub(super) async fn add_usage(
        &mut self,
        user: UserId,
        albums: i64,
        photos: i64,
        bytes: i64,
    ) -> Result<(), StoreError> {
        let add = statement(users::ADD_USAGE).bind(albums).bind(photos).bind(bytes).bind(user.uuid());
        self.run(add).await.map(drop)
    }
}

/// What a key is used for.
pub(super) struct KeyUse<'f> {
    pub(super) resource: Uuid,
    pub(super) fingerprint: Option<&'f [u8]>,
    pub(super) expires_at: Timestamp,
}
