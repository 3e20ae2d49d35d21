//! What a photo's file makes of its title, description and tags: at first, and when it is read
//! again by other rules. What a person typed or edited counts, always. Tested in
//! `tests/it/photos.rs` and `tests/it/reprocess_captions.rs`.

use super::Gallery;
use super::albums::ATTEMPTS;
use crate::model::{Captions, Photo, PhotoChange};
use crate::ports::{Conflict, Processed, StoreError};
use crate::values::{Description, PhotoId, Tags, Title};

/// A title, description and tags.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Texts {
    pub title: Title,
    pub description: Description,
    pub tags: Tags,
}

impl Texts {
    /// What is in the file, by this gallery's own rules. Stars become a tag where they shall.
    fn embedded(captions: &Captions, rating_tags: bool) -> Self {
        let stars = captions.rating.filter(|_| rating_tags).map(|stars| match stars {
            1 => "1 star".to_owned(),
            many => format!("{many} stars"),
        });
        Self {
            title: Title::clean(captions.title.as_deref().unwrap_or_default()),
            description: Description::clean(captions.description.as_deref().unwrap_or_default()),
            tags: Tags::clean(captions.keywords.iter().chain(&stars)),
        }
    }
}

impl Gallery {
    /// The texts of a photo that is uploaded: what the person gave, and where that is nothing what
    /// the file says.
    pub(super) fn texts_or_embedded(&self, given: Texts, captions: &Captions) -> Texts {
        if !self.rules.embedded_captions {
            return given;
        }
        let embedded = Texts::embedded(captions, self.rules.rating_tags);
        Texts {
            title: if given.title.as_str().is_empty() { embedded.title } else { given.title },
            description: if given.description.as_str().is_empty() {
                embedded.description
            } else {
                given.description
            },
            tags: if given.tags.is_empty() { embedded.tags } else { given.tags },
        }
    }

    /// Makes a photo's texts anew that came from its file, which was read again.
    pub(super) async fn renew_texts(&self, id: PhotoId, processed: &Processed) -> Result<(), StoreError> {
        if !self.rules.embedded_captions {
            return Ok(());
        }
        for _ in 0..ATTEMPTS {
            let mut photo = self.ports.store.photo(id).await?;
            let Some(Texts { title, description, tags }) = self.renewed(&photo, processed) else {
                return Ok(());
            };
            let change = PhotoChange {
                version: photo.version,
                title: title.clone(),
                description: description.clone(),
                tags: tags.clone(),
                taken_override: photo.facts.taken_override,
                album_id: photo.album_id,
                // Nobody edited it.
                updated_at: photo.updated_at,
            };
            (photo.facts.title, photo.facts.description, photo.facts.tags) = (title, description, tags);
            match self.ports.store.update_photo(id, &change, &photo.facts.terms()).await {
                Err(StoreError::Conflict(Conflict::Stale)) => {}
                other => return other.map(drop),
            }
        }
        Err(StoreError::Conflict(Conflict::Stale))
    }

    /// The photo's texts with those anew that came from its file; None when they stay as they are.
    ///
    /// A text came from the file when it is what the rules of today or those before make of it,
    /// with or without stars. One that is empty did when its owner never edited the photo: else it
    /// may have been cleared.
    fn renewed(&self, photo: &Photo, processed: &Processed) -> Option<Texts> {
        let now = Texts::embedded(&processed.captions, self.rules.rating_tags);
        let from_file = [&processed.captions, &processed.former_captions];
        let from_file = from_file.map(|captions| [false, true].map(|stars| Texts::embedded(captions, stars)));
        let from_file = from_file.as_flattened();
        let is_untouched = photo.updated_at == photo.created_at;
        let is_of_file = |is_empty: bool, is_same: &dyn Fn(&Texts) -> bool| {
            if is_empty { is_untouched } else { from_file.iter().any(is_same) }
        };
        let (title, description, tags) = (&photo.facts.title, &photo.facts.description, &photo.facts.tags);
        let stored = Texts { title: title.clone(), description: description.clone(), tags: tags.clone() };
        let mut renewed = stored.clone();
        if is_of_file(title.as_str().is_empty(), &|texts| texts.title == *title) {
            renewed.title = now.title;
        }
        if is_of_file(description.as_str().is_empty(), &|texts| texts.description == *description) {
            renewed.description = now.description;
        }
        if is_of_file(tags.is_empty(), &|texts| texts.tags == *tags) {
            renewed.tags = now.tags;
        }
        (renewed != stored).then_some(renewed)
    }
}
