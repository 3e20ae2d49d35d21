//! HEIF (ISO/IEC 23008-12) with pictures in HEVC, as phones write HEIC, or in AV1, which is AVIF: one picture or a grid
//! of tiles, decoded a row of tiles at a time, with alpha. Pictures that are made of others in further ways, and
//! sequences without a still picture, are not taken.

mod codec;
mod container;

use heifer_isobmff::boxes::{ColorInfo, Property};
use heifer_isobmff::{HeifFile, ItemId};

use super::header::{Header, MAX_BLOCK_BYTES, MAX_ICC_BYTES, without_identifier};
use super::rows::Reduced;
use super::source::Source;
use crate::colour::{Codes, Colours, Matrix, Range};
use crate::metadata::Blocks;
use crate::picture::{Orientation, Size};
use crate::reduce::{Reducer, Shape};
use crate::refusal::Refusal;
use crate::render::large_size;
use crate::stop::Stop;

use codec::{Codec, Frame};
use container::{Container, Image, properties};

/// Brands of files with pictures in HEVC (ISO/IEC 23008-12, annex B), and in AV1 (AV1 Image File Format, section 6).
const HEVC: [&[u8; 4]; 6] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"];
const AV1: [&[u8; 4]; 2] = [b"avif", b"avis"];

/// Memory that a decoder takes for a pixel of the tile in work: samples of 16 bits, what is known of each block, and
/// rows that wait for filters. Measured in `tests/memory.rs`.
const DECODER_BYTES_A_PIXEL: u64 = 14;
/// Bytes of a pixel of the tiles beside it: samples of 16 bits of three components.
const FRAME_BYTES_A_PIXEL: u64 = 6;
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
    let orientation = orientation(&container.file, id);
    let decoding_bytes = image.decoding_bytes() + alpha.as_ref().map_or(0, Image::decoding_bytes);
    let codes = nclx(&container.file, &image).map(|nclx| nclx.codes);
    let channels = 3 + u64::from(alpha.is_some());
    let blocks = blocks(&mut container, id, &image)?;
    let header = Header::new(crop.size, channels, decoding_bytes, blocks);
    Ok(Header { orientation: Some(orientation), codes, ..header })
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

/// A tile that is missing or damaged ends the picture; what is below is grey.
pub fn decode(source: &mut Source, header: &Header, stop: Stop) -> Result<Reduced, Refusal> {
    let boxes = container::read(source)?;
    let Shown { mut container, image, alpha, crop, .. } = Shown::of(&boxes, source)?;
    if crop.size != header.size {
        return Err(Refusal::CONTRADICTING);
    }
    let first = container.frame(&image, 0)?;
    let nclx = nclx(&container.file, &image);
    let range = nclx.as_ref().map_or_else(|| first.range(), |nclx| nclx.range);
    let colours = if first.is_grey() {
        Colours::Luma(range)
    } else {
        Colours::YCbCr(Matrix::from_code(nclx.map_or_else(|| first.matrix(), |nclx| nclx.matrix), range))
    };
    let planes = colours.components();
    let mut shapes = (0..planes).map(|plane| crop.shape(first.subsampling(plane))).collect::<Vec<_>>();
    if let Some(alpha) = &alpha {
        shapes.push(Shape { size: alpha.size, channels: 1, alpha: false, fill: u8::MAX });
    }
    let mut reducer = Reducer::new(large_size(header.size), shapes, stop);
    let mut feed = Feed { container: &mut container, reducer: &mut reducer, stop };
    feed.planes(&image, first, &crop, 0..planes)?;
    if let Some(alpha) = &alpha {
        let first = feed.container.frame(alpha, 0)?;
        feed.planes(alpha, first, &Crop::whole(alpha.size), planes..planes + 1)?;
    }
    Ok(Reduced { size: large_size(header.size), colours, planes: reducer.finish()? })
}

/// Moves rows from frames to the reducer.
struct Feed<'a, 'b> {
    container: &'a mut Container<'b>,
    reducer: &'a mut Reducer,
    stop: Stop,
}

impl Feed<'_, '_> {
    /// Feeds the first planes of an image as these of the reducer.
    fn planes(
        &mut self,
        image: &Image,
        first: Frame,
        crop: &Crop,
        planes: std::ops::Range<usize>,
    ) -> Result<(), Refusal> {
        let mut first = Some(first);
        for row in 0..image.rows {
            let mut frames: Vec<Frame> = Vec::with_capacity(image.columns);
            for column in 0..image.columns {
                self.stop.check()?;
                let frame = match first.take() {
                    Some(frame) => Ok(frame),
                    None => self.container.frame(image, row * image.columns + column),
                };
                match frame {
                    Ok(frame) if frames.first().is_none_or(|other| frame.is_like(other)) => {
                        frames.push(frame);
                    }
                    Ok(_) => return Err(Refusal::CONTRADICTING),
                    // The rows above are a picture; in the first row of tiles there is nothing to show.
                    Err(_) if row > 0 => return Ok(()),
                    Err(refusal) => return Err(refusal),
                }
            }
            for (plane, target) in planes.clone().enumerate() {
                self.tile_row(image, &frames, crop, plane, row, target)?;
            }
        }
        Ok(())
    }

