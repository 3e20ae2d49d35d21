//! The formats that the gallery takes: sniffing, reading the header, decoding. One module and one
//! entry in [`FORMATS`] each. Knows no limit of the service and nothing of renditions but their
//! size; what they share is in `header`, `rows` and `source`. Tests of whole files are in
//! `tests/it/formats.rs` and `tests/it/hostile.rs`.

mod bmp;
mod gif;
mod header;
mod heif;
mod jpeg;
mod padded;
mod photoshop;
mod png;
mod rows;
mod source;
mod tiff;
mod webp;

use std::io::{Read as _, Seek as _, SeekFrom};

use gallery_core::model::ImageType;

pub use header::Header;
pub use source::Source;

use crate::refusal::Refusal;
use crate::stop::Stop;
use rows::Downscaled;

/// Bytes from the start of a file that are enough to know its type: of HEIF, the list of brands.
const SNIFFED_BYTES: u64 = 256;

/// A format that the gallery takes.
pub struct Format {
    /// What it is called.
    pub content_type: ImageType,
    /// Whether a file that starts like this is of this format.
    sniff: fn(&[u8]) -> bool,
    /// Reads the header without allocating more than the metadata take.
    pub probe: fn(&mut Source) -> Result<Header, Refusal>,
    /// Decodes a whole file whose header is known. A damaged file gives what could be read of it.
    pub decode: fn(&mut Source, &Header, Stop) -> Result<Downscaled, Refusal>,
}

/// Every format.
pub static FORMATS: [Format; 8] = [
    Format { content_type: ImageType::Jpeg, sniff: jpeg::sniff, probe: jpeg::probe, decode: jpeg::decode },
    Format { content_type: ImageType::Png, sniff: png::sniff, probe: png::probe, decode: png::decode },
    Format { content_type: ImageType::Gif, sniff: gif::sniff, probe: gif::probe, decode: gif::decode },
    Format { content_type: ImageType::WebP, sniff: webp::sniff, probe: webp::probe, decode: webp::decode },
    Format { content_type: ImageType::Heic, sniff: heif::is_heic, probe: heif::probe, decode: heif::decode },
    Format { content_type: ImageType::Avif, sniff: heif::is_avif, probe: heif::probe, decode: heif::decode },
    Format { content_type: ImageType::Tiff, sniff: tiff::sniff, probe: tiff::probe, decode: tiff::decode },
    Format { content_type: ImageType::Bmp, sniff: bmp::sniff, probe: bmp::probe, decode: bmp::decode },
];

/// The format of a file, found in its first bytes.
pub fn of(source: &mut Source) -> Result<&'static Format, Refusal> {
    let mut start = Vec::new();
    source.rewind()?;
    source.by_ref().take(SNIFFED_BYTES).read_to_end(&mut start)?;
    source.seek(SeekFrom::Start(0))?;
    FORMATS.iter().find(|format| (format.sniff)(&start)).ok_or(Refusal::Unsupported)
}
