//! HEIF (ISO/IEC 23008-12) with pictures in HEVC, as phones write HEIC, or in AV1, which is AVIF:
//! one picture or a grid of tiles, decoded a row of tiles at a time, with alpha. Pictures that are
//! made of others in further ways, and sequences without a still picture, are not taken.

mod codec;
mod container;
mod crop;
mod feed;

use heifer_isobmff::boxes::{ColorInfo, Property};
use heifer_isobmff::{HeifFile, ItemId};

use super::header::{Header, MAX_BLOCK_BYTES, MAX_EXIF_BYTES, MAX_ICC_BYTES, without_identifier};
use super::rows::Downscaled;
use super::source::Source;
use crate::colour::{Codes, Colours, Matrix, Range};
use crate::downscale::{Downscaler, Shape};
use crate::metadata::Blocks;
use crate::picture::Orientation;
use crate::refusal::Refusal;
use crate::render::large_size;
use crate::stop::Stop;

use codec::Codec;
use container::{Container, Image, properties};
use crop::{Crop, GREY};
use feed::{Feed, Target};

/// Brands of files with pictures in HEVC (ISO/IEC 23008-12, annex B), and in AV1 (AV1 Image File
/// Format, section 6).
const HEVC: [&[u8; 4]; 6] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"];
const AV1: [&[u8; 4]; 2] = [b"avif", b"avis"];

/// Memory that a decoder takes for a pixel of the tile in work: samples of 16 bits, what is known
/// of each block, and rows that wait for filters. Measured in `tests/memory.rs`.
const DECODER_BYTES_A_PIXEL: u64 = 14;
/// Bytes of a pixel of the tiles beside it: samples of 16 bits of three components.
const FRAME_BYTES_A_PIXEL: u64 = 6;
/// All of alpha.
const OPAQUE: u8 = u8::MAX;

/// Memory for the boxes and for the decoder's tables.
const REST_BYTES: u64 = 8 << 20;

/// Types of auxiliary pictures that are alpha (ISO/IEC 23008-12, 6.6.2.1.1; H.273).
const ALPHA: [&str; 2] = ["urn:mpeg:hevc:2015:auxid:1", "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"];

/// Whether the first of the file's brands that says something says HEVC.
pub fn is_heic(start: &[u8]) -> bool {
    codec_of(start) == Some(Codec::Hevc)
}

/// The same for AV1.
pub fn is_avif(start: &[u8]) -> bool {
    codec_of(start) == Some(Codec::Av1)
}

fn codec_of(start: &[u8]) -> Option<Codec> {
    let (length, rest) = start.split_first_chunk::<4>()?;
    let brands = rest.strip_prefix(b"ftyp")?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?.saturating_sub(8);
    brands.get(..length.min(brands.len()))?.as_chunks::<4>().0.iter().find_map(|brand| {
        if HEVC.contains(&brand) { Some(Codec::Hevc) } else { AV1.contains(&brand).then_some(Codec::Av1) }
    })
}

pub fn probe(source: &mut Source) -> Result<Header, Refusal> {
    let boxes = container::read(source)?;
    let Shown { mut container, id, image, alpha, crop } = Shown::of(&boxes, source)?;
    let orientation = orientation(&container.file, id, image.codec);
    let decoding_bytes = image.decoding_bytes() + alpha.as_ref().map_or(0, Image::decoding_bytes);
    let codes = nclx(&container.file, &image).map(|nclx| nclx.codes);
    let channels = 3 + u64::from(alpha.is_some());
    let blocks = blocks(&mut container, id, &image)?;
    let header = Header::new(crop.size, channels, decoding_bytes, blocks);
    Ok(Header { orientation, codes, ..header })
}

/// What is to be shown of a file.
struct Shown<'a> {
    container: Container<'a>,
    id: ItemId,
    image: Image,
    alpha: Option<Image>,
    crop: Crop,
}

impl<'a> Shown<'a> {
    fn of(boxes: &'a [u8], source: &'a mut Source) -> Result<Self, Refusal> {
        let mut container = Container::parse(boxes, source)?;
        let id = container.primary()?;
        let image = container.image(id)?;
        let alpha = alpha_of(&container.file, id).map(|alpha| container.image(alpha)).transpose()?;
        let crop = Crop::of(&container.file, id, &image);
        Ok(Self { container, id, image, alpha, crop })
    }
}

impl Image {
    fn decoding_bytes(&self) -> u64 {
        let tile_row = u64::from(self.size.width.get()) * u64::from(self.tile.height.get());
        DECODER_BYTES_A_PIXEL * self.tile.pixels() + FRAME_BYTES_A_PIXEL * tile_row + REST_BYTES
    }
}

