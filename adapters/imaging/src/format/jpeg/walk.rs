//! Walking the markers of a JPEG (ITU T.81, annex B): its frame, what its scans will cost, and its metadata.

use std::collections::BTreeMap;
use std::io::{Seek as _, SeekFrom};

use crate::format::header::{Header, Hints, MAX_ICC_BYTES, size};
use crate::format::photoshop;
use crate::format::source::Source;
use crate::metadata::Blocks;
use crate::picture::Size;
use crate::refusal::Refusal;

/// Most scans of a photo. Every scan of a progressive JPEG visits every block again, so some kilobytes can cost
/// seconds. Encoders write far fewer: libjpeg's own script for progressive colour has 10 scans (`jcparam.c`),
/// and optimisers that search for the smallest file stay below 20.
pub const MAX_SCANS: u32 = 30;
/// Most marker segments before the picture; cameras write some dozens.
const MAX_SEGMENTS: u32 = 10_000;
/// Memory that the decoder takes for tables and checkpoints.
const DECODER_BYTES: u64 = 1 << 20;

/// The start of a file.
pub const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP13: u8 = 0xED;
const APP14: u8 = 0xEE;
const TEM: u8 = 0x01;

/// Starts of frame that are decoded: baseline, extended sequential, progressive; all with Huffman coding.
const FRAMES: std::ops::RangeInclusive<u8> = 0xC0..=0xC2;
/// Progressive.
const SOF2: u8 = 0xC2;

/// What segments with metadata begin with: EXIF 2.32, 4.7.2; XMP part 3, 1.1.3; ICC.1:2022, B.4; Photoshop; and Adobe
/// technical note 5116, section 18.
const EXIF: &[u8] = b"Exif\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
const ADOBE: &[u8] = b"Adobe";

/// What the walk over the markers finds.
#[derive(Default)]
pub struct Walk {
    frame: Option<Frame>,
    blocks: Blocks,
    /// The parts of the ICC profile by their number.
    profile: BTreeMap<u8, Vec<u8>>,
    adobe: bool,
    /// The end is marked.
    ended: bool,
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
    /// Walks over the whole file.
    pub fn over(source: &mut Source) -> Result<Self, Refusal> {
        source.seek(SeekFrom::Start(2))?;
        let mut walk = Self::default();
        while let Some(marker) = next_marker(source)? {
            if marker == EOI {
                walk.ended = true;
                break;
            }
            if !matches!(marker, TEM | 0xD0..=SOI) {
                walk.segment(marker, source)?;
            }
        }
        let profile = std::mem::take(&mut walk.profile);
        walk.blocks.icc = (!profile.is_empty()).then(|| profile.into_values().flatten().collect());
        Ok(walk)
    }

    /// What the file says about itself.
    pub fn header(self) -> Result<Header, Refusal> {
        let frame = self.frame.as_ref().ok_or(Refusal::Undecodable("it has no frame header"))?;
        if self.coded_bytes == 0 {
            return Err(Refusal::Undecodable("it has a header but no picture"));
        }
        let (channels, decoding_bytes) = (frame.sampling.len() as u64, self.decoding_bytes(frame));
        // Adobe's programs store inks that way, and say that it is they.
        let hints = Hints { in_scans: self.is_in_scans(), cut_off: !self.ended, inverted_inks: self.adobe };
        Ok(Header { hints, ..Header::new(frame.size, channels, decoding_bytes, self.blocks) })
    }

    /// Whether the decoder needs all scans before it can give the first row.
    fn is_in_scans(&self) -> bool {
        self.frame.as_ref().is_some_and(|frame| frame.progressive || self.interleaved < frame.sampling.len())
    }

    fn segment(&mut self, marker: u8, source: &mut Source) -> Result<(), Refusal> {
        self.segments += 1;
        if self.segments > MAX_SEGMENTS {
            return Err(Refusal::Undecodable("it has too many segments"));
        }
        let Some(length) = source.array()?.map(u16::from_be_bytes) else { return Ok(()) };
        let length = u64::from(length.saturating_sub(2));
        match marker {
            SOS => self.scan(source.bytes(length)?.first().copied().unwrap_or(0), source),
            APP1 | APP2 | APP13 | APP14 => {
                self.application(marker, &source.bytes(length)?);
                Ok(())
            }
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) && self.frame.is_none() => {
                self.frame = Some(Frame::parse(marker, &source.bytes(length)?)?);
                Ok(())
            }
            _ => source.skip(length),
        }
    }

    /// Metadata of a segment; of a kind that comes twice, the first.
    fn application(&mut self, marker: u8, segment: &[u8]) {
        let after = |beginning: &[u8]| segment.strip_prefix(beginning);
        let blocks = &mut self.blocks;
        match marker {
            APP1 if blocks.exif.is_none() && segment.len() > EXIF.len() + 1 && segment.starts_with(EXIF) => {
                blocks.exif = Some(segment[EXIF.len() + 1..].to_vec());
            }
            APP1 if blocks.xmp.is_none() => blocks.xmp = after(XMP).map(<[u8]>::to_vec),
            APP2 => {
                let collected: usize = self.profile.values().map(Vec::len).sum();
                if let Some([number, _, part @ ..]) = after(ICC)
                    && (collected + part.len()) as u64 <= MAX_ICC_BYTES
                {
                    self.profile.entry(*number).or_insert_with(|| part.to_vec());
                }
            }
            APP13 if blocks.iptc.is_none() => blocks.iptc = after(PHOTOSHOP).and_then(photoshop::iptc),
            APP14 => self.adobe |= segment.starts_with(ADOBE),
            _ => {}
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

    /// What zune-jpeg allocates: some rows of blocks; when components come in more than one scan all coefficients as
    /// 16-bit numbers, and the picture. With black, these are taken row by row, and there are coefficients twice.
    fn decoding_bytes(&self, frame: &Frame) -> u64 {
        let (coefficients, of_one_row) = frame.coefficients();
        let components = frame.sampling.len() as u64;
        let whole = match components {
            _ if !self.is_in_scans() => 0,
            4 => 4 * coefficients,
            _ => 2 * coefficients + components * frame.size.pixels(),
        };
        whole + 12 * of_one_row + DECODER_BYTES
    }
}

impl Frame {
    fn parse(marker: u8, segment: &[u8]) -> Result<Self, Refusal> {
        if !FRAMES.contains(&marker) {
            return Err(Refusal::Undecodable("it is a kind of JPEG that is not in use for photos"));
        }
        let [_precision, h1, h0, w1, w0, count, components @ ..] = segment else {
            return Err(Refusal::CUT_OFF);
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

    /// The number of coefficients of the whole picture and of one row of its MCUs (T.81, A.2).
    fn coefficients(&self) -> (u64, u64) {
        let widest = self.sampling.iter().map(|(h, _)| *h).max().unwrap_or(1);
        let highest = self.sampling.iter().map(|(_, v)| *v).max().unwrap_or(1);
        let of_one_mcu: u64 = self.sampling.iter().map(|(h, v)| u64::from(h * v) * 64).sum();
        let of_one_row = u64::from(self.size.width.get().div_ceil(8 * widest)) * of_one_mcu;
        (of_one_row * u64::from(self.size.height.get().div_ceil(8 * highest)), of_one_row)
    }
}
