//! WebP (RFC 9649): walking the RIFF chunks, and decoding with image-webp; of an animation the
//! first picture. Knows nothing of what EXIF data says.

use std::io::{Seek as _, SeekFrom};

use image_webp::WebPDecoder;

use super::header::{
    Header, Hints, MAX_BLOCK_BYTES, MAX_EXIF_BYTES, MAX_ICC_BYTES, Soundness, size, without_identifier,
};
use super::padded::Padded;
use super::rows::{Downscaled, Rows, buffer};
use super::source::Source;
use crate::metadata::Blocks;
use crate::picture::{Layout, Size};
use crate::refusal::Refusal;
use crate::stop::Stop;

/// Most chunks looked at; more make no photo.
const MAX_CHUNKS: u32 = 10_000;
/// Memory that the decoder takes besides pixels: tables and rows.
const DECODER_BYTES: u64 = 4 << 20;

/// The most zeros behind a file that is cut off. A block of nothing takes less than a bit.
const MAX_ZEROS: u64 = 4 << 20;
/// Bytes of a picture of which there is something to see.
const MIN_BYTES: u64 = 32;

/// Bytes a pixel that image-webp allocates, its output included. Lossy: 1.5 for the planes, 3 or 4
/// for the output.
const LOSSY: u64 = 6;
/// Lossless: 4 to decode into, 3 for an output without alpha, and its transforms.
const LOSSLESS: u64 = 8;
/// Lossy with alpha, and the frames of animations: planes, alpha (decoded as 4 channels), frame,
/// canvas, output.
const WITH_ALPHA: u64 = 12;
const ANIMATED: u64 = 18;

pub fn sniff(start: &[u8]) -> bool {
    start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP")
}

/// What the walk over the chunks finds.
#[derive(Default)]
struct Walk {
    /// The canvas of an extended file (section 2.7.1.1).
    canvas: Option<Size>,
    /// What the first bitstream says.
    picture: Option<Size>,
    lossless: bool,
    alpha: bool,
    animated: bool,
    /// Whether the file ends within a chunk of the picture.
    soundness: Soundness,
    blocks: Blocks,
}

pub fn probe(source: &mut Source) -> Result<Header, Refusal> {
    source.seek(SeekFrom::Start(12))?;
    let mut walk = Walk::default();
    for _ in 0..MAX_CHUNKS {
        let Some([kind @ .., l0, l1, l2, l3]) = source.array::<8>()? else { break };
        let length = u64::from(u32::from_le_bytes([l0, l1, l2, l3]));
        let begin = source.stream_position()?;
        let end = begin.saturating_add(length + length % 2).min(source.length());
        walk.ends(kind, source.length() - begin, length)?;
        walk.chunk(kind, length, source)?;
        if !walk.is_inside(kind) {
            source.seek(SeekFrom::Start(end))?;
        }
    }
    walk.header()
}

impl Walk {
    /// Whether the chunk holds further chunks: the first frame of an animation does, after 16
    /// bytes.
    fn is_inside(&self, kind: [u8; 4]) -> bool {
        kind == *b"ANMF" && self.picture.is_none()
    }

    /// Notes that a chunk of the first picture is not all there, and refuses one of which hardly
    /// anything is.
    fn ends(&mut self, kind: [u8; 4], left: u64, length: u64) -> Result<(), Refusal> {
        let is_picture = matches!(&kind, b"VP8 " | b"VP8L" | b"ALPH");
        if is_picture && self.picture.is_none() && left < length {
            self.soundness = Soundness::CutOff;
            if left < MIN_BYTES {
                return Err(Refusal::Undecodable("photo-cut-off-early"));
            }
        }
        Ok(())
    }

