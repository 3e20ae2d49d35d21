//! What people wrote into EXIF data: the description, and the tags that Windows adds (MSDN, "Photo
//! Metadata Policies"). Texts are as they stand there; `metadata::captions` chooses and cleans.

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

impl Exif<'_> {
    /// The description.
    pub fn description(&self) -> Option<String> {
        Some(decoded(until_nul(self.find(Directory::Main, IMAGE_DESCRIPTION)?.data)))
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
