//! Decoding a scan, MCU by MCU. After damage it goes on at the next restart marker by that marker's
//! number, as libjpeg does (`jpeg_resync_to_restart`): what is lost stays zero, which is grey.
//! Tests of whole files are in `tests/it/damage.rs`.

use crate::refusal::Refusal;

use super::super::walk::{EOI, completed};
use super::bits::Bits;
use super::blocks::{Band, Before, Blocks, LAST};
use super::frame::{Coefficients, Frame};
use super::tables::{MISSING_TABLE, Tables};

const DAMAGED: Refusal = Refusal::Undecodable("photo-scan-header-damaged");
/// The first of eight restart markers.
const RST0: u8 = 0xD0;
/// The first marker that is in use in JPEG.
const FIRST_MARKER: u8 = 0xC0;
/// Bits that are lost at most by successive approximation (T.81, table B.3).
const MAX_LOW: u8 = 13;

/// A component in a scan, and the numbers of its codes.
struct Part {
    component: usize,
    dc: usize,
    ac: usize,
}

/// A scan header (T.81, B.2.3).
pub struct Scan {
    parts: Vec<Part>,
    band: Band,
}

impl Scan {
    /// Reads a scan header.
    pub fn parse(frame: &Frame, tables: &Tables, segment: &[u8]) -> Result<Self, Refusal> {
        let scan = Self::of(frame, segment)?;
        let (direct, alternating) = if frame.progressive {
            (scan.band.first == 0 && !scan.band.refines, scan.band.first > 0)
        } else {
            (true, true)
        };
        let has_tables = |part: &Part| {
            (!direct || tables.dc[part.dc].is_some()) && (!alternating || tables.ac[part.ac].is_some())
        };
        if scan.parts.iter().all(has_tables) { Ok(scan) } else { Err(MISSING_TABLE) }
    }

    fn of(frame: &Frame, segment: &[u8]) -> Result<Self, Refusal> {
        let (count, rest) = segment.split_first().ok_or(DAMAGED)?;
        let (said, rest) = rest.split_at_checked(2 * usize::from(*count)).ok_or(DAMAGED)?;
        let mut parts: Vec<Part> = Vec::new();
        for [id, codes] in said.as_chunks::<2>().0 {
            let component = frame.named(*id).ok_or(DAMAGED)?;
            if parts.iter().any(|part| part.component == component) {
                return Err(DAMAGED);
            }
            parts.push(Part { component, dc: usize::from(codes >> 4 & 3), ac: usize::from(codes & 3) });
        }
        let (Some([first, last, bits]), false) = (rest.first_chunk::<3>(), parts.is_empty()) else {
            return Err(DAMAGED);
        };
        let (first, last, low) = (usize::from(*first), usize::from(*last), bits & 15);
        if !frame.progressive {
            return Ok(Self { parts, band: Band { first: 0, last: LAST, refines: false, low: 0 } });
        }
        let alone = if first == 0 { last == 0 } else { parts.len() == 1 };
        if !alone || first > last || last > LAST || low > MAX_LOW {
            return Err(DAMAGED);
        }
        Ok(Self { parts, band: Band { first, last, refines: bits >> 4 > 0, low: u32::from(low) } })
    }

    /// The components that are in it.
    pub fn components(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().map(|part| part.component)
    }

    /// A bit for each coefficient of which nothing is missing after this scan.
    pub fn completes(&self) -> u64 {
        completed(self.band.first, self.band.last, self.band.low)
    }

    /// MCUs of it: columns and rows. Alone, a component's MCU is a block (T.81, A.2.2).
    pub fn mcus(&self, frame: &Frame) -> (u32, u32) {
        match self.parts.as_slice() {
            [only] => frame.components[only.component].blocks,
            _ => frame.mcus,
        }
    }
}

