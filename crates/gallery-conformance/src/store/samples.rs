//! What was read from a photo, as scenarios need it, and what such a photo counts.

use gallery_core::model::{ImageFacts, ImageType, Metadata, PhotoFacts, Rendition, StoredObject, Usage};
use gallery_core::values::{ContentHash, Description, FileName, Generation, Tags, Title};

/// Bytes of the original of every photo that [`World::photo`](super::World::photo) makes.
pub const PHOTO_BYTES: u64 = 1_000;
/// Bytes of the renditions of such a photo.
pub const RENDITION_BYTES: u64 = 100 * (Rendition::ALL.len() as u64 - 1);
/// What an album's records count, and those of a photo, in bytes.
pub const RECORD_BYTES: u64 = Usage::RECORD_BYTES;
/// What such a photo counts, in bytes.
pub const PHOTO_COUNTS: u64 = PHOTO_BYTES + RENDITION_BYTES + RECORD_BYTES;

/// What was read from a photo with this title and an original of [`PHOTO_BYTES`].
pub fn facts(title: &str) -> PhotoFacts {
    PhotoFacts {
        title: Title::parse(title).unwrap(),
        description: Description::parse("").unwrap(),
        tags: Tags::default(),
        file_name: FileName::clean("IMG_0012.JPG"),
        taken_override: None,
        image: ImageFacts {
            content_type: ImageType::Jpeg,
            width: 640,
            height: 480,
            placeholder: vec![0, 1, 254, 255],
            damaged: false,
            metadata: Metadata::default(),
        },
        objects: Rendition::ALL.map(|rendition| object(rendition, Generation::FIRST)).into(),
        fingerprint: None,
    }
}

/// One blob of such a photo.
pub fn object(rendition: Rendition, generation: Generation) -> StoredObject {
    StoredObject {
        rendition,
        generation,
        content_type: ImageType::Jpeg,
        bytes: if rendition == Rendition::Original { PHOTO_BYTES } else { 100 },
        sha256: ContentHash::of(rendition.name().as_bytes()),
        width: 640,
        height: 480,
    }
}

/// What was read from a photo whose original has this many bytes.
pub fn facts_of_size(bytes: u64) -> PhotoFacts {
    let mut facts = facts("sized");
    facts.objects[0].bytes = bytes;
    facts
}
