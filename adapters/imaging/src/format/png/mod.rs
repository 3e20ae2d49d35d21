//! PNG (third edition): walking the chunks, and decoding with the crate png; `profile` reads
//! metadata that are text or compressed. Knows nothing of what EXIF data says.

mod profile;

use std::io::{self, ErrorKind, Seek as _, SeekFrom};

use png::{ColorType, Decoder, DecodingError, InterlaceInfo, Limits, Reader, Transformations};

use super::header::{Header, MAX_EXIF_BYTES, MAX_ICC_BYTES, size, without_identifier};
use super::rows::{Downscaled, Rows, buffer};
use super::source::Source;
use crate::colour::Codes;
use crate::metadata::Blocks;
use crate::picture::Layout;
use crate::refusal::Refusal;
use crate::stop::Stop;

use profile::{Inflater, KEYWORD_BYTES, MAX_PROFILE_BYTES};

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
    let Some((13, [b'I', b'H', b'D', b'R'])) = next_chunk(source)? else { return Err(Refusal::CUT_OFF) };
    let Some([w3, w2, w1, w0, h3, h2, h1, h0, depth, colour, _, _, interlaced]) = source.array::<13>()?
    else {
        return Err(Refusal::CUT_OFF);
    };
    let (width, height) = (u32::from_be_bytes([w3, w2, w1, w0]), u32::from_be_bytes([h3, h2, h1, h0]));
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(Refusal::Undecodable("photo-header-damaged"));
    }
    let size = size(width, height)?;
    let mut walk = Walk::default();
    walk.chunks(source)?;
    walk.blocks.fill(walk.raw);
    let channels = match colour {
        0 => 1,
        4 => 2,
        2 | 3 => 3,
        _ => 4,
    } + u64::from(walk.transparent);
    // The rows that the decoder holds: filtered, unfiltered, previous, each with the file's depth.
    let row = u64::from(width) * 4 * u64::from(depth.div_ceil(8));
    let whole = if interlaced == 0 { 0 } else { size.pixels() * channels };
    let header = Header::new(size, channels, whole + 6 * row + DECODER_BYTES, walk.blocks);
    Ok(Header { codes: walk.codes, ..header })
}

/// The next chunk's length and type.
fn next_chunk(source: &mut Source) -> Result<Option<(u32, [u8; 4])>, Refusal> {
    let start: Option<[u8; 8]> = source.array()?;
    Ok(start.map(|[l3, l2, l1, l0, kind @ ..]| (u32::from_be_bytes([l3, l2, l1, l0]), kind)))
}

/// What the chunks after IHDR say.
#[derive(Default)]
struct Walk {
    transparent: bool,
    codes: Option<Codes>,
    blocks: Blocks,
    /// From raw profiles, which count where the chunks that are made for it are not there.
    raw: Blocks,
    inflater: Inflater,
}

impl Walk {
    fn chunks(&mut self, source: &mut Source) -> Result<(), Refusal> {
        source.skip(4)?;
        for _ in 0..MAX_CHUNKS {
            let Some((length, kind)) = next_chunk(source)? else { break };
            if kind == *b"IEND" {
                break;
            }
            let read = self.chunk(kind, u64::from(length), source)?;
            source.skip(u64::from(length) - read + 4)?;
        }
        Ok(())
    }