/// A tile that is missing or damaged is grey, and of alpha, opaque.
pub fn decode(source: &mut Source, header: &Header, stop: Stop) -> Result<Downscaled, Refusal> {
    let boxes = container::read(source)?;
    let Shown { mut container, image, alpha, crop, .. } = Shown::of(&boxes, source)?;
    if crop.size != header.size {
        return Err(Refusal::CONTRADICTING);
    }
    let first = container.first_frame(&image, stop)?;
    let nclx = nclx(&container.file, &image);
    let frame = &first.frame;
    let range = nclx.as_ref().map_or_else(|| frame.range(), |nclx| nclx.range);
    let colours = if frame.is_grey() {
        Colours::Luma(range)
    } else {
        Colours::YCbCr(Matrix::from_code(nclx.map_or_else(|| frame.matrix(), |nclx| nclx.matrix), range))
    };
    let planes = colours.components();
    let mut shapes = (0..planes).map(|plane| crop.shape(frame.subsampling(plane))).collect::<Vec<_>>();
    if let Some(alpha) = &alpha {
        shapes.push(Shape { size: alpha.size, channels: 1, alpha: false, fill: OPAQUE });
    }
    let mut downscaler = Downscaler::new(large_size(header.size), shapes, stop);
    let mut feed = Feed { container: &mut container, downscaler: &mut downscaler, stop };
    let mut is_whole = feed.planes(&image, first, &crop, &Target { planes: 0..planes, missing: GREY })?;
    if let Some(alpha) = &alpha {
        let target = Target { planes: planes..planes + 1, missing: OPAQUE };
        is_whole &= match feed.container.first_frame(alpha, stop) {
            Ok(first) => feed.planes(alpha, first, &Crop::whole(alpha.size), &target)?,
            Err(Refusal::Undecodable(_)) => false,
            Err(refusal) => return Err(refusal),
        };
    }
    Ok(Downscaled {
        size: large_size(header.size),
        colours,
        planes: downscaler.finish()?,
        damaged: !is_whole,
    })
}

/// Turning and mirroring, in the order in which the file gives them. Where a HEIC file gives none,
/// None: its EXIF data say it, although MIAF (ISO/IEC 23000-22) has readers ignore them, for phones
/// that write no transform mean them. AVIF is displayed by browsers, by its container alone.
fn orientation(file: &HeifFile<'_>, id: ItemId, codec: Codec) -> Option<Orientation> {
    let none = if codec == Codec::Av1 { Some(Orientation::Upright) } else { None };
    properties(file, id).fold(none, |orientation, property| {
        let before = orientation.unwrap_or(Orientation::Upright);
        match property {
            Property::Rotation(anticlockwise) => {
                Some(before.then(Orientation::clockwise(4 - anticlockwise % 4)))
            }
            Property::Mirror(true) => Some(before.then(Orientation::Flipped)),
            Property::Mirror(false) => Some(before.then(Orientation::Mirrored)),
            _ => orientation,
        }
    })
}

/// The auxiliary picture that is this one's alpha.
fn alpha_of(file: &HeifFile<'_>, id: ItemId) -> Option<ItemId> {
    file.referencing_items(id, b"auxl").into_iter().find(|auxiliary| {
        properties(file, *auxiliary).any(
            |property| matches!(property, Property::AuxiliaryType(kind) if ALPHA.contains(&kind.as_str())),
        )
    })
}

/// Code points in the container, which count before those in the pictures.
struct Nclx {
    codes: Codes,
    matrix: u16,
    range: Range,
}

/// Of the picture, or of its first tile.
fn nclx(file: &HeifFile<'_>, image: &Image) -> Option<Nclx> {
    image.with_first_tile().find_map(|id| {
        properties(file, id).find_map(|property| match *property {
            Property::Color(ColorInfo::Nclx { primaries, transfer, matrix, full_range }) => {
                let codes = Codes {
                    primaries: u8::try_from(primaries).ok()?,
                    transfer: u8::try_from(transfer).ok()?,
                };
                let range = if full_range { Range::Full } else { Range::Limited };
                Some(Nclx { codes, matrix, range })
            }
            _ => None,
        })
    })
}

fn blocks(container: &mut Container<'_>, id: ItemId, image: &Image) -> Result<Blocks, Refusal> {
    let icc = image.with_first_tile().find_map(|id| {
        properties(&container.file, id).find_map(|property| match property {
            Property::Color(ColorInfo::Icc(icc)) if icc.len() as u64 <= MAX_ICC_BYTES => Some(icc.clone()),
            _ => None,
        })
    });
    let mut blocks = Blocks { icc, ..Blocks::default() };
    for about in container.file.referencing_items(id, b"cdsc").into_iter().take(16) {
        let Ok(item) = container.file.item(about) else { continue };
        let is_xmp = item.content_type.as_deref() == Some("application/rdf+xml");
        match &item.item_type.0 {
            b"Exif" if blocks.exif.is_none() => {
                blocks.exif = container.item(about, MAX_EXIF_BYTES)?.as_deref().and_then(exif);
            }
            b"mime" if is_xmp && blocks.xmp.is_none() => {
                blocks.xmp = container.item(about, MAX_BLOCK_BYTES)?;
            }
            _ => {}
        }
    }
    Ok(blocks)
}

/// EXIF data behind the place of their TIFF header (ISO/IEC 23008-12, A.2.1).
fn exif(item: &[u8]) -> Option<Vec<u8>> {
    let (place, rest) = item.split_first_chunk::<4>()?;
    let exif = rest.get(usize::try_from(u32::from_be_bytes(*place)).ok()?..)?;
    Some(without_identifier(exif).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_files_by_their_brands() {
        let heic = b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf";
        assert!(is_heic(heic) && !is_avif(heic));
        let avif = b"\0\0\0\x18ftypavif\0\0\0\0mif1heic";
        assert!(is_avif(avif) && !is_heic(avif));
        for other in
            [&b"\0\0\0\x14ftypisom\0\0\0\0heic"[..16], b"\0\0\0\x10ftypmp42\0\0\0\0heic", b"ftyp", b""]
        {
            assert!(!is_heic(other) && !is_avif(other));
        }
    }
}
