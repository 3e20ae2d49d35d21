//! JPEG (ITU T.81): walking the markers, and decoding with zune-jpeg, MCU row by MCU row. Knows nothing of what EXIF
//! data says.

mod walk;

use std::io::Seek as _;

use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::{JpegDecoder, PlaneInfo, RawDecodeSession, RawImcuRowStatus};

use super::header::Header;
use super::rows::{Reduced, Rows, buffer};
use super::source::Source;
use crate::colour::{Colours, Matrix, Range};
use crate::picture::{Layout, Size};
use crate::reduce::{Reducer, Shape};
use crate::refusal::Refusal;
use crate::render::large_size;
use crate::stop::Stop;

use walk::{MAX_SCANS, SOI, Walk};

/// Largest side that a frame header can hold.
const MAX_SIDE: usize = u16::MAX as usize;
/// Rows of samples in a block.
const BLOCK_ROWS: usize = 8;
/// The value in the middle: what grey is in every component but black.
const GREY: u8 = 128;

/// There is nothing to show.
const NOTHING: Refusal = Refusal::Undecodable("it is cut off before its picture begins");

pub fn sniff(start: &[u8]) -> bool {
    start.starts_with(&[0xFF, SOI, 0xFF])
}

pub fn probe(source: &mut Source) -> Result<Header, Refusal> {
    Walk::over(source)?.header()
}

/// A file that is cut off is shown with what is there: of a baseline JPEG the rows until then, of a progressive one
/// all rows with less detail. What is missing is grey.
pub fn decode(source: &mut Source, header: &Header, stop: Stop) -> Result<Reduced, Refusal> {
    source.rewind()?;
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE)
        .jpeg_set_max_scans(MAX_SCANS as usize);
    let mut decoder = JpegDecoder::new_with_options(source, options);
    decoder.set_cancel(move || stop.is_over());
    decoder.decode_headers().map_err(damaged)?;
    let expected = (header.size.width.get() as usize, header.size.height.get() as usize);
    if decoder.dimensions() != Some(expected) {
        return Err(Refusal::CONTRADICTING);
    }
    let inverted = header.hints.inverted_inks;
    let colours = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => Colours::Luma(Range::Full),
        Some(ColorSpace::YCbCr) => Colours::YCbCr(Matrix::JFIF),
        Some(ColorSpace::RGB) => Colours::Rgb,
        Some(ColorSpace::CMYK) => Colours::Cmyk { inverted },
        Some(ColorSpace::YCCK) => Colours::Ycck { inverted },
        _ => return Err(Refusal::Undecodable("it has a kind of colours that is not in use for photos")),
    };
    match (header.hints.in_scans, colours) {
        (true, Colours::Luma(_)) => decode_whole(decoder, header, Layout::Luma, stop),
        (true, Colours::YCbCr(_) | Colours::Rgb) => decode_whole(decoder, header, Layout::Rgb, stop),
        _ => decode_rows(decoder, header, colours, stop),
    }
}

/// Decodes in one piece what has no whole row before the last scan. Row by row, the decoder would hold its
/// coefficients twice.
fn decode_whole(
    mut decoder: JpegDecoder<&mut Source>,
    header: &Header,
    layout: Layout,
    stop: Stop,
) -> Result<Reduced, Refusal> {
    let colours = if layout == Layout::Luma { ColorSpace::Luma } else { ColorSpace::RGB };
    let options = decoder.options().jpeg_set_out_colorspace(colours);
    decoder.set_options(options);
    let pixels = decoder.decode().map_err(damaged)?;
    drop(decoder);
    if header.hints.cut_off && pixels.iter().all(|value| *value == pixels[0]) {
        return Err(NOTHING);
    }
    Rows::whole(header.size, layout, pixels, stop)
}

fn decode_rows(
    mut decoder: JpegDecoder<&mut Source>,
    header: &Header,
    colours: Colours,
    stop: Stop,
) -> Result<Reduced, Refusal> {
    let mut session = decoder.raw_output();
    let (Some(layout), Some(count)) = (session.layout(), session.num_components()) else {
        return Err(Refusal::CONTRADICTING);
    };
    if count != colours.components() {
        return Err(Refusal::CONTRADICTING);
    }
    let planes = layout[..count].iter().map(Plane::of).collect::<Result<Vec<_>, _>>()?;
    let reducer = Reducer::new(large_size(header.size), planes.iter().map(|plane| plane.shape), stop);
    let planes = read_rows(&mut session, planes, reducer)?;
    Ok(Reduced { size: large_size(header.size), colours, planes })
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err calls it")]
fn damaged(error: DecodeErrors) -> Refusal {
    if matches!(error, DecodeErrors::Cancelled) {
        return Refusal::TOO_LONG;
    }
    tracing::debug!(%error, "JPEG refused by its decoder");
    Refusal::Undecodable("its JPEG data are damaged")
}

/// A component's samples of one MCU row.
struct Plane {
    shape: Shape,
    rows: Vec<u8>,
}

impl Plane {
    fn of(info: &PlaneInfo) -> Result<Self, Refusal> {
        let number = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
        let size = Size::new(number(info.width), number(info.height)).ok_or(Refusal::CONTRADICTING)?;
        let rows = buffer((info.width * info.vertical_sampling_factor * BLOCK_ROWS) as u64)?;
        Ok(Self { shape: Shape { size, channels: 1, alpha: false, fill: GREY }, rows })
    }
}

/// Reads until the picture is complete or damaged; refuses it when there is nothing of it.
fn read_rows(
    session: &mut RawDecodeSession<'_, &mut Source>,
    mut planes: Vec<Plane>,
    mut reducer: Reducer,
) -> Result<Vec<Vec<u8>>, Refusal> {
    let strides: Vec<usize> = planes.iter().map(|plane| plane.shape.row_bytes()).collect();
    let mut is_begun = false;
    loop {
        let mut rows: Vec<&mut [u8]> = planes.iter_mut().map(|plane| plane.rows.as_mut_slice()).collect();
        match session.decode_next_imcu_row(&mut rows, &strides) {
            Ok(RawImcuRowStatus::RowReady { rows_written }) => {
                is_begun = true;
                for (index, (plane, count)) in planes.iter().zip(rows_written).enumerate() {
                    reducer.push(index, &plane.rows[..count * strides[index]])?;
                }
            }
            Ok(RawImcuRowStatus::Complete) => break,
            Ok(_) if is_begun => break,
            Ok(_) => return Err(NOTHING),
            Err(error @ DecodeErrors::Cancelled) => return Err(damaged(error)),
            Err(error) if is_begun => {
                tracing::debug!(%error, "a JPEG is shown in part");
                break;
            }
            Err(error) => return Err(damaged(error)),
        }
    }
    reducer.finish()
}
