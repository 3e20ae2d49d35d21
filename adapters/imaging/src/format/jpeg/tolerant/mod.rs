//! A second decoder, for JPEG files that are damaged or unusual: without an end, with restart
//! markers missing, cut off, with codes that are none, with any sampling. It makes of them what
//! libjpeg does, which people know from every browser, and says whether anything is missing; that
//! takes some three times as long as the decoder for sound files, and half again as long for the
//! whole photo (docs/adr/0020). No more than a row of MCUs is held, or all coefficients where these
//! come in several scans.
//!
//! `bits` and `tables` read entropy-coded data, `blocks` decodes a block, `scan` all of them,
//! `transform` makes samples of them, `frame` knows where they lie. Tests are in
//! `tests/it/damage.rs`, beside djpeg.

mod bits;
mod blocks;
mod frame;
mod scan;
mod tables;
mod transform;

use std::io::Seek as _;

use crate::colour::{Colours, Matrix, Range};
use crate::downscale::{Downscaler, Shape};
use crate::format::header::{Header, Soundness};
use crate::format::rows::Downscaled;
use crate::format::source::Source;
use crate::refusal::Refusal;
use crate::render::large_size;
use crate::stop::Stop;

use super::inks::Inks;
use super::walk::{EOI, MAX_SCANS, SOI, SOS};
use bits::Bits;
use frame::{Coefficients, Frame};
use scan::{Scan, Work};
use tables::{BLOCK, MISSING_TABLE, Tables};

/// The value in the middle: what grey is in every component but black.
const GREY: u8 = 128;
const DHT: u8 = 0xC4;
const DQT: u8 = 0xDB;
const DRI: u8 = 0xDD;

/// There is nothing to show.
const NOTHING: Refusal = Refusal::Undecodable("photo-cut-off-early");

/// Decodes the first picture of a file. What is missing of it is grey.
pub fn decode(source: &mut Source, header: &Header, stop: Stop) -> Result<Downscaled, Refusal> {
    source.rewind()?;
    let mut picture = Picture::new(header, stop);
    picture.walk(source)?;
    picture.finish()
}

/// What is known of a picture while it is decoded.
struct Picture<'a> {
    header: &'a Header,
    stop: Stop,
    tables: Tables,
    frame: Option<Frame>,
    interval: u32,
    inks: Inks,
    /// The factors of each component, as they were when its first scan began.
    factors: [Option<[u16; BLOCK]>; 4],
    output: Option<Output>,
    scans: u32,
    /// By component: a bit for each coefficient of which all bits came.
    complete: [u64; 4],
    begun: bool,
    damaged: bool,
}

/// Where decoded blocks go.
enum Output {
    /// Rows of samples, as soon as all components are there.
    Rows(Downscaler),
    /// All coefficients, until the last scan.
    Kept(Coefficients),
}

impl<'a> Picture<'a> {
    fn new(header: &'a Header, stop: Stop) -> Self {
        Self {
            header,
            stop,
            tables: Tables::default(),
            frame: None,
            interval: 0,
            inks: Inks::default(),
            factors: [None; 4],
            output: None,
            scans: 0,
            complete: [0; 4],
            begun: false,
            damaged: false,
        }
    }

    /// Goes from marker to marker until the picture is there. After its beginning, nothing that is
    /// damaged is a reason to show nothing.
    fn walk(&mut self, source: &mut Source) -> Result<(), Refusal> {
        let mut next = None;
        loop {
            let marker = match next.take() {
                Some(marker) => marker,
                None => marker_behind(source)?,
            };
            match self.segment(marker, source) {
                Ok(Step::On) => {}
                Ok(Step::Marker(marker)) => next = Some(marker),
                Ok(Step::Done) => return Ok(()),
                Err(Refusal::Undecodable(why)) if self.begun && !self.stop.is_over() => {
                    tracing::debug!(why, "a JPEG is shown in part");
                    self.damaged = true;
                    return Ok(());
                }
                Err(refusal) => return Err(refusal),
            }
        }
    }

    fn segment(&mut self, marker: u8, source: &mut Source) -> Result<Step, Refusal> {
        match marker {
            // Another picture begins.
            SOI if self.scans > 0 => return Ok(Step::Done),
            EOI => return Ok(Step::Done),
            0x01 | 0xD0..=SOI => return Ok(Step::On),
            _ => {}
        }
        let Some(length) = source.array()?.map(u16::from_be_bytes) else { return Ok(Step::Done) };
        let segment = source.bytes(u64::from(length.saturating_sub(2)))?;
        match marker {
            DHT => self.tables.huffman(&segment)?,
            DQT => self.tables.quantisation(&segment)?,
            DRI => {
                let interval = segment.first_chunk().copied().map(u16::from_be_bytes);
                self.interval = u32::from(interval.unwrap_or(0));
            }
            0xC0..=0xC2 if self.frame.is_none() => {
                let frame = Frame::parse(marker == 0xC2, &segment)?;
                if frame.size != self.header.size {
                    return Err(Refusal::CONTRADICTING);
                }
                self.frame = Some(frame);
            }
            SOS => return self.scan(source, &segment),
            _ => self.inks.read(marker, &segment),
        }
        Ok(Step::On)
    }

