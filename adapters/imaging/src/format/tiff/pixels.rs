//! The picture of a TIFF, row by row: strips as they are unpacked, tiles a row of them at a time,
//! planes one after the other. A strip or tile that is damaged or missing is blank from there on.
//! Tests are in `tests.rs`.

use super::layout::{Colours, Layout};
use super::packing::Rows;
use super::samples;
use crate::colour::{self, Matrix, Range};
use crate::downscale::{Downscaler, Shape};
use crate::format::rows::Downscaled;
use crate::format::source::Source;
use crate::picture;
use crate::refusal::Refusal;
use crate::render::large_size;
use crate::stop::Stop;

const DAMAGED: Refusal = Refusal::Undecodable("photo-tiff-data-damaged");
/// A sample of what could not be read, and chroma of no colour.
const BLANK: u8 = 0;
const GREY: u8 = 128;

/// Where the strips and tiles are: places, and lengths where they are known.
pub struct Places {
    pub offsets: Vec<u64>,
    pub lengths: Vec<u64>,
}

/// Decodes the picture.
pub fn decode(
    source: &mut Source,
    layout: &Layout,
    places: &Places,
    stop: Stop,
) -> Result<Downscaled, Refusal> {
    let mut target = Target::new(layout, stop);
    let mut extent = Extent::NOTHING_YET;
    for plane in 0..if layout.planar { layout.samples } else { 1 } {
        if !layout.planar || target.shown.contains(&plane) {
            let decoder = Plane { layout, places, number: plane, stop, blank: blank(layout, plane) };
            extent.add(decoder.decode(source, &mut target)?);
        }
    }
    if extent.is_begun { target.finish(!extent.is_whole) } else { Err(DAMAGED) }
}

/// How much of something could be read.
#[derive(Clone, Copy)]
struct Extent {
    /// A row, at least.
    is_begun: bool,
    /// All of it.
    is_whole: bool,
}

impl Extent {
    const NOTHING_YET: Self = Self { is_begun: false, is_whole: true };

    const fn add(&mut self, other: Self) {
        self.is_begun |= other.is_begun;
        self.is_whole &= other.is_whole;
    }
}

/// A pixel that could not be read: black, or what no ink or the first colour is.
fn blank(layout: &Layout, plane: usize) -> Vec<u8> {
    match layout.colours {
        Colours::YCbCr if layout.planar => vec![if plane == 0 { BLANK } else { GREY }],
        Colours::YCbCr => [&[BLANK, GREY, GREY], vec![BLANK; layout.samples - 3].as_slice()].concat(),
        _ => vec![BLANK; layout.interleaved()],
    }
}

/// Decodes one plane, or all samples in turn.
struct Plane<'a> {
    layout: &'a Layout,
    places: &'a Places,
    number: usize,
    stop: Stop,
    /// A pixel that could not be read.
    blank: Vec<u8>,
}

impl Plane<'_> {
    fn decode(&self, source: &mut Source, target: &mut Target<'_>) -> Result<Extent, Refusal> {
        let Layout { chunk: (_, chunk_rows), chunks, size, .. } = self.layout;
        let height = size.height.get() as usize;
        let first = self.number * chunks.across * chunks.down;
        let mut extent = Extent::NOTHING_YET;
        for band in 0..chunks.down {
            let count = (*chunk_rows).min(height - band * chunk_rows);
            let chunk = first + band * chunks.across;
            if chunks.across == 1 {
                extent.add(self.chunk(source, chunk, count, |_, row| target.push(self.number, row))?);
                continue;
            }
            let row_bytes = size.width.get() as usize * self.blank.len();
            let mut rows = vec![BLANK; count * row_bytes];
            for across in 0..chunks.across {
                let left = across * self.layout.chunk.0 * self.layout.interleaved();
                extent.add(self.chunk(source, chunk + across, count, |y, row| {
                    let end = row_bytes.min(left + row.len());
                    rows[y * row_bytes + left..y * row_bytes + end].copy_from_slice(&row[..end - left]);
                    Ok(())
                })?);
            }
            rows.chunks(row_bytes).try_for_each(|row| target.push(self.number, row))?;
        }
        Ok(extent)
    }

    /// Gives so many rows of a strip or tile, blank ones where they could not be read.
    fn chunk(
        &self,
        source: &mut Source,
        chunk: usize,
        count: usize,
        mut take: impl FnMut(usize, &[u8]) -> Result<(), Refusal>,
    ) -> Result<Extent, Refusal> {
        let layout = self.layout;
        let place = self.places.offsets.get(chunk).copied().unwrap_or(u64::MAX);
        let length = self.places.lengths.get(chunk).copied().filter(|length| *length > 0);
        let mut packed = vec![0; usize::try_from(layout.packed_row_bytes()).unwrap_or(0)];
        let mut samples = Vec::new();
        let mut extent = Extent::NOTHING_YET;
        let mut rows = Rows::open(layout, source, (place, length), self.stop);
        for y in 0..count {
            self.stop.check()?;
            let read = match &mut rows {
                Ok(rows) => rows.read(&mut packed),
                Err(error) => Err(error.kind().into()),
            };
            match read {
                Ok(()) => {
                    extent.is_begun = true;
                    samples::of_row(layout, &mut packed, &mut samples);
                    take(y, &samples)?;
                }
                Err(error) => {
                    tracing::debug!(%error, chunk, "a strip or tile of a TIFF is blank from here on");
                    extent.is_whole = false;
                    let blank = self.blank.repeat(layout.chunk.0);
                    (y..count).try_for_each(|y| take(y, &blank))?;
                    break;
                }
            }
        }
        Ok(extent)
    }
}

