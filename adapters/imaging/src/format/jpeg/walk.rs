//! Walking the markers of a JPEG (ITU T.81, annex B): its frame, what its scans will cost, and its
//! metadata.

use std::collections::BTreeMap;
use std::io::{Seek as _, SeekFrom};

use crate::format::header::{Header, Hints, MAX_ICC_BYTES, Soundness, size};
use crate::format::photoshop;
use crate::format::source::Source;
use crate::metadata::Blocks;
use crate::picture::Size;
use crate::refusal::Refusal;

use super::inks::{APP0, APP14, Inks};

/// Most scans of a photo. Every scan of a progressive JPEG visits every block again, so some
/// kilobytes can cost seconds. Encoders write far fewer: libjpeg's own script for progressive
/// colour has 10 scans (`jcparam.c`), and optimisers that search for the smallest file stay below
/// 20.
pub const MAX_SCANS: u32 = 30;
/// Most marker segments before the picture; cameras write some dozens.
const MAX_SEGMENTS: u32 = 10_000;
/// Memory that the decoder takes for tables and checkpoints.
const DECODER_BYTES: u64 = 1 << 20;

/// The start of a file.
pub const SOI: u8 = 0xD8;
/// The end of a picture.
pub const EOI: u8 = 0xD9;
/// The start of a scan.
pub const SOS: u8 = 0xDA;
const DRI: u8 = 0xDD;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP13: u8 = 0xED;
const TEM: u8 = 0x01;

/// Progressive; the frames before it are baseline and extended sequential, all with Huffman coding
/// (T.81, table B.1).
const SOF2: u8 = 0xC2;

/// What segments with metadata begin with: EXIF 2.32, 4.7.2; XMP part 3, 1.1.3; ICC.1:2022, B.4;
/// and Photoshop.
const EXIF: &[u8] = b"Exif\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";

/// What the walk over the markers finds.
#[derive(Default)]
pub struct Walk {
    frame: Option<Frame>,
    blocks: Blocks,
    /// The parts of the ICC profile by their number.
    profile: BTreeMap<u8, Vec<u8>>,
    inks: Inks,
    /// The end is marked.
    ended: bool,
    scans: u32,
    segments: u32,
    /// Components in the first scan.
    interleaved: usize,
    /// Bytes of entropy-coded data over all scans.
    coded_bytes: u64,
    /// Where the data of the first scan end.
    data_end: u64,
    /// MCUs between restart markers; 0 without any.
    interval: u64,
    /// Restart markers are not where they should be.
    lost_restarts: bool,
    /// By component: a bit for each coefficient of which all bits come.
    complete: [u64; 4],
}

/// A frame header (T.81, B.2.2).
struct Frame {
    progressive: bool,
    size: Size,
    /// What scans call the components.
    names: Vec<u8>,
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
            // Behind a picture without an end, another one may begin.
            if marker == EOI || (marker == SOI && walk.scans > 0) {
                walk.ended = marker == EOI;
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
        let frame = self.frame.as_ref().ok_or(Refusal::Undecodable("photo-no-frame-header"))?;
        if self.coded_bytes == 0 {
            return Err(Refusal::Undecodable("photo-header-but-no-picture"));
        }
        let (channels, decoding_bytes) = (frame.sampling.len() as u64, self.decoding_bytes(frame));
        let hints = Hints {
            in_scans: self.is_in_scans(),
            soundness: self.soundness(frame),
            data_end: self.data_end,
            rgb: self.inks.are_rgb(&frame.names),
        };
        Ok(Header { hints, ..Header::new(frame.size, channels, decoding_bytes, self.blocks) })
    }

    /// Whether the decoder needs all scans before it can give the first row.
    fn is_in_scans(&self) -> bool {
        self.frame.as_ref().is_some_and(|frame| frame.progressive || self.interleaved < frame.sampling.len())
    }

    fn soundness(&self, frame: &Frame) -> Soundness {
        if !self.ended {
            return Soundness::CutOff;
        }
        let is_odd = self.lost_restarts || !self.is_complete(frame) || frame.is_odd();
        if is_odd { Soundness::Odd } else { Soundness::Sound }
    }

    /// Whether all scans are there: a file that was cut off may have got a new end.
    fn is_complete(&self, frame: &Frame) -> bool {
        self.complete.iter().take(frame.sampling.len()).all(|coefficients| *coefficients == u64::MAX)
    }