    fn tile_row(
        &mut self,
        image: &Image,
        frames: &[Frame],
        crop: &Crop,
        plane: usize,
        row: usize,
        target: usize,
    ) -> Result<(), Refusal> {
        let subsampling = frames[0].subsampling(plane);
        let (tile, window) = (Crop::whole(image.tile).window(subsampling), crop.window(subsampling));
        let first_row = row * tile.height;
        let mut samples = Vec::with_capacity(tile.width * frames.len());
        for y in 0..tile.height {
            if !(window.top..window.top + window.height).contains(&(first_row + y)) {
                continue;
            }
            samples.clear();
            for frame in frames {
                frame.extend_row(plane, y, tile.width, &mut samples);
            }
            let end = (window.left + window.width).min(samples.len());
            let row = samples.get(window.left..end).filter(|row| row.len() == window.width);
            self.reducer.push(target, row.ok_or(Refusal::CONTRADICTING)?)?;
        }
        Ok(())
    }
}

/// How many pixels share a sample: columns and rows.
type Subsampling = (u32, u32);

/// The size in samples of a plane of a picture of this size.
fn samples(size: Size, (columns, rows): Subsampling) -> Size {
    let (width, height) = size.sides();
    Size::new(width.div_ceil(columns), height.div_ceil(rows)).unwrap_or(size)
}

/// A part of a plane, in samples.
struct Window {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

/// The part of a picture that is to be shown, in pixels.
struct Crop {
    left: u32,
    top: u32,
    size: Size,
}

impl Crop {
    /// The clean aperture (ISO/IEC 14496-12, 12.1.4), when it lies in the picture; else all of it.
    fn of(file: &HeifFile<'_>, id: ItemId, image: &Image) -> Self {
        let aperture = properties(file, id).find_map(|property| match property {
            Property::CleanAperture { width, height, horiz_offset, vert_offset } => {
                let (left, width) = side(image.size.width.get(), *width, *horiz_offset)?;
                let (top, height) = side(image.size.height.get(), *height, *vert_offset)?;
                Some(Self { left, top, size: Size::new(width, height)? })
            }
            _ => None,
        });
        aperture.unwrap_or(Self::whole(image.size))
    }

    fn whole(size: Size) -> Self {
        Self { left: 0, top: 0, size }
    }

    fn window(&self, (columns, rows): Subsampling) -> Window {
        let (width, height) = samples(self.size, (columns, rows)).sides();
        Window {
            left: (self.left / columns) as usize,
            top: (self.top / rows) as usize,
            width: width as usize,
            height: height as usize,
        }
    }

    fn shape(&self, subsampling: Subsampling) -> Shape {
        Shape { size: samples(self.size, subsampling), channels: 1, alpha: false, fill: 128 }
    }
}

/// Where a side of the aperture begins, and its length; None when it is not within the picture.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be within the picture"
)]
fn side(whole: u32, length: (u32, u32), offset: (i32, u32)) -> Option<(u32, u32)> {
    let length = (f64::from(length.0) / f64::from(length.1)).round();
    let begin = ((f64::from(whole) - length) / 2.0 + f64::from(offset.0) / f64::from(offset.1)).round();
    let is_inside = length >= 1.0 && begin >= 0.0 && begin + length <= f64::from(whole);
    is_inside.then_some((begin as u32, length as u32))
}

/// Turning and mirroring, in the order in which the file gives them.
fn orientation(file: &HeifFile<'_>, id: ItemId) -> Orientation {
    properties(file, id).fold(Orientation::Upright, |orientation, property| match property {
        Property::Rotation(anticlockwise) => orientation.then(Orientation::clockwise(4 - anticlockwise % 4)),
        Property::Mirror(true) => orientation.then(Orientation::Flipped),
        Property::Mirror(false) => orientation.then(Orientation::Mirrored),
        _ => orientation,
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
                blocks.exif = container.item(about, MAX_BLOCK_BYTES)?.as_deref().and_then(exif);
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

    #[test]
    fn apertures_lie_within_the_picture() {
        assert_eq!(side(100, (50, 1), (0, 1)), Some((25, 50)));
        assert_eq!(side(100, (100, 2), (-10, 2)), Some((20, 50)));
        for outside in
            [((101, 1), (0, 1)), ((50, 1), (26, 1)), ((50, 0), (0, 1)), ((50, 1), (1, 0)), ((0, 1), (0, 1))]
        {
            assert_eq!(side(100, outside.0, outside.1), None);
        }
    }
}
