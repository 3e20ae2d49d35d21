//! JPEG (ITU T.81): walking the markers, and decoding with zune-jpeg, MCU row by MCU row, or, what
//! is damaged or unusual, with the decoder in `tolerant`. Knows nothing of what EXIF data says.

pub mod fence;
mod inks;
mod tolerant;
mod walk;

use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::errors::DecodeErrors;
use zune_jpeg::{JpegDecoder, PlaneInfo, RawImcuRowStatus};

use super::header::{Header, Soundness};
use super::rows::{Downscaled, Rows, buffer};
use super::source::Source;
use crate::colour::{Colours, Matrix, Range};
use crate::downscale::{Downscaler, Shape};
use crate::picture::{Layout, Size};
use crate::refusal::Refusal;
use crate::render::large_size;
use crate::stop::Stop;

use fence::Fenced;
use walk::{MAX_SCANS, SOI, Walk};

/// Largest side that a frame header can hold.
const MAX_SIDE: usize = u16::MAX as usize;
/// Rows of samples in a block.
const BLOCK_ROWS: usize = 8;
/// The value in the middle: what grey is in every component but black.
const GREY: u8 = 128;

const DAMAGED: Refusal = Refusal::Undecodable("photo-jpeg-data-damaged");

pub fn sniff(start: &[u8]) -> bool {
    start.starts_with(&[0xFF, SOI, 0xFF])
}

pub fn probe(source: &mut Source) -> Result<Header, Refusal> {
    Walk::over(source)?.header()
}

/// Sound files of the kinds that cameras write are decoded by zune-jpeg; all others, and those that
/// it refuses, by the decoder in `tolerant`. What is missing is grey.
pub fn decode(source: &mut Source, header: &Header, stop: Stop) -> Result<Downscaled, Refusal> {
    if header.hints.soundness == Soundness::Sound {
        match sound(source, header, stop) {
            Err(Refusal::Undecodable(why)) if !stop.is_over() => {
                tracing::debug!(why, "a JPEG is decoded once more");
            }
            outcome => return outcome,
        }
    }
    tolerant::decode(source, header, stop)
}

/// Decodes a sound file, and refuses whatever looks damaged.
fn sound(source: &mut Source, header: &Header, stop: Stop) -> Result<Downscaled, Refusal> {
    // Of more scans, the walk knows whether they are complete.
    let end = if header.hints.in_scans { source.length() } else { header.hints.data_end };
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE)
        .jpeg_set_max_scans(MAX_SCANS as usize);
    let mut decoder = JpegDecoder::new_with_options(Fenced::new(source, end)?, options);
    decoder.set_cancel(move || stop.is_over());
    decoder.decode_headers().map_err(damaged)?;
    let expected = (header.size.width.get() as usize, header.size.height.get() as usize);
    if decoder.dimensions() != Some(expected) {
        return Err(Refusal::CONTRADICTING);
    }
    // Inks are stored as light, as Adobe's programs do it: libjpeg and browsers take all files so.
    let colours = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => Colours::Luma(Range::Full),
        Some(ColorSpace::YCbCr) if !header.hints.rgb => Colours::YCbCr(Matrix::JFIF),
        Some(ColorSpace::RGB) if header.hints.rgb => Colours::Rgb,
        Some(ColorSpace::CMYK) => Colours::Cmyk { inverted: true },
        Some(ColorSpace::YCCK) => Colours::Ycck { inverted: true },
        _ => return Err(Refusal::Undecodable("photo-contradicting-colours")),
    };
    match (header.hints.in_scans, colours) {
        (true, Colours::Luma(_)) => decode_whole(decoder, header, Layout::Luma, stop),
        (true, Colours::YCbCr(_) | Colours::Rgb) => decode_whole(decoder, header, Layout::Rgb, stop),
        _ => decode_rows(decoder, header, colours, stop),
    }
}

/// Decodes in one piece what has no whole row before the last scan. Row by row, the decoder would
/// hold its coefficients twice.
fn decode_whole(
    mut decoder: JpegDecoder<Fenced<'_>>,
    header: &Header,
    layout: Layout,
    stop: Stop,
) -> Result<Downscaled, Refusal> {
    let colours = if layout == Layout::Luma { ColorSpace::Luma } else { ColorSpace::RGB };
    let options = decoder.options().jpeg_set_out_colorspace(colours);
    decoder.set_options(options);
    let pixels = decoder.decode().map_err(damaged)?;
    drop(decoder);
    Rows::whole(header.size, layout, pixels, stop)
}

