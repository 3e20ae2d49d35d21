//! What people wrote into EXIF data: the description, and the tags that Windows adds (MSDN, "Photo Metadata Policies").
//! Texts are as they stand there; `metadata::captions` chooses and cleans.

use super::data::Exif;
use super::print::utf16;
use super::tiff::{ByteOrder, Directory};
use super::value::until_nul;
use crate::metadata::text::decoded;

const IMAGE_DESCRIPTION: u16 = 0x010E;
const RATING: u16 = 0x4746;
const XP_TITLE: u16 = 0x9C9B;
const XP_COMMENT: u16 = 0x9C9C;
const XP_KEYWORDS: u16 = 0x9C9E;
const XP_SUBJECT: u16 = 0x9C9F;

/// What cameras write as a description of every photo; compared without regard to case.
const OF_EVERY_PHOTO: &[&str] =
    &["dcim", "default", "dsc", "exif_jpeg_picture", "jpeg", "kodak digital still camera", "sony dsc"];
/// The same, with the maker before it: Olympus, Minolta, Konica Minolta, Sanyo, Samsung and others.
const AFTER_A_MAKER: &str = "digital camera";

impl Exif<'_> {
    /// The description, unless it is one that the camera gives to every photo.
    pub fn description(&self) -> Option<String> {
        let entry = self.find(Directory::Main, IMAGE_DESCRIPTION)?;
        Some(decoded(until_nul(entry.data))).filter(|text| !is_of_every_photo(text))
    }

    /// Windows' title.
    pub fn xp_title(&self) -> Option<String> {
        self.utf16(XP_TITLE)
    }

    /// Windows' comment.
    pub fn xp_comment(&self) -> Option<String> {
        self.utf16(XP_COMMENT)
    }

    /// Windows' subject.
    pub fn xp_subject(&self) -> Option<String> {
        self.utf16(XP_SUBJECT)
    }

    /// Windows' keywords, with semicolons between.
    pub fn xp_keywords(&self) -> Vec<String> {
        self.utf16(XP_KEYWORDS).map(|words| words.split(';').map(str::to_owned).collect()).unwrap_or_default()
    }

    /// Windows' stars, as they stand there.
    pub fn rating(&self) -> Option<f64> {
        self.find(Directory::Main, RATING)?.numbers().first().copied()
    }

    fn utf16(&self, tag: u16) -> Option<String> {
        Some(utf16(self.find(Directory::Main, tag)?.data, ByteOrder::Little))
    }
}

fn is_of_every_photo(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    OF_EVERY_PHOTO.contains(&text.as_str()) || text.ends_with(AFTER_A_MAKER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_cameras_write_on_every_photo() {
        for text in
            ["OLYMPUS DIGITAL CAMERA         ", "KONICA MINOLTA DIGITAL CAMERA", "SONY DSC", "Default"]
        {
            assert!(is_of_every_photo(text), "{text}");
        }
        for text in ["My first digital camera, 1999", "Default gateway", "A heron"] {
            assert!(!is_of_every_photo(text), "{text}");
        }
    }
}