/// The work on a scan.
pub struct Work<'a, 'b> {
    frame: &'a Frame,
    scan: &'a Scan,
    tables: &'a Tables,
    bits: Bits<'b>,
    blocks: Blocks,
    before: [Before; 4],
    /// MCUs between restart markers; 0 without any.
    interval: u32,
    left: u32,
    /// The number of the next restart marker.
    restart: u8,
    /// Something of it could be decoded.
    pub begun: bool,
}

impl<'a, 'b> Work<'a, 'b> {
    /// No MCU was decoded yet.
    pub fn new(frame: &'a Frame, scan: &'a Scan, tables: &'a Tables, interval: u32, bits: Bits<'b>) -> Self {
        let blocks = Blocks::new(scan.band, frame.progressive);
        let before = [Before::default(); 4];
        Self { frame, scan, tables, bits, blocks, before, interval, left: interval, restart: 0, begun: false }
    }

    /// Decodes a row of MCUs into rows of blocks from `top` on, of which the coefficients are part
    /// of all or of one row of MCUs of the frame.
    pub fn row(&mut self, top: u32, coefficients: &mut Coefficients) -> Result<(), Refusal> {
        for column in 0..self.scan.mcus(self.frame).0 {
            if self.interval > 0 && self.left == 0 {
                self.go_to_restart()?;
            }
            self.left = self.left.wrapping_sub(1);
            if self.bits.starved {
                continue;
            }
            self.mcu(column, top, coefficients)?;
            self.begun |= !self.bits.starved;
        }
        Ok(())
    }

    fn mcu(&mut self, column: u32, row: u32, coefficients: &mut Coefficients) -> Result<(), Refusal> {
        let is_alone = self.scan.parts.len() == 1;
        for part in &self.scan.parts {
            let (h, v) = if is_alone { (1, 1) } else { self.frame.components[part.component].sampling };
            for (y, x) in (0..v).flat_map(|y| (0..h).map(move |x| (y, x))) {
                let block = coefficients.block(part.component, column * h + x, row * v + y);
                let codes = (self.tables.dc[part.dc].as_ref(), self.tables.ac[part.ac].as_ref());
                let before = &mut self.before[part.component];
                self.blocks.next(&mut self.bits, codes, before, block.ok_or(DAMAGED)?)?;
            }
        }
        Ok(())
    }

    /// Goes on behind the next restart marker, if that is the one that is due, or behind a later
    /// one when its time comes.
    fn go_to_restart(&mut self) -> Result<(), Refusal> {
        let passed = self.bits.skip_to_marker()?;
        self.bits.damaged |= self.bits.starved || passed > 0;
        while let Some(marker) = self.bits.marker {
            let ahead = match marker {
                RST0..=0xD7 => (marker - RST0).wrapping_sub(self.restart) & 7,
                FIRST_MARKER.. => break,
                _ => 7,
            };
            self.bits.damaged |= ahead != 0;
            match ahead {
                // The intervals before this one are lost.
                1 | 2 => break,
                // This one is of before.
                6 | 7 => {
                    self.bits.next_marker()?;
                }
                // What is due, or what could be anything.
                _ => self.bits.marker = None,
            }
        }
        self.bits.starved = self.bits.marker.is_some();
        self.bits.damaged |= self.bits.starved;
        self.restart = (self.restart + 1) & 7;
        self.left = self.interval;
        self.before = [Before::default(); 4];
        self.blocks.restart();
        Ok(())
    }

    /// Goes to the marker behind the scan. Returns that marker, and whether anything of the scan
    /// was damaged. What lies behind the picture of a file without an end is no damage.
    pub fn finish(mut self, has_end: bool) -> Result<(u8, bool), Refusal> {
        let is_starved = self.bits.starved;
        let passed = self.bits.skip_to_marker()?;
        // More restart markers than there are intervals.
        while let Some(RST0..=0xD7) = self.bits.marker {
            self.bits.damaged = true;
            self.bits.next_marker()?;
        }
        let damaged = self.bits.damaged || is_starved || (has_end && passed > 0);
        Ok((self.bits.marker.unwrap_or(EOI), damaged))
    }
}
