//! Photos: the port [`Photos`].

use async_trait::async_trait;

use super::StoreError;
use crate::model::{
    NewJob, NewRenditions, NewUpload, Photo, PhotoChange, PhotoFacts, PhotoSort, StoredPhoto,
};
use crate::search::{Query, Terms};
use crate::values::{AlbumId, Generation, JobId, Page, PageRequest, PhotoId, Timestamp, UserId};

/// Photos in the store. "Live": ready, in an album that is not marked as deleting, of an account
/// that is not.
///
/// Usage (see [`Usage`](crate::model::Usage)) and the album's `photo_count` and `cover` follow
/// every change in the same unit of work. An album's first ready photo becomes its cover; when the
/// cover leaves the album, the newest ready photo that is left takes its place.
#[async_trait]
pub trait Photos: Send + Sync {
    /// Inserts a pending photo and reserves quota for it — `wanted_bytes`, or what is left if that
    /// is less — with its idempotency record, in one unit of work. Returns the bytes reserved, at
    /// least 1. The row names [`Generation::FIRST`].
    ///
    /// `NotFound` unless the album is live and the owner's; `Conflict(QuotaExceeded)` when nothing
    /// is left; `Conflict(IdempotencyKeyUsed)` when the owner has a record of this key that did not
    /// expire before `created_at`; one that did is replaced.
    async fn begin_upload(&self, upload: &NewUpload) -> Result<u64, StoreError>;

    /// Moves the deadline of a pending photo: its upload is alive. A later deadline stays, and so
    /// repeating this changes nothing. `NotFound` unless the photo is pending, in a live album of a
    /// live account.
    async fn extend_upload(&self, id: PhotoId, deadline: Timestamp) -> Result<(), StoreError>;

    /// Makes a pending photo ready, with its postings, the true size instead of the reserved one,
    /// and the request's fingerprint in its idempotency record, in one unit of work; returns the
    /// photo. Repeating it with the same facts MUST be Ok. `NotFound` when the row is gone or
    /// marked as deleting, or its album or owner is: the caller must then see to it that the blobs
    /// are removed.
    async fn publish_photo(&self, id: PhotoId, facts: &PhotoFacts) -> Result<Photo, StoreError>;

    /// A live photo; `NotFound` otherwise.
    async fn photo(&self, id: PhotoId) -> Result<Photo, StoreError>;

    /// The owner's live photos over all albums. EXIF may be missing in the items of every list.
    async fn photos_of(
        &self,
        owner: UserId,
        sort: PhotoSort,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError>;

    /// The live photos of an album; `NotFound` unless the album is live and the owner's.
    async fn photos_in_album(
        &self,
        owner: UserId,
        album: AlbumId,
        sort: PhotoSort,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError>;

    /// The owner's live photos that [match](Query::matches_photo), newest upload first (by id);
    /// with an album, those in it. The albums that the query names are known to it
    /// ([`Query::with_albums`]). Photos whose postings were written before terms had fields MUST
    /// NOT be found by what their facts do not match; by what they do, they are found if their
    /// postings lead to them.
    ///
    /// What one call costs MUST be bounded, whatever is stored: it reads at most [`MAX_POSTINGS`]
    /// postings of one of the query's words; when there are more of them, or only what is excluded
    /// is said, it looks through the newest photos in turn, a bounded number of them, and returns
    /// those that match. Such a page may be short, even empty, while `next` is set: then `next` is
    /// the last photo that was looked at. All pages together are complete.
    ///
    /// [`MAX_POSTINGS`]: crate::search::MAX_POSTINGS
    async fn search_photos(
        &self,
        owner: UserId,
        album: Option<AlbumId>,
        query: &Query,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError>;

    /// Changes a live photo and its postings in one unit of work, and returns the new state.
    /// `NotFound` unless it is live, or when the new album is not a live one of the same owner;
    /// `Conflict(Stale)` when its version is not the change's.
    async fn update_photo(
        &self,
        id: PhotoId,
        change: &PhotoChange,
        terms: &Terms,
    ) -> Result<Photo, StoreError>;

    /// Writes the postings of a live photo anew, from its facts, in one unit of work; what is right
    /// already is left alone. `NotFound` unless it is live.
    async fn index_photo(&self, id: PhotoId) -> Result<(), StoreError>;

    /// Names the next generation of a live photo's renditions, before any blob of it is put, in one
    /// unit of work, and returns it: one more than any that the row has named. Nothing else
    /// changes, the version neither. `NotFound` unless the photo is live.
    async fn begin_renditions(&self, id: PhotoId) -> Result<Generation, StoreError>;

    /// Makes renditions of a new generation the photo's, with what was read from the file anew and
    /// its postings, and records `job`, which removes what they replace, in one unit of work;
    /// returns the photo.
    ///
    /// Its version counts up, and its place in lists by time taken follows. Title, description,
    /// tags, file name, fingerprint, album, `updated_at` and usage stay, and so do the album's
    /// count and cover.
    ///
    /// `NotFound` unless the photo is live; `Conflict(Stale)` unless `new.version` is the row's
    /// version and `new.generation` the newest that the row has named. Repeating it after an
    /// outcome that is not known is `Conflict(Stale)` when the first one did it: the row has the
    /// new objects then.
    async fn replace_renditions(
        &self,
        id: PhotoId,
        new: &NewRenditions,
        terms: &Terms,
        job: NewJob,
    ) -> Result<Photo, StoreError>;

    /// Marks a ready or pending photo as deleting, gives its bytes back to the owner, drops its
    /// postings and the idempotency record of an unfinished upload, and records `job`, in one unit
    /// of work. When the photo is already marked, or absent, this MUST be Ok and MUST NOT record
    /// the job.
    ///
    /// `only_pending_before`: does nothing, and returns Ok, unless the photo is pending with a
    /// deadline before this instant. The sweeper needs it, because the upload may be published at
    /// the last moment.
    async fn begin_photo_deletion(
        &self,
        id: PhotoId,
        only_pending_before: Option<Timestamp>,
        job: NewJob,
    ) -> Result<(), StoreError>;

    /// The photo's row in any state; `NotFound` when there is none. Read consistently.
    async fn photo_in_any_state(&self, id: PhotoId) -> Result<StoredPhoto, StoreError>;

    /// Up to `limit` photos of an album, in any state.
    async fn photos_in_any_state(&self, album: AlbumId, limit: u32) -> Result<Vec<StoredPhoto>, StoreError>;

    /// Removes the rows of photos whose blobs are gone, with their postings and the idempotency
    /// records that name them, and adds those that were there to the tally of `job`: a photo that
    /// was ever ready counts with its bytes and as many objects as there are renditions. One unit
    /// of work for up to 25 photos. Each MUST be marked as deleting, or its album or owner be;
    /// others are left alone. Usage is not touched: it was when the mark was made.
    async fn remove_photos(&self, photos: &[PhotoId], job: JobId) -> Result<(), StoreError>;

    /// Up to `limit` pending photos whose deadline lies before this instant, in live albums of live
    /// accounts. Fewer than that MUST mean that there are no more: what lies under a mark does not
    /// count.
    async fn overdue_uploads(
        &self,
        deadline_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredPhoto>, StoreError>;
}
