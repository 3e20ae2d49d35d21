//! A photo's columns: what is queried stands alone, what lists show beside it is packed, because a
//! page of them is read by the hundred, and EXIF is JSON of its own.

use gallery_core::model::{ImageFacts, Metadata, Photo, PhotoFacts, StoredObject};
use gallery_core::values::{
    AlbumId, Description, FileName, PhotoId, Tag, Tags, Taken, Timestamp, Title, UserId,
};
use serde_json::{from_str, to_string};
use uuid::Uuid;

use super::packed::{pack_image, pack_objects, unpack_image, unpack_objects};
use super::{content_hash, unsigned};
use crate::error::SqlError;

pub(crate) struct PhotoRow {
    id: Uuid,
    album_id: Uuid,
    owner_id: Uuid,
    version: i64,
    created_at: i64,
    updated_at: i64,
    fingerprint: Option<Vec<u8>>,
    title: String,
    description: String,
    tags: String,
    file_name: String,
    taken_override: Option<String>,
    damaged: bool,
    image: Vec<u8>,
    objects: Vec<u8>,
    /// Not read by lists.
    exif: Option<String>,
}

from_row!(PhotoRow { id, album_id, owner_id, version, created_at, updated_at, fingerprint, title, description, tags, file_name, taken_override, damaged, image, objects; optional exif });

impl TryFrom<PhotoRow> for Photo {
    type Error = SqlError;

    fn try_from(row: PhotoRow) -> Result<Self, SqlError> {
        let json = SqlError::unreadable::<serde_json::Error>("photo");
        let mut image = unpack_image(&row.image, row.damaged)?;
        if let Some(exif) = row.exif {
            image.metadata.exif = from_str(&exif).map_err(&json)?;
        }
        let facts = PhotoFacts {
            title: Title::from_stored(row.title),
            description: Description::from_stored(row.description),
            tags: Tags::from_stored(from_str::<Vec<Tag>>(&row.tags).map_err(&json)?),
            file_name: FileName::from_stored(row.file_name),
            taken_override: row.taken_override.as_deref().map(taken).transpose()?,
            image,
            objects: unpack_objects(&row.objects)?,
            fingerprint: row.fingerprint.as_deref().map(content_hash).transpose()?,
        };
        Ok(Self {
            id: PhotoId::from_uuid(row.id),
            album_id: AlbumId::from_uuid(row.album_id),
            owner: UserId::from_uuid(row.owner_id),
            version: unsigned(row.version),
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
            facts,
        })
    }
}

/// The columns of what was read from a photo's file, and of its objects.
pub(crate) struct ImageColumns {
    pub(crate) image: Vec<u8>,
    pub(crate) objects: Vec<u8>,
    pub(crate) exif: String,
}

impl ImageColumns {
    /// What these are stored as.
    pub(crate) fn of(image: &ImageFacts, objects: &[StoredObject]) -> Result<Self, SqlError> {
        let metadata = &image.metadata;
        // A place that is "not a number" is none, and the API's JSON has no word for it.
        let gps = metadata.gps.filter(|place| {
            [Some(place.latitude), Some(place.longitude), place.altitude]
                .into_iter()
                .flatten()
                .all(f64::is_finite)
        });
        let without_exif = ImageFacts {
            placeholder: image.placeholder.clone(),
            metadata: Metadata {
                taken: metadata.taken,
                camera: metadata.camera.clone(),
                lens: metadata.lens.clone(),
                gps,
                exif: Vec::new(),
            },
            ..*image
        };
        Ok(Self {
            image: pack_image(&without_exif)?,
            objects: pack_objects(objects)?,
            exif: to_string(&metadata.exif).map_err(SqlError::unreadable("photo"))?,
        })
    }
}

/// The time that an owner set, as it is displayed.
pub(super) fn taken(stored: &str) -> Result<Taken, SqlError> {
    Taken::parse(stored).map_err(SqlError::unreadable("photo"))
}

/// Tags as stored.
pub(crate) fn tags_json(tags: &Tags) -> Result<String, SqlError> {
    to_string(tags).map_err(SqlError::unreadable("photo"))
}
