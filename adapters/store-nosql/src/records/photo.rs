//! Photos: their own record, and what lists have of them.

use gallery_core::model::{
    ImageFacts, NewRenditions, NewUpload, Photo, PhotoFacts, PhotoState, StoredObject, StoredPhoto,
    counted_bytes, stored_bytes,
};
use gallery_core::ports::StoreError;
use gallery_core::values::{
    AlbumId, ContentHash, Description, FileName, Generation, IdempotencyKey, PhotoId, Tags, Taken, Timestamp,
    Title, UserId,
};
use serde::{Deserialize, Serialize};

use super::image::image_of_any_format;
use crate::slot::Record;

/// What is known of a photo that was ready, but for its EXIF tags.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Facts {
    title: String,
    description: String,
    tags: Tags,
    file_name: String,
    #[serde(default)]
    taken_override: Option<Taken>,
    /// Its list of EXIF tags is empty here.
    #[serde(deserialize_with = "image_of_any_format")]
    image: ImageFacts,
    objects: Vec<StoredObject>,
    fingerprint: Option<ContentHash>,
}

impl Facts {
    fn of(facts: &PhotoFacts) -> Self {
        let mut image = facts.image.clone();
        image.metadata.exif = Vec::new();
        // A place that is "not a number" is none, and neither DynamoDB nor the API has a word for
        // it.
        image.metadata.gps = image.metadata.gps.filter(|place| {
            [Some(place.latitude), Some(place.longitude), place.altitude]
                .into_iter()
                .flatten()
                .all(f64::is_finite)
        });
        Self {
            title: facts.title.as_str().to_owned(),
            description: facts.description.as_str().to_owned(),
            tags: facts.tags.clone(),
            file_name: facts.file_name.as_str().to_owned(),
            taken_override: facts.taken_override,
            image,
            objects: facts.objects.clone(),
            fingerprint: facts.fingerprint,
        }
    }

    fn facts(self, exif: Vec<(String, String)>) -> PhotoFacts {
        let mut image = self.image;
        image.metadata.exif = exif;
        PhotoFacts {
            title: Title::from_stored(self.title),
            description: Description::from_stored(self.description),
            tags: self.tags,
            file_name: FileName::from_stored(self.file_name),
            taken_override: self.taken_override,
            image,
            objects: self.objects,
            fingerprint: self.fingerprint,
        }
    }
}

/// A photo in any state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PhotoRecord {
    pub(crate) album: AlbumId,
    pub(crate) owner: UserId,
    state: State,
    /// What it counts, in bytes; while pending, what is reserved.
    pub(crate) bytes: u64,
    /// The newest that it has named.
    #[serde(default)]
    pub(crate) generation: Generation,
    pub(crate) version: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) deadline: Timestamp,
    pub(crate) idempotency_key: Option<IdempotencyKey>,
    /// Present once the photo has been ready.
    facts: Option<Facts>,
    exif: Vec<(String, String)>,
}

impl Record for PhotoRecord {
    const KIND: &'static str = "photo";
}

impl PhotoRecord {
    pub(crate) fn pending(upload: &NewUpload, reserved: u64) -> Self {
        Self {
            album: upload.album_id,
            owner: upload.owner,
            state: State::Pending,
            bytes: reserved,
            generation: Generation::FIRST,
            version: 1,
            created_at: upload.created_at,
            updated_at: upload.created_at,
            deadline: upload.deadline,
            idempotency_key: upload.idempotency.as_ref().map(|(key, _)| key.clone()),
            facts: None,
            exif: Vec::new(),
        }
    }

    pub(crate) fn state(&self) -> PhotoState {
        self.state.into()
    }

    /// The bytes of its objects once the photo has been ready, whatever it is now.
    pub(crate) fn stored_bytes(&self) -> Option<u64> {
        self.facts.as_ref().map(|facts| stored_bytes(&facts.objects))
    }

    /// True once it is marked as deleting itself.
    pub(crate) fn is_marked(&self) -> bool {
        self.state == State::Deleting
    }

    /// By what lists by time taken order it; absent unless it has been ready.
    pub(crate) fn taken_order(&self) -> Option<Timestamp> {
        let facts = self.facts.as_ref()?;
        Some(facts.taken_override.or(facts.image.metadata.taken).map_or(self.created_at, Taken::local))
    }

    /// Makes it ready, with these facts.
    pub(crate) fn publish(&mut self, facts: &PhotoFacts) {
        self.state = State::Ready;
        self.bytes = facts.counted_bytes();
        self.set_facts(facts);
    }

