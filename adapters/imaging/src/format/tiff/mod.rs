//! TIFF (revision 6.0): walking its directories for the header and the metadata; `pixels` decodes. Files of
//! raw sensor data look the same but hold no picture that could be shown: they are not taken.

mod pixels;

use std::io::{Seek as _, SeekFrom};

use super::header::{Header, MAX_BLOCK_BYTES, MAX_ICC_BYTES, size};
use super::photoshop;
use super::rows::Reduced;
use super::source::Source;
use crate::metadata::{Blocks, ByteOrder, Directory, Kind};
use crate::refusal::Refusal;
use crate::stop::Stop;

/// Memory that the decoder takes besides pixels: tags, and a strip or tile.
const DECODER_BYTES: u64 = 8 << 20;
/// Most entries of one directory; cameras and scanners write some dozens.
const MAX_ENTRIES: u16 = 512;
/// The longest value that is taken over into the EXIF data.
const MAX_VALUE_BYTES: u64 = 4 * 1024;

const WIDTH: u16 = 0x0100;
const HEIGHT: u16 = 0x0101;
const BITS: u16 = 0x0102;
const SAMPLES: u16 = 0x0115;
const ROWS_PER_STRIP: u16 = 0x0116;
const SUB_DIRECTORIES: u16 = 0x014A;
const XMP: u16 = 0x02BC;
const IPTC: u16 = 0x83BB;
const PHOTOSHOP: u16 = 0x8649;
const ICC: u16 = 0x8773;
const DNG_VERSION: u16 = 0xC612;

pub fn sniff(start: &[u8]) -> bool {
    let raw = start.get(8..10) == Some(b"CR");
    (start.starts_with(b"II*\0") || start.starts_with(b"MM\0*")) && !raw
}

pub fn probe(source: &mut Source) -> Result<Header, Refusal> {
    let mut walk = Walk::new(source)?;
    let first = walk.first_directory()?;
    if first.iter().any(|entry| matches!(entry.id, DNG_VERSION | SUB_DIRECTORIES)) {
        return Err(Refusal::Unsupported);
    }
    let order = walk.order;
    let number = |id: u16| first.iter().find(|entry| entry.id == id).and_then(|entry| entry.number(order));
    let (Some(width), Some(height)) = (number(WIDTH), number(HEIGHT)) else { return Err(Refusal::CUT_OFF) };
    let size = size(width, height)?;
    let samples = u64::from(number(SAMPLES).unwrap_or(1).clamp(1, 8));
    let bits = if samples == 1 { number(BITS).unwrap_or(1) } else { walk.widest(&first, samples)? };
    let pixel_bytes = samples * u64::from(bits.clamp(8, 64)).div_ceil(8);
    // The picture and one strip of it, which may be all of it; tiles are small.
    let strip_rows = u64::from(number(ROWS_PER_STRIP).unwrap_or(height).min(height));
    let decoding_bytes = (size.pixels() + strip_rows * u64::from(width)) * pixel_bytes + DECODER_BYTES;
    let blocks = walk.blocks(&first)?;
    Ok(Header::new(size, samples.min(4), decoding_bytes, blocks))
}

pub fn decode(source: &mut Source, header: &Header, stop: Stop) -> Result<Reduced, Refusal> {
    source.rewind()?;
    pixels::decode(source, header, stop)
}

/// An entry of a directory (TIFF 6.0, section 2).
#[derive(Clone, Copy)]
struct Entry {
    id: u16,
    kind: u16,
    count: u32,
    /// The value, or its place in the file.
    value: [u8; 4],
}

/// An entry that says nothing, in the place of one that is left out.
const NOTHING: Entry = Entry { id: u16::MAX, kind: 1, count: 0, value: [0; 4] };

impl Entry {
    /// Bytes of the whole value; None for a type that does not exist.
    fn bytes(&self) -> Option<u64> {
        Kind::from_code(self.kind).map(|kind| u64::from(self.count) * kind.bytes() as u64)
    }

    /// A single whole number.
    fn number(&self, order: ByteOrder) -> Option<u32> {
        let [first, second, ..] = self.value;
        match (Kind::from_code(self.kind)?, self.count) {
            (Kind::Short, 1) => Some(u32::from(order.u16([first, second]))),
            (Kind::Long | Kind::Pointer, 1) => Some(order.u32(self.value)),
            _ => None,
        }
    }
}

/// A walk over directories, wherever in the file they are.
struct Walk<'a> {
    source: &'a mut Source,
    order: ByteOrder,
}

impl<'a> Walk<'a> {
    fn new(source: &'a mut Source) -> Result<Self, Refusal> {
        source.rewind()?;
        let start: [u8; 4] = source.array()?.ok_or(Refusal::CUT_OFF)?;
        let order = if start[0] == b'M' { ByteOrder::Big } else { ByteOrder::Little };
        Ok(Self { source, order })
    }

    fn first_directory(&mut self) -> Result<Vec<Entry>, Refusal> {
        self.source.seek(SeekFrom::Start(4))?;
        let place = self.source.array()?.ok_or(Refusal::CUT_OFF)?;
        self.directory(self.order.u32(place))
    }

