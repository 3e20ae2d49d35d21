//! The file being read: headers by small reads at known places, pixels from beginning to end, never
//! all of it at once. Knows no format.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Error, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use crate::refusal::Refusal;

/// Small enough to be no burden beside the decoding, large enough for few system calls.
const BUFFER_BYTES: usize = 32 * 1024;

/// What a photo can be read from.
trait Input: Read + Seek {}

impl<T: Read + Seek> Input for T {}

/// A file, buffered.
pub struct Source {
    file: BufReader<Box<dyn Input>>,
    length: u64,
}

impl Source {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self, Refusal> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { file: BufReader::with_capacity(BUFFER_BYTES, Box::new(file)), length })
    }

    /// A file in memory.
    pub fn of(bytes: Vec<u8>) -> Self {
        let length = bytes.len() as u64;
        Self { file: BufReader::with_capacity(BUFFER_BYTES, Box::new(Cursor::new(bytes))), length }
    }

    /// The file's size in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The next bytes; None when the file ends before.
    pub fn array<const N: usize>(&mut self) -> Result<Option<[u8; N]>, Refusal> {
        let mut bytes = [0; N];
        match self.file.read_exact(&mut bytes) {
            Ok(()) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The next byte; None at the end of the file.
    pub fn byte(&mut self) -> Result<Option<u8>, Refusal> {
        let next = self.file.fill_buf()?.first().copied();
        self.file.consume(usize::from(next.is_some()));
        Ok(next)
    }

    /// Up to this many next bytes: fewer when the file ends before.
    pub fn bytes(&mut self, most: u64) -> Result<Vec<u8>, Refusal> {
        let mut bytes = Vec::new();
        self.file.by_ref().take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The bytes at a place; None when the file ends before.
    pub fn bytes_at(&mut self, offset: u64, length: u64) -> Result<Option<Vec<u8>>, Refusal> {
        if offset.checked_add(length).is_none_or(|end| end > self.length) {
            return Ok(None);
        }
        self.seek(SeekFrom::Start(offset))?;
        let bytes = self.bytes(length)?;
        Ok((bytes.len() as u64 == length).then_some(bytes))
    }

    /// Goes this many bytes on; the end of the file is noticed by the next read.
    pub fn skip(&mut self, bytes: u64) -> Result<(), Refusal> {
        let offset = i64::try_from(bytes.min(self.length)).unwrap_or(i64::MAX);
        Ok(self.seek_relative(offset)?)
    }

    /// Goes behind the next byte of this value, or to the end. Returns how many bytes were passed
    /// over before it, and whether it was there.
    pub fn skip_past(&mut self, wanted: u8) -> Result<(u64, bool), Refusal> {
        let mut passed = 0;
        loop {
            let buffer = self.file.fill_buf()?;
            if buffer.is_empty() {
                return Ok((passed, false));
            }
            if let Some(found) = buffer.iter().position(|byte| *byte == wanted) {
                self.file.consume(found + 1);
                return Ok((passed + found as u64, true));
            }
            let all = buffer.len();
            passed += all as u64;
            self.file.consume(all);
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.file.read(buffer)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.file.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.file.consume(amount);
    }
}

/// The place so many bytes behind this one, or before it; an error where there is none.
pub fn moved(place: u64, offset: i64) -> std::io::Result<u64> {
    place.checked_add_signed(offset).ok_or_else(|| Error::from(ErrorKind::InvalidInput))
}

impl Seek for Source {
    /// A place behind the end is the end: nothing can be read from either, and the system refuses
    /// some of them.
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        match to {
            SeekFrom::Start(place) => self.file.seek(SeekFrom::Start(place.min(self.length))),
            SeekFrom::End(offset) => {
                let place = moved(self.length, offset)?;
                self.file.seek(SeekFrom::Start(place.min(self.length)))
            }
            // Within the buffer, nothing is read again.
            SeekFrom::Current(offset) => {
                let here = self.file.stream_position()?;
                let there = moved(here, offset)?.min(self.length);
                self.file.seek_relative(there.checked_signed_diff(here).unwrap_or(0))?;
                Ok(there)
            }
        }
    }

    fn stream_position(&mut self) -> std::io::Result<u64> {
        self.file.stream_position()
    }

    fn seek_relative(&mut self, offset: i64) -> std::io::Result<()> {
        self.seek(SeekFrom::Current(offset)).map(drop)
    }
}