    /// Returns how many bytes of the chunk were read.
    fn chunk(&mut self, kind: [u8; 4], length: u64, source: &mut Source) -> Result<u64, Refusal> {
        let blocks = &mut self.blocks;
        match &kind {
            b"tRNS" => self.transparent = true,
            b"cICP" if length == 4 => {
                let Some([primaries, transfer, _, _]) = source.array()? else { return Ok(0) };
                self.codes = Some(Codes { primaries, transfer });
                return Ok(length);
            }
            b"eXIf" if blocks.exif.is_none() && length <= MAX_EXIF_BYTES => {
                blocks.exif = Some(without_identifier(&source.bytes(length)?).to_vec());
                return Ok(length);
            }
            b"tEXt" | b"zTXt" | b"iTXt" if length <= MAX_PROFILE_BYTES => {
                let begin = source.bytes(length.min(KEYWORD_BYTES))?;
                let read = begin.len() as u64;
                let is_packet = kind == *b"iTXt" && blocks.xmp.is_none() && profile::is_packet(&begin);
                if !is_packet && !profile::is_raw(&begin) {
                    return Ok(read);
                }
                let chunk = [begin, source.bytes(length - read)?].concat();
                if is_packet {
                    blocks.xmp = self.inflater.xmp(&chunk);
                } else {
                    self.raw.fill(self.inflater.blocks(&chunk, kind));
                }
                return Ok(chunk.len() as u64);
            }
            b"iCCP" if blocks.icc.is_none() && length <= MAX_ICC_BYTES => {
                blocks.icc = self.inflater.icc(&source.bytes(length)?);
                return Ok(length);
            }
            _ => {}
        }
        Ok(0)
    }
}

/// Rows that cannot be read stay black or, in a picture with alpha, transparent.
pub fn decode(source: &mut Source, header: &Header, stop: Stop) -> Result<Downscaled, Refusal> {
    source.rewind()?;
    let limit = usize::try_from(header.decoding_bytes).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new_with_limits(source, Limits { bytes: limit });
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
        ColorType::Indexed => return Err(Refusal::Undecodable("photo-colours-unreadable")),
    };
    let mut rows = Rows::new(header.size, layout, stop);
    let (count, end) = if reader.info().interlaced {
        read_interlaced_rows(&mut reader, header, &mut rows, stop)?
    } else {
        read_rows(&mut reader, header, &mut rows)?
    };
    rows.damaged = end.is_some();
    match end {
        Some(error) if count == 0 => Err(damaged(error)),
        _ => rows.finish(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err calls it")]
fn damaged(error: DecodingError) -> Refusal {
    tracing::debug!(%error, "PNG refused by its decoder");
    Refusal::Undecodable("photo-png-data-damaged")
}

/// How many rows there were, and what came instead of the next one.
type End = (usize, Option<DecodingError>);

/// Reads rows until the picture is complete or the first error. It never asks for a row more: the
/// decoder would then inflate whatever else the file holds.
fn read_rows(reader: &mut Reader<&mut Source>, header: &Header, rows: &mut Rows) -> Result<End, Refusal> {
    let mut row = buffer(u64::from(header.size.width.get()) * rows.layout.channels() as u64)?;
    for count in 0..header.size.height.get() as usize {
        match reader.read_row(&mut row) {
            Ok(Some(_)) => rows.push(&row)?,
            Ok(None) => {
                return Ok((count, Some(DecodingError::from(io::Error::from(ErrorKind::UnexpectedEof)))));
            }
            Err(error) => return Ok((count, Some(error))),
        }
    }
    Ok((header.size.height.get() as usize, None))
}

/// The same for a picture that comes in seven passes and is whole only after the last of them.
fn read_interlaced_rows(
    reader: &mut Reader<&mut Source>,
    header: &Header,
    rows: &mut Rows,
    stop: Stop,
) -> Result<End, Refusal> {
    let (width, height) = (header.size.width.get(), header.size.height.get());
    let channels = rows.layout.channels();
    let mut pixels = buffer(header.size.pixels() * channels as u64)?;
    let (stride, bits) = (width as usize * channels, u8::try_from(8 * channels).unwrap_or(u8::MAX));
    let mut end = (usize::MAX, None);
    for count in 0..interlaced_rows(width, height) {
        stop.check()?;
        match reader.next_interlaced_row() {
            Ok(Some(row)) => {
                if let InterlaceInfo::Adam7(pass) = row.interlace() {
                    png::expand_interlaced_row(&mut pixels, stride, row.data(), pass, bits);
                }
            }
            Ok(None) => break,
            Err(error) => {
                end = (count, Some(error));
                break;
            }
        }
    }
    rows.push(&pixels)?;
    Ok(end)
}

/// The rows of all seven passes (PNG, 8.2): first column, first row, and the steps between columns
/// and rows.
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