    fn chunk(&mut self, kind: [u8; 4], length: u64, source: &mut Source) -> Result<(), Refusal> {
        match &kind {
            b"VP8X" => {
                let Some([flags, _, _, _, w0, w1, w2, h0, h1, h2]) = source.array()? else { return Ok(()) };
                self.canvas = Some(size(
                    u32::from_le_bytes([w0, w1, w2, 0]) + 1,
                    u32::from_le_bytes([h0, h1, h2, 0]) + 1,
                )?);
                self.animated = flags & 0b10 != 0;
                self.alpha |= flags & 0b1_0000 != 0;
            }
            b"ANMF" if self.picture.is_none() => source.skip(16)?,
            b"ALPH" => self.alpha = true,
            b"VP8 " if self.picture.is_none() => {
                // Frame tag and start code, then 14 bits each of width and height (RFC 6386, 9.1).
                let Some([_, _, _, _, _, _, w0, w1, h0, h1]) = source.array()? else { return Ok(()) };
                self.picture = Some(size(
                    u32::from(u16::from_le_bytes([w0, w1]) & 0x3FFF),
                    u32::from(u16::from_le_bytes([h0, h1]) & 0x3FFF),
                )?);
            }
            b"VP8L" if self.picture.is_none() => {
                let Some([_, bits @ ..]) = source.array::<5>()? else { return Ok(()) };
                let bits = u32::from_le_bytes(bits);
                self.picture = Some(size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)?);
                self.lossless = true;
                self.alpha |= bits >> 28 & 1 == 1;
            }
            b"ICCP" if self.blocks.icc.is_none() && length <= MAX_ICC_BYTES => {
                self.blocks.icc = Some(source.bytes(length)?);
            }
            b"XMP " if self.blocks.xmp.is_none() && length <= MAX_BLOCK_BYTES => {
                self.blocks.xmp = Some(source.bytes(length)?);
            }
            b"EXIF" if self.blocks.exif.is_none() && length <= MAX_EXIF_BYTES => {
                self.blocks.exif = Some(without_identifier(&source.bytes(length)?).to_vec());
            }
            _ => {}
        }
        Ok(())
    }

    fn header(self) -> Result<Header, Refusal> {
        let picture = self.picture.ok_or(Refusal::Undecodable("photo-no-picture"))?;
        let size = self.canvas.unwrap_or(picture);
        let fits = picture.width <= size.width && picture.height <= size.height;
        if !fits || !self.animated && picture != size {
            return Err(Refusal::CONTRADICTING);
        }
        let bytes_a_pixel = match (self.animated, self.lossless, self.alpha) {
            (true, _, _) => ANIMATED,
            (false, true, _) => LOSSLESS,
            (false, false, true) => WITH_ALPHA,
            (false, false, false) => LOSSY,
        };
        let decoding_bytes = size.pixels() * bytes_a_pixel + DECODER_BYTES;
        let hints = Hints { soundness: self.soundness, ..Hints::default() };
        Ok(Header { hints, ..Header::new(size, 4, decoding_bytes, self.blocks) })
    }
}

/// A file that is cut off is decoded as if zeros followed: what is missing continues what is there.
pub fn decode(source: &mut Source, header: &Header, stop: Stop) -> Result<Downscaled, Refusal> {
    let damaged = header.hints.soundness != Soundness::Sound;
    let zeros = if damaged { MAX_ZEROS.min(header.size.pixels() / 8 + 1024) } else { 0 };
    Ok(Downscaled { damaged, ..decoded(Padded::new(source, zeros)?, header, stop)? })
}

fn decoded(source: Padded<'_>, header: &Header, stop: Stop) -> Result<Downscaled, Refusal> {
    let damaged = |error: image_webp::DecodingError| {
        tracing::debug!(%error, "WebP refused by its decoder");
        Refusal::Undecodable("photo-webp-data-damaged")
    };
    let mut decoder = WebPDecoder::new(source).map_err(damaged)?;
    decoder.set_memory_limit(usize::try_from(header.decoding_bytes).unwrap_or(usize::MAX));
    if decoder.dimensions() != header.size.sides() {
        return Err(Refusal::CONTRADICTING);
    }
    let layout = if decoder.has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let mut pixels = buffer(header.size.pixels() * layout.channels() as u64)?;
    decoder.read_image(&mut pixels).map_err(damaged)?;
    drop(decoder);
    Rows::whole(header.size, layout, pixels, stop)
}
