//! Scaling a picture down while it is decoded: rows come in bands, are scaled horizontally at once
//! and vertically at the end, so that nobody ever holds the whole picture. The result is that of
//! scaling the whole picture, but for rounding. Knows no format and no colour; tests are below and
//! in `tests/it/renditions.rs`.

use crate::picture::Size;
use crate::refusal::Refusal;
use crate::stop::Stop;
use gallery_resize::{ScaleError, Scaler, unweigh, weigh};

/// Rows are collected to about this many bytes before they are scaled: the filter's coefficients
/// are calculated once a band, which takes as long as scaling half a mebibyte.
const BAND_BYTES: usize = 2 << 20;

/// A plane of a picture: all its channels in turn, or one of them, at its own resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Its size in samples.
    pub size: Size,
    /// Channels of a sample, one byte each: 1 to 4.
    pub channels: u8,
    /// Whether the last channel is alpha, by which the others are to be weighted.
    pub alpha: bool,
    /// The value of what never comes.
    pub fill: u8,
}

impl Shape {
    /// Bytes of a row.
    pub fn row_bytes(&self) -> usize {
        self.size.width.get() as usize * usize::from(self.channels)
    }

    fn rows_of_a_band(&self) -> usize {
        (BAND_BYTES / self.row_bytes()).max(1)
    }
}

/// Takes the rows of all planes, in order within each plane, and returns them scaled to one size.
pub struct Downscaler {
    planes: Vec<Plane>,
    target: Size,
    stop: Stop,
    scaler: Scaler,
}

struct Plane {
    shape: Shape,
    /// Rows that wait for being scaled.
    band: Vec<u8>,
    /// Rows of the target's width.
    narrow: Vec<u8>,
}

impl Downscaler {
    /// A picture of these planes, to be scaled to this size; nothing large is allocated yet.
    pub fn new(target: Size, shapes: impl IntoIterator<Item = Shape>, stop: Stop) -> Self {
        let planes = shapes.into_iter().map(|shape| Plane { shape, band: Vec::new(), narrow: Vec::new() });
        Self { planes: planes.collect(), target, stop, scaler: Scaler::default() }
    }

    /// Takes a plane's next rows: whole rows only. What is more than the plane has is left out.
    pub fn push(&mut self, plane: usize, rows: &[u8]) -> Result<(), Refusal> {
        self.stop.check()?;
        let Some(plane) = self.planes.get_mut(plane) else { return Ok(()) };
        for rows in rows.chunks(plane.shape.rows_of_a_band() * plane.shape.row_bytes()) {
            plane.take(rows, self.target, &mut self.scaler)?;
        }
        Ok(())
    }

    /// The planes at the target's size. Rows that never came have the plane's filling.
    pub fn finish(mut self) -> Result<Vec<Vec<u8>>, Refusal> {
        let mut scaled = Vec::with_capacity(self.planes.len());
        for plane in self.planes {
            self.stop.check()?;
            scaled.push(plane.finish(self.target, &mut self.scaler)?);
        }
        Ok(scaled)
    }
}

impl Plane {
    fn take(&mut self, rows: &[u8], target: Size, scaler: &mut Scaler) -> Result<(), ScaleError> {
        self.band.extend_from_slice(rows);
        if self.band.len() >= self.shape.rows_of_a_band() * self.shape.row_bytes() {
            self.flush(target, scaler)?;
        }
        Ok(())
    }

    fn flush(&mut self, target: Size, scaler: &mut Scaler) -> Result<(), ScaleError> {
        let row_bytes = target.width.get() as usize * usize::from(self.shape.channels);
        let (height, done) = (self.shape.size.height.get() as usize, self.narrow.len() / row_bytes);
        let rows = (self.band.len() / self.shape.row_bytes()).min(height.saturating_sub(done));
        if rows == 0 {
            self.band.clear();
            return Ok(());
        }
        if self.narrow.capacity() == 0 {
            self.narrow.reserve_exact(row_bytes * height);
        }
        let begin = self.narrow.len();
        self.narrow.resize(begin + rows * row_bytes, 0);
        if self.is_weighted(target) {
            weigh(&mut self.band, self.shape.channels);
        }
        let band = &self.band[..rows * self.shape.row_bytes()];
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        scaler.scale(
            (band, (self.shape.size.width.get(), rows)),
            (&mut self.narrow[begin..], (target.width.get(), rows)),
            self.shape.channels,
        )?;
        self.band.clear();
        Ok(())
    }

