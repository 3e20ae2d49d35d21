//! GIF (89a): the first picture of the file on its logical screen, decoded with the crate gif, row
//! by row. Knows nothing of EXIF data: there are none in a GIF.

use std::io::{Seek as _, SeekFrom};
use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError, Frame, MemoryLimit};

use super::header::{Header, size};
use super::rows::{Downscaled, Rows, buffer};
use super::source::Source;
use crate::metadata::Blocks;
use crate::picture::{Layout, Picture};
use crate::refusal::Refusal;
use crate::stop::Stop;

/// Memory that the decoder may take for itself: extensions and its buffer.
const DECODER_BYTES: u64 = 4 << 20;
/// Palette entry: red, green, blue.
const ENTRY_BYTES: usize = 3;

pub fn sniff(start: &[u8]) -> bool {
    start.starts_with(b"GIF87a") || start.starts_with(b"GIF89a")
}

pub fn probe(source: &mut Source) -> Result<Header, Refusal> {
    source.seek(SeekFrom::Start(6))?;
    let [w0, w1, h0, h1] = source.array()?.ok_or(Refusal::CUT_OFF)?;
    let size = size(u32::from(u16::from_le_bytes([w0, w1])), u32::from(u16::from_le_bytes([h0, h1])))?;
    let channels = Layout::Rgba.channels() as u64;
    Ok(Header::new(size, channels, size.pixels() * channels + DECODER_BYTES, Blocks::default()))
}

/// What the first picture does not cover, and what cannot be read of it, stays transparent.
pub fn decode(source: &mut Source, header: &Header, stop: Stop) -> Result<Downscaled, Refusal> {
    let damaged = |error: DecodingError| {
        tracing::debug!(%error, "GIF refused by its decoder");
        Refusal::Undecodable("photo-gif-data-damaged")
    };
    source.rewind()?;
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.allow_unknown_blocks(true);
    if let Some(limit) = NonZeroU64::new(DECODER_BYTES) {
        options.set_memory_limit(MemoryLimit::Bytes(limit));
    }
    let mut decoder = options.read_info(source).map_err(damaged)?;
    let frame = decoder.next_frame_info().map_err(damaged)?;
    let frame = frame.ok_or(Refusal::Undecodable("photo-no-picture"))?.clone();
    let palette = Palette::of(&frame, decoder.palette().map_err(damaged)?);
    let pixels = buffer(header.size.pixels() * Layout::Rgba.channels() as u64)?;
    let mut screen = Picture { size: header.size, layout: Layout::Rgba, pixels };
    let (count, end) = read_rows(&mut decoder, &frame, &palette, &mut screen, stop)?;
    let is_damaged = end.is_some();
    if let (0, Some(error)) = (count, end) {
        return Err(damaged(error));
    }
    let downscaled = Rows::whole(header.size, Layout::Rgba, screen.pixels, stop)?;
    Ok(Downscaled { damaged: is_damaged, ..downscaled })
}

/// The frame's colours.
struct Palette {
    entries: Vec<u8>,
    transparent: Option<u8>,
}

impl Palette {
    fn of(frame: &Frame<'_>, entries: &[u8]) -> Self {
        Self { entries: entries.to_vec(), transparent: frame.transparent }
    }

    /// The colour as red, green, blue, alpha; an index that the palette does not have is
    /// transparent.
    fn colour(&self, index: u8) -> [u8; 4] {
        let start = usize::from(index) * ENTRY_BYTES;
        match self.entries.get(start..start + ENTRY_BYTES) {
            Some([red, green, blue]) if self.transparent != Some(index) => [*red, *green, *blue, u8::MAX],
            _ => [0; 4],
        }
    }
}

/// Reads rows until the picture is complete or the first error; returns how many there were.
fn read_rows(
    decoder: &mut Decoder<&mut Source>,
    frame: &Frame<'_>,
    palette: &Palette,
    screen: &mut Picture,
    stop: Stop,
) -> Result<(usize, Option<DecodingError>), Refusal> {
    let mut indices = vec![0; usize::from(frame.width)];
    let stride = screen.row_bytes();
    let left = usize::from(frame.left) * Layout::Rgba.channels();
    for (count, y) in row_order(frame.height, frame.interlaced).enumerate() {
        stop.check()?;
        match decoder.fill_buffer(&mut indices) {
            Ok(true) => {}
            Ok(false) => return Ok((count, Some(DecodingError::UnexpectedEof))),
            Err(error) => return Ok((count, Some(error))),
        }
        let row = screen.pixels.chunks_exact_mut(stride).nth(usize::from(frame.top) + usize::from(y));
        let Some(visible) = row.and_then(|row| row.get_mut(left..)) else { continue };
        for (pixel, index) in visible.as_chunks_mut::<4>().0.iter_mut().zip(&indices) {
            *pixel = palette.colour(*index);
        }
    }
    Ok((usize::from(frame.height), None))
}

/// The order in which a frame's rows are stored (`GIF89a`, appendix E).
fn row_order(height: u16, interlaced: bool) -> impl Iterator<Item = u16> {
    const PASSES: [(u16, usize); 4] = [(0, 8), (4, 8), (2, 4), (1, 2)];
    let passes: &[(u16, usize)] = if interlaced { &PASSES } else { &[(0, 1)] };
    passes.iter().flat_map(move |(first, step)| (*first..height).step_by(*step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_interlaced_rows() {
        assert!(row_order(3, false).eq([0, 1, 2]));
        assert!(row_order(9, true).eq([0, 8, 4, 2, 6, 1, 3, 5, 7]));
    }
}
