//! A photo's row as workers see it, and as changes of the photo start from it: in any state. Tested
//! by the conformance suite.

use gallery_core::model::{PhotoState, StoredPhoto};
use gallery_core::values::{AlbumId, Generation, PhotoId, Taken, Timestamp, UserId};
use uuid::Uuid;

use super::packed::unpack_objects;
use super::photo::taken;
use super::unsigned;
use crate::error::SqlError;

pub(crate) struct StoredPhotoRow {
    id: Uuid,
    album_id: Uuid,
    owner_id: Uuid,
    state: i64,
    bytes: i64,
    generation: i64,
    objects: Option<Vec<u8>>,
}

from_row!(StoredPhotoRow { id, album_id, owner_id, state, bytes, generation, objects });

impl StoredPhotoRow {
    pub(crate) fn id(&self) -> Uuid {
        self.id
    }
}

impl TryFrom<StoredPhotoRow> for StoredPhoto {
    type Error = SqlError;

    fn try_from(row: StoredPhotoRow) -> Result<Self, SqlError> {
        let state = photo_state(row.state)?;
        // Whoever removes a photo goes by its generation: what it showed need not be readable for
        // that.
        let objects = row.objects.filter(|_| state == PhotoState::Ready);
        Ok(Self {
            id: PhotoId::from_uuid(row.id),
            album_id: AlbumId::from_uuid(row.album_id),
            owner: UserId::from_uuid(row.owner_id),
            state,
            bytes: unsigned(row.bytes),
            generation: generation(row.generation)?,
            objects: objects.as_deref().map(unpack_objects).transpose()?.unwrap_or_default(),
        })
    }
}

pub(crate) struct UnmarkedPhotoRow {
    stored: StoredPhotoRow,
    deadline: Option<i64>,
    created_at: i64,
    version: i64,
    taken_override: Option<String>,
}

from_row!(UnmarkedPhotoRow { deadline, created_at, version, taken_override; rows stored });

/// A pending or ready photo in a live album.
pub(crate) struct UnmarkedPhoto {
    pub(crate) stored: StoredPhoto,
    /// While it is pending.
    pub(crate) deadline: Option<Timestamp>,
    /// When its upload began.
    pub(crate) created_at: Timestamp,
    pub(crate) version: u64,
    /// When it was taken, as its owner set it.
    pub(crate) taken_override: Option<Taken>,
}

impl TryFrom<UnmarkedPhotoRow> for UnmarkedPhoto {
    type Error = SqlError;

    fn try_from(row: UnmarkedPhotoRow) -> Result<Self, SqlError> {
        Ok(Self {
            stored: row.stored.try_into()?,
            deadline: row.deadline.map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(row.created_at),
            version: unsigned(row.version),
            taken_override: row.taken_override.as_deref().map(taken).transpose()?,
        })
    }
}

/// Photo states as stored.
fn photo_state(state: i64) -> Result<PhotoState, SqlError> {
    match state {
        0 => Ok(PhotoState::Pending),
        1 => Ok(PhotoState::Ready),
        2 => Ok(PhotoState::Deleting),
        other => Err(SqlError::unreadable("photo")(format!("state {other}"))),
    }
}

fn generation(number: i64) -> Result<Generation, SqlError> {
    u32::try_from(number).map(Generation::from_number).map_err(SqlError::unreadable("photo"))
}
