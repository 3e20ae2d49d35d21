//! The directories of a TIFF, wherever in the file they are (TIFF 6.0, section 2), and of a
//! `BigTIFF`, whose places and counts have eight bytes. No length and no place is trusted. Knows no
//! tag but the one that leads to further directories.

use std::io::{Seek as _, SeekFrom};

use crate::format::source::Source;
use crate::metadata::{ByteOrder, Kind};
use crate::refusal::Refusal;

/// Most entries of one directory; cameras and scanners write some dozens.
pub const MAX_ENTRIES: u16 = 512;
/// Most directories that one leads to; a file of pages or of a picture in several sizes has fewer.
const MAX_DIRECTORIES: u64 = 16;

/// In the place of 42.
const BIG: u16 = 43;
/// Directories of further pictures (TIFF technical note 1).
const SUB_DIRECTORIES: u16 = 0x014A;
/// The types of `BigTIFF`: whole numbers of eight bytes, without and with a sign, and places of
/// directories.
const LONGS_OF_8: std::ops::RangeInclusive<u16> = 16..=18;

/// An entry of a directory.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub id: u16,
    pub kind: u16,
    pub count: u64,
    /// The value, or its place in the file.
    pub value: [u8; 8],
}

impl Entry {
    /// Bytes of the whole value; None for a type that does not exist.
    pub fn bytes(&self) -> Option<u64> {
        let item = if self.is_of_eight_bytes() { 8 } else { Kind::from_code(self.kind)?.bytes() as u64 };
        self.count.checked_mul(item)
    }

    /// Whether its numbers are of a type that only `BigTIFF` has.
    pub fn is_of_eight_bytes(&self) -> bool {
        LONGS_OF_8.contains(&self.kind)
    }
}

/// A directory: its entries, and the place of the next one.
#[derive(Debug, Default)]
pub struct Directory {
    pub entries: Vec<Entry>,
    next: u64,
}

impl Directory {
    /// The entry of a tag.
    pub fn find(&self, id: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }
}

/// A walk over directories.
pub struct Walk<'a> {
    pub source: &'a mut Source,
    pub order: ByteOrder,
    big: bool,
}

impl<'a> Walk<'a> {
    /// Reads the header.
    pub fn new(source: &'a mut Source) -> Result<Self, Refusal> {
        source.seek(SeekFrom::Start(0))?;
        let [letter, _, magic @ ..]: [u8; 4] = source.array()?.ok_or(Refusal::CUT_OFF)?;
        let order = if letter == b'M' { ByteOrder::Big } else { ByteOrder::Little };
        Ok(Self { source, order, big: order.u16(magic) == BIG })
    }

    /// The first directory.
    pub fn first(&mut self) -> Result<Directory, Refusal> {
        self.source.seek(SeekFrom::Start(if self.big { 8 } else { 4 }))?;
        let place = self.place()?.ok_or(Refusal::CUT_OFF)?;
        self.directory(place)
    }

    /// The directories below this one, and after it.
    pub fn others(&mut self, first: &Directory) -> Result<Vec<Directory>, Refusal> {
        let mut found = Vec::new();
        for place in self.numbers(first.find(SUB_DIRECTORIES), MAX_DIRECTORIES)? {
            found.push(self.directory(place)?);
        }
        let mut next = first.next;
        while next != 0 && (found.len() as u64) < MAX_DIRECTORIES {
            let directory = self.directory(next)?;
            next = directory.next;
            found.push(directory);
        }
        Ok(found)
    }

