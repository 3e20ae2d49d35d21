//! The entries of a photo's EXIF data, and how they are printed. Knows no single tag; compared with
//! exiftool in `tests/it/exiftool.rs`.

use super::print;
use super::tags;
use super::tiff::{self, Directory, Entry};
use crate::metadata::text::shortened;

/// Most tags printed of a photo; cameras write about 60.
const MAX_PRINTED_TAGS: usize = 256;
/// Most characters of a printed value; the rest is cut off.
pub const MAX_PRINTED_CHARS: usize = 500;
/// Most bytes of all printed values together, so that a photo's record stays small in every store.
const MAX_PRINTED_BYTES: usize = 32 * 1024;

/// The entries of a photo's EXIF data.
#[derive(Debug, Default)]
pub struct Exif<'a> {
    entries: Vec<Entry<'a>>,
}

impl<'a> Exif<'a> {
    /// Reads the entries of EXIF data, from the TIFF header on.
    pub fn read(data: &'a [u8]) -> Self {
        Self { entries: tiff::entries(data) }
    }

    /// Tag names and printed values, in the file's order; a name that occurs twice keeps its first
    /// place.
    pub fn printed(&self) -> Vec<(String, String)> {
        let mut printed: Vec<(String, String)> = Vec::new();
        let mut bytes = 0;
        for entry in &self.entries {
            let Some(tag) = tags::find(entry) else { continue };
            let Some(value) = print::print(tag, entry) else { continue };
            let value = shortened(value, MAX_PRINTED_CHARS);
            bytes += tag.name.len() + value.len();
            if printed.len() == MAX_PRINTED_TAGS || bytes > MAX_PRINTED_BYTES {
                break;
            }
            match printed.iter_mut().find(|(name, _)| name == tag.name) {
                Some((_, earlier)) if !tag.keeps_first() => *earlier = value,
                Some(_) => {}
                None => printed.push((tag.name.to_owned(), value)),
            }
        }
        printed
    }

    /// The first entry with this id.
    pub fn find(&self, directory: Directory, id: u16) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| entry.directory == directory && entry.id == id)
    }
}
