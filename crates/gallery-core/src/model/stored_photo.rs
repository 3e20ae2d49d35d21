//! A photo's row as workers see it, and which blobs it owns. It knows no store and no blob store;
//! tests are beside the code.

use super::{BlobKey, Rendition, StoredObject};
use crate::values::{AlbumId, Generation, PhotoId, UserId};

/// Where a photo's row is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoState {
    /// The upload is under way; nobody sees it.
    Pending,
    /// Its owner sees it, while its album is live.
    Ready,
    /// Its blobs, then its row, are being removed; nobody sees it.
    Deleting,
}

/// A photo's row as workers see it: in any state, in an album of any state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPhoto {
    /// Names the photo.
    pub id: PhotoId,
    /// The album it is in.
    pub album_id: AlbumId,
    /// Whose it is.
    pub owner: UserId,
    /// Where it is in its life.
    pub state: PhotoState,
    /// What it counts towards the quota, in bytes: its objects, or what is reserved while pending,
    /// and its records ([`Usage::RECORD_BYTES`](super::Usage::RECORD_BYTES)).
    pub bytes: u64,
    /// The newest generation that the row has named: a blob of it may exist.
    pub generation: Generation,
    /// The original and every rendition, as put. Empty while pending; may be empty once it is
    /// marked as deleting.
    pub objects: Vec<StoredObject>,
}

impl StoredPhoto {
    /// The keys of every blob that the photo can have, of every generation that its row has named.
    /// For removing them: a key without a blob counts as removed.
    pub fn blob_keys(&self) -> impl Iterator<Item = BlobKey> + use<> {
        let id = self.id;
        self.generation.up_to_this().flat_map(move |generation| {
            Rendition::ALL.into_iter().map(move |rendition| BlobKey::of(id, generation, rendition))
        })
    }

    /// Whether a blob of this key is the photo's, or may become the photo's. A key that a row does
    /// not own, it will never own (again): a blob of it can be removed.
    ///
    /// A photo that is not ready owns every generation that its row has named: an upload may be
    /// putting it, or a deletion will remove it. A ready one owns its objects, and the newest
    /// generation while that is newer than its objects: renditions of it are being made.
    pub fn owns(&self, key: &BlobKey) -> bool {
        if key.photo() != self.id {
            return false;
        }
        match self.state {
            PhotoState::Pending | PhotoState::Deleting => key.generation() <= self.generation,
            PhotoState::Ready => {
                let is_of = |object: &StoredObject| {
                    (object.generation, object.rendition) == (key.generation(), key.rendition())
                };
                let shown = self.objects.iter().map(|object| object.generation).max();
                let under_way = shown.is_none_or(|shown| self.generation > shown);
                self.objects.iter().any(is_of) || (under_way && key.generation() == self.generation)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ImageType;
    use crate::values::{ContentHash, Timestamp};

    const STATES: [PhotoState; 3] = [PhotoState::Pending, PhotoState::Ready, PhotoState::Deleting];

    fn photo(random: u8) -> PhotoId {
        PhotoId::new(Timestamp::from_millis(9), &[random; 10])
    }

    /// A photo whose original is of the first generation, with renditions of `shown`.
    fn row(state: PhotoState, shown: u32, newest: u32) -> StoredPhoto {
        let object = |rendition| StoredObject {
            rendition,
            generation: match rendition {
                Rendition::Original => Generation::FIRST,
                _ => Generation::from_number(shown),
            },
            content_type: ImageType::Jpeg,
            bytes: 1,
            sha256: ContentHash::of(b"1"),
            width: 1,
            height: 1,
        };
        StoredPhoto {
            id: photo(1),
            album_id: AlbumId::new(Timestamp::from_millis(1), &[2; 10]),
            owner: UserId::new(Timestamp::from_millis(1), &[3; 10]),
            state,
            bytes: 1,
            generation: Generation::from_number(newest),
            objects: match state {
                PhotoState::Pending => Vec::new(),
                PhotoState::Ready | PhotoState::Deleting => Rendition::ALL.map(object).into(),
            },
        }
    }

    fn key(generation: u32, rendition: Rendition) -> BlobKey {
        BlobKey::of(photo(1), Generation::from_number(generation), rendition)
    }

    #[test]
    fn a_ready_photo_owns_what_it_shows_and_nothing_older() {
        let row = row(PhotoState::Ready, 3, 3);
        assert!(row.owns(&key(1, Rendition::Original)));
        assert!(row.owns(&key(3, Rendition::Small)));
        for (generation, rendition) in
            [(0, Rendition::Original), (1, Rendition::Small), (2, Rendition::Small), (3, Rendition::Original)]
        {
            assert!(!row.owns(&key(generation, rendition)), "{generation} {rendition:?}");
        }
    }

    #[test]
    fn a_ready_photo_owns_the_newest_attempt_and_no_attempt_before_it() {
        let row = row(PhotoState::Ready, 1, 3);
        assert!(row.owns(&key(1, Rendition::Small)));
        assert!(row.owns(&key(3, Rendition::Small)));
        assert!(!row.owns(&key(2, Rendition::Small)), "an attempt that was given up");
        assert!(!row.owns(&key(4, Rendition::Small)), "nothing named it");
    }

    #[test]
    fn other_rows_own_every_generation_that_they_named() {
        for state in [PhotoState::Pending, PhotoState::Deleting] {
            let row = row(state, 1, 2);
            for generation in 0..=2 {
                assert!(Rendition::ALL.iter().all(|rendition| row.owns(&key(generation, *rendition))));
            }
            assert!(!row.owns(&key(3, Rendition::Small)), "{state:?}");
        }
    }

    #[test]
    fn nobody_owns_a_blob_of_another_photo() {
        let foreign = BlobKey::of(photo(7), Generation::FIRST, Rendition::Small);
        for state in STATES {
            assert!(!row(state, 1, 1).owns(&foreign), "{state:?}");
        }
    }

    #[test]
    fn what_is_owned_is_among_the_keys() {
        for state in STATES {
            let row = row(state, 2, 3);
            let keys: Vec<_> = row.blob_keys().collect();
            assert_eq!(keys.len(), 4 * Rendition::ALL.len());
            let owned =
                (0..=4).flat_map(|generation| Rendition::ALL.map(|rendition| key(generation, rendition)));
            assert!(owned.filter(|key| row.owns(key)).all(|key| keys.contains(&key)), "{state:?}");
        }
    }
}
