//! What a file says about its photo besides pixels: the blocks as they stand in the file, and what people wrote into
//! them. `exif` reads what the camera wrote. Nothing here knows an image format, and nothing fails: what cannot be
//! read is left out.

pub mod exif;

use gallery_core::model::Captions;

/// Blocks of metadata as a format's header gives them: unread, each of bounded length.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Blocks {
    /// EXIF data, from the TIFF header on.
    pub exif: Option<Vec<u8>>,
    /// An XMP packet (ISO 16684-1): XML in UTF-8.
    pub xmp: Option<Vec<u8>>,
    /// IPTC-IIM records (IIM 4.2), from the first tag marker on.
    pub iptc: Option<Vec<u8>>,
    /// An ICC profile (ICC.1).
    pub icc: Option<Vec<u8>>,
}

impl Blocks {
    /// What people wrote.
    pub fn captions(&self) -> Captions {
        Captions::default()
    }
}
