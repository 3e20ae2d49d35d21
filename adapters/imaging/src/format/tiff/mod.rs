//! TIFF (revision 6.0, its supplements, and `BigTIFF`): which picture of a file is shown, what
//! decoding it will cost, and its metadata. Files of raw sensor data look the same but hold no
//! picture that could be shown: they are not taken.
//!
//! `directory` reads entries, `exif` takes the metadata over, `layout` says how the picture is
//! stored or by what name it is refused, `packing` and `fax` unpack rows, `samples` reads their
//! numbers, and `pixels` puts the picture together.

mod directory;
mod exif;
mod fax;
mod layout;
mod names;
mod packing;
mod pixels;
mod samples;
#[cfg(test)]
mod tests;

use super::header::Header;
use super::rows::Downscaled;
use super::source::Source;
use crate::picture::Orientation;
use crate::refusal::Refusal;
use crate::stop::Stop;

use directory::{Directory, Walk};
use layout::{Layout, PHOTOMETRIC, Packing};
use pixels::Places;

/// Memory that unpacking takes besides rows: tables, and the values of tags.
const UNPACKING_BYTES: u64 = 4 << 20;

const SUBFILE: u16 = 0x00FE;
const OLD_SUBFILE: u16 = 0x00FF;
const WIDTH: u16 = 0x0100;
const ORIENTATION: u16 = 0x0112;
const DNG_VERSION: u16 = 0xC612;

pub fn sniff(start: &[u8]) -> bool {
    let raw = start.get(8..10) == Some(b"CR");
    let starts: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"MM\0+\0\x08\0\0"];
    starts.iter().any(|known| start.starts_with(known)) && !raw
}

pub fn probe(source: &mut Source) -> Result<Header, Refusal> {
    let mut walk = Walk::new(source)?;
    let Shown { first, other, layout } = Shown::find(&mut walk)?;
    let shown = other.as_ref().unwrap_or(&first);
    let decoding_bytes = decoding_bytes(&layout, &places(&mut walk, shown, &layout)?, walk.source.length());
    // The metadata are the first directory's, but how a picture lies is said where it is.
    let orientation = match &other {
        Some(shown) => walk.number(shown, ORIENTATION)?.and_then(|value| u32::try_from(value).ok()),
        None => None,
    };
    let blocks = walk.blocks(&first)?;
    let channels = layout.colours.samples() + usize::from(layout.alpha.is_some());
    let header = Header::new(layout.size, channels.max(3) as u64, decoding_bytes, blocks);
    Ok(Header { orientation: orientation.and_then(Orientation::from_exif), ..header })
}

pub fn decode(source: &mut Source, header: &Header, stop: Stop) -> Result<Downscaled, Refusal> {
    let mut walk = Walk::new(source)?;
    let Shown { first, other, layout } = Shown::find(&mut walk)?;
    if layout.size != header.size {
        return Err(Refusal::CONTRADICTING);
    }
    let places = places(&mut walk, other.as_ref().unwrap_or(&first), &layout)?;
    pixels::decode(source, &layout, &places, stop)
}

/// The picture that is shown of a file.
struct Shown {
    /// The first directory, which has the metadata.
    first: Directory,
    /// The directory of the picture, when it is another.
    other: Option<Directory>,
    layout: Layout,
}

impl Shown {
    /// The picture of the first directory; where that is a smaller copy of another, as pyramids and
    /// cameras have it, the other.
    fn find(walk: &mut Walk<'_>) -> Result<Self, Refusal> {
        let first = walk.first()?;
        let mut others = walk.others(&first)?;
        for directory in std::iter::once(&first).chain(&others) {
            let is_of_sensor = walk.number(directory, PHOTOMETRIC)?.is_some_and(names::is_of_sensor);
            if is_of_sensor || directory.find(DNG_VERSION).is_some() {
                return Err(Refusal::Unsupported);
            }
        }
        let mut other = None;
        if !is_whole(walk, &first)? {
            for place in 0..others.len() {
                if others[place].find(WIDTH).is_some() && is_whole(walk, &others[place])? {
                    other = Some(others.swap_remove(place));
                    break;
                }
            }
        }
        let layout = Layout::read(walk, other.as_ref().unwrap_or(&first))?;
        Ok(Self { first, other, layout })
    }
}

/// Whether the picture is neither a smaller copy nor a mask of another.
fn is_whole(walk: &mut Walk<'_>, directory: &Directory) -> Result<bool, Refusal> {
    const COPY_OR_MASK: u64 = 0b101;
    const COPY: u64 = 2;
    let flags = walk.number(directory, SUBFILE)?.unwrap_or(0);
    Ok(flags & COPY_OR_MASK == 0 && walk.number(directory, OLD_SUBFILE)? != Some(COPY))
}

fn places(walk: &mut Walk<'_>, directory: &Directory, layout: &Layout) -> Result<Places, Refusal> {
    let mut numbers = |id| walk.numbers(directory.find(id), layout.chunks.count);
    Ok(Places { offsets: numbers(layout.chunks.offsets)?, lengths: numbers(layout.chunks.bytes)? })
}

/// Rows of a strip; a row of tiles; and of a strip or tile that is a JPEG all of it, packed, as
/// coefficients and as samples.
fn decoding_bytes(layout: &Layout, places: &Places, file_bytes: u64) -> u64 {
    const COEFFICIENT_BYTES: u64 = 2;
    let (chunk_width, chunk_height) = (layout.chunk.0 as u64, layout.chunk.1 as u64);
    let (width, height) = layout.size.sides();
    let in_turn = layout.interleaved() as u64;
    let rows = layout.packed_row_bytes() + (3 * chunk_width + 2 * u64::from(width)) * in_turn.max(3);
    let tiles = match layout.chunks.across {
        1 => 0,
        _ => u64::from(width) * chunk_height.min(height.into()) * in_turn,
    };
    let jpeg = match layout.packing {
        Packing::Jpeg(_) => {
            let longest = places.lengths.iter().copied().max().unwrap_or(file_bytes).min(file_bytes);
            chunk_width * chunk_height * in_turn * (1 + COEFFICIENT_BYTES) + longest
        }
        _ => 0,
    };
    rows + tiles + jpeg + 16 * layout.chunks.count + UNPACKING_BYTES
}
