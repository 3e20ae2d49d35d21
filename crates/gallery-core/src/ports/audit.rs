//! Reading the whole store: the port [`Audit`], for `admin` commands. No request calls it.

use async_trait::async_trait;

use super::StoreError;
use crate::model::{PhotoFacts, StoredPhoto, Usage};
use crate::search::Terms;
use crate::values::{AlbumId, Email, PhotoId, Timestamp, UserId};

/// An account in any state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedUser {
    /// Names the account.
    pub id: UserId,
    /// Its address; absent once it is marked as deleting.
    pub email: Option<Email>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was confirmed; absent for one that is marked as deleting and never was, as there
    /// were until 2026-11-22.
    pub confirmed_at: Option<Timestamp>,
    /// True once it is marked as deleting.
    pub deleting: bool,
    /// Its recorded usage.
    pub usage: Usage,
}

/// An album in any state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedAlbum {
    /// Names the album.
    pub id: AlbumId,
    /// Whose it is.
    pub owner: UserId,
    /// True once it is marked as deleting.
    pub deleting: bool,
    /// Its recorded number of ready photos.
    pub photo_count: u64,
    /// Its recorded cover.
    pub cover: Option<PhotoId>,
    /// The terms its name and description give.
    pub terms: Terms,
    /// Its postings.
    pub postings: Terms,
}

/// A photo in any state.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditedPhoto {
    /// Its row.
    pub row: StoredPhoto,
    /// Its facts; absent while pending.
    pub facts: Option<PhotoFacts>,
    /// Its postings.
    pub postings: Terms,
}

/// A record that is about something that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// The kind of record: `posting`, `session`, `token`, `idempotency record`, `job`.
    pub kind: &'static str,
    /// The id of what is gone.
    pub about: String,
}

/// The whole store, in pages. Their order is the store's own, and the same each time: what is there
/// throughout is in exactly one page. Postings of marked albums and photos may be left out.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Up to `limit` accounts after this one.
    async fn audit_users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<AuditedUser>, StoreError>;

    /// Up to `limit` albums after this one.
    async fn audit_albums(&self, after: Option<AlbumId>, limit: u32)
    -> Result<Vec<AuditedAlbum>, StoreError>;

    /// Up to `limit` photos after this one.
    async fn audit_photos(&self, after: Option<PhotoId>, limit: u32)
    -> Result<Vec<AuditedPhoto>, StoreError>;

    /// Up to `limit` records whose account, album, photo or session is gone.
    async fn strays(&self, limit: u32) -> Result<Vec<Stray>, StoreError>;
}
