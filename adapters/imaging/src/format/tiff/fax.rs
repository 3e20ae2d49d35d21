//! Rows of black and white as fax machines send them (ITU-T T.4 and T.6; TIFF 6.0, sections 10 and
//! 11): runs by code tables, which are the crate fax's, and marks at the ends of rows. A damaged
//! row ends the picture, unless a mark shows where the next one begins.

use std::io::{self, BufReader, Error, ErrorKind, Read};

use fax::maps::{Mode, black, mode, white};
use fax::{BitReader as _, ByteReader};

use super::layout::Fax;

/// Zeros that begin a mark, which ends with a one; no code has as many.
const MARK_ZEROS: u8 = 11;
/// Zero bytes behind the data, so that the last code can be looked up.
const PADDING: u64 = 4;
/// Bytes read at once.
const BUFFER_BYTES: usize = 8 * 1024;
/// Runs of this length and more are followed by another of the same colour.
const MAKE_UP: u16 = 64;

type Bits<'a> = ByteReader<io::Bytes<BufReader<io::Chain<Box<dyn Read + 'a>, io::Take<io::Repeat>>>>>;

/// Decodes one row after the other.
pub struct Decoder<'a> {
    bits: Bits<'a>,
    kind: Fax,
    width: usize,
    above: Row,
}

/// The places where a row changes its colour, beginning with white, in order.
#[derive(Default)]
struct Row(Vec<usize>);

impl Row {
    /// Changes the colour here. Where it has just changed, it has not.
    fn change(&mut self, place: usize, width: usize) {
        if self.0.last() == Some(&place) {
            self.0.pop();
        } else if place < width {
            self.0.push(place);
        }
    }

    /// Black as ones, in whole bytes.
    fn paint(&self, bytes: &mut [u8], width: usize) {
        bytes.fill(0);
        for run in self.0.chunks(2) {
            let end = run.get(1).copied().unwrap_or(width);
            for place in run[0]..end {
                bytes[place / 8] |= 0x80 >> (place % 8);
            }
        }
    }
}

/// The code in the data is none.
fn damaged() -> Error {
    Error::new(ErrorKind::InvalidData, "no fax code")
}

/// There are no further rows.
fn ended() -> Error {
    ErrorKind::UnexpectedEof.into()
}

impl<'a> Decoder<'a> {
    /// Rows of this width in what is read from `data`.
    pub fn new(data: Box<dyn Read + 'a>, kind: Fax, width: usize) -> io::Result<Self> {
        let data = BufReader::with_capacity(BUFFER_BYTES, data.chain(io::repeat(0).take(PADDING)));
        let bits = ByteReader::new(data.bytes())?;
        Ok(Self { bits, kind, width, above: Row::default() })
    }

    /// The next row, black as ones. After an error there is none.
    pub fn read(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        let row = match self.kind {
            Fax::Rows => {
                let boundary = self.bits.bits_to_byte_boundary();
                self.bits.consume(boundary)?;
                self.alone()?
            }
            Fax::Group3 { mixed } => self.marked(mixed)?,
            Fax::Group4 => self.referring()?,
        };
        row.paint(bytes, self.width);
        self.above = row;
        Ok(())
    }

    /// A row after its mark. One that is damaged is left as the one above, and the next mark looked
    /// for.
    fn marked(&mut self, mixed: bool) -> io::Result<Row> {
        let mut marks = 0;
        let mut alone = true;
        while self.is_mark_next() || mixed && marks == 0 {
            self.pass_mark()?;
            marks += 1;
            if mixed {
                alone = self.bits.peek(1).ok_or_else(ended)? == 1;
                self.bits.consume(1)?;
            }
            // Two marks without a row between them are the first of six, which end the page.
            if marks == 2 {
                return Err(ended());
            }
        }
        match if alone { self.alone() } else { self.referring() } {
            Ok(row) => Ok(row),
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                self.seek_mark()?;
                Ok(std::mem::take(&mut self.above))
            }
            Err(error) => Err(error),
        }
    }

    fn is_mark_next(&self) -> bool {
        self.bits.peek(MARK_ZEROS) == Some(0)
    }

    fn seek_mark(&mut self) -> io::Result<()> {
        while !self.is_mark_next() {
            self.bits.peek(MARK_ZEROS).ok_or_else(ended)?;
            self.bits.consume(1)?;
        }
        Ok(())
    }

    /// Goes behind the next mark, which may have more zeros than it needs.
    fn pass_mark(&mut self) -> io::Result<()> {
        self.seek_mark()?;
        while self.bits.peek(1).ok_or_else(ended)? == 0 {
            self.bits.consume(1)?;
        }
        self.bits.consume(1)
    }

    /// The length of a run: codes of 64 and more come before one of less.
    fn run(&mut self, is_black: bool) -> io::Result<usize> {
        let mut length = 0;
        loop {
            let code = if is_black { black::decode(&mut self.bits) } else { white::decode(&mut self.bits) };
            let code = code.ok_or_else(damaged)?;
            length += usize::from(code);
            if length > self.width {
                return Err(damaged());
            }
            if code < MAKE_UP {
                return Ok(length);
            }
        }
    }

    /// A row in runs (T.4, 4.1).
    fn alone(&mut self) -> io::Result<Row> {
        let mut row = Row::default();
        let (mut place, mut is_black) = (0, false);
        while place < self.width {
            place += self.run(is_black)?;
            if place > self.width {
                return Err(damaged());
            }
            row.change(place, self.width);
            is_black = !is_black;
        }
        Ok(row)
    }

    /// A row by what is different from the row above (T.6, 2.2).
    fn referring(&mut self) -> io::Result<Row> {
        let mut row = Row::default();
        // The first place is before the row.
        let (mut place, mut is_black, mut from) = (None, false, 0);
        while place.unwrap_or(0) < self.width {
            let (first, second) = self.changes_above(place, is_black, &mut from);
            let here = place.unwrap_or(0);
            let next = match mode::decode(&mut self.bits).ok_or_else(damaged)? {
                Mode::Pass => second,
                Mode::Horizontal => {
                    let middle = here + self.run(is_black)?;
                    let end = middle + self.run(!is_black)?;
                    row.change(middle, self.width);
                    row.change(end, self.width);
                    end
                }
                Mode::Vertical(offset) => {
                    let next = first.checked_add_signed(offset.into()).ok_or_else(damaged)?;
                    row.change(next, self.width);
                    is_black = !is_black;
                    next
                }
                Mode::EOF => return Err(ended()),
                Mode::Extension => return Err(damaged()),
            };
            if next < here || next > self.width {
                return Err(damaged());
            }
            place = Some(next);
        }
        Ok(row)
    }

    /// The first change above, to the right of a place, to the other colour than the one here; and
    /// the change after it.
    fn changes_above(&self, place: Option<usize>, is_black: bool, from: &mut usize) -> (usize, usize) {
        let above = &self.above.0;
        // Changes to black are those of even number. The last one found may be two too far.
        let mut at = from.saturating_sub(2);
        at += usize::from((at % 2 == 1) != is_black);
        while above.get(at).is_some_and(|change| place.is_some_and(|place| *change <= place)) {
            at += 2;
        }
        *from = at;
        let change = |at: usize| above.get(at).copied().unwrap_or(self.width);
        (change(at), change(at + 1))
    }
}