    fn scan(&mut self, source: &mut Source, segment: &[u8]) -> Result<Step, Refusal> {
        let frame = self.frame.as_ref().ok_or(Refusal::Undecodable("photo-no-frame-header"))?;
        self.scans += 1;
        if self.scans > MAX_SCANS {
            return Err(Refusal::Undecodable("photo-too-many-scans"));
        }
        let scan = Scan::parse(frame, &self.tables, segment)?;
        for component in scan.components() {
            let table = self.tables.factors.get(frame.components[component].factors);
            let factors = &mut self.factors[component];
            *factors = factors.or(table.copied().flatten());
            if factors.is_none() {
                return Err(MISSING_TABLE);
            }
            self.complete[component] |= scan.completes();
        }
        let has_all = !frame.progressive && scan.components().count() == frame.components.len();
        let mut output = match self.output.take() {
            Some(output) => output,
            None if has_all => Output::Rows(downscaler(frame, self.stop)),
            None => Output::Kept(Coefficients::new(frame, frame.mcus.1)),
        };
        let mut work = Work::new(frame, &scan, &self.tables, self.interval, Bits::new(source));
        let rows = scan.mcus(frame).1;
        match &mut output {
            Output::Kept(coefficients) => {
                for row in 0..rows {
                    self.stop.check()?;
                    work.row(row, coefficients)?;
                }
            }
            Output::Rows(downscaler) => {
                let mut coefficients = Coefficients::new(frame, 1);
                for _ in 0..rows {
                    coefficients.clear();
                    work.row(0, &mut coefficients)?;
                    push(frame, &coefficients, 0, &self.factors, downscaler)?;
                }
            }
        }
        let is_done = matches!(output, Output::Rows(_));
        self.output = Some(output);
        self.begun |= work.begun;
        let (marker, damaged) = work.finish(self.has_end())?;
        self.damaged |= damaged;
        Ok(if is_done { Step::Done } else { Step::Marker(marker) })
    }

    fn finish(self) -> Result<Downscaled, Refusal> {
        let (Some(frame), true) = (&self.frame, self.begun) else { return Err(NOTHING) };
        let (colours, damaged) = (self.colours(frame)?, self.damaged || self.lacks_scans(frame));
        let planes = match self.output {
            None => return Err(NOTHING),
            Some(Output::Rows(downscaler)) => downscaler.finish()?,
            Some(Output::Kept(coefficients)) => {
                let mut downscaler = downscaler(frame, self.stop);
                for row in 0..frame.mcus.1 {
                    push(frame, &coefficients, row, &self.factors, &mut downscaler)?;
                }
                drop(coefficients);
                downscaler.finish()?
            }
        };
        Ok(Downscaled { size: large_size(self.header.size), colours, planes, damaged })
    }

    fn has_end(&self) -> bool {
        self.header.hints.soundness != Soundness::CutOff
    }

    /// Whether a component never came, or the file ends before all bits of all coefficients came.
    /// Files with an end may leave details out on purpose.
    fn lacks_scans(&self, frame: &Frame) -> bool {
        let mut complete = self.complete.iter().take(frame.components.len());
        let has_end = self.has_end();
        complete.any(|coefficients| if has_end { *coefficients == 0 } else { *coefficients != u64::MAX })
    }

    /// What the components are.
    fn colours(&self, frame: &Frame) -> Result<Colours, Refusal> {
        let names: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
        match (names.len(), self.inks.adobe) {
            (1, _) => Ok(Colours::Luma(Range::Full)),
            (3, _) if self.inks.are_rgb(&names) => Ok(Colours::Rgb),
            (3, _) => Ok(Colours::YCbCr(Matrix::JFIF)),
            (4, None | Some(0)) => Ok(Colours::Cmyk { inverted: true }),
            (4, Some(_)) => Ok(Colours::Ycck { inverted: true }),
            _ => Err(Refusal::Undecodable("photo-colours-unusual")),
        }
    }
}

/// The next marker in the file.
fn marker_behind(source: &mut Source) -> Result<u8, Refusal> {
    let mut bits = Bits::new(source);
    bits.next_marker()?;
    Ok(bits.marker.unwrap_or(EOI))
}

/// What comes behind a segment.
enum Step {
    /// Some marker.
    On,
    /// This marker, which was read already.
    Marker(u8),
    /// Nothing that counts.
    Done,
}

fn downscaler(frame: &Frame, stop: Stop) -> Downscaler {
    let shapes = frame.components.iter().map(|component| Shape {
        size: component.size,
        channels: 1,
        alpha: false,
        fill: GREY,
    });
    Downscaler::new(large_size(frame.size), shapes, stop)
}

/// Gives a row of MCUs to the downscaler.
fn push(
    frame: &Frame,
    coefficients: &Coefficients,
    row: u32,
    factors: &[Option<[u16; BLOCK]>; 4],
    downscaler: &mut Downscaler,
) -> Result<(), Refusal> {
    for (index, component) in frame.components.iter().enumerate() {
        // A component that no scan had is grey.
        let factors = factors[index].unwrap_or([1; BLOCK]);
        let rows = component.sampling.1;
        for block_row in row * rows..(row + 1) * rows {
            downscaler.push(index, &coefficients.samples(component, index, block_row, &factors))?;
        }
    }
    Ok(())
}
