//! JPEG (ITU T.81): walking the markers, and decoding with zune-jpeg. Knows nothing of what EXIF data says.

use std::io::{Seek as _, SeekFrom};

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::{Header, MAX_EXIF_BYTES, Refusal, Source, size};
use crate::metadata::Blocks;
use crate::picture::{Layout, Picture, Size};

/// Most scans of a photo. Every scan of a progressive JPEG visits every block again, so some kilobytes can cost
/// seconds. Encoders write far fewer: libjpeg's own script for progressive colour has 10 scans (`jcparam.c`),
/// and optimisers that search for the smallest file stay below 20.
const MAX_SCANS: u32 = 30;
/// Most marker segments before the picture; cameras write some dozens.
const MAX_SEGMENTS: u32 = 10_000;
/// Largest side that a frame header can hold.
const MAX_SIDE: usize = u16::MAX as usize;

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP1: u8 = 0xE1;
const TEM: u8 = 0x01;

/// Starts of frame that are decoded: baseline, extended sequential, progressive; all with Huffman coding.
const FRAMES: std::ops::RangeInclusive<u8> = 0xC0..=0xC2;
/// Progressive.
const SOF2: u8 = 0xC2;

pub fn sniff(start: &[u8]) -> bool {
    start.starts_with(&[0xFF, SOI, 0xFF])
}

/// What the walk over the markers finds.
#[derive(Default)]
struct Walk {
    frame: Option<Frame>,
    exif: Option<Vec<u8>>,
    scans: u32,
    segments: u32,
    /// Components in the first scan.
    interleaved: usize,
    /// Bytes of entropy-coded data over all scans.
    coded_bytes: u64,
}

/// A frame header (T.81, B.2.2).
struct Frame {
    progressive: bool,
    size: Size,
    /// Horizontal and vertical sampling factors.
    sampling: Vec<(u32, u32)>,
}

pub fn probe(source: &mut Source) -> Result<Header, Refusal> {
    source.seek(SeekFrom::Start(2))?;
    let mut walk = Walk::default();
    while let Some(marker) = next_marker(source)? {
        if marker == EOI {
            break;
        }
        if !matches!(marker, TEM | 0xD0..=SOI) {
            walk.segment(marker, source)?;
        }
    }
    let frame = walk.frame.as_ref().ok_or(Refusal::Undecodable("it has no frame header"))?;
    if walk.coded_bytes == 0 {
        return Err(Refusal::Undecodable("it has a header but no picture"));
    }
    let (channels, decoding_bytes) = (frame.channels(), walk.decoding_bytes(frame));
    Ok(Header { size: frame.size, channels, decoding_bytes, blocks: Blocks { exif: walk.exif, ..Blocks::default() } })
}

/// Goes behind the next marker: fill bytes, stuffed zeros and restart markers are passed over.
fn next_marker(source: &mut Source) -> Result<Option<u8>, Refusal> {
    while let (_, true) = source.skip_past(0xFF)? {
        loop {
            match source.array()? {
                None => return Ok(None),
                Some([0xFF]) => {}
                Some([0]) => break,
                Some([marker]) => return Ok(Some(marker)),
            }
        }
    }
    Ok(None)
}

impl Walk {
    fn segment(&mut self, marker: u8, source: &mut Source) -> Result<(), Refusal> {
        self.segments += 1;
        if self.segments > MAX_SEGMENTS {
            return Err(Refusal::Undecodable("it has too many segments"));
        }
        let Some(length) = source.array()?.map(u16::from_be_bytes) else { return Ok(()) };
        let length = u64::from(length.saturating_sub(2));
        match marker {
            SOS => self.scan(source.bytes(length)?.first().copied().unwrap_or(0), source),
            APP1 if self.exif.is_none() => {
                let mut segment = source.bytes(length.min(MAX_EXIF_BYTES))?;
                if segment.starts_with(b"Exif\0") && segment.len() > 6 {
                    self.exif = Some(segment.split_off(6));
                }
                Ok(())
            }
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) && self.frame.is_none() => {
                self.frame = Some(Frame::parse(marker, &source.bytes(length)?)?);
                Ok(())
            }
            _ => source.skip(length),
        }
    }

    /// Counts a scan and goes to its end, which is the next marker that is no restart.
    fn scan(&mut self, components: u8, source: &mut Source) -> Result<(), Refusal> {
        self.scans += 1;
        if self.scans > MAX_SCANS {
            return Err(Refusal::Undecodable("it has too many scans"));
        }
        if self.scans == 1 {
            self.interleaved = usize::from(components);
        }
        loop {
            let (passed, found) = source.skip_past(0xFF)?;
            self.coded_bytes += passed;
            if !found {
                break;
            }
            match source.array()? {
                None => break,
                Some([0 | 0xD0..=0xD7]) => self.coded_bytes += 1,
                Some(_) => {
                    source.seek(SeekFrom::Current(-2))?;
                    break;
                }
            }
        }
        Ok(())
    }

    /// What zune-jpeg allocates: the picture, and all coefficients as 16-bit numbers when components come in
    /// more than one scan; else some rows of blocks.
    fn decoding_bytes(&self, frame: &Frame) -> u64 {
        let picture = frame.size.pixels() * frame.channels();
        let (coefficients, of_one_row) = frame.coefficients();
        let whole = frame.progressive || self.interleaved < frame.sampling.len();
        picture + if whole { 2 * coefficients } else { 0 } + 8 * of_one_row
    }
}

