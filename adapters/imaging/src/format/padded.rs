//! A file as if zeros followed its end, for decoders that give nothing of a file that is cut off.
//! Knows no format; tests of whole files are in `tests/it/damage.rs`.

use std::io::{BufRead, Read, Result, Seek, SeekFrom};

use super::source::{Source, moved};

static ZEROS: [u8; 4096] = [0; 4096];

/// A file and zeros behind it.
pub struct Padded<'a> {
    source: &'a mut Source,
    position: u64,
    end: u64,
}

impl<'a> Padded<'a> {
    /// A file from its beginning, and so many zeros.
    pub fn new(source: &'a mut Source, zeros: u64) -> Result<Self> {
        source.rewind()?;
        let end = source.length().saturating_add(zeros);
        Ok(Self { source, position: 0, end })
    }
}

impl BufRead for Padded<'_> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        if self.position < self.source.length() {
            return self.source.fill_buf();
        }
        let left = usize::try_from(self.end.saturating_sub(self.position)).unwrap_or(usize::MAX);
        Ok(&ZEROS[..left.min(ZEROS.len())])
    }

    fn consume(&mut self, amount: usize) {
        if self.position < self.source.length() {
            self.source.consume(amount);
        }
        self.position += amount as u64;
    }
}

impl Read for Padded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut available = self.fill_buf()?;
        let count = available.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl Seek for Padded<'_> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => place,
            SeekFrom::End(offset) => moved(self.end, offset)?,
            SeekFrom::Current(offset) => moved(self.position, offset)?,
        };
        self.position = place.min(self.end);
        self.source.seek(SeekFrom::Start(self.position))?;
        Ok(self.position)
    }

    /// Asked for, it must not cost the source its buffer.
    fn stream_position(&mut self) -> Result<u64> {
        Ok(self.position)
    }
}
