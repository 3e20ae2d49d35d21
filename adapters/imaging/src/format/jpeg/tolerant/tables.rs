//! Tables that segments define: Huffman codes and quantisation (ITU T.81, B.2.4 and annex C). Knows
//! no picture; tests are below.

use crate::refusal::Refusal;

use super::bits::Bits;

/// Entries of a block (T.81, figure A.6): where the coefficient at each place of the zigzag lies. A
/// damaged run leads up to 15 places behind the last; what is there goes into the last, as in
/// libjpeg.
pub const NATURAL: [u8; 80] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
];

/// Coefficients of a block.
pub const BLOCK: usize = 64;
/// The longest code.
const MAX_LENGTH: usize = 16;

const DAMAGED: Refusal = Refusal::Undecodable("photo-tables-damaged");
/// A scan names a table that no segment defined.
pub const MISSING_TABLE: Refusal = Refusal::Undecodable("photo-table-missing");

/// A Huffman code.
#[derive(Clone)]
pub struct Huffman {
    /// By the next eight bits: length and value of the code that they begin with; length 0 for a
    /// longer one.
    short: [(u8, u8); 256],
    /// The largest code of each length, and one that is larger than all.
    largest: [i32; MAX_LENGTH + 2],
    /// What is added to a code of each length to find its value.
    offset: [i32; MAX_LENGTH + 1],
    values: Vec<u8>,
}

impl Huffman {
    /// The code with so many codes of each length; refused when there are more than fit.
    fn new(counts: &[u8; MAX_LENGTH], values: &[u8]) -> Result<Self, Refusal> {
        let mut table = Self {
            short: [(0, 0); 256],
            largest: [-1; MAX_LENGTH + 2],
            offset: [0; MAX_LENGTH + 1],
            values: values.to_vec(),
        };
        table.largest[MAX_LENGTH + 1] = i32::MAX;
        let (mut code, mut index) = (0_i32, 0_i32);
        for (length, count) in (1..).zip(counts) {
            table.offset[length] = index - code;
            for _ in 0..*count {
                if code >= 1 << length {
                    return Err(DAMAGED);
                }
                table.shorten(code, length, index);
                (code, index) = (code + 1, index + 1);
            }
            if *count > 0 {
                table.largest[length] = code - 1;
            }
            code <<= 1;
        }
        Ok(table)
    }

    /// Notes a code of up to eight bits under all that can follow it.
    fn shorten(&mut self, code: i32, length: usize, index: i32) {
        let Some(free) = 8_usize.checked_sub(length) else { return };
        let value = self.value(index);
        let first = usize::try_from(code).unwrap_or(0) << free;
        let length = u8::try_from(length).unwrap_or(0);
        for entry in self.short.iter_mut().skip(first).take(1 << free) {
            *entry = (length, value);
        }
    }

    fn value(&self, index: i32) -> u8 {
        usize::try_from(index).ok().and_then(|index| self.values.get(index)).copied().unwrap_or(0)
    }

    /// Decodes the next value. A code that is none is a zero.
    pub fn decode(&self, bits: &mut Bits<'_>) -> Result<u8, Refusal> {
        let mut length = 1;
        if let Some(next) = bits.peek()? {
            let (short, value) = self.short[usize::from(next)];
            if short > 0 {
                bits.skip(u32::from(short));
                return Ok(value);
            }
            length = 9;
        }
        let mut code = bits.number(u32::try_from(length).unwrap_or(1))?;
        while code > self.largest[length] {
            code = code << 1 | bits.number(1)?;
            length += 1;
        }
        if length > MAX_LENGTH {
            bits.damaged = true;
            return Ok(0);
        }
        Ok(self.value(code + self.offset[length]))
    }
}

/// All tables that are defined at one place of a file, by their numbers.
#[derive(Default)]
pub struct Tables {
    /// Codes for the first coefficient of a block.
    pub dc: [Option<Huffman>; 4],
    /// Codes for all others.
    pub ac: [Option<Huffman>; 4],
    /// Factors of the coefficients, in the order of the zigzag.
    pub factors: [Option<[u16; BLOCK]>; 4],
}

impl Tables {
    /// Takes a segment with Huffman codes.
    pub fn huffman(&mut self, mut segment: &[u8]) -> Result<(), Refusal> {
        while let Some((&kind, rest)) = segment.split_first() {
            let (counts, rest) = rest.split_first_chunk::<MAX_LENGTH>().ok_or(DAMAGED)?;
            let length = counts.iter().map(|count| usize::from(*count)).sum();
            let (values, rest) = rest.split_at_checked(length).ok_or(DAMAGED)?;
            let class = if kind >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            let table = class.get_mut(usize::from(kind & 15)).ok_or(DAMAGED)?;
            *table = Some(Huffman::new(counts, values)?);
            segment = rest;
        }
        Ok(())
    }

    /// Takes a segment with factors, of one byte or two each.
    pub fn quantisation(&mut self, mut segment: &[u8]) -> Result<(), Refusal> {
        while let Some((&kind, rest)) = segment.split_first() {
            let bytes = if kind >> 4 == 0 { 1 } else { 2 };
            let (values, rest) = rest.split_at_checked(bytes * BLOCK).ok_or(DAMAGED)?;
            let table = self.factors.get_mut(usize::from(kind & 15)).ok_or(DAMAGED)?;
            let mut factors = [0; BLOCK];
            for (factor, value) in factors.iter_mut().zip(values.chunks_exact(bytes)) {
                *factor = value.iter().fold(0, |factor, byte| factor << 8 | u16::from(*byte));
            }
            *table = Some(factors);
            segment = rest;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_do_not_fit_are_refused() {
        let counts = |first: u8| {
            let mut counts = [0; MAX_LENGTH];
            counts[0] = first;
            counts
        };
        assert!(Huffman::new(&counts(2), &[1, 2]).is_ok());
        assert!(Huffman::new(&counts(3), &[1, 2, 3]).is_err());
    }

    #[test]
    fn no_length_is_trusted() {
        let mut tables = Tables::default();
        for cut in [&[0][..], &[0; 16], &[4; 17], &[0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]] {
            assert!(tables.huffman(cut).is_err(), "{cut:?}");
        }
        for cut in [&[0][..], &[0x10; 65], &[5; 65]] {
            assert!(tables.quantisation(cut).is_err(), "{cut:?}");
        }
        assert!(tables.quantisation(&[3; 65]).is_ok());
        assert_eq!(tables.factors[3], Some([3; BLOCK]));
    }

    #[test]
    fn the_zigzag_meets_every_place_once() {
        let mut places = NATURAL[..BLOCK].to_vec();
        places.sort_unstable();
        assert!(places.into_iter().eq(0..64));
    }
}