fn decode_rows(
    mut decoder: JpegDecoder<Fenced<'_>>,
    header: &Header,
    colours: Colours,
    stop: Stop,
) -> Result<Downscaled, Refusal> {
    let session = decoder.raw_output();
    let (Some(layout), Some(count)) = (session.layout(), session.num_components()) else {
        return Err(Refusal::CONTRADICTING);
    };
    drop(session);
    if count != colours.components() {
        return Err(Refusal::CONTRADICTING);
    }
    let planes = layout[..count].iter().map(Plane::of).collect::<Result<Vec<_>, _>>()?;
    let downscaler = Downscaler::new(large_size(header.size), planes.iter().map(|plane| plane.shape), stop);
    let planes = read_rows(&mut decoder, planes, downscaler, header.hints.data_end)?;
    Ok(Downscaled { size: large_size(header.size), colours, planes, damaged: false })
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err calls it")]
fn damaged(error: DecodeErrors) -> Refusal {
    if matches!(error, DecodeErrors::Cancelled) {
        return Refusal::TOO_LONG;
    }
    tracing::debug!(%error, "JPEG refused by its decoder");
    DAMAGED
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

/// Reads all rows, of data that end where the last row ends.
fn read_rows(
    decoder: &mut JpegDecoder<Fenced<'_>>,
    mut planes: Vec<Plane>,
    mut downscaler: Downscaler,
    data_end: u64,
) -> Result<Vec<Vec<u8>>, Refusal> {
    let strides: Vec<usize> = planes.iter().map(|plane| plane.shape.row_bytes()).collect();
    let height = planes[0].shape.size.height.get() as usize;
    let (mut done, mut pace) = (0, Pace::new(position(decoder)?, data_end));
    loop {
        let mut rows: Vec<&mut [u8]> = planes.iter_mut().map(|plane| plane.rows.as_mut_slice()).collect();
        let status = decoder.raw_output().decode_next_imcu_row(&mut rows, &strides);
        match status {
            Ok(RawImcuRowStatus::RowReady { rows_written }) => {
                done += rows_written[0];
                for (index, (plane, count)) in planes.iter().zip(rows_written).enumerate() {
                    downscaler.push(index, &plane.rows[..count * strides[index]])?;
                }
                let left = height.saturating_sub(done);
                if left > 0 && !pace.is_plausible(position(decoder)?, left <= rows_written[0]) {
                    return Err(DAMAGED);
                }
                if left == 0 {
                    break;
                }
            }
            Ok(_) => return Err(DAMAGED),
            Err(error) => return Err(damaged(error)),
        }
    }
    downscaler.finish()
}

fn position(decoder: &mut JpegDecoder<Fenced<'_>>) -> Result<u64, Refusal> {
    decoder.inner_reader().position().map_err(|_| DAMAGED)
}

/// How much data rows take. The decoder leaves out what is behind the last row, which is no error
/// to it.
struct Pace {
    here: u64,
    end: u64,
}

impl Pace {
    /// Bytes that rows may differ by.
    const SLACK: u64 = 4096;

    fn new(here: u64, end: u64) -> Self {
        Self { here, end }
    }

    /// Whether the data left seem to be those of what is left: some, and for the last row not far
    /// more than for the row before. What only seems damaged is decoded again, and costs no more
    /// than time.
    fn is_plausible(&mut self, here: u64, last_is_next: bool) -> bool {
        let row = here.saturating_sub(self.here);
        self.here = here;
        let Some(left) = self.end.checked_sub(here).filter(|left| *left > 0) else { return false };
        !last_is_next || left <= 4 * row + Self::SLACK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_of_sound_files_is_steady() {
        let mut pace = Pace::new(1_000, 10_000);
        assert!(pace.is_plausible(4_000, false) && pace.is_plausible(7_000, true));
        assert!(!pace.is_plausible(10_000, false), "data end before the picture");
        assert!(Pace::new(1_000, 10_000).is_plausible(9_990, true), "what is missing meets the fence");
        assert!(!Pace::new(1_000, 100_000).is_plausible(2_000, true), "far too much for the last row");
    }
}
