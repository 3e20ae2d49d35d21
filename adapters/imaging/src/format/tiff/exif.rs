//! The metadata of a TIFF: its directories as EXIF data of their own, and the blocks that are
//! values of tags.

use super::directory::{Directory, Entry, MAX_ENTRIES, Walk};
use crate::format::header::{MAX_BLOCK_BYTES, MAX_ICC_BYTES};
use crate::format::photoshop;
use crate::metadata::{Blocks, ByteOrder, Directory as ExifDirectory};
use crate::refusal::Refusal;

/// The longest value that is taken over into the EXIF data.
const MAX_VALUE_BYTES: u64 = 4 * 1024;
/// The type of whole numbers of four bytes.
const LONG: u16 = 4;

const XMP: u16 = 0x02BC;
const IPTC: u16 = 0x83BB;
const PHOTOSHOP: u16 = 0x8649;
const ICC: u16 = 0x8773;

impl Walk<'_> {
    /// The metadata of a file whose first directory this is.
    pub fn blocks(&mut self, first: &Directory) -> Result<Blocks, Refusal> {
        let mut blocks = Blocks::default();
        for entry in &first.entries {
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

    /// Some writers call the bytes longs, and so turn them round four at a time in a file of the
    /// other order.
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

    /// The directories as EXIF data of their own, without what is about strips of pixels and
    /// without long values.
    fn exif(&mut self, first: &Directory) -> Result<Vec<u8>, Refusal> {
        let header = match self.order {
            ByteOrder::Little => b"II*\0\x08\0\0\0",
            ByteOrder::Big => b"MM\0*\0\0\0\x08",
        };
        let mut exif = header.to_vec();
        self.copy(first, &mut exif, 2)?;
        Ok(exif)
    }

    /// Appends a directory with its values, and the directories that it points to, of which there
    /// are no more than so many levels.
    fn copy(&mut self, directory: &Directory, exif: &mut Vec<u8>, levels: u8) -> Result<(), Refusal> {
        let entries = directory.entries.iter();
        let kept: Vec<_> =
            entries.filter(|entry| !matches!(entry.id, XMP | IPTC | PHOTOSHOP | ICC)).collect();
        let begin = exif.len();
        exif.extend(self.order.bytes_of_u16(u16::try_from(kept.len()).unwrap_or(MAX_ENTRIES)));
        exif.resize(begin + 2 + kept.len() * 12 + 4, 0);
        for (entry, at) in kept.into_iter().zip((begin + 2..).step_by(12)) {
            // What is left out leaves an entry that says nothing.
            let copied = self.copied(entry, exif, levels)?.unwrap_or(self.packed(u16::MAX, 1, 0, [0; 4]));
            exif[at..at + 12].copy_from_slice(&copied);
        }
        Ok(())
    }

    /// An entry as EXIF data have it, with its value behind the others; None for what is left out.
    fn copied(&mut self, entry: &Entry, exif: &mut Vec<u8>, levels: u8) -> Result<Option<[u8; 12]>, Refusal> {
        if exif.len() as u64 > MAX_BLOCK_BYTES {
            return Ok(None);
        }
        let end = self.order.bytes_of_u32(u32::try_from(exif.len()).unwrap_or(u32::MAX));
        if levels > 0 && ExifDirectory::pointed_to_by(entry.id).is_some() {
            let Some(place) = self.numbers(Some(entry), 1)?.first().copied() else { return Ok(None) };
            let child = self.directory(place)?;
            self.copy(&child, exif, levels - 1)?;
            return Ok(Some(self.packed(entry.id, LONG, 1, end)));
        }
        if entry.is_of_eight_bytes() {
            // Such numbers are unknown to EXIF; one that is small enough is said in four.
            return Ok(match self.numbers(Some(entry), 2)?[..] {
                [number] => u32::try_from(number).ok(),
                _ => None,
            }
            .map(|number| self.packed(entry.id, LONG, 1, self.order.bytes_of_u32(number))));
        }
        let Some(value) = self.value(entry, MAX_VALUE_BYTES)? else { return Ok(None) };
        let count = u32::try_from(entry.count).unwrap_or(u32::MAX);
        if value.len() > 4 {
            exif.extend(value);
            // Places are even (TIFF 6.0, section 2).
            exif.resize(exif.len().next_multiple_of(2), 0);
            return Ok(Some(self.packed(entry.id, entry.kind, count, end)));
        }
        let mut inside = [0; 4];
        inside[..value.len()].copy_from_slice(&value);
        Ok(Some(self.packed(entry.id, entry.kind, count, inside)))
    }

    fn packed(&self, id: u16, kind: u16, count: u32, value: [u8; 4]) -> [u8; 12] {
        let ([i0, i1], [k0, k1]) = (self.order.bytes_of_u16(id), self.order.bytes_of_u16(kind));
        let ([c0, c1, c2, c3], [v0, v1, v2, v3]) = (self.order.bytes_of_u32(count), value);
        [i0, i1, k0, k1, c0, c1, c2, c3, v0, v1, v2, v3]
    }
}