impl Frame {
    fn parse(marker: u8, segment: &[u8]) -> Result<Self, Refusal> {
        if !FRAMES.contains(&marker) {
            return Err(Refusal::Undecodable("it is a kind of JPEG that is not in use for photos"));
        }
        let [_precision, h1, h0, w1, w0, count, components @ ..] = segment else {
            return Err(Refusal::Undecodable("its frame header is cut off"));
        };
        let size =
            size(u32::from(u16::from_be_bytes([*w1, *w0])), u32::from(u16::from_be_bytes([*h1, *h0])))?;
        let sampling: Vec<_> = components
            .chunks_exact(3)
            .take(usize::from(*count))
            .map(|component| (u32::from(component[1] >> 4), u32::from(component[1] & 15)))
            .collect();
        let sane = (1..=4).contains(&sampling.len())
            && sampling.len() == usize::from(*count)
            && sampling.iter().all(|(h, v)| (1..=4).contains(h) && (1..=4).contains(v));
        if !sane {
            return Err(Refusal::Undecodable("its frame header is damaged"));
        }
        Ok(Self { progressive: marker == SOF2, size, sampling })
    }

    /// Channels of the decoded picture: grey or colours.
    fn channels(&self) -> u64 {
        if self.sampling.len() == 1 { 1 } else { 3 }
    }

    /// The number of coefficients of the whole picture and of one row of its MCUs (T.81, A.2).
    fn coefficients(&self) -> (u64, u64) {
        let widest = self.sampling.iter().map(|(h, _)| *h).max().unwrap_or(1);
        let highest = self.sampling.iter().map(|(_, v)| *v).max().unwrap_or(1);
        let of_one_mcu: u64 = self.sampling.iter().map(|(h, v)| u64::from(h * v) * 64).sum();
        let of_one_row = u64::from(self.size.width.get().div_ceil(8 * widest)) * of_one_mcu;
        (of_one_row * u64::from(self.size.height.get().div_ceil(8 * highest)), of_one_row)
    }
}

/// zune-jpeg, not being strict, fills what it cannot read with grey.
pub fn decode(file: &[u8], header: &Header) -> Result<Picture, Refusal> {
    let damaged = |error: zune_jpeg::errors::DecodeErrors| {
        tracing::debug!(%error, "JPEG refused by its decoder");
        Refusal::Undecodable("its JPEG data are damaged")
    };
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE)
        .jpeg_set_max_scans(MAX_SCANS as usize);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(damaged)?;
    let (layout, colours) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (Layout::Luma, ColorSpace::Luma),
        _ => (Layout::Rgb, ColorSpace::RGB),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(colours));
    let expected = (header.size.width.get() as usize, header.size.height.get() as usize);
    if decoder.dimensions() != Some(expected) {
        return Err(Refusal::Undecodable("it has contradicting headers"));
    }
    let pixels = decoder.decode().map_err(damaged)?;
    let is_cut_off = !file.ends_with(&[0xFF, EOI]);
    if is_cut_off && pixels.iter().all(|byte| *byte == pixels[0]) {
        return Err(Refusal::Undecodable("it is cut off before its picture begins"));
    }
    Ok(Picture { size: header.size, layout, pixels })
}