    /// The entries of the directory at this place; none when it is not there.
    fn directory(&mut self, place: u32) -> Result<Vec<Entry>, Refusal> {
        self.source.seek(SeekFrom::Start(u64::from(place)))?;
        let Some(count) = self.source.array()? else { return Ok(Vec::new()) };
        let count = self.order.u16(count).min(MAX_ENTRIES);
        let mut entries = Vec::new();
        for _ in 0..count {
            let Some([i0, i1, k0, k1, c0, c1, c2, c3, value @ ..]) = self.source.array::<12>()? else {
                break;
            };
            let (id, kind) = (self.order.u16([i0, i1]), self.order.u16([k0, k1]));
            entries.push(Entry { id, kind, count: self.order.u32([c0, c1, c2, c3]), value });
        }
        Ok(entries)
    }

    /// An entry's value, when it is not longer than this.
    fn value(&mut self, entry: &Entry, most: u64) -> Result<Option<Vec<u8>>, Refusal> {
        match entry.bytes() {
            Some(length @ 0..=4) => {
                Ok(entry.value.get(..usize::try_from(length).unwrap_or(0)).map(<[u8]>::to_vec))
            }
            Some(length) if length <= most => {
                self.source.bytes_at(u64::from(self.order.u32(entry.value)), length)
            }
            _ => Ok(None),
        }
    }

    /// The most bits of a sample, of which there are several.
    fn widest(&mut self, first: &[Entry], samples: u64) -> Result<u32, Refusal> {
        let Some(entry) = first.iter().find(|entry| entry.id == BITS) else { return Ok(8) };
        let bits = self.value(entry, 2 * samples)?.unwrap_or_default();
        Ok(bits.as_chunks::<2>().0.iter().map(|bits| u32::from(self.order.u16(*bits))).max().unwrap_or(64))
    }

    fn blocks(&mut self, first: &[Entry]) -> Result<Blocks, Refusal> {
        let mut blocks = Blocks::default();
        for entry in first {
            match entry.id {
                XMP => blocks.xmp = self.value(entry, MAX_BLOCK_BYTES)?,
                IPTC => blocks.iptc = self.iptc(entry)?,
                PHOTOSHOP if blocks.iptc.is_none() => {
                    blocks.iptc = self.value(entry, MAX_BLOCK_BYTES)?.as_deref().and_then(photoshop::iptc);
                }
                ICC => blocks.icc = self.value(entry, MAX_ICC_BYTES)?,
                _ => {}
            }
        }
        blocks.exif = Some(self.exif(first)?);
        Ok(blocks)
    }

    /// Some writers call the bytes longs, and so turn them round four at a time in a file of the other order.
    fn iptc(&mut self, entry: &Entry) -> Result<Option<Vec<u8>>, Refusal> {
        let mut bytes = self.value(entry, MAX_BLOCK_BYTES)?;
        if let Some(bytes) = &mut bytes
            && bytes.first() != Some(&0x1C)
            && bytes.get(3) == Some(&0x1C)
        {
            bytes.as_chunks_mut::<4>().0.iter_mut().for_each(|four| four.reverse());
        }
        Ok(bytes)
    }

    /// The directories as EXIF data of their own, without what is about strips of pixels and without long values.
    fn exif(&mut self, first: &[Entry]) -> Result<Vec<u8>, Refusal> {
        let header = match self.order {
            ByteOrder::Little => b"II*\0\x08\0\0\0",
            ByteOrder::Big => b"MM\0*\0\0\0\x08",
        };
        let mut exif = header.to_vec();
        self.copy(first, &mut exif, 2)?;
        Ok(exif)
    }

    /// Appends a directory with its values, and the directories that it points to, of which there are no more than
    /// so many levels.
    fn copy(&mut self, entries: &[Entry], exif: &mut Vec<u8>, levels: u8) -> Result<(), Refusal> {
        let kept: Vec<Entry> = entries
            .iter()
            .copied()
            .filter(|entry| !matches!(entry.id, XMP | IPTC | PHOTOSHOP | ICC))
            .collect();
        let begin = exif.len();
        let count = u16::try_from(kept.len()).unwrap_or(MAX_ENTRIES);
        exif.extend(self.order.bytes_of_u16(count));
        exif.resize(begin + 2 + kept.len() * 12 + 4, 0);
        for (mut entry, at) in kept.into_iter().zip((begin + 2..).step_by(12)) {
            let end = self.order.bytes_of_u32(u32::try_from(exif.len()).unwrap_or(u32::MAX));
            let is_full = exif.len() as u64 > MAX_BLOCK_BYTES;
            if is_full || entry.bytes().is_none_or(|bytes| bytes > MAX_VALUE_BYTES) {
                entry = NOTHING;
            } else if levels > 0 && Directory::pointed_to_by(entry.id).is_some() {
                let child = self.directory(self.order.u32(entry.value))?;
                entry.value = end;
                self.copy(&child, exif, levels - 1)?;
            } else if entry.bytes().is_some_and(|bytes| bytes > 4) {
                match self.value(&entry, MAX_VALUE_BYTES)? {
                    Some(value) => {
                        entry.value = end;
                        exif.extend(value);
                        // Places are even (TIFF 6.0, section 2).
                        exif.resize(exif.len().next_multiple_of(2), 0);
                    }
                    None => entry = NOTHING,
                }
            }
            exif[at..at + 12].copy_from_slice(&self.entry(&entry));
        }
        Ok(())
    }

    fn entry(&self, entry: &Entry) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..2].copy_from_slice(&self.order.bytes_of_u16(entry.id));
        bytes[2..4].copy_from_slice(&self.order.bytes_of_u16(entry.kind));
        bytes[4..8].copy_from_slice(&self.order.bytes_of_u32(entry.count));
        bytes[8..].copy_from_slice(&entry.value);
        bytes
    }
}
