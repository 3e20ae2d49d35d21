//! What is packed into one column: a byte that says in which format, and the value as postcard
//! writes it. Whoever changes a packed type adds a format and goes on reading the old ones. Tests
//! are beside the code.

use gallery_core::model::{Gps, ImageFacts, ImageType, Metadata, Rendition, StoredObject};
use gallery_core::values::{ContentHash, Generation, Precision, Taken, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::SqlError;

/// The format of [`ImageFacts`] whose time was one instant, and of objects before they had
/// generations.
const FIRST: u8 = 1;
/// The format of [`StoredObject`]s.
const WITH_GENERATIONS: u8 = 2;
/// The format of [`ImageFacts`].
const WITH_LOCAL_TIME: u8 = 2;

/// All but what has a column of its own: whether it is damaged.
pub(crate) fn pack_image(image: &ImageFacts) -> Result<Vec<u8>, SqlError> {
    let ImageFacts { content_type, width, height, placeholder, damaged: _, metadata } = image;
    pack(WITH_LOCAL_TIME, &(content_type, width, height, placeholder, metadata))
}

pub(crate) fn unpack_image(packed: &[u8], damaged: bool) -> Result<ImageFacts, SqlError> {
    match packed.split_first() {
        Some((&WITH_LOCAL_TIME, image)) => {
            let (content_type, width, height, placeholder, metadata) = unpack(image)?;
            Ok(ImageFacts { content_type, width, height, placeholder, damaged, metadata })
        }
        Some((&FIRST, image)) => {
            let (content_type, width, height, placeholder, metadata) = unpack(image)?;
            let metadata = InstantMetadata::into(metadata);
            Ok(ImageFacts { content_type, width, height, placeholder, damaged, metadata })
        }
        _ => Err(unknown_format()),
    }
}

/// Metadata with one instant, as they were packed: a time without an offset was taken to be on UTC.
#[derive(Deserialize)]
struct InstantMetadata {
    taken_at: Option<Timestamp>,
    camera: Option<String>,
    lens: Option<String>,
    gps: Option<Gps>,
    exif: Vec<(String, String)>,
}

impl From<InstantMetadata> for Metadata {
    fn from(metadata: InstantMetadata) -> Self {
        let InstantMetadata { taken_at, camera, lens, gps, exif } = metadata;
        let taken = taken_at.map(|at| Taken::from_stored(at, Precision::Second, None));
        Self { taken, camera, lens, gps, exif }
    }
}

pub(crate) fn pack_objects(objects: &[StoredObject]) -> Result<Vec<u8>, SqlError> {
    pack(WITH_GENERATIONS, objects)
}

pub(crate) fn unpack_objects(packed: &[u8]) -> Result<Vec<StoredObject>, SqlError> {
    match packed.split_first() {
        Some((&WITH_GENERATIONS, objects)) => unpack(objects),
        Some((&FIRST, objects)) => {
            let objects: Vec<UnnumberedObject> = unpack(objects)?;
            Ok(objects.into_iter().map(StoredObject::from).collect())
        }
        _ => Err(unknown_format()),
    }
}

/// An object of [`Generation::UNNUMBERED`], as it was packed.
#[derive(Deserialize)]
struct UnnumberedObject {
    rendition: Rendition,
    content_type: ImageType,
    bytes: u64,
    sha256: ContentHash,
    width: u32,
    height: u32,
}

impl From<UnnumberedObject> for StoredObject {
    fn from(object: UnnumberedObject) -> Self {
        let UnnumberedObject { rendition, content_type, bytes, sha256, width, height } = object;
        Self { rendition, generation: Generation::UNNUMBERED, content_type, bytes, sha256, width, height }
    }
}

fn pack<T: Serialize + ?Sized>(format: u8, value: &T) -> Result<Vec<u8>, SqlError> {
    postcard::to_extend(value, vec![format]).map_err(SqlError::unreadable("photo"))
}

fn unpack<T: DeserializeOwned>(packed: &[u8]) -> Result<T, SqlError> {
    postcard::from_bytes(packed).map_err(SqlError::unreadable("photo"))
}

fn unknown_format() -> SqlError {
    SqlError::unreadable("photo")("packed in a format of another version")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(generation: u32) -> StoredObject {
        StoredObject {
            rendition: Rendition::Small,
            generation: Generation::from_number(generation),
            content_type: ImageType::Jpeg,
            bytes: 300,
            sha256: ContentHash::from_slice(&[7; 32]).unwrap(),
            width: 320,
            height: 240,
        }
    }

    /// One object as packed: the format, how many, and its values around the hash.
    fn packed(start: &[u8]) -> Vec<u8> {
        [start, &[0xac, 0x02], &[7; 32], &[0xc0, 0x02, 0xf0, 0x01]].concat()
    }

    #[test]
    fn objects_are_packed_as_they_will_be_read_for_ever() {
        assert_eq!(pack_objects(&[object(5)]).unwrap(), packed(&[2, 1, 3, 5, 0]));
        for generation in [0, 1, u32::MAX] {
            let objects = [object(generation), object(1)];
            assert_eq!(unpack_objects(&pack_objects(&objects).unwrap()).unwrap(), objects);
        }
    }

    #[test]
    fn objects_of_before_generations_are_unnumbered() {
        assert_eq!(unpack_objects(&packed(&[1, 1, 3, 0])).unwrap(), [object(0)]);
    }

    #[test]
    fn a_format_that_is_not_known_is_refused() {
        for refused in [packed(&[0, 1, 3, 0]), packed(&[3, 1, 3, 5, 0]), packed(&[2, 1, 3]), Vec::new()] {
            assert!(matches!(unpack_objects(&refused), Err(SqlError::Unreadable { .. })), "{refused:?}");
        }
        for refused in [&[1, 0][..], &[2, 0], &[3, 0, 8, 6, 0, 0, 0, 0, 0, 0], &[]] {
            assert!(unpack_image(refused, false).is_err(), "{refused:?}");
        }
    }

    fn image(metadata: Metadata) -> ImageFacts {
        let (content_type, placeholder) = (ImageType::Jpeg, vec![7]);
        ImageFacts { content_type, width: 8, height: 6, placeholder, damaged: true, metadata }
    }

    #[test]
    fn images_are_packed_as_they_will_be_read_for_ever() {
        let day = Taken::on(1970, Some(1), Some(1)).unwrap();
        for (taken, packed) in [
            (None, &[0][..]),
            (Taken::on(1970, None, None), &[1, 0, 0, 0]),
            (Taken::on(1970, Some(1), None), &[1, 0, 1, 0]),
            (Some(day), &[1, 0, 2, 0]),
            (Some(day.at(0, 1, None).with_offset(-1)), &[1, 0xc0, 0xa9, 0x07, 3, 1, 1]),
            (Some(day.at(0, 0, Some((0, 1))).with_offset(120)), &[1, 2, 4, 1, 0xf0, 0x01]),
        ] {
            let image = image(Metadata { taken, camera: Some("P".to_owned()), ..Metadata::default() });
            let expected = [&[2, 0, 8, 6, 1, 7], packed, &[1, 1, b'P', 0, 0, 0]].concat();
            assert_eq!(pack_image(&image).unwrap(), expected, "{taken:?}");
            assert_eq!(unpack_image(&expected, true).unwrap(), image);
        }
    }

    #[test]
    fn an_instant_of_before_is_the_local_time_of_a_clock_on_utc() {
        let packed = [&[1, 0, 8, 6, 1, 7][..], &[1, 3], &[1, 1, b'P', 0, 0, 0]].concat();
        let taken = Some(Taken::from_stored(Timestamp::from_millis(-2), Precision::Second, None));
        let expected = image(Metadata { taken, camera: Some("P".to_owned()), ..Metadata::default() });
        assert_eq!(unpack_image(&packed, true).unwrap(), expected);
        let undated = [&[1, 0, 8, 6, 1, 7][..], &[0], &[0, 0, 0, 0]].concat();
        assert_eq!(unpack_image(&undated, true).unwrap(), image(Metadata::default()));
    }
}
