//! Entries for the fuzz targets in `fuzz/`: the stages by themselves, over bytes in memory. Not
//! part of the interface.

use std::time::Duration;

use gallery_core::model::ImageType;

use crate::colour::{self, Colours, Space};
use crate::format::{self, Format, Header, Source};
use crate::metadata::Blocks;
use crate::picture::{Layout, Picture, Size};
use crate::pipeline;
use crate::refusal::Refusal;
use crate::render;
use crate::stop::Stop;

/// The most pixels that a target decodes: the way is the same for more, only longer.
const MAX_PIXELS: u64 = 1 << 20;
/// The most memory that a decoder says it needs.
const MAX_BYTES: u64 = 64 << 20;

/// To be called before a target that can reach rav1d: panics that are caught are no findings, as
/// one of its questions has them. All others still end the process.
pub fn ignore_caught_panics() {
    // libFuzzer's own hook ends the process at once; the standard one takes its place.
    drop(std::panic::take_hook());
}

/// Finds the type and reads the header.
pub fn sniff(bytes: &[u8]) {
    let mut source = Source::of(bytes.to_vec());
    if let Ok(format) = format::of(&mut source) {
        drop((format.probe)(&mut source));
    }
}

/// Reads metadata: the first byte says which kind of block the rest is.
pub fn metadata(bytes: &[u8]) {
    let Some((kind, block)) = bytes.split_first() else { return };
    let block = Some(block.to_vec());
    let blocks = match kind % 3 {
        0 => Blocks { exif: block, ..Blocks::default() },
        1 => Blocks { xmp: block, ..Blocks::default() },
        _ => Blocks { iptc: block, ..Blocks::default() },
    };
    drop(blocks.read());
}

/// Reads an ICC profile and applies it to pixels; the first byte says to which kind.
pub fn profile(bytes: &[u8]) {
    let Some((kind, icc)) = bytes.split_first() else { return };
    let Some(size) = Size::new(16, 4) else { return };
    let space = Space { icc: Some(icc), codes: None };
    let samples: Vec<u8> = (0..=u8::MAX).collect();
    let (colours, planes) = match kind % 4 {
        0 => (Colours::Interleaved(Layout::Rgb), vec![samples[..192].to_vec()]),
        1 => (Colours::Interleaved(Layout::Rgba), vec![samples]),
        2 => (Colours::Interleaved(Layout::Luma), vec![samples[..64].to_vec()]),
        _ => (Colours::Cmyk { inverted: true }, samples.chunks(64).map(<[u8]>::to_vec).collect()),
    };
    drop(colour::picture(planes, colours, size, space));
}

/// Decodes a file of this type, whatever it begins with.
pub fn decode(content_type: ImageType, bytes: &[u8]) {
    let format = format::FORMATS.iter().find(|format| format.content_type == content_type);
    if let Some(format) = format {
        drop(decoded(format, &mut Source::of(bytes.to_vec())));
    }
}

/// Everything that is done with a photo.
pub fn pipeline(bytes: &[u8]) {
    let mut source = Source::of(bytes.to_vec());
    let Ok(format) = format::of(&mut source) else { return };
    let Ok((header, large)) = decoded(format, &mut source) else { return };
    let said = header.blocks.read();
    let rendered = render::render(large, header.orientation_or(said.orientation));
    assert!(rendered.is_ok(), "a picture that was decoded can be shown: {rendered:?}");
}

fn decoded(format: &Format, source: &mut Source) -> Result<(Header, Picture), Refusal> {
    let header = (format.probe)(source)?;
    if header.size.pixels() > MAX_PIXELS || header.decoding_bytes > MAX_BYTES {
        return Err(Refusal::Unsupported);
    }
    let (large, _) = pipeline::decoded(format, source, &header, Stop::after(Duration::from_secs(5)))?;
    Ok((header, large))
}
