//! Photos, what was read from their files, and what changes them. Plain data: the rules are in
//! [`usecases`](crate::usecases), and tests are there.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ImageType, Rendition, StoredObject, Usage};
use crate::search::{Field, Terms, TermsBuilder, date_terms};
use crate::values::{
    AlbumId, ContentHash, Description, FileName, Generation, IdempotencyKey, PhotoId, Tags, Taken, Timestamp,
    Title, UserId,
};

/// A photo that its owner can see: ready, in a live album.
#[derive(Debug, Clone, PartialEq)]
pub struct Photo {
    /// Names the photo; ids are in order of upload.
    pub id: PhotoId,
    /// The album it is in.
    pub album_id: AlbumId,
    /// Whose photo it is.
    pub owner: UserId,
    /// Counts changes, of the owner and of renditions; an update names the version it is based on.
    pub version: u64,
    /// When the upload began.
    pub created_at: Timestamp,
    /// When title, description, tags, album or the time taken were last changed by the owner.
    pub updated_at: Timestamp,
    /// Everything else.
    pub facts: PhotoFacts,
}

impl Photo {
    /// When it was taken, as far as its owner or its file says.
    pub fn taken(&self) -> Option<Taken> {
        self.facts.taken()
    }

    /// What `?sort=taken` orders by: see [`PhotoFacts::taken_order`].
    pub fn taken_order(&self) -> Timestamp {
        self.facts.taken_order(self.created_at)
    }

    /// The terms that find this photo.
    pub fn terms(&self) -> Terms {
        self.facts.terms()
    }
}

/// What makes a pending photo ready.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoFacts {
    /// The title; may be empty.
    pub title: Title,
    /// The description; may be empty.
    pub description: Description,
    /// The tags.
    pub tags: Tags,
    /// The file's name on the sender's machine, cleaned.
    pub file_name: FileName,
    /// When the photo was taken as its owner set it, in place of what its file says. Reading the
    /// file again leaves it; without it the file's counts.
    pub taken_override: Option<Taken>,
    /// What was read from the file.
    pub image: ImageFacts,
    /// The original and every rendition, as put.
    pub objects: Vec<StoredObject>,
    /// Fingerprint of the request, for a client that sent an `Idempotency-Key`.
    pub fingerprint: Option<ContentHash>,
}

impl PhotoFacts {
    /// When the photo was taken: as its owner set it, else as its file says.
    pub fn taken(&self) -> Option<Taken> {
        self.taken_override.or(self.image.metadata.taken)
    }

    /// What lists by time taken are ordered by: the earliest moment that it can have been taken by
    /// the camera's clock, as if that were on UTC; for a photo without a date its upload, in UTC.
    pub fn taken_order(&self, uploaded_at: Timestamp) -> Timestamp {
        self.taken().map_or(uploaded_at, Taken::local)
    }

    /// The stored original, or a rendition.
    pub fn object(&self, rendition: Rendition) -> Option<&StoredObject> {
        self.objects.iter().find(|object| object.rendition == rendition)
    }

    /// The newest generation among the objects. Addresses of renditions carry it, so that a cached
    /// one is never an older one.
    pub fn generation(&self) -> Generation {
        self.objects.iter().map(|object| object.generation).max().unwrap_or_default()
    }

    /// The same photo with other renditions, and what was read from its file when they were made.
    /// The original stays where it is.
    #[must_use]
    pub fn with_renditions(self, image: &ImageFacts, made: &[StoredObject]) -> Self {
        let original = self.object(Rendition::Original).cloned().map(|original| StoredObject {
            content_type: image.content_type,
            width: image.width,
            height: image.height,
            ..original
        });
        let objects = original.into_iter().chain(made.iter().cloned()).collect();
        Self { image: image.clone(), objects, ..self }
    }

    /// Size of the original in bytes.
    pub fn bytes(&self) -> u64 {
        self.object(Rendition::Original).map_or(0, |original| original.bytes)
    }

    /// What the photo counts towards the quota, in bytes: all of its objects, and its records.
    pub fn counted_bytes(&self) -> u64 {
        counted_bytes(&self.objects)
    }

    /// The terms that find this photo, the most important first: its tags, what else people typed
    /// or named, what the camera says of itself and of the day, and last the words of the
    /// description. Other EXIF tags find nothing: "fire" must not find every photo without flash.
    pub fn terms(&self) -> Terms {
        let metadata = &self.image.metadata;
        let tags = || self.tags.iter().map(crate::values::Tag::as_str);
        let mut terms = TermsBuilder::default();
        tags().for_each(|tag| terms.whole(Field::Tag, tag));
        tags().for_each(|tag| terms.words_of_tag(tag));
        terms.words(Field::Title, self.title.as_str());
        terms.words(Field::FileName, self.file_name.as_str());
        terms.words(Field::Camera, metadata.camera.as_deref().unwrap_or_default());
        terms.words(Field::Lens, metadata.lens.as_deref().unwrap_or_default());
        for date in self.taken().into_iter().flat_map(date_terms) {
            terms.add(Field::Date, &date);
        }
        terms.add(Field::Type, self.image.content_type.name());
        terms.words(Field::Description, self.description.as_str());
        terms.finish()
    }
}