    fn finish(mut self, target: Size, scaler: &mut Scaler) -> Result<Vec<u8>, ScaleError> {
        self.flush(target, scaler)?;
        self.band = Vec::new();
        let is_weighted = self.is_weighted(target);
        let narrow = Size { width: target.width, height: self.shape.size.height };
        let bytes = |size: Size| {
            size.width.get() as usize * size.height.get() as usize * usize::from(self.shape.channels)
        };
        self.narrow.resize(bytes(narrow), self.shape.fill);
        let mut plane = std::mem::take(&mut self.narrow);
        if narrow != target {
            let source = plane;
            plane = vec![0; bytes(target)];
            scaler.scale((&source, narrow.sides()), (&mut plane, target.sides()), self.shape.channels)?;
        }
        if is_weighted {
            unweigh(&mut plane, self.shape.channels);
        }
        Ok(plane)
    }

    /// Colours are weighted by their alpha while scaling, so that what is transparent does not
    /// shine through.
    fn is_weighted(&self, target: Size) -> bool {
        self.shape.alpha && self.shape.size != target
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size::new(width, height).expect("sides are not zero")
    }

    /// Gentle slopes, as steep ones overshoot, and that is cut off at another place in one pass
    /// than in two.
    fn slopes(width: usize, height: usize) -> Vec<u8> {
        let slope = |at: usize| u8::try_from(60 + (at % 200).abs_diff(100)).unwrap_or(u8::MAX);
        let pixel = |x, y| [slope(x), slope(y), slope(x + 2 * y)];
        (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect()
    }

    fn shape(size: Size, channels: u8) -> Shape {
        Shape { size, channels, alpha: false, fill: 7 }
    }

    fn downscaled(shape: Shape, rows: &[u8], rows_at_once: usize, target: Size) -> Vec<u8> {
        let mut downscaler = Downscaler::new(target, [shape], Stop::after(Duration::from_mins(1)));
        for rows in rows.chunks(rows_at_once * shape.row_bytes()) {
            downscaler.push(0, rows).expect("time enough");
        }
        downscaler.finish().expect("time enough").remove(0)
    }

    #[test]
    fn bands_give_what_the_whole_picture_gives() {
        let (from, to) = (size(2100, 1500), size(700, 500));
        let pixels = slopes(2100, 1500);
        let mut whole = vec![0; 700 * 500 * 3];
        Scaler::default().scale((&pixels, from.sides()), (&mut whole, to.sides()), 3).expect("scaled");
        for rows_at_once in [1, 16, 1500] {
            let banded = downscaled(shape(from, 3), &pixels, rows_at_once, to);
            let off = banded.iter().zip(&whole).map(|(left, right)| left.abs_diff(*right)).max();
            assert!(off <= Some(2), "{rows_at_once} rows at once: {off:?}");
        }
    }

    #[test]
    fn rows_that_never_come_are_filled_and_too_many_are_left_out() {
        let (from, to) = (size(8, 8), size(8, 8));
        let half = downscaled(shape(from, 1), &[200; 32], 1, to);
        assert_eq!((&half[..32], &half[32..]), (&[200; 32][..], &[7; 32][..]));
        assert_eq!(downscaled(shape(from, 1), &[200; 100 * 8], 3, to), [200; 64]);
    }

    #[test]
    fn what_is_transparent_does_not_shine_through() {
        let shape = Shape { size: size(2, 1), channels: 4, alpha: true, fill: 0 };
        let pixel = downscaled(shape, &[255, 0, 0, 0, 0, 0, 255, 255], 1, size(1, 1));
        assert!(pixel[0] == 0 && pixel[2] > 100, "{pixel:?}");
    }

    #[test]
    fn ends_when_the_time_is_over() {
        let mut downscaler = Downscaler::new(size(1, 1), [shape(size(1, 1), 1)], Stop::after(Duration::ZERO));
        assert!(matches!(downscaler.push(0, &[1]), Err(Refusal::Undecodable(_))));
    }
}
