//! Albums, what search knows of them, and idempotency records.

use gallery_core::model::{Album, IdempotencyRecord, NewAlbum, Usage};
use gallery_core::ports::StoreError;
use gallery_core::search::Terms;
use gallery_core::values::{
    AlbumId, AlbumName, ContentHash, Description, IdempotencyKey, PhotoId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::slot::Record;

/// An album in any state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AlbumHead {
    pub(crate) owner: UserId,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) cover: Option<PhotoId>,
    /// Ready photos.
    pub(crate) photo_count: u64,
    /// What it and its photos, pending ones included, add to the owner's usage.
    pub(crate) bytes: u64,
    /// Whether it counts itself: not so in records of a release before, until they are upgraded.
    #[serde(default)]
    pub(crate) counted: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) version: u64,
    pub(crate) deleting: bool,
    pub(crate) idempotency_key: Option<IdempotencyKey>,
}

impl Record for AlbumHead {
    const KIND: &'static str = "album";
}

impl AlbumHead {
    pub(crate) fn fresh(new: &NewAlbum) -> Self {
        Self {
            owner: new.owner,
            name: new.name.as_str().to_owned(),
            description: new.description.as_str().to_owned(),
            cover: None,
            photo_count: 0,
            bytes: Usage::RECORD_BYTES,
            counted: true,
            created_at: new.created_at,
            updated_at: new.created_at,
            version: 1,
            deleting: false,
            idempotency_key: new.idempotency.as_ref().map(|(key, ..)| key.clone()),
        }
    }

    /// The album, unless it is marked as deleting.
    pub(crate) fn live(self) -> Result<Self, StoreError> {
        if self.deleting { Err(StoreError::NotFound) } else { Ok(self) }
    }

    pub(crate) fn album(self, id: AlbumId) -> Album {
        Album {
            id,
            owner: self.owner,
            name: AlbumName::from_stored(self.name),
            description: Description::from_stored(self.description),
            cover: self.cover,
            photo_count: self.photo_count,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        }
    }

    /// The terms that find this album.
    pub(crate) fn terms(&self) -> Terms {
        Terms::of_album(
            &AlbumName::from_stored(self.name.as_str()),
            &Description::from_stored(self.description.as_str()),
        )
    }
}

/// An album in its owner's list.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Listed {}

impl Record for Listed {
    const KIND: &'static str = "listed album";
}

/// What search knows of an album or photo. While it is not settled, the postings may be any part of
/// `known`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct IndexState {
    pub(crate) owner: UserId,
    /// The album that a photo is in; absent for an album.
    pub(crate) album: Option<AlbumId>,
    /// The terms that must have a posting.
    pub(crate) terms: Vec<String>,
    /// Further terms that may have one.
    pub(crate) dropped: Vec<String>,
    pub(crate) settled: bool,
}

impl Record for IndexState {
    const KIND: &'static str = "index";
}

/// What an account has used an `Idempotency-Key` for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeyRecord {
    pub(crate) resource: Uuid,
    pub(crate) fingerprint: Option<ContentHash>,
    pub(crate) expires_at: Timestamp,
}

impl Record for KeyRecord {
    const KIND: &'static str = "idempotency key";

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}

impl KeyRecord {
    pub(crate) fn of(self, owner: UserId, key: &IdempotencyKey) -> IdempotencyRecord {
        IdempotencyRecord {
            owner,
            key: key.clone(),
            resource: self.resource,
            fingerprint: self.fingerprint,
            expires_at: self.expires_at,
        }
    }
}
