//! Moving rows of samples from decoded tiles to the downscaler, a row of tiles at a time. Knows no
//! codec; tests of whole files are in `tests/it/formats.rs` and `tests/it/damage.rs`.

use super::codec::{Frame, Subsampling};
use super::container::{Container, First, Image};
use super::crop::Crop;
use crate::downscale::Downscaler;
use crate::refusal::Refusal;
use crate::stop::Stop;

/// Moves rows from frames to the downscaler.
pub struct Feed<'a, 'b> {
    pub container: &'a mut Container<'b>,
    pub downscaler: &'a mut Downscaler,
    pub stop: Stop,
}

/// Where an image's first planes go.
pub struct Target {
    /// These planes of the downscaler.
    pub planes: std::ops::Range<usize>,
    /// The value of samples that are missing.
    pub missing: u8,
}

impl Feed<'_, '_> {
    /// Feeds the planes of an image, of which the first tile that can be decoded is known. Returns
    /// whether all tiles were there.
    pub fn planes(
        &mut self,
        image: &Image,
        first: First,
        crop: &Crop,
        target: &Target,
    ) -> Result<bool, Refusal> {
        let (begin, layout, mut is_whole) = (first.index, first.frame.layout(), true);
        let mut first = Some(first.frame);
        for row in 0..image.rows {
            let mut frames: Vec<Option<Frame>> = Vec::with_capacity(image.columns);
            for index in row * image.columns..(row + 1) * image.columns {
                self.stop.check()?;
                let frame = match index {
                    _ if index < begin => None,
                    _ if index == begin => first.take(),
                    _ => match self.container.frame(image, index) {
                        Ok(frame) if frame.layout() != layout => return Err(Refusal::CONTRADICTING),
                        Ok(frame) => Some(frame),
                        Err(Refusal::Undecodable(_)) => None,
                        Err(refusal) => return Err(refusal),
                    },
                };
                is_whole &= frame.is_some();
                frames.push(frame);
            }
            for (plane, to) in target.planes.clone().enumerate() {
                let tiles = Tiles {
                    frames: &frames,
                    subsampling: layout.subsampling(plane),
                    missing: target.missing,
                };
                self.tile_row(image, &tiles, crop, (plane, to), row)?;
            }
        }
        Ok(is_whole)
    }

    fn tile_row(
        &mut self,
        image: &Image,
        tiles: &Tiles<'_>,
        crop: &Crop,
        (plane, to): (usize, usize),
        row: usize,
    ) -> Result<(), Refusal> {
        let (tile, window) =
            (Crop::whole(image.tile).window(tiles.subsampling), crop.window(tiles.subsampling));
        let first_row = row * tile.height;
        let mut samples = Vec::with_capacity(tile.width * tiles.frames.len());
        for y in 0..tile.height {
            if !(window.top..window.top + window.height).contains(&(first_row + y)) {
                continue;
            }
            samples.clear();
            for (column, frame) in tiles.frames.iter().enumerate() {
                match frame {
                    Some(frame) => frame.extend_row(plane, y, tile.width, &mut samples),
                    None => samples.resize((column + 1) * tile.width, tiles.missing),
                }
            }
            let end = (window.left + window.width).min(samples.len());
            let row = samples.get(window.left..end).filter(|row| row.len() == window.width);
            self.downscaler.push(to, row.ok_or(Refusal::CONTRADICTING)?)?;
        }
        Ok(())
    }
}

/// A row of tiles, of one plane.
struct Tiles<'a> {
    frames: &'a [Option<Frame>],
    subsampling: Subsampling,
    missing: u8,
}