    fn segment(&mut self, marker: u8, source: &mut Source) -> Result<(), Refusal> {
        self.segments += 1;
        if self.segments > MAX_SEGMENTS {
            return Err(Refusal::Undecodable("photo-too-many-segments"));
        }
        let Some(length) = source.array()?.map(u16::from_be_bytes) else { return Ok(()) };
        let length = u64::from(length.saturating_sub(2));
        match marker {
            SOS => {
                let segment = source.bytes(length)?;
                self.scan(&segment, source)
            }
            DRI => {
                let interval = source.bytes(length)?.first_chunk().copied().map(u16::from_be_bytes);
                self.interval = u64::from(interval.unwrap_or(0));
                Ok(())
            }
            APP0 | APP1 | APP2 | APP13 | APP14 => {
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
            _ => self.inks.read(marker, segment),
        }
    }

    /// Counts a scan and goes to its end, which is the next marker that is no restart.
    fn scan(&mut self, segment: &[u8], source: &mut Source) -> Result<(), Refusal> {
        self.scans += 1;
        if self.scans > MAX_SCANS {
            return Err(Refusal::Undecodable("photo-too-many-scans"));
        }
        let components = segment.first().copied().unwrap_or(0);
        if self.scans == 1 {
            self.interleaved = usize::from(components);
        }
        let (mut restarts, mut before, least) =
            (0, self.coded_bytes, self.least_bytes(u64::from(components)));
        loop {
            let (passed, found) = source.skip_past(0xFF)?;
            self.coded_bytes += passed;
            if !found {
                break;
            }
            match source.array()? {
                None => break,
                Some([0]) => self.coded_bytes += 1,
                Some([marker @ 0xD0..=0xD7]) => {
                    let is_empty = self.coded_bytes - before < least;
                    self.lost_restarts |= is_empty || u64::from(marker - 0xD0) != restarts % 8;
                    self.coded_bytes += 1;
                    (restarts, before) = (restarts + 1, self.coded_bytes);
                }
                Some(_) => {
                    source.seek(SeekFrom::Current(-2))?;
                    break;
                }
            }
        }
        if self.scans == 1 {
            self.data_end = source.stream_position()?;
        }
        let names: Vec<u8> =
            segment.iter().skip(1).step_by(2).take(usize::from(components)).copied().collect();
        let Some(frame) = &self.frame else { return Ok(()) };
        let band = segment.get(1 + 2 * names.len()..).and_then(<[u8]>::first_chunk::<3>);
        let coefficients = match band {
            Some([from, to, bits]) if frame.progressive => {
                completed(usize::from(*from), usize::from(*to), u32::from(bits & 15))
            }
            // Sequential scans have all, whatever they say.
            _ => u64::MAX,
        };
        for name in &names {
            let index = frame.names.iter().position(|other| other == name).unwrap_or(0);
            self.complete[index] |= coefficients;
        }
        let mcus = frame.mcus(&names);
        self.lost_restarts |= least > 0 && self.coded_bytes == before;
        self.lost_restarts |= restarts != mcus.saturating_sub(1).checked_div(self.interval).unwrap_or(0);
        Ok(())
    }

    /// The fewest bytes of a restart interval of a sequential scan: a block takes two codes of a
    /// bit at least.
    fn least_bytes(&self, components: u64) -> u64 {
        let is_progressive = self.frame.as_ref().is_some_and(|frame| frame.progressive);
        if is_progressive { 0 } else { (2 * self.interval * components).div_ceil(8) }
    }

    /// What zune-jpeg allocates: some rows of blocks; when components come in more than one scan
    /// all coefficients as 16-bit numbers, and the picture. With black, these are taken row by row,
    /// and there are coefficients twice.
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
        match marker {
            0xC0..=SOF2 => {}
            0xC3 => return Err(Refusal::Undecodable("photo-lossless-jpeg-unsupported")),
            0xC9..=0xCB => return Err(Refusal::Undecodable("photo-jpeg-arithmetic-coding-unsupported")),
            _ => return Err(Refusal::Undecodable("photo-hierarchical-jpeg-unsupported")),
        }
        let [_precision, h1, h0, w1, w0, count, components @ ..] = segment else {
            return Err(Refusal::CUT_OFF);
        };
        let size =
            size(u32::from(u16::from_be_bytes([*w1, *w0])), u32::from(u16::from_be_bytes([*h1, *h0])))?;
        let components = components.as_chunks::<3>().0.iter().take(usize::from(*count));
        let names = components.clone().map(|[name, ..]| *name).collect();
        let sampling: Vec<_> =
            components.map(|[_, factors, _]| (u32::from(factors >> 4), u32::from(factors & 15))).collect();
        let sane = (1..=4).contains(&sampling.len())
            && sampling.len() == usize::from(*count)
            && sampling.iter().all(|(h, v)| (1..=4).contains(h) && (1..=4).contains(v));
        if !sane {
            return Err(Refusal::Undecodable("photo-frame-header-damaged"));
        }
        Ok(Self { progressive: marker == SOF2, size, names, sampling })
    }

