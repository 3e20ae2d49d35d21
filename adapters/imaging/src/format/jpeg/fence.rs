//! A fence behind entropy-coded data. zune-jpeg goes on with zeros behind the last marker, and
//! zeros are codes: of a picture that lost its end it makes some smear. No code consists of ones
//! alone (ITU T.81, C.2), so whoever reads as far as the fence fails there. Knows no code and no
//! picture.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use crate::format::source::{Source, moved};

/// Ones, more than a decoder reads ahead, and the end of a JPEG.
const ONES: [u8; 34] = {
    let mut ones = [0; 34];
    let mut at = 0;
    while at < ones.len() {
        ones[at] = 0xFF;
        at += 2;
    }
    ones[33] = super::walk::EOI;
    ones
};

/// A file up to some place, and [`ONES`] behind it.
pub struct Fenced<'a> {
    source: &'a mut Source,
    /// Where the file's bytes end.
    end: u64,
    place: u64,
}

impl<'a> Fenced<'a> {
    /// From the beginning of the file.
    ///
    /// # Errors
    ///
    /// Those of the file.
    pub fn new(source: &'a mut Source, end: u64) -> io::Result<Self> {
        source.rewind()?;
        Ok(Self { source, end, place: 0 })
    }

    fn ones(&self) -> &'static [u8] {
        let passed = usize::try_from(self.place - self.end).unwrap_or(usize::MAX);
        ONES.get(passed..).unwrap_or_default()
    }
}

impl Read for Fenced<'_> {
    #[inline]
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Fenced<'_> {
    #[inline]
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.end.checked_sub(self.place) {
            None | Some(0) => Ok(self.ones()),
            Some(left) => {
                let buffer = self.source.fill_buf()?;
                let most = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
                Ok(&buffer[..most])
            }
        }
    }

    #[inline]
    fn consume(&mut self, amount: usize) {
        if self.place < self.end {
            self.source.consume(amount);
        }
        self.place += amount as u64;
    }
}

impl Seek for Fenced<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => place,
            SeekFrom::Current(offset) => moved(self.place, offset)?,
            SeekFrom::End(offset) => moved(self.end + ONES.len() as u64, offset)?,
        };
        // Within the source's buffer, nothing is read again.
        let (here, there) = (self.place.min(self.end), place.min(self.end));
        self.source.seek_relative(there.checked_signed_diff(here).unwrap_or(0))?;
        self.place = place;
        Ok(place)
    }
}
