//! The bits of entropy-coded data (ITU T.81, F.2.2.5), up to the next marker; behind it there are
//! zeros. Knows no code and no picture; tests of whole files are in `tests/it/damage.rs`.

use crate::format::source::Source;
use crate::refusal::Refusal;

use super::super::walk::EOI;

/// Bits that are there after filling, unless a marker came before.
const FILLED: u32 = 57;

/// A reader of bits. A marker ends them: it stays until somebody takes it.
pub struct Bits<'a> {
    /// The file, behind what was read.
    pub source: &'a mut Source,
    /// The lowest `left` bits are those not taken yet.
    buffer: u64,
    left: u32,
    /// The marker that the data end with, once it was reached. The end of the file is an end of the
    /// picture.
    pub marker: Option<u8>,
    /// Bits were asked for that are not there.
    pub starved: bool,
    /// Something is there that no encoder writes.
    pub damaged: bool,
}

impl<'a> Bits<'a> {
    /// What comes next in the file.
    pub fn new(source: &'a mut Source) -> Self {
        Self { source, buffer: 0, left: 0, marker: None, starved: false, damaged: false }
    }

    /// Reads as many bytes as have room.
    fn fill(&mut self) -> Result<(), Refusal> {
        while self.left < FILLED && self.marker.is_none() {
            let byte = match self.source.byte()? {
                None => {
                    self.marker = Some(EOI);
                    return Ok(());
                }
                Some(0xFF) => match self.after_fill_bytes()? {
                    0 => 0xFF,
                    marker => {
                        self.marker = Some(marker);
                        return Ok(());
                    }
                },
                Some(byte) => byte,
            };
            self.buffer = self.buffer << 8 | u64::from(byte);
            self.left += 8;
        }
        Ok(())
    }

    /// The byte behind one of 255 and any more of them.
    fn after_fill_bytes(&mut self) -> Result<u8, Refusal> {
        loop {
            match self.source.byte()? {
                None => return Ok(EOI),
                Some(0xFF) => {}
                Some(byte) => return Ok(byte),
            }
        }
    }

    /// Makes sure of so many bits, at most 16; zeros take the place of those that are not there.
    fn need(&mut self, count: u32) -> Result<(), Refusal> {
        if self.left < count {
            self.fill()?;
            if self.left < count {
                self.starved = true;
                self.buffer <<= FILLED - self.left;
                self.left = FILLED;
            }
        }
        Ok(())
    }

    /// The next eight bits, which stay; None when there are fewer.
    pub fn peek(&mut self) -> Result<Option<u8>, Refusal> {
        if self.left < 8 {
            self.fill()?;
        }
        let shift = self.left.checked_sub(8);
        Ok(shift.map(|shift| u8::try_from(self.buffer >> shift & 0xFF).unwrap_or(u8::MAX)))
    }

    /// Passes over bits that were peeked at.
    pub fn skip(&mut self, count: u32) {
        self.left = self.left.saturating_sub(count);
    }

    /// The next bits, at most 16, as a number.
    pub fn number(&mut self, count: u32) -> Result<i32, Refusal> {
        self.need(count)?;
        self.left -= count;
        let bits = self.buffer >> self.left & ((1 << count) - 1);
        Ok(i32::try_from(bits).unwrap_or(0))
    }

    /// Whether the next bit is set.
    pub fn bit(&mut self) -> Result<bool, Refusal> {
        Ok(self.number(1)? == 1)
    }

    /// A number with so many bits behind its sign (T.81, F.2.2.1, `EXTEND`).
    pub fn signed(&mut self, count: u32) -> Result<i32, Refusal> {
        if count == 0 {
            return Ok(0);
        }
        let number = self.number(count)?;
        Ok(if number < 1 << (count - 1) { number - (1 << count) + 1 } else { number })
    }

    /// Forgets the bits before the next marker, and goes there unless one was reached. Returns how
    /// many whole bytes other than zero were passed over: encoders leave none.
    pub fn skip_to_marker(&mut self) -> Result<u64, Refusal> {
        // Of the bits that are left, those of a byte that was begun are padding.
        let whole = 1_u64.checked_shl(self.left / 8 * 8).map_or(u64::MAX, |bit| bit - 1);
        let rest = if self.starved { 0 } else { self.buffer & whole };
        let mut passed = rest.to_be_bytes().iter().filter(|byte| **byte != 0).count() as u64;
        self.left = 0;
        if self.marker.is_none() {
            passed += self.next_marker()?;
        }
        Ok(passed)
    }

    /// Goes to the next marker in the file. Returns how many bytes other than zero were passed
    /// over.
    pub fn next_marker(&mut self) -> Result<u64, Refusal> {
        let mut passed = 0;
        loop {
            match self.source.byte()? {
                None => {
                    self.marker = Some(EOI);
                    return Ok(passed);
                }
                Some(0xFF) => match self.after_fill_bytes()? {
                    0 => passed += 1,
                    marker => {
                        self.marker = Some(marker);
                        return Ok(passed);
                    }
                },
                Some(byte) => passed += u64::from(byte != 0),
            }
        }
    }
}
