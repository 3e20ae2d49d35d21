//! The formats that the gallery takes: sniffing, reading the header, decoding. One module and one entry in
//! [`FORMATS`] each. Knows no limit of the service and nothing of renditions but their size; tests of whole files are
//! in `tests/imaging/formats.rs` and `tests/imaging/hostile.rs`.

mod bmp;
mod gif;
mod heif;
mod jpeg;
mod photoshop;
mod png;
mod source;
mod tiff;
mod webp;

use std::io::{Read as _, Seek as _, SeekFrom};

use gallery_core::model::ImageType;

pub use source::Source;

use crate::colour::{Codes, Colours};
use crate::metadata::Blocks;
use crate::picture::{Layout, Orientation, Size};
use crate::reduce::{Reducer, Shape};
use crate::render::large_size;
use crate::stop::Stop;
use gallery_resize::ScaleError;

/// Bytes from the start of a file that are enough to know its type: of HEIF, the list of brands.
const SNIFFED_BYTES: u64 = 256;

/// The most bytes of a file's EXIF data, and of its XMP and IPTC data, that are looked at. A JPEG segment cannot
/// hold more (ITU T.81, B.1.1.4); the other formats could, but cameras write the same there.
const MAX_BLOCK_BYTES: u64 = 64 * 1024;

/// The most bytes of an ICC profile that are looked at; those of printing presses have some 2 MiB.
const MAX_ICC_BYTES: u64 = 4 << 20;

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
    /// Scaling failed.
    #[error(transparent)]
    Scale(#[from] ScaleError),
}

impl Refusal {
    /// Its time is over.
    pub const TOO_LONG: Self = Self::Undecodable("it takes too long to decode");
    /// Headers do not agree with each other, or with the picture.
    const CONTRADICTING: Self = Self::Undecodable("it has contradicting headers");
    /// The file ends within its header.
    const CUT_OFF: Self = Self::Undecodable("its header is cut off");
}

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
    /// How it is to be turned, from a format that says so itself; else the EXIF data do.
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
    /// The file ends before its end is marked.
    pub cut_off: bool,
    /// Inks are stored as light: 0 is all ink.
    pub inverted_inks: bool,
}

impl Header {
    /// A header that says nothing but this.
    fn new(size: Size, channels: u64, decoding_bytes: u64, blocks: Blocks) -> Self {
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

    /// How it is to be turned, when its EXIF data say this.
    pub fn orientation_or(&self, exif: u32) -> Orientation {
        self.orientation.unwrap_or(Orientation::from_exif(exif))
    }
}

/// A picture scaled down while it was decoded: its planes at the size of the large rendition.
pub struct Reduced {
    /// The size of all planes.
    pub size: Size,
    /// What the planes are.
    pub colours: Colours,
    /// The planes.
    pub planes: Vec<Vec<u8>>,
}

/// A format that the gallery takes.
pub struct Format {
    /// What it is called.
    pub content_type: ImageType,
    /// Whether a file that starts like this is of this format.
    sniff: fn(&[u8]) -> bool,
    /// Reads the header without allocating more than the metadata take.
    pub probe: fn(&mut Source) -> Result<Header, Refusal>,
    /// Decodes a whole file whose header is known. A damaged file gives what could be read of it.
    pub decode: fn(&mut Source, &Header, Stop) -> Result<Reduced, Refusal>,
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

/// EXIF data without the identifier of the JPEG segment, which some writers keep in other formats.
fn without_identifier(exif: &[u8]) -> &[u8] {
    exif.strip_prefix(b"Exif\0\0").unwrap_or(exif)
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

/// Takes the rows of a picture whose channels come in turn.
struct Rows {
    reducer: Reducer,
    size: Size,
    layout: Layout,
}

impl Rows {
    fn new(size: Size, layout: Layout, stop: Stop) -> Self {
        let channels = u8::try_from(layout.channels()).unwrap_or(u8::MAX);
        let shape = Shape { size, channels, alpha: layout.has_alpha(), fill: 0 };
        Self { reducer: Reducer::new(large_size(size), [shape], stop), size, layout }
    }

    /// All rows of a picture that was decoded in one piece.
    fn whole(size: Size, layout: Layout, pixels: Vec<u8>, stop: Stop) -> Result<Reduced, Refusal> {
        let mut rows = Self::new(size, layout, stop);
        rows.push(&pixels)?;
        drop(pixels);
        rows.finish()
    }

    fn push(&mut self, rows: &[u8]) -> Result<(), Refusal> {
        self.reducer.push(0, rows)
    }

    fn finish(self) -> Result<Reduced, Refusal> {
        let planes = self.reducer.finish()?;
        Ok(Reduced { size: large_size(self.size), colours: Colours::Interleaved(self.layout), planes })
    }
}