/// The size of all these objects in bytes.
pub fn stored_bytes(objects: &[StoredObject]) -> u64 {
    objects.iter().map(|object| object.bytes).sum()
}

/// What a photo with these objects counts towards the quota, in bytes.
pub fn counted_bytes(objects: &[StoredObject]) -> u64 {
    Usage::RECORD_BYTES + stored_bytes(objects)
}

/// What imaging reads from a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageFacts {
    /// The file's type, found in its bytes.
    pub content_type: ImageType,
    /// Width in pixels as displayed, orientation applied.
    pub width: u32,
    /// Height in pixels as displayed, orientation applied.
    pub height: u32,
    /// A thumbhash: some 25 bytes from which a blurred placeholder is drawn.
    pub placeholder: Vec<u8>,
    /// Whether a part of the picture could not be decoded; it is shown as far as it goes.
    #[serde(default)]
    pub damaged: bool,
    /// What the camera wrote.
    pub metadata: Metadata,
}

/// What the camera wrote into the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// When the photo was taken, by the camera's clock.
    pub taken: Option<Taken>,
    /// Maker and model, without repetition.
    pub camera: Option<String>,
    /// The lens.
    pub lens: Option<String>,
    /// Where the photo was taken.
    pub gps: Option<Gps>,
    /// Tag name and printed value, as exiftool prints them, in the file's order.
    pub exif: Vec<(String, String)>,
}

/// What people wrote into the file before it came here, as read: unlimited, uncleaned for this
/// gallery's own rules. It may become the photo's first title, description and tags.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captions {
    /// A title or headline.
    pub title: Option<String>,
    /// A description or caption.
    pub description: Option<String>,
    /// Keywords, in the file's order.
    pub keywords: Vec<String>,
    /// Stars: 1 to 5.
    pub rating: Option<u8>,
}

/// A place: WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gps {
    /// Degrees, positive north: −90 to 90.
    pub latitude: f64,
    /// Degrees, positive east: −180 to 180.
    pub longitude: f64,
    /// Metres above sea level, negative below.
    pub altitude: Option<f64>,
}

/// An upload that begins: the row that is there before any blob. The newest generation that it
/// names is [`Generation::FIRST`].
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// Names the photo; never used for another upload, so its blob keys are not, either.
    pub id: PhotoId,
    /// The album it goes into.
    pub album_id: AlbumId,
    /// Whose photo it will be.
    pub owner: UserId,
    /// Now.
    pub created_at: Timestamp,
    /// Until then the upload need not show life; see
    /// [`Photos::extend_upload`](crate::ports::Photos::extend_upload).
    pub deadline: Timestamp,
    /// Bytes of quota that are wanted for its original.
    pub wanted_bytes: u64,
    /// The client's key and the instant from which the key is free again.
    pub idempotency: Option<(IdempotencyKey, Timestamp)>,
}

impl NewUpload {
    /// How long an upload may show no life before a repetition of its request takes its place.
    pub const LIFETIME: Duration = Duration::from_mins(1);
    /// How much longer the sweeper waits before it removes the upload: the clocks of instances
    /// differ.
    pub const SWEPT_AFTER: Duration = Duration::from_mins(5);
}

/// The owner's change of a photo: the complete new values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoChange {
    /// The version that the change is based on.
    pub version: u64,
    /// The new title.
    pub title: Title,
    /// The new description.
    pub description: Description,
    /// The new tags.
    pub tags: Tags,
    /// When it was taken as the owner sets it; none restores what the file says.
    pub taken_override: Option<Taken>,
    /// The album it shall be in; one of the same owner.
    pub album_id: AlbumId,
    /// Now.
    pub updated_at: Timestamp,
}

/// Renditions made anew from the original, and what was read from it again.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRenditions {
    /// The version that they are based on.
    pub version: u64,
    /// Their generation, which the row named before they were put.
    pub generation: Generation,
    /// What was read from the file.
    pub image: ImageFacts,
    /// The original, where it is, and every rendition, as put.
    pub objects: Vec<StoredObject>,
}

/// The order of a list of photos; both have the newest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PhotoSort {
    /// By upload, that is by id.
    #[default]
    Uploaded,
    /// By [`Photo::taken_order`], then by id.
    Taken,
}
