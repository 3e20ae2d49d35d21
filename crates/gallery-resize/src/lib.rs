//! Scaling of samples of 8 bits, one to four of them in turn, and weighting them by alpha. Knows no
//! picture and no format.
//!
//! A crate of its own because the SIMD code of `fast_image_resize` is generic in kinds of pixels
//! and in shifts: it takes a minute to compile for each kind, wherever it is used. So there is one
//! kind, pixels of four samples, whose code does a pixel at a time where that for single samples
//! adds up what it did to sixteen of them, and takes six times as many instructions. Of one channel
//! four rows make a row of such pixels, of two channels two; three channels get a fourth. What it
//! does to whole pictures is tested in `adapters/imaging`.
#![deny(missing_docs)]

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x4;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};

/// Scaling failed: a fault of this program, not of the photo.
#[derive(Debug, thiserror::Error)]
pub enum ScaleError {
    /// The sizes make no sense together.
    #[error("scaling failed")]
    Resize(#[from] fast_image_resize::ResizeError),
    /// There are not as many samples as the size says.
    #[error("scaling failed: too few samples")]
    Samples,
}

/// Width and height in samples.
pub type Size = (u32, u32);

/// Samples of a pixel of the one kind.
const LANES: usize = 4;

/// Scales; keeps what can be used again. Lanczos with three lobes makes things smaller. To make
/// them larger, which happens to chroma only, linear interpolation: what libjpeg calls fancy
/// upsampling.
#[derive(Debug, Default)]
pub struct Scaler {
    resizer: Resizer,
    /// Rows as pixels, before and after: kept, because memory that is new costs as much as scaling
    /// it.
    pixels: Vec<[u8; LANES]>,
    scaled: Vec<[u8; LANES]>,
}

/// Pixels that are kept room for at most.
const KEPT: usize = 1 << 20;

/// About how many pixels are copied to scale columns.
const STRIP: usize = 1 << 19;

impl Scaler {
    /// Scales samples of this size to that one, with so many channels in turn: 1 to 4.
    ///
    /// # Errors
    ///
    /// [`ScaleError`] when there are fewer samples than a size says, a side is zero, or there are
    /// more than four channels, or none.
    pub fn scale(
        &mut self,
        (source, from): (&[u8], Size),
        (target, to): (&mut [u8], Size),
        channels: u8,
    ) -> Result<(), ScaleError> {
        let channels = usize::from(channels);
        let samples =
            |(width, height): Size| (width as usize).saturating_mul(height as usize).saturating_mul(channels);
        let source = source.get(..samples(from)).ok_or(ScaleError::Samples)?;
        let target = target.get_mut(..samples(to)).ok_or(ScaleError::Samples)?;
        if source.is_empty() || target.is_empty() || channels > LANES {
            return Err(ScaleError::Samples);
        }
        if from == to {
            target.copy_from_slice(source);
            return Ok(());
        }
        if from.0 == to.0 {
            return self.vertically((source, from), (target, to), channels);
        }
        if from.1 == to.1 {
            return self.horizontally((source, from), (target, to), channels);
        }
        let mut narrow = vec![0; samples((to.0, from.1))];
        self.horizontally((source, from), (&mut narrow, (to.0, from.1)), channels)?;
        self.vertically((&narrow, (to.0, from.1)), (target, to), channels)
    }

    /// Scales rows, each for itself.
    fn horizontally(
        &mut self,
        (source, from): (&[u8], Size),
        (target, to): (&mut [u8], Size),
        channels: usize,
    ) -> Result<(), ScaleError> {
        if channels == LANES {
            return pixels(&mut self.resizer, (source, from), (target, to));
        }
        let together = LANES / channels;
        let height = (from.1 as usize).div_ceil(together);
        let bytes = |(width, _): Size| width as usize * channels;
        self.pixels.resize(from.0 as usize * height, [0; LANES]);
        let groups = source.chunks(together * bytes(from));
        for (rows, pixels) in groups.zip(self.pixels.chunks_exact_mut(from.0 as usize)) {
            pack(rows, channels, pixels);
        }
        self.scaled.resize(to.0 as usize * height, [0; LANES]);
        let size = |(width, _): Size| (width, u32::try_from(height).unwrap_or(u32::MAX));
        let narrow = (self.scaled.as_flattened_mut(), size(to));
        pixels(&mut self.resizer, (self.pixels.as_flattened(), size(from)), narrow)?;
        let groups = target.chunks_mut(together * bytes(to));
        for (rows, pixels) in groups.zip(self.scaled.chunks_exact(to.0 as usize)) {
            unpack(pixels, channels, rows);
        }
        for kept in [&mut self.pixels, &mut self.scaled] {
            if kept.len() > KEPT {
                *kept = Vec::new();
            }
        }
        Ok(())
    }

