//! Albums.

use crate::values::{
    AlbumId, AlbumName, ContentHash, Description, IdempotencyKey, PhotoId, Timestamp, UserId,
};

/// An album that its owner can see: never one that is being deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Album {
    /// Names the album; ids are in order of creation.
    pub id: AlbumId,
    /// Whose album it is.
    pub owner: UserId,
    /// The album's name.
    pub name: AlbumName,
    /// The album's description; may be empty.
    pub description: Description,
    /// The photo that stands for the album: the chosen one, else the first one, until it leaves the
    /// album; then the newest that is left.
    pub cover: Option<PhotoId>,
    /// Ready photos in the album.
    pub photo_count: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its name, description or cover was last changed by its owner.
    pub updated_at: Timestamp,
    /// Counts the owner's changes; an update names the version it is based on.
    pub version: u64,
}

/// An album to be created.
#[derive(Debug, Clone)]
pub struct NewAlbum {
    /// Names the album.
    pub id: AlbumId,
    /// Whose album it will be.
    pub owner: UserId,
    /// The album's name.
    pub name: AlbumName,
    /// The album's description.
    pub description: Description,
    /// Now.
    pub created_at: Timestamp,
    /// The client's key, the fingerprint of its request and the instant from which the key is free
    /// again.
    pub idempotency: Option<(IdempotencyKey, ContentHash, Timestamp)>,
}

/// The owner's change of an album: the complete new values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlbumChange {
    /// The version that the change is based on.
    pub version: u64,
    /// The new name.
    pub name: AlbumName,
    /// The new description.
    pub description: Description,
    /// The new cover: `None` leaves it, `Some(None)` makes it the newest photo, `Some(Some(photo))`
    /// chooses one.
    pub cover: Option<Option<PhotoId>>,
    /// Now.
    pub updated_at: Timestamp,
}
