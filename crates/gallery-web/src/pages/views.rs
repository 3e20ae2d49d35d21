//! Photos and albums as lists show them. It knows no particular page. Tests are below and in the
//! pages' snapshots.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gallery_core::model::{Album, Photo, Rendition, StoredObject};
use gallery_core::values::{AlbumId, Cursor, Generation, PhotoId};

use super::page::Page;

/// A photo in a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tile {
    /// Names the photo.
    pub id: PhotoId,
    /// Its title or, without one, its file's name.
    pub label: String,
    /// Width of the small rendition in pixels.
    pub width: u32,
    /// Height of the small rendition in pixels.
    pub height: u32,
    /// The thumbhash, in base64.
    pub placeholder: String,
    /// A part of the picture could not be decoded.
    pub damaged: bool,
    /// It stands among dates, and has none.
    pub undated: bool,
    medium_width: u32,
    generation: Generation,
    previous: Option<PhotoId>,
}

/// Heights of a row of photos in CSS pixels, from the widest screen to the narrowest, and from
/// which screen width on (in rem) each holds: `--row` of the stylesheet.
const ROWS: [(u32, Option<u32>); 3] = [(224, Some(75)), (176, Some(40)), (120, None)];

impl Tile {
    /// A photo in a list.
    pub(super) fn of(photo: &Photo) -> Self {
        let small = size(photo, Rendition::Small);
        let medium_width = size(photo, Rendition::Medium).0;
        Self {
            id: photo.id,
            label: label(photo),
            width: small.0,
            height: small.1,
            placeholder: STANDARD.encode(&photo.facts.image.placeholder),
            damaged: photo.facts.image.damaged,
            undated: false,
            medium_width,
            generation: photo.facts.generation(),
            previous: None,
        }
    }

    /// A photo in a list that says dates.
    pub(super) fn among_dates(photo: &Photo) -> Self {
        Self { undated: photo.taken().is_none(), ..Self::of(photo) }
    }

    /// The photos of a list, each of which knows the one before it.
    pub(super) fn chain(photos: &[Photo]) -> Vec<Self> {
        let before = std::iter::once(None).chain(photos.iter().map(|photo| Some(photo.id)));
        photos.iter().zip(before).map(|(photo, previous)| Self { previous, ..Self::of(photo) }).collect()
    }

    /// The photo's page.
    pub(super) fn href(&self) -> String {
        match self.previous {
            None => format!("/photos/{}", self.id),
            Some(previous) => format!("/photos/{}?previous={previous}", self.id),
        }
    }

    /// The address of a rendition.
    pub(super) fn source(&self, rendition: &str) -> String {
        source(self.id, self.generation, rendition)
    }

    /// The renditions to choose from, with their widths.
    pub(super) fn srcset(&self) -> String {
        let small = format!("{} {}w", self.source("small"), self.width);
        if self.medium_width <= self.width {
            return small;
        }
        format!("{small}, {} {}w", self.source("medium"), self.medium_width)
    }

    /// How much of a row's spare width the photo takes, from 1 to 12: in proportion to its own
    /// width, so that every photo of the row is cut alike. A class of the stylesheet.
    pub(super) fn share(&self) -> u64 {
        (4 * u64::from(self.width)).div_ceil(u64::from(self.height.max(1))).clamp(1, 12)
    }

    /// How wide the photo is shown: as wide as its shape makes it in a row.
    pub(super) fn sizes(&self) -> String {
        let shown =
            |row: u32| (u64::from(row) * u64::from(self.width)).div_ceil(u64::from(self.height.max(1)));
        let size = |(row, from): (u32, Option<u32>)| match from {
            Some(rem) => format!("(min-width: {rem}rem) {}px", shown(row)),
            None => format!("{}px", shown(row)),
        };
        ROWS.map(size).join(", ")
    }
}

/// An album in a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Card {
    /// Names the album.
    pub id: AlbumId,
    /// Its name.
    pub name: String,
    /// The photo that stands for it.
    pub cover: Option<PhotoId>,
    /// How many photos it has.
    pub photos: u64,
}

