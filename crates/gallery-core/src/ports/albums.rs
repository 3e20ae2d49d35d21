//! Albums: the port [`Albums`].

use async_trait::async_trait;

use super::StoreError;
use crate::model::{Album, AlbumChange, IdempotencyRecord, NewAlbum, NewJob};
use crate::search::{Query, Terms};
use crate::values::{AlbumId, IdempotencyKey, Page, PageRequest, Timestamp, UserId};

/// Albums in the store. "Live": neither the album nor its owner is marked as deleting.
#[async_trait]
pub trait Albums: Send + Sync {
    /// Creates an album with its postings, and its idempotency record if it has one, in one unit of
    /// work. `NotFound` unless the owner is live. `Conflict(IdempotencyKeyUsed)` when the owner has
    /// a record of this key that did not expire before `created_at`; one that did is replaced.
    /// Repeating the method with the same album id is that conflict, too.
    async fn create_album(&self, album: &NewAlbum, terms: &Terms) -> Result<Album, StoreError>;

    /// A live album; `NotFound` otherwise.
    async fn album(&self, id: AlbumId) -> Result<Album, StoreError>;

    /// The owner's live albums, newest first (by id). With a query, those that
    /// [match](Query::matches_album); then the cost and the page are as for
    /// [`search_photos`](super::Photos::search_photos).
    async fn albums_of(
        &self,
        owner: UserId,
        query: Option<&Query>,
        page: &PageRequest,
    ) -> Result<Page<Album>, StoreError>;

    /// Changes a live album and its postings in one unit of work, and returns the new state.
    /// `NotFound` unless it is live; `Conflict(Stale)` when its version is not the change's;
    /// `Conflict(NotInAlbum)` when the chosen cover is not a ready photo of the album.
    async fn update_album(
        &self,
        id: AlbumId,
        change: &AlbumChange,
        terms: &Terms,
    ) -> Result<Album, StoreError>;

    /// Writes the postings of a live album anew, from its name and description, in one unit of
    /// work; what is right already is left alone. `NotFound` unless it is live.
    async fn index_album(&self, id: AlbumId) -> Result<(), StoreError>;

    /// Marks an album as deleting, takes what it holds off its owner's usage, and records `job`:
    /// one unit of work whose size does not depend on the number of photos. When the album is
    /// already marked, or absent, this MUST be Ok and MUST NOT record the job.
    async fn begin_album_deletion(&self, id: AlbumId, job: NewJob) -> Result<(), StoreError>;

    /// Up to `limit` albums of this owner, in any state.
    async fn albums_in_any_state(&self, owner: UserId, limit: u32) -> Result<Vec<AlbumId>, StoreError>;

    /// Removes an album with its postings and the idempotency records that name it, and adds it to
    /// the tally of `job`, in one unit of work. The album MUST be marked as deleting, or its owner
    /// be: otherwise `NotFound`. `Conflict(NotEmpty)` while a photo of any state is in it. Ok, and
    /// not tallied, when it is gone already.
    async fn remove_album(&self, id: AlbumId, job: crate::values::JobId) -> Result<(), StoreError>;

    /// The owner's record of this key; `NotFound` when there is none, or it expired before `now`.
    async fn idempotency_record(
        &self,
        owner: UserId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<IdempotencyRecord, StoreError>;
}
