//! What is packed into one column: a byte that says in which format, and the value as postcard
//! writes it. Whoever changes a packed type adds a format and goes on reading the old ones. Tests
//! are beside the code.

use gallery_core::model::{ImageFacts, ImageType, Rendition, StoredObject};
use gallery_core::values::{ContentHash, Generation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::SqlError;

/// The format of [`ImageFacts`], and of objects before they had generations.
const FIRST: u8 = 1;
/// The format of [`StoredObject`]s.
const WITH_GENERATIONS: u8 = 2;

/// All but what has a column of its own: whether it is damaged.
pub(crate) fn pack_image(image: &ImageFacts) -> Result<Vec<u8>, SqlError> {
    let ImageFacts { content_type, width, height, placeholder, damaged: _, metadata } = image;
    pack(FIRST, &(content_type, width, height, placeholder, metadata))
}

pub(crate) fn unpack_image(packed: &[u8], damaged: bool) -> Result<ImageFacts, SqlError> {
    match packed.split_first() {
        Some((&FIRST, image)) => {
            let (content_type, width, height, placeholder, metadata) = unpack(image)?;
            Ok(ImageFacts { content_type, width, height, placeholder, damaged, metadata })
        }
        _ => Err(unknown_format()),
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
        assert!(unpack_image(&[2, 0], false).is_err());
    }
}