    /// The entries of the directory at this place; none when it is not there.
    pub fn directory(&mut self, place: u64) -> Result<Directory, Refusal> {
        if place > self.source.length() {
            return Ok(Directory::default());
        }
        self.source.seek(SeekFrom::Start(place))?;
        let count = if self.big {
            self.source.array()?.map(|count| self.order.u64(count))
        } else {
            self.source.array()?.map(|count| u64::from(self.order.u16(count)))
        };
        let Some(count) = count else { return Ok(Directory::default()) };
        let mut entries = Vec::new();
        for _ in 0..count.min(MAX_ENTRIES.into()) {
            match self.entry()? {
                Some(entry) => entries.push(entry),
                None => return Ok(Directory { entries, next: 0 }),
            }
        }
        let next = if count == entries.len() as u64 { self.place()?.unwrap_or(0) } else { 0 };
        Ok(Directory { entries, next })
    }

    fn entry(&mut self) -> Result<Option<Entry>, Refusal> {
        let Some([i0, i1, k0, k1]) = self.source.array()? else { return Ok(None) };
        let (id, kind) = (self.order.u16([i0, i1]), self.order.u16([k0, k1]));
        let Some(count) = self.place()? else { return Ok(None) };
        let value = if self.big {
            self.source.array()?
        } else {
            self.source.array()?.map(|[v0, v1, v2, v3]| [v0, v1, v2, v3, 0, 0, 0, 0])
        };
        Ok(value.map(|value| Entry { id, kind, count, value }))
    }

    /// A number as wide as a place in this file.
    fn place(&mut self) -> Result<Option<u64>, Refusal> {
        Ok(if self.big {
            self.source.array()?.map(|place| self.order.u64(place))
        } else {
            self.source.array()?.map(|place| u64::from(self.order.u32(place)))
        })
    }

    /// An entry's value, when it is not longer than this.
    pub fn value(&mut self, entry: &Entry, most: u64) -> Result<Option<Vec<u8>>, Refusal> {
        match entry.bytes() {
            Some(length) if length <= most => self.beginning(entry, length),
            _ => Ok(None),
        }
    }

    /// So many bytes of a value, which is in the entry itself when all of it fits; None when the
    /// file ends before.
    fn beginning(&mut self, entry: &Entry, length: u64) -> Result<Option<Vec<u8>>, Refusal> {
        if entry.bytes().is_some_and(|whole| whole <= if self.big { 8 } else { 4 }) {
            return Ok(entry.value.get(..usize::try_from(length).unwrap_or(0)).map(<[u8]>::to_vec));
        }
        let place =
            if self.big { self.order.u64(entry.value) } else { self.order.u32(half(entry.value)).into() };
        self.source.bytes_at(place, length)
    }

    /// The first whole numbers of an entry, as many as this at most. None when they are not there,
    /// of another type, or outside of the file.
    pub fn numbers(&mut self, entry: Option<&Entry>, most: u64) -> Result<Vec<u64>, Refusal> {
        let Some((entry, whole)) = entry.and_then(|entry| Some((entry, entry.bytes()?))) else {
            return Ok(Vec::new());
        };
        let Some(item) = whole.checked_div(entry.count) else { return Ok(Vec::new()) };
        let Some(bytes) = self.beginning(entry, item * entry.count.min(most))? else { return Ok(Vec::new()) };
        let order = self.order;
        Ok(match Kind::from_code(entry.kind) {
            Some(Kind::Byte | Kind::Undefined) => bytes.iter().map(|byte| u64::from(*byte)).collect(),
            Some(Kind::Short) => bytes.as_chunks().0.iter().map(|number| order.u16(*number).into()).collect(),
            Some(Kind::Long | Kind::Pointer) => {
                bytes.as_chunks().0.iter().map(|number| order.u32(*number).into()).collect()
            }
            None => bytes.as_chunks().0.iter().map(|number| order.u64(*number)).collect(),
            Some(_) => Vec::new(),
        })
    }

    /// The first whole number of a tag.
    pub fn number(&mut self, directory: &Directory, id: u16) -> Result<Option<u64>, Refusal> {
        Ok(self.numbers(directory.find(id), 1)?.first().copied())
    }
}

/// The first four bytes.
fn half([v0, v1, v2, v3, ..]: [u8; 8]) -> [u8; 4] {
    [v0, v1, v2, v3]
}
