//! BMP (Windows bitmaps): reading the header; the crate image decodes. There are no metadata in it
//! but, rarely, a colour profile, which is left out.

use std::io::{Seek as _, SeekFrom};

use image::codecs::bmp::BmpDecoder;
use image::{ColorType, ImageDecoder as _, ImageError};

use super::header::{Header, size};
use super::rows::{Downscaled, Rows, buffer};
use super::source::Source;
use crate::metadata::Blocks;
use crate::picture::Layout;
use crate::refusal::Refusal;
use crate::stop::Stop;

/// Memory that the decoder takes besides pixels: palette and rows.
const DECODER_BYTES: u64 = 1 << 20;
/// Bytes of a pixel in the decoder's output: with alpha.
const PIXEL_BYTES: u64 = 4;
/// The header of `OS/2` 1.x has sides of 16 bits.
const CORE_HEADER_BYTES: u32 = 12;

/// "BM" and, in the four bytes behind the file's size, zeros: two letters alone say little.
pub fn sniff(start: &[u8]) -> bool {
    start.starts_with(b"BM") && start.get(6..10) == Some(&[0; 4])
}

pub fn probe(source: &mut Source) -> Result<Header, Refusal> {
    source.seek(SeekFrom::Start(14))?;
    let header_bytes = u32::from_le_bytes(source.array()?.ok_or(Refusal::CUT_OFF)?);
    let size = if header_bytes == CORE_HEADER_BYTES {
        let [w0, w1, h0, h1] = source.array()?.ok_or(Refusal::CUT_OFF)?;
        size(u32::from(u16::from_le_bytes([w0, w1])), u32::from(u16::from_le_bytes([h0, h1])))?
    } else {
        let width = i32::from_le_bytes(source.array()?.ok_or(Refusal::CUT_OFF)?);
        // Negative when the rows come from the top.
        let height = i32::from_le_bytes(source.array()?.ok_or(Refusal::CUT_OFF)?);
        size(u32::try_from(width).unwrap_or(0), height.unsigned_abs())?
    };
    let decoding_bytes = size.pixels() * PIXEL_BYTES + DECODER_BYTES;
    Ok(Header::new(size, PIXEL_BYTES, decoding_bytes, Blocks::default()))
}

pub fn decode(source: &mut Source, header: &Header, stop: Stop) -> Result<Downscaled, Refusal> {
    let damaged = |error: ImageError| {
        tracing::debug!(%error, "BMP refused by its decoder");
        Refusal::Undecodable("photo-bmp-data-damaged")
    };
    source.rewind()?;
    let decoder = BmpDecoder::new(source).map_err(damaged)?;
    if decoder.dimensions() != header.size.sides() {
        return Err(Refusal::CONTRADICTING);
    }
    let layout = if decoder.color_type() == ColorType::Rgba8 { Layout::Rgba } else { Layout::Rgb };
    let mut pixels = buffer(header.size.pixels() * layout.channels() as u64)?;
    if decoder.total_bytes() != pixels.len() as u64 {
        return Err(Refusal::CONTRADICTING);
    }
    let outcome = decoder.read_image(&mut pixels);
    let is_damaged = outcome.is_err();
    // What was read until then is there, and the rest black.
    if let Err(error) = outcome
        && pixels.iter().all(|value| *value == 0)
    {
        return Err(damaged(error));
    }
    let downscaled = Rows::whole(header.size, layout, pixels, stop)?;
    Ok(Downscaled { damaged: is_damaged, ..downscaled })
}
