//! Decoding the coefficients of one block: of a sequential scan, or what one progressive scan adds
//! (ITU T.81, F.2.2 and G.2). Damaged data give what libjpeg makes of them. Knows no frame; tests
//! of whole files are in `tests/it/damage.rs`.

use crate::refusal::Refusal;

use super::bits::Bits;
use super::tables::{Huffman, MISSING_TABLE, NATURAL};

/// Which coefficients a scan has, and which of their bits (T.81, B.2.3).
#[derive(Clone, Copy)]
pub struct Band {
    /// The first place of the zigzag.
    pub first: usize,
    /// The last place.
    pub last: usize,
    /// Whether coefficients get one bit more than a scan before gave them.
    pub refines: bool,
    /// How many bits are still missing after this scan.
    pub low: u32,
}

/// The last place of the zigzag.
pub const LAST: usize = 63;

/// What is known of a component from the blocks before.
#[derive(Default, Clone, Copy)]
pub struct Before {
    /// The first coefficient of the block before.
    pub dc: i32,
}

/// Decodes blocks of one scan.
pub struct Blocks {
    band: Band,
    progressive: bool,
    /// Blocks to come that have nothing in this band.
    empty: i32,
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "coefficients are 16 bits; damaged ones lose what is above"
)]
fn coefficient(value: i32) -> i16 {
    value as i16
}

impl Blocks {
    /// No block was decoded yet.
    pub fn new(band: Band, progressive: bool) -> Self {
        Self { band, progressive, empty: 0 }
    }

    /// Forgets what blocks before said; at restarts.
    pub fn restart(&mut self) {
        self.empty = 0;
    }

    /// Decodes the next block into coefficients that are zero or what scans before made of them.
    /// Without bits, they stay.
    pub fn next(
        &mut self,
        bits: &mut Bits<'_>,
        (dc, ac): (Option<&Huffman>, Option<&Huffman>),
        before: &mut Before,
        block: &mut [i16],
    ) -> Result<(), Refusal> {
        match (self.progressive, self.band.first, self.band.refines) {
            (false, ..) => {
                block[0] = first_of(bits, dc.ok_or(MISSING_TABLE)?, before)?;
                sequential(bits, ac.ok_or(MISSING_TABLE)?, block)
            }
            (true, 0, false) => {
                let value = i32::from(first_of(bits, dc.ok_or(MISSING_TABLE)?, before)?);
                block[0] = coefficient(value << self.band.low);
                Ok(())
            }
            (true, 0, true) => {
                if bits.bit()? {
                    block[0] |= 1 << self.band.low;
                }
                Ok(())
            }
            (true, _, false) => self.first_bits(bits, ac.ok_or(MISSING_TABLE)?, block),
            (true, _, true) => self.further_bit(bits, ac.ok_or(MISSING_TABLE)?, block),
        }
    }

    fn first_bits(&mut self, bits: &mut Bits<'_>, ac: &Huffman, block: &mut [i16]) -> Result<(), Refusal> {
        if self.empty > 0 {
            self.empty -= 1;
            return Ok(());
        }
        let mut place = self.band.first;
        while place <= self.band.last {
            let (run, size) = halves(ac.decode(bits)?);
            if size > 0 {
                place += run;
                block[usize::from(NATURAL[place])] = coefficient(bits.signed(size)? << self.band.low);
                place += 1;
            } else if run == 15 {
                place += 16;
            } else {
                self.empty = empty_blocks(bits, run)? - 1;
                break;
            }
        }
        Ok(())
    }

    fn further_bit(&mut self, bits: &mut Bits<'_>, ac: &Huffman, block: &mut [i16]) -> Result<(), Refusal> {
        let bit = 1 << self.band.low;
        let mut place = self.band.first;
        while self.empty == 0 && place <= self.band.last {
            let (run, size) = halves(ac.decode(bits)?);
            let mut new = 0;
            if size > 0 {
                // New coefficients have one bit.
                bits.damaged |= size > 1;
                new = if bits.bit()? { bit } else { -bit };
            } else if run < 15 {
                self.empty = empty_blocks(bits, run)?;
                break;
            }
            place = self.refined(bits, block, place, Some(run))?;
            if new != 0 {
                block[usize::from(NATURAL[place])] = new;
            }
            place += 1;
        }
        if self.empty > 0 {
            self.refined(bits, block, place, None)?;
            self.empty -= 1;
        }
        Ok(())
    }

    /// Gives a bit to every coefficient that is not zero, from this place until so many zeros were
    /// passed over, or to the end. Returns the place of the zero behind them.
    fn refined(
        &self,
        bits: &mut Bits<'_>,
        block: &mut [i16],
        mut place: usize,
        mut zeros: Option<usize>,
    ) -> Result<usize, Refusal> {
        let bit = 1_i16 << self.band.low;
        while place <= self.band.last {
            let value = &mut block[usize::from(NATURAL[place])];
            if *value != 0 {
                if bits.bit()? && *value & bit == 0 {
                    *value = value.wrapping_add(if *value >= 0 { bit } else { -bit });
                }
            } else if let Some(zeros) = &mut zeros {
                if *zeros == 0 {
                    break;
                }
                *zeros -= 1;
            }
            place += 1;
        }
        Ok(place)
    }
}

/// How many blocks in turn have nothing more in this band, this one included (T.81, G.1.2.2).
fn empty_blocks(bits: &mut Bits<'_>, size: usize) -> Result<i32, Refusal> {
    let size = u32::try_from(size).unwrap_or(0);
    Ok((1 << size) + if size > 0 { bits.number(size)? } else { 0 })
}

/// Run and size of a code for coefficients.
fn halves(symbol: u8) -> (usize, u32) {
    (usize::from(symbol >> 4), u32::from(symbol & 15))
}

/// The first coefficient, which is stored as its difference from the one before.
fn first_of(bits: &mut Bits<'_>, dc: &Huffman, before: &mut Before) -> Result<i16, Refusal> {
    let size = u32::from(dc.decode(bits)?).min(16);
    before.dc = before.dc.wrapping_add(bits.signed(size)?);
    Ok(coefficient(before.dc))
}

fn sequential(bits: &mut Bits<'_>, ac: &Huffman, block: &mut [i16]) -> Result<(), Refusal> {
    let mut place = 1;
    while place <= LAST {
        let (run, size) = halves(ac.decode(bits)?);
        if size > 0 {
            place += run;
            block[usize::from(NATURAL[place])] = coefficient(bits.signed(size)?);
            place += 1;
        } else if run == 15 {
            place += 16;
        } else {
            break;
        }
    }
    Ok(())
}