/// Takes rows of samples, as planes of the downscaler.
struct Target<'a> {
    layout: &'a Layout,
    downscaler: Downscaler,
    colours: colour::Colours,
    /// The samples of a pixel that are shown.
    shown: Vec<usize>,
    row: Vec<u8>,
}

impl<'a> Target<'a> {
    fn new(layout: &'a Layout, stop: Stop) -> Self {
        let colours = colours(layout);
        let plane = |channels: usize, alpha: bool| Shape {
            size: layout.size,
            channels: u8::try_from(channels).unwrap_or(u8::MAX),
            alpha,
            fill: BLANK,
        };
        let shown: Vec<_> = (0..layout.colours.samples()).chain(layout.alpha).collect();
        let shapes = match colours {
            colour::Colours::Interleaved(of) => vec![plane(of.channels(), of.has_alpha())],
            _ => vec![plane(1, false); shown.len()],
        };
        let downscaler = Downscaler::new(large_size(layout.size), shapes, stop);
        Self { layout, downscaler, colours, shown, row: Vec::new() }
    }

    /// Takes a row of a plane of the file, or of all samples in turn.
    fn push(&mut self, plane: usize, samples: &[u8]) -> Result<(), Refusal> {
        let in_turn = self.layout.interleaved();
        let samples = &samples[..self.layout.size.width.get() as usize * in_turn];
        if self.layout.planar {
            let Some(at) = self.shown.iter().position(|shown| *shown == plane) else { return Ok(()) };
            return self.take(at, samples.iter().copied(), at == 0);
        }
        let pixels = samples.chunks_exact(in_turn);
        match self.colours {
            colour::Colours::Interleaved(_) if in_turn == 1 => self.take(0, samples.iter().copied(), true),
            colour::Colours::Interleaved(_) => {
                let shown = self.shown.clone();
                self.take(0, pixels.flat_map(|pixel| shown.iter().map(|place| pixel[*place])), true)
            }
            _ => (0..self.shown.len())
                .try_for_each(|place| self.take(place, pixels.clone().map(|pixel| pixel[place]), false)),
        }
    }

    /// Gives a row to a plane of the downscaler: by its palette, or as light where it is none.
    fn take(&mut self, place: usize, row: impl Iterator<Item = u8>, is_colour: bool) -> Result<(), Refusal> {
        self.row.clear();
        match &self.layout.colours {
            Colours::Palette(colours) => {
                self.row.extend(
                    row.flat_map(|number| colours.get(usize::from(number)).copied().unwrap_or_default()),
                );
            }
            _ => self.row.extend(row),
        }
        if self.layout.colours == (Colours::Grey { inverted: true }) && is_colour {
            let channels = if self.layout.planar { 1 } else { self.shown.len() };
            self.row.iter_mut().step_by(channels).for_each(|sample| *sample = u8::MAX - *sample);
        }
        self.downscaler.push(place, &self.row)
    }

    fn finish(self, damaged: bool) -> Result<Downscaled, Refusal> {
        let size = large_size(self.layout.size);
        Ok(Downscaled { size, colours: self.colours, planes: self.downscaler.finish()?, damaged })
    }
}

/// What the planes of the downscaler are: one with all channels in turn where the file has them so.
fn colours(layout: &Layout) -> colour::Colours {
    let interleaved = colour::Colours::Interleaved;
    match (&layout.colours, layout.planar, layout.alpha.is_some()) {
        (Colours::Palette(_), ..) | (Colours::Rgb, false, false) => interleaved(picture::Layout::Rgb),
        (Colours::Rgb, false, true) => interleaved(picture::Layout::Rgba),
        (Colours::Grey { .. }, false, false) => interleaved(picture::Layout::Luma),
        (Colours::Grey { .. }, false, true) => interleaved(picture::Layout::LumaAlpha),
        (Colours::Grey { .. }, true, _) => colour::Colours::Luma(Range::Full),
        (Colours::Rgb, true, _) => colour::Colours::Rgb,
        (Colours::Inks, ..) => colour::Colours::Cmyk { inverted: false },
        (Colours::YCbCr, ..) => colour::Colours::YCbCr(Matrix::JFIF),
    }
}