    pub(crate) fn set_facts(&mut self, facts: &PhotoFacts) {
        self.facts = Some(Facts::of(facts));
        self.exif.clone_from(&facts.image.metadata.exif);
    }

    /// Names the next generation, and returns it.
    pub(crate) fn name_generation(&mut self) -> Generation {
        self.generation = self.generation.next();
        self.generation
    }

    /// The same photo with these renditions, and with what was read from the file anew.
    pub(crate) fn replace_renditions(&mut self, new: &NewRenditions) -> Result<(), StoreError> {
        let facts = self.facts().ok_or(StoreError::NotFound)?;
        self.bytes = counted_bytes(&new.objects);
        self.set_facts(&PhotoFacts { image: new.image.clone(), objects: new.objects.clone(), ..facts });
        self.version += 1;
        Ok(())
    }

    pub(crate) fn mark(&mut self) {
        self.state = State::Deleting;
    }

    /// The photo as its owner sees it; `NotFound` unless it is ready. Its album and owner must be
    /// looked at besides.
    pub(crate) fn photo(self, id: PhotoId) -> Result<Photo, StoreError> {
        let facts = self.facts.filter(|_| self.state == State::Ready).ok_or(StoreError::NotFound)?;
        Ok(Photo {
            id,
            album_id: self.album,
            owner: self.owner,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            facts: facts.facts(self.exif),
        })
    }

    /// What became of it when it was published.
    pub(crate) fn facts(&self) -> Option<PhotoFacts> {
        self.facts.clone().map(|facts| facts.facts(self.exif.clone()))
    }

    pub(crate) fn stored(&self, id: PhotoId) -> StoredPhoto {
        StoredPhoto {
            id,
            album_id: self.album,
            owner: self.owner,
            state: self.state.into(),
            bytes: self.bytes,
            generation: self.generation,
            objects: self.ready().map(|facts| facts.objects.clone()).unwrap_or_default(),
        }
    }

    fn ready(&self) -> Option<&Facts> {
        self.facts.as_ref().filter(|_| self.state == State::Ready)
    }

    /// As lists show it; `NotFound` unless it is ready.
    pub(crate) fn card(&self) -> Result<PhotoCard, StoreError> {
        Ok(PhotoCard {
            owner: self.owner,
            generation: self.generation,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            facts: self.ready().ok_or(StoreError::NotFound)?.clone(),
        })
    }

    pub(crate) fn unlisted(&self) -> UnlistedPhoto {
        let Self { owner, state, bytes, generation, .. } = *self;
        UnlistedPhoto { owner, state, bytes, generation }
    }
}

/// Where a photo is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Pending,
    Ready,
    Deleting,
}

impl From<State> for PhotoState {
    fn from(state: State) -> Self {
        match state {
            State::Pending => Self::Pending,
            State::Ready => Self::Ready,
            State::Deleting => Self::Deleting,
        }
    }
}

/// A ready photo as lists show it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PhotoCard {
    owner: UserId,
    /// The newest that the photo has named: whoever purges an album must know it.
    #[serde(default)]
    generation: Generation,
    version: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
    facts: Facts,
}

impl Record for PhotoCard {
    const KIND: &'static str = "photo in album";
}

impl PhotoCard {
    /// The photo, without its EXIF tags.
    pub(crate) fn photo(self, id: PhotoId, album_id: AlbumId) -> Photo {
        Photo {
            id,
            album_id,
            owner: self.owner,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            facts: self.facts.facts(Vec::new()),
        }
    }

    pub(crate) fn stored(self, id: PhotoId, album_id: AlbumId) -> StoredPhoto {
        let objects = self.facts.objects;
        StoredPhoto {
            id,
            album_id,
            owner: self.owner,
            state: PhotoState::Ready,
            bytes: counted_bytes(&objects),
            generation: self.generation,
            objects,
        }
    }
}

/// A photo that no list shows.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UnlistedPhoto {
    owner: UserId,
    state: State,
    bytes: u64,
    #[serde(default)]
    generation: Generation,
}

impl Record for UnlistedPhoto {
    const KIND: &'static str = "unlisted photo";
}

impl UnlistedPhoto {
    pub(crate) fn stored(&self, id: PhotoId, album_id: AlbumId) -> StoredPhoto {
        let Self { owner, state, bytes, generation } = *self;
        StoredPhoto { id, album_id, owner, state: state.into(), bytes, generation, objects: Vec::new() }
    }
}

/// A photo in its owner's list.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TimelineEntry {
    pub(crate) album: AlbumId,
}

impl Record for TimelineEntry {
    const KIND: &'static str = "photo of user";
}
