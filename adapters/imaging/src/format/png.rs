//! PNG (third edition): walking the chunks, and decoding with the crate png. Colour profiles and texts are never
//! inflated. Knows nothing of what EXIF data says.

use std::io::{Cursor, Seek as _, SeekFrom};

use png::{ColorType, Decoder, InterlaceInfo, Limits, Reader, Transformations};

use super::{Header, MAX_EXIF_BYTES, Refusal, Source, buffer, size};
use crate::metadata::Blocks;
use crate::picture::{Layout, Picture};

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// Most chunks looked at in search of EXIF data and transparency; what comes later is not seen.
const MAX_CHUNKS: u32 = 100_000;
/// Memory that the decoder may take for itself, besides rows: chunks that are not image data.
const DECODER_BYTES: u64 = 4 << 20;
/// Largest side (PNG, 5.3 and 11.2.1: a four-byte integer of at most 2³¹ − 1).
const MAX_SIDE: u32 = i32::MAX as u32;

pub fn sniff(start: &[u8]) -> bool {
    start.starts_with(&SIGNATURE)
}

pub fn probe(source: &mut Source) -> Result<Header, Refusal> {
    source.seek(SeekFrom::Start(SIGNATURE.len() as u64))?;
    let cut_off = Refusal::Undecodable("its header is cut off");
    let Some((13, [b'I', b'H', b'D', b'R'])) = next_chunk(source)? else { return Err(cut_off) };
    let Some([w3, w2, w1, w0, h3, h2, h1, h0, depth, colour, ..]) = source.array::<13>()? else {
        return Err(cut_off);
    };
    let (width, height) = (u32::from_be_bytes([w3, w2, w1, w0]), u32::from_be_bytes([h3, h2, h1, h0]));
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(Refusal::Undecodable("its header is damaged"));
    }
    let size = size(width, height)?;
    let (transparent, exif) = walk(source)?;
    let channels = match colour {
        0 => 1,
        4 => 2,
        2 | 3 => 3,
        _ => 4,
    } + u64::from(transparent);
    // The rows that the decoder holds: filtered, unfiltered, previous, each with the file's depth.
    let row = u64::from(width) * 4 * u64::from(depth.div_ceil(8));
    let decoding_bytes = size.pixels() * channels + 6 * row + DECODER_BYTES;
    Ok(Header { size, channels, decoding_bytes, blocks: Blocks { exif, ..Blocks::default() } })
}

/// The next chunk's length and type.
fn next_chunk(source: &mut Source) -> Result<Option<(u32, [u8; 4])>, Refusal> {
    let start: Option<[u8; 8]> = source.array()?;
    Ok(start.map(|[l3, l2, l1, l0, kind @ ..]| (u32::from_be_bytes([l3, l2, l1, l0]), kind)))
}

/// Whether there is a tRNS chunk, and the EXIF data, in the chunks after IHDR.
fn walk(source: &mut Source) -> Result<(bool, Option<Vec<u8>>), Refusal> {
    let (mut transparent, mut exif) = (false, None);
    source.skip(4)?;
    for _ in 0..MAX_CHUNKS {
        let Some((length, kind)) = next_chunk(source)? else { break };
        let mut left = u64::from(length) + 4;
        match &kind {
            b"IEND" => break,
            b"tRNS" => transparent = true,
            b"eXIf" if exif.is_none() && u64::from(length) <= MAX_EXIF_BYTES => {
                exif = Some(source.bytes(u64::from(length))?);
                left = 4;
            }
            _ => {}
        }
        source.skip(left)?;
    }
    Ok((transparent, exif))
}

/// Rows that cannot be read stay black or, in a picture with alpha, transparent.
pub fn decode(file: &[u8], header: &Header) -> Result<Picture, Refusal> {
    let damaged = |error: png::DecodingError| {
        tracing::debug!(%error, "PNG refused by its decoder");
        Refusal::Undecodable("its PNG data are damaged")
    };
    let limit = usize::try_from(header.decoding_bytes).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new_with_limits(Cursor::new(file), Limits { bytes: limit });
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.ignore_checksums(true);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let layout = match reader.output_color_type().0 {
        ColorType::Grayscale => Layout::Luma,
        ColorType::GrayscaleAlpha => Layout::LumaAlpha,
        ColorType::Rgb => Layout::Rgb,
        ColorType::Rgba => Layout::Rgba,
        ColorType::Indexed => return Err(Refusal::Undecodable("its colours cannot be read")),
    };
    let pixels = buffer(header.size.pixels() * layout.channels() as u64)?;
    let mut picture = Picture { size: header.size, layout, pixels };
    let (rows, end) = read_rows(&mut reader, &mut picture);
    match end {
        Err(error) if rows == 0 => Err(damaged(error)),
        _ => Ok(picture),
    }
}

/// Reads rows until the picture is complete or the first error; answers how many there were. It never asks for
/// a row more: the decoder would then inflate whatever else the file holds.
fn read_rows(
    reader: &mut Reader<Cursor<&[u8]>>,
    picture: &mut Picture,
) -> (usize, Result<(), png::DecodingError>) {
    if reader.info().interlaced {
        return read_interlaced_rows(reader, picture);
    }
    let stride = picture.row_bytes();
    for (count, row) in picture.pixels.chunks_exact_mut(stride).enumerate() {
        if let Err(error) = reader.read_row(row) {
            return (count, Err(error));
        }
    }
    (picture.size.height.get() as usize, Ok(()))
}

fn read_interlaced_rows(
    reader: &mut Reader<Cursor<&[u8]>>,
    picture: &mut Picture,
) -> (usize, Result<(), png::DecodingError>) {
    let stride = picture.row_bytes();
    let bits = u8::try_from(8 * picture.layout.channels()).unwrap_or(u8::MAX);
    for count in 0..interlaced_rows(picture.size.width.get(), picture.size.height.get()) {
        match reader.next_interlaced_row() {
            Ok(Some(row)) => {
                if let InterlaceInfo::Adam7(pass) = row.interlace() {
                    png::expand_interlaced_row(&mut picture.pixels, stride, row.data(), pass, bits);
                }
            }
            Ok(None) => break,
            Err(error) => return (count, Err(error)),
        }
    }
    (usize::MAX, Ok(()))
}

/// The rows of all seven passes (PNG, 8.2): first column, first row, and the steps between columns and rows.
fn interlaced_rows(width: u32, height: u32) -> usize {
    const PASSES: [[u32; 4]; 7] =
        [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];
    let rows =
        |[x, y, _, step]: [u32; 4]| if x < width { height.saturating_sub(y).div_ceil(step) } else { 0 };
    PASSES.into_iter().map(|pass| rows(pass) as usize).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_rows_of_interlaced_pictures() {
        assert_eq!(interlaced_rows(1, 1), 1);
        assert_eq!(interlaced_rows(8, 8), 1 + 1 + 1 + 2 + 2 + 4 + 4);
        assert_eq!(interlaced_rows(2, 2), 1 + 1 + 1);
        assert_eq!(interlaced_rows(5, 3), 1 + 1 + 1 + 1 + 2 + 1);
    }
}
