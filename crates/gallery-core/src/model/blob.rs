//! Blobs of photos: their names, and what a photo's row records of each. Nothing here knows a blob
//! store; the port is [`Blobs`](crate::ports::Blobs). Tests are beside the code.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ImageType, Rendition};
use crate::values::{ContentHash, Generation, PhotoId};

/// Names a blob: `photos/{photo}/{generation}/{rendition}`, without the number for
/// [`Generation::UNNUMBERED`]. Only the core makes keys, from an id that is never used twice and a
/// generation that its row names before anything is put: a key always means the same bytes.
///
/// Keys are ordered by the bytes of their text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobKey {
    // First, so that it gives the order; the rest follows from it.
    text: String,
    photo: PhotoId,
    generation: Generation,
    rendition: Rendition,
}

impl BlobKey {
    /// What every key begins with.
    pub const PREFIX: &'static str = "photos/";

    /// The key of this form of this photo, of this generation.
    pub fn of(photo: PhotoId, generation: Generation, rendition: Rendition) -> Self {
        let (prefix, name) = (Self::PREFIX, rendition.name());
        let text = if generation == Generation::UNNUMBERED {
            format!("{prefix}{photo}/{name}")
        } else {
            format!("{prefix}{photo}/{generation}/{name}")
        };
        Self { text, photo, generation, rendition }
    }

    /// The key that a blob store listed; `None` when no photo can have it.
    pub fn from_listed(text: &str) -> Option<Self> {
        let (photo, form) = text.strip_prefix(Self::PREFIX)?.split_once('/')?;
        let (generation, rendition) = match form.split_once('/') {
            None => (Generation::UNNUMBERED, form),
            Some((generation, rendition)) => (Generation::from_key(generation)?, rendition),
        };
        Some(Self::of(photo.parse().ok()?, generation, Rendition::from_name(rendition)?))
    }

    /// The key as blob stores record it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The photo that the key belongs to.
    pub fn photo(&self) -> PhotoId {
        self.photo
    }

    /// The generation of the blob.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Which form of the photo the blob is.
    pub fn rendition(&self) -> Rendition {
        self.rendition
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One blob of a photo, as recorded. Its key is [`BlobKey::of`] the photo, the
/// generation and the rendition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredObject {
    /// Which form of the photo it is.
    pub rendition: Rendition,
    /// Its own generation: when renditions are made anew, the original stays where it is.
    #[serde(default)]
    pub generation: Generation,
    /// Its type.
    pub content_type: ImageType,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: ContentHash,
    /// Width in pixels, as stored.
    pub width: u32,
    /// Height in pixels, as stored.
    pub height: u32,
}

impl StoredObject {
    /// The key of the blob, given whose it is.
    pub fn key(&self, photo: PhotoId) -> BlobKey {
        BlobKey::of(photo, self.generation, self.rendition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Timestamp;

    fn photo() -> PhotoId {
        PhotoId::new(Timestamp::from_millis(9), &[4; 10])
    }

    #[test]
    fn keys_name_what_they_are_of() {
        for number in [0, 1, 2, 10, u32::MAX] {
            let generation = Generation::from_number(number);
            let key = BlobKey::of(photo(), generation, Rendition::Small);
            assert_eq!(BlobKey::from_listed(key.as_str()), Some(key.clone()));
            assert_eq!(
                (key.photo(), key.generation(), key.rendition()),
                (photo(), generation, Rendition::Small)
            );
        }
    }

    #[test]
    fn keys_have_these_texts() {
        let text = |generation| BlobKey::of(photo(), generation, Rendition::Large).to_string();
        assert_eq!(text(Generation::UNNUMBERED), format!("photos/{}/large", photo()));
        assert_eq!(text(Generation::FIRST), format!("photos/{}/1/large", photo()));
        assert_eq!(text(Generation::from_number(10)), format!("photos/{}/10/large", photo()));
    }

    #[test]
    fn order_is_the_order_of_the_texts() {
        let key = |number| BlobKey::of(photo(), Generation::from_number(number), Rendition::Large);
        let mut keys = [key(0), key(2), key(10), key(1)];
        keys.sort();
        assert_eq!(keys, [key(1), key(10), key(2), key(0)]);
        assert!(keys.is_sorted_by_key(|key| key.as_str().as_bytes().to_owned()));
    }

    #[test]
    fn nothing_else_is_a_key() {
        let photo = photo();
        for text in [
            "",
            "photos/",
            "photos/x/small",
            "photos/x/1/small",
            "../etc",
            &format!("photos/{photo}"),
            &format!("photos/{photo}/huge"),
            &format!("photos/{photo}/1"),
            &format!("photos/{photo}/1/"),
            &format!("photos/{photo}/1/huge"),
            &format!("photos/{photo}/0/small"),
            &format!("photos/{photo}/01/small"),
            &format!("photos/{photo}/+1/small"),
            &format!("photos/{photo}/4294967296/small"),
            &format!("photos/{photo}/1/2/small"),
            &format!("photos/{photo}/1/small/"),
        ] {
            assert_eq!(BlobKey::from_listed(text), None, "{text}");
        }
    }
}
