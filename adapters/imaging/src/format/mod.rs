//! The formats that the gallery takes: sniffing, reading the header, decoding. One module and one entry in
//! [`FORMATS`] each. Knows no limit of the service and nothing of renditions; tests of whole files are in
//! `tests/imaging/formats.rs` and `tests/imaging/hostile.rs`.

mod gif;
mod jpeg;
mod png;
mod source;
mod webp;

use std::io::{Read as _, Seek as _, SeekFrom};

use gallery_core::model::ImageType;

pub use source::Source;

use crate::metadata::Blocks;
use crate::picture::{Picture, Size};

/// Bytes from the start of a file that are enough to know its type.
const SNIFFED_BYTES: u64 = 16;

/// The most bytes of a file's EXIF data that are looked at. A JPEG segment cannot hold more (ITU T.81,
/// B.1.1.4); the other formats could, but cameras write the same there.
const MAX_EXIF_BYTES: u64 = 64 * 1024;

/// Why a file is no photo. The words are for the person who sent it.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The bytes are of no known type.
    #[error("not a supported type of photo")]
    Unsupported,
    /// The file is damaged or made to cost too much.
    #[error("{0}")]
    Undecodable(&'static str),
    /// The file could not be read.
    #[error("the file could not be read")]
    Io(#[from] std::io::Error),
}

/// What a file says about itself before anything is decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// As stored: not turned yet.
    pub size: Size,
    /// The most channels that the picture can have.
    pub channels: u64,
    /// Bytes of memory that decoding will need, besides the file itself.
    pub decoding_bytes: u64,
    /// Metadata as found.
    pub blocks: Blocks,
}

/// A format that the gallery takes.
pub struct Format {
    /// What it is called.
    pub content_type: ImageType,
    /// Whether a file that starts like this is of this format.
    sniff: fn(&[u8]) -> bool,
    /// Reads the header without allocating more than the EXIF data takes.
    pub probe: fn(&mut Source) -> Result<Header, Refusal>,
    /// Decodes a whole file whose header is known. A damaged file gives what could be read of it.
    pub decode: fn(&[u8], &Header) -> Result<Picture, Refusal>,
}

/// Every format.
static FORMATS: [Format; 4] = [
    Format { content_type: ImageType::Jpeg, sniff: jpeg::sniff, probe: jpeg::probe, decode: jpeg::decode },
    Format { content_type: ImageType::Png, sniff: png::sniff, probe: png::probe, decode: png::decode },
    Format { content_type: ImageType::Gif, sniff: gif::sniff, probe: gif::probe, decode: gif::decode },
    Format { content_type: ImageType::WebP, sniff: webp::sniff, probe: webp::probe, decode: webp::decode },
];

/// The format of a file, found in its first bytes.
pub fn of(source: &mut Source) -> Result<&'static Format, Refusal> {
    let mut start = Vec::new();
    source.rewind()?;
    source.by_ref().take(SNIFFED_BYTES).read_to_end(&mut start)?;
    source.seek(SeekFrom::Start(0))?;
    FORMATS.iter().find(|format| (format.sniff)(&start)).ok_or(Refusal::Unsupported)
}

/// A header's dimensions as a size.
fn size(width: u32, height: u32) -> Result<Size, Refusal> {
    Size::new(width, height).ok_or(Refusal::Undecodable("its header says that it has no pixels"))
}

/// A buffer for a picture, zeroed.
fn buffer(bytes: u64) -> Result<Vec<u8>, Refusal> {
    let length = usize::try_from(bytes).map_err(|_| Refusal::Undecodable("it is too large"))?;
    Ok(vec![0; length])
}