impl Card {
    /// An album in a list.
    pub(super) fn of(album: &Album) -> Self {
        Self { id: album.id, name: album.name.to_string(), cover: album.cover, photos: album.photo_count }
    }
}

/// Links between the pages of a list.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Pager {
    /// The list's beginning, on every page but the first.
    pub first: Option<String>,
    /// The next page, if there is one.
    pub next: Option<String>,
}

impl Pager {
    /// Links for the page of the list at `path` (which may have a query) that began at `cursor`.
    pub(super) fn of(path: &str, cursor: Option<Cursor>, next: Option<Cursor>) -> Self {
        let joint = if path.contains('?') { '&' } else { '?' };
        Self {
            first: cursor.map(|_| path.to_owned()),
            next: next.map(|next| format!("{path}{joint}cursor={}", next.encode())),
        }
    }
}

/// The photo's title or, without one, its file's name.
pub(super) fn label(photo: &Photo) -> String {
    let title = photo.facts.title.as_str();
    if title.is_empty() { photo.facts.file_name.to_string() } else { title.to_owned() }
}

/// The address of a rendition, another one for every generation, because it is cached for ever.
pub(super) fn source(photo: PhotoId, generation: Generation, rendition: &str) -> String {
    format!("/api/v1/photos/{photo}/renditions/{rendition}?v={generation}")
}

/// Width and height of a rendition; the photo's own shape when it is not recorded.
pub(super) fn size(photo: &Photo, rendition: Rendition) -> (u32, u32) {
    let recorded = |object: &StoredObject| (object.width, object.height);
    photo.facts.object(rendition).map_or((photo.facts.image.width, photo.facts.image.height), recorded)
}

/// "Delete this?", for people without JavaScript and with.
#[derive(Template)]
#[template(path = "delete.html")]
pub(super) struct DeletePage {
    pub page: Page,
    pub title: String,
    pub detail: String,
    /// The key of what the button says.
    pub button: &'static str,
    pub action: String,
    pub back: String,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn tile(width: u32, height: u32) -> Tile {
        let id = PhotoId::from_uuid(Uuid::from_u128(1));
        let (label, placeholder) = (String::new(), String::new());
        let (generation, medium_width) = (Generation::FIRST, 1_024);
        let (damaged, undated, previous) = (false, false, None);
        Tile { id, label, width, height, placeholder, damaged, undated, medium_width, generation, previous }
    }

    #[test]
    fn photos_are_fetched_in_the_size_they_are_shown() {
        assert_eq!(tile(320, 160).sizes(), "(min-width: 75rem) 448px, (min-width: 40rem) 352px, 240px");
        assert_eq!(tile(320, 0).sizes(), "(min-width: 75rem) 71680px, (min-width: 40rem) 56320px, 38400px");
        assert_eq!(tile(320, 213).srcset().matches("renditions").count(), 2);
        assert_eq!(tile(320, 213).srcset().matches("?v=1 ").count(), 2);
        assert_eq!(Tile { medium_width: 320, ..tile(320, 213) }.srcset().matches("renditions").count(), 1);
    }

    #[test]
    fn spare_width_is_shared_in_proportion() {
        let shares =
            [(320, 320), (213, 320), (320, 32), (1, 320)].map(|(width, height)| tile(width, height).share());
        assert_eq!(shares, [4, 3, 12, 1]);
    }

    #[test]
    fn pagers_lead_on_and_back() {
        let cursor = Some(Cursor { order: 0, id: Uuid::from_u128(7) });
        assert_eq!(Pager::of("/", None, None), Pager::default());
        let pager = Pager::of("/search?q=x", cursor, cursor);
        assert_eq!(pager.first.as_deref(), Some("/search?q=x"));
        assert!(pager.next.unwrap().starts_with("/search?q=x&cursor=AAAA"));
        assert!(Pager::of("/photos", None, cursor).next.unwrap().starts_with("/photos?cursor="));
    }
}