    /// The number of coefficients of the whole picture and of one row of its MCUs (T.81, A.2).
    fn coefficients(&self) -> (u64, u64) {
        let (columns, rows) = self.grid();
        let of_one_mcu: u64 = self.sampling.iter().map(|(h, v)| u64::from(h * v) * 64).sum();
        (columns * rows * of_one_mcu, columns * of_one_mcu)
    }

    /// MCUs with all components: columns and rows.
    fn grid(&self) -> (u64, u64) {
        let (widest, highest) = self.largest_factors();
        let (width, height) = self.size.sides();
        (u64::from(width.div_ceil(8 * widest)), u64::from(height.div_ceil(8 * highest)))
    }

    fn largest_factors(&self) -> (u32, u32) {
        let widest = self.sampling.iter().map(|(h, _)| *h).max().unwrap_or(1);
        (widest, self.sampling.iter().map(|(_, v)| *v).max().unwrap_or(1))
    }

    /// MCUs of a scan with these components. Alone, a component's MCU is a block (T.81, A.2.2).
    fn mcus(&self, names: &[u8]) -> u64 {
        let ([name], (widest, highest)) = (names, self.largest_factors()) else {
            let (columns, rows) = self.grid();
            return columns * rows;
        };
        let index = self.names.iter().position(|other| other == name).unwrap_or(0);
        let (h, v) = if self.sampling.len() == 1 { (widest, highest) } else { self.sampling[index] };
        let (width, height) = self.size.sides();
        u64::from((width * h).div_ceil(8 * widest)) * u64::from((height * v).div_ceil(8 * highest))
    }

    /// Whether it has any sampling but those that cameras and programs write: colours with a half
    /// or a quarter of the samples in each direction, black with as many as the first.
    fn is_odd(&self) -> bool {
        let usual = |factor: u32| matches!(factor, 1 | 2 | 4);
        let (first, colours) = match self.sampling.as_slice() {
            [_] => return false,
            [first, colours @ .., black] if colours.len() == 2 && (black == first || *black == (1, 1)) => {
                (first, colours)
            }
            [first, colours @ ..] => (first, colours),
            [] => return true,
        };
        !usual(first.0) || !usual(first.1) || colours.iter().any(|factors| *factors != (1, 1))
    }
}

/// A bit for each coefficient of which all bits are there after a scan that has those from the
/// first place of the zigzag to the last, without so many of their lowest bits.
pub fn completed(first: usize, last: usize, low: u32) -> u64 {
    if low > 0 || first > last || last > 63 { 0 } else { (u64::MAX >> (63 - last)) & (u64::MAX << first) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_complete_what_they_have_all_bits_of() {
        assert_eq!([completed(0, 0, 0), completed(1, 5, 0), completed(0, 63, 0)], [1, 0b11_1110, u64::MAX]);
        assert_eq!([completed(0, 63, 1), completed(3, 2, 0), completed(0, 64, 0)], [0; 3]);
    }

    #[test]
    fn usual_sampling_is_what_cameras_write() {
        let frame = |sampling: &[(u32, u32)]| Frame {
            progressive: false,
            size: Size::new(100, 50).expect("sides are not zero"),
            names: vec![1, 2, 3, 4],
            sampling: sampling.to_vec(),
        };
        let c = (1, 1);
        for usual in
            [&[(2, 2)][..], &[c; 3], &[(2, 2), c, c], &[(4, 1), c, c], &[(2, 2), c, c, (2, 2)], &[c; 4]]
        {
            assert!(!frame(usual).is_odd(), "{usual:?}");
        }
        for odd in [&[(3, 1), c, c][..], &[(2, 2), (2, 1), (2, 1)], &[c, (2, 2), c], &[c, c, c, (2, 2)]] {
            assert!(frame(odd).is_odd(), "{odd:?}");
        }
        let halved = frame(&[(2, 2), c, c]);
        assert_eq!([halved.mcus(&[1, 2, 3]), halved.mcus(&[1]), halved.mcus(&[2])], [28, 91, 28]);
    }
}
