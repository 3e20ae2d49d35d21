//! Finding entries in TIFF directories (TIFF 6.0, section 2; EXIF 2.32, section 4.5): no length and
//! no offset is trusted, values stay where they are. Knows no tag but those that point to
//! directories.

/// Most entries of all directories together; cameras write about 60 outside their maker notes.
const MAX_ENTRIES: usize = 1_000;

const EXIF_POINTER: u16 = 0x8769;
const GPS_POINTER: u16 = 0x8825;
const INTEROP_POINTER: u16 = 0xA005;

const HEADER_BYTES: usize = 8;
const ENTRY_BYTES: usize = 12;
/// Values of up to this many bytes are in the entry itself.
const INLINE_BYTES: usize = 4;

/// The directories that are read. The second TIFF directory is about the embedded thumbnail, not
/// the photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directory {
    /// The first directory: about the image.
    Main,
    /// About the shot.
    Exif,
    /// About the place.
    Gps,
    /// About the file's compatibility.
    Interop,
}

impl Directory {
    const ALL: [Self; 4] = [Self::Main, Self::Exif, Self::Gps, Self::Interop];

    /// The directory whose place is the value of this tag.
    pub fn pointed_to_by(tag: u16) -> Option<Self> {
        match tag {
            EXIF_POINTER => Some(Self::Exif),
            GPS_POINTER => Some(Self::Gps),
            INTEROP_POINTER => Some(Self::Interop),
            _ => None,
        }
    }
}

/// The order of bytes in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// `II`: the least significant byte first.
    Little,
    /// `MM`: the most significant byte first.
    Big,
}

impl ByteOrder {
    pub fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    pub fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    pub fn u64(self, bytes: [u8; 8]) -> u64 {
        match self {
            Self::Little => u64::from_le_bytes(bytes),
            Self::Big => u64::from_be_bytes(bytes),
        }
    }

    pub fn bytes_of_u16(self, number: u16) -> [u8; 2] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }

    pub fn bytes_of_u32(self, number: u32) -> [u8; 4] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }
}

/// The type of a value (TIFF 6.0, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Byte,
    Ascii,
    Short,
    Long,
    Rational,
    SignedByte,
    Undefined,
    SignedShort,
    SignedLong,
    SignedRational,
    Float,
    Double,
    /// A LONG that points to a directory (TIFF technical note 1).
    Pointer,
}

impl Kind {
    /// The type with this number.
    pub fn from_code(code: u16) -> Option<Self> {
        const KINDS: [Kind; 13] = [
            Kind::Byte,
            Kind::Ascii,
            Kind::Short,
            Kind::Long,
            Kind::Rational,
            Kind::SignedByte,
            Kind::Undefined,
            Kind::SignedShort,
            Kind::SignedLong,
            Kind::SignedRational,
            Kind::Float,
            Kind::Double,
            Kind::Pointer,
        ];
        KINDS.get(usize::from(code).checked_sub(1)?).copied()
    }

    /// Bytes of one item.
    pub fn bytes(self) -> usize {
        match self {
            Self::Byte | Self::Ascii | Self::SignedByte | Self::Undefined => 1,
            Self::Short | Self::SignedShort => 2,
            Self::Long | Self::SignedLong | Self::Float | Self::Pointer => 4,
            Self::Rational | Self::SignedRational | Self::Double => 8,
        }
    }
}

/// A tag with its value.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    pub directory: Directory,
    pub id: u16,
    pub kind: Kind,
    pub order: ByteOrder,
    /// Exactly the value's bytes.
    pub data: &'a [u8],
}

/// All entries of all directories, in the file's order: a directory's entries stand where its
/// pointer does.
pub fn entries(data: &[u8]) -> Vec<Entry<'_>> {
    let order = match data {
        [b'I', b'I', 42, 0, ..] => ByteOrder::Little,
        [b'M', b'M', 0, 42, ..] => ByteOrder::Big,
        _ => return Vec::new(),
    };
    let mut walk = Walk { data, order, found: Vec::new(), visited: Vec::new() };
    if let Some(first) = walk.u32(4) {
        walk.directory(Directory::Main, first);
    }
    walk.found
}