    /// Scales columns, each for itself: it does not matter what is a sample's neighbour.
    fn vertically(
        &mut self,
        (source, from): (&[u8], Size),
        (target, to): (&mut [u8], Size),
        channels: usize,
    ) -> Result<(), ScaleError> {
        let bytes = from.0 as usize * channels;
        let width = bytes.div_ceil(LANES);
        let size = |(_, height): Size| (u32::try_from(width).unwrap_or(u32::MAX), height);
        if bytes == width * LANES {
            return pixels(&mut self.resizer, (source, size(from)), (target, size(to)));
        }
        // Rows that are no whole number of pixels are copied, some columns at a time.
        let columns = (STRIP / from.1 as usize).max(1) * LANES;
        let (rows, narrow) = (source.chunks_exact(bytes), target.chunks_exact_mut(bytes));
        let (rows, mut narrow): (Vec<_>, Vec<_>) = (rows.collect(), narrow.collect());
        for begin in (0..bytes).step_by(columns) {
            let taken = begin..bytes.min(begin + columns);
            let width = taken.len().div_ceil(LANES);
            self.pixels.resize(width * rows.len(), [0; LANES]);
            for (row, pixels) in rows.iter().zip(self.pixels.chunks_exact_mut(width)) {
                pixels.as_flattened_mut()[..taken.len()].copy_from_slice(&row[taken.clone()]);
            }
            self.scaled.resize(width * narrow.len(), [0; LANES]);
            let size = |(_, height): Size| (u32::try_from(width).unwrap_or(u32::MAX), height);
            let strip = (self.scaled.as_flattened_mut(), size(to));
            pixels(&mut self.resizer, (self.pixels.as_flattened(), size(from)), strip)?;
            for (row, scaled) in narrow.iter_mut().zip(self.scaled.chunks_exact(width)) {
                row[taken.clone()].copy_from_slice(&scaled.as_flattened()[..taken.len()]);
            }
        }
        Ok(())
    }
}

/// Scales pixels of four samples.
fn pixels(
    resizer: &mut Resizer,
    (source, from): (&[u8], Size),
    (target, to): (&mut [u8], Size),
) -> Result<(), ScaleError> {
    let filter = if to.0 > from.0 || to.1 > from.1 { FilterType::Bilinear } else { FilterType::Lanczos3 };
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).use_alpha(false);
    // Typed, or all of the crate's kinds of pixels would be compiled.
    let source =
        TypedImageRef::<U8x4>::from_buffer(from.0, from.1, source).map_err(|_| ScaleError::Samples)?;
    let mut target = TypedImage::<U8x4>::from_buffer(to.0, to.1, target).map_err(|_| ScaleError::Samples)?;
    resizer.resize_typed(&source, &mut target, &options)?;
    // What was scaled horizontally can be large; it is not needed again.
    resizer.reset_internal_buffers();
    Ok(())
}

/// Makes a row of pixels of as many rows as it has room for; for the last ones, which may not be
/// there, it takes the first once more.
fn pack(rows: &[u8], channels: usize, pixels: &mut [[u8; LANES]]) {
    let mut each = rows.chunks_exact(pixels.len() * channels);
    let first = each.next().unwrap_or_default();
    let mut next = || each.next().unwrap_or(first);
    match channels {
        1 => {
            let (second, third, fourth) = (next(), next(), next());
            let samples = first.iter().zip(second).zip(third).zip(fourth);
            for (pixel, (((a, b), c), d)) in pixels.iter_mut().zip(samples) {
                *pixel = [*a, *b, *c, *d];
            }
        }
        2 => {
            let samples = first.as_chunks().0.iter().zip(next().as_chunks().0);
            for (pixel, (&[a, b], &[c, d])) in pixels.iter_mut().zip(samples) {
                *pixel = [a, b, c, d];
            }
        }
        _ => {
            for (pixel, &[a, b, c]) in pixels.iter_mut().zip(first.as_chunks().0) {
                *pixel = [a, b, c, 0];
            }
        }
    }
}

/// Makes those rows again of a row of pixels.
fn unpack(pixels: &[[u8; LANES]], channels: usize, rows: &mut [u8]) {
    for (row, number) in rows.chunks_exact_mut(pixels.len() * channels).zip(0..) {
        match channels {
            1 => row.iter_mut().zip(pixels).for_each(|(sample, pixel)| *sample = pixel[number]),
            2 => {
                for (samples, &[a, b, c, d]) in row.as_chunks_mut().0.iter_mut().zip(pixels) {
                    *samples = if number == 0 { [a, b] } else { [c, d] };
                }
            }
            _ => {
                for (samples, &[a, b, c, _]) in row.as_chunks_mut().0.iter_mut().zip(pixels) {
                    *samples = [a, b, c];
                }
            }
        }
    }
}

/// Weights colours by the alpha behind them, so that what is transparent does not shine through
/// when it is scaled.
pub fn weigh(pixels: &mut [u8], channels: u8) {
    for pixel in pixels.chunks_exact_mut(usize::from(channels)) {
        if let Some((alpha, colours)) = pixel.split_last_mut() {
            for colour in colours {
                *colour =
                    u8::try_from((u32::from(*colour) * u32::from(*alpha) + 127) / 255).unwrap_or(u8::MAX);
            }
        }
    }
}

/// Takes the weight away again.
pub fn unweigh(pixels: &mut [u8], channels: u8) {
    for pixel in pixels.chunks_exact_mut(usize::from(channels)) {
        if let Some((&mut alpha @ 1.., colours)) = pixel.split_last_mut() {
            let alpha = u32::from(alpha);
            for colour in colours {
                let value = (u32::from(*colour) * 255 + alpha / 2) / alpha;
                *colour = u8::try_from(value).unwrap_or(u8::MAX);
            }
        }
    }
}

/// Doctests compile the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
