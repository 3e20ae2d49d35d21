//! What the header of a file of any format comes to, and how much of a header is looked at. Knows
//! no format; tests of whole files are in `tests/it/formats.rs` and `tests/it/hostile.rs`.

use crate::colour::Codes;
use crate::metadata::Blocks;
use crate::picture::{Orientation, Size};
use crate::refusal::Refusal;

/// The most bytes of a file's XMP and IPTC data that are looked at. A JPEG segment cannot hold more
/// (ITU T.81, B.1.1.4); the other formats could, but editors write the same there.
pub const MAX_BLOCK_BYTES: u64 = 64 * 1024;

/// The most bytes of EXIF data that are looked at where a format can hold more than a segment:
/// maker notes and previews fill some hundred kilobytes.
pub const MAX_EXIF_BYTES: u64 = 1 << 20;

/// The most bytes of an ICC profile that are looked at; those of printing presses have some 2 MiB.
pub const MAX_ICC_BYTES: u64 = 4 << 20;

/// What a file says about itself before anything is decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// As stored: not turned yet.
    pub size: Size,
    /// The most channels that the picture can have.
    pub channels: u64,
    /// Bytes of memory that decoding will need, besides what scaling does.
    pub decoding_bytes: u64,
    /// What the decoder cannot know before it has seen the whole file.
    pub hints: Hints,
    /// How it is to be turned, from a format that says so itself; else the metadata do.
    pub orientation: Option<Orientation>,
    /// The code points of its colour space.
    pub codes: Option<Codes>,
    /// Metadata as found.
    pub blocks: Blocks,
}

/// What headers behind the first one say to the decoder of a format.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Hints {
    /// The components come in several scans; no row is whole before the last of them.
    pub in_scans: bool,
    /// Whether a decoder for sound files will do.
    pub soundness: Soundness,
    /// Where the data of the first scan end.
    pub data_end: u64,
    /// Three components are red, green and blue.
    pub rgb: bool,
}

/// What the headers say of damage.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Soundness {
    /// Nothing.
    #[default]
    Sound,
    /// Something is unusual: a decoder for sound files may show nothing or something wrong.
    Odd,
    /// The file ends before its end is marked.
    CutOff,
}

impl Header {
    /// A header that says nothing but this.
    pub fn new(size: Size, channels: u64, decoding_bytes: u64, blocks: Blocks) -> Self {
        Self {
            size,
            channels,
            decoding_bytes,
            hints: Hints::default(),
            orientation: None,
            codes: None,
            blocks,
        }
    }

    /// How it is to be turned, when its metadata say this.
    pub fn orientation_or(&self, said: Orientation) -> Orientation {
        self.orientation.unwrap_or(said)
    }
}

/// EXIF data without the identifier of the JPEG segment, which some writers keep in other formats.
pub fn without_identifier(exif: &[u8]) -> &[u8] {
    exif.strip_prefix(b"Exif\0\0").unwrap_or(exif)
}

/// A header's dimensions as a size.
pub fn size(width: u32, height: u32) -> Result<Size, Refusal> {
    Size::new(width, height).ok_or(Refusal::Undecodable("photo-no-pixels"))
}