struct Walk<'a> {
    data: &'a [u8],
    order: ByteOrder,
    found: Vec<Entry<'a>>,
    visited: Vec<Directory>,
}

impl<'a> Walk<'a> {
    fn u16(&self, at: usize) -> Option<u16> {
        Some(self.order.u16(*self.data.get(at..)?.first_chunk()?))
    }

    fn u32(&self, at: usize) -> Option<u32> {
        Some(self.order.u32(*self.data.get(at..)?.first_chunk()?))
    }

    /// Reads a directory, each kind once: that ends loops, and bounds the depth.
    fn directory(&mut self, directory: Directory, offset: u32) {
        if self.visited.contains(&directory) || self.visited.len() == Directory::ALL.len() {
            return;
        }
        self.visited.push(directory);
        let Ok(start) = usize::try_from(offset) else { return };
        let Some(count) = self.u16(start) else { return };
        let end = start + 2 + usize::from(count) * ENTRY_BYTES;
        for at in (start + 2..end).step_by(ENTRY_BYTES) {
            if self.found.len() >= MAX_ENTRIES || at + ENTRY_BYTES > self.data.len() {
                break;
            }
            let Some(entry) = self.entry(directory, at, start..end) else {
                // A directory whose first entry makes no sense is none.
                if at == start + 2 && self.u16(at + 2).and_then(Kind::from_code).is_none() {
                    break;
                }
                continue;
            };
            match Directory::pointed_to_by(entry.id) {
                Some(child) => {
                    if let (4.., Some(bytes)) = (entry.kind.bytes(), entry.data.first_chunk()) {
                        self.directory(child, self.order.u32(*bytes));
                    }
                }
                None => self.found.push(entry),
            }
        }
    }

    /// None when the entry's type is unknown, or its value lies outside the data or on its
    /// directory.
    fn entry(&self, directory: Directory, at: usize, ifd: std::ops::Range<usize>) -> Option<Entry<'a>> {
        let (id, kind) = (self.u16(at)?, Kind::from_code(self.u16(at + 2)?)?);
        let length = usize::try_from(self.u32(at + 4)?).ok()?.checked_mul(kind.bytes())?;
        let start = if length <= INLINE_BYTES { at + 8 } else { usize::try_from(self.u32(at + 8)?).ok()? };
        let end = start.checked_add(length)?;
        let misplaced = length > INLINE_BYTES && (start < HEADER_BYTES || start < ifd.end && end > ifd.start);
        if misplaced {
            return None;
        }
        Some(Entry { directory, id, kind, order: self.order, data: self.data.get(start..end)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A little-endian directory with one entry, at offset 8.
    fn tiff(id: u16, kind: u16, count: u32, value: u32) -> Vec<u8> {
        let mut data = b"II*\0\x08\0\0\0\x01\0".to_vec();
        data.extend(id.to_le_bytes());
        data.extend(kind.to_le_bytes());
        data.extend(count.to_le_bytes());
        data.extend(value.to_le_bytes());
        data.extend([0; 4]);
        data.extend(b"Camera\0");
        data
    }

    #[test]
    fn reads_values_inside_and_outside_the_entry() {
        let data = tiff(0x0112, 3, 1, 6);
        assert_eq!(entries(&data)[0].data, [6, 0]);
        let data = tiff(0x010F, 2, 7, 26);
        assert_eq!(entries(&data)[0].data, b"Camera\0");
    }

    #[test]
    fn leaves_out_what_does_not_fit() {
        for data in [
            tiff(0x010F, 2, 7, 27),
            tiff(0x010F, 2, u32::MAX, 26),
            tiff(0x010F, 12, u32::MAX, u32::MAX),
            tiff(0x010F, 2, 7, 4),
            tiff(0x010F, 2, 7, 12),
            tiff(0x010F, 99, 1, 0),
        ] {
            assert!(entries(&data).is_empty());
        }
        assert!(entries(b"").is_empty());
        assert!(entries(b"II*\0\xFF\xFF\xFF\xFF").is_empty());
    }

    #[test]
    fn a_directory_that_points_to_itself_ends() {
        for pointer in [EXIF_POINTER, GPS_POINTER, INTEROP_POINTER] {
            assert!(entries(&tiff(pointer, 4, 1, 8)).is_empty());
        }
    }
}
