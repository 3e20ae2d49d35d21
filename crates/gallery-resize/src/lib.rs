//! Scaling of samples of 8 bits, one to four of them in turn, and weighting them by alpha. Knows no picture and no format.
//!
//! A crate of its own because the SIMD code of `fast_image_resize` is generic in kinds of pixels and in shifts: it takes
//! a minute to compile for each kind, wherever it is used. So there is one kind, and channels are scaled as planes.
//! What it does to whole pictures is tested in `adapters/imaging`.
#![deny(missing_docs)]

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8;
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

/// Scales; keeps what can be used again. Lanczos with three lobes makes things smaller. To make them larger, which
/// happens to chroma only, linear interpolation: what libjpeg calls fancy upsampling.
#[derive(Debug, Default)]
pub struct Scaler(Resizer);

impl Scaler {
    /// Scales samples of this size to that one, with so many channels in turn: 1 to 4.
    ///
    /// # Errors
    ///
    /// [`ScaleError`] when there are fewer samples than a size says, or a side is zero.
    pub fn scale(
        &mut self,
        (source, from): (&[u8], Size),
        (target, to): (&mut [u8], Size),
        channels: u8,
    ) -> Result<(), ScaleError> {
        match channels {
            1 => self.plane((source, from), (target, to)),
            2 => self.interleaved::<2>((source, from), (target, to)),
            3 => self.interleaved::<3>((source, from), (target, to)),
            _ => self.interleaved::<4>((source, from), (target, to)),
        }
    }

    fn interleaved<const CHANNELS: usize>(
        &mut self,
        (source, from): (&[u8], Size),
        (target, to): (&mut [u8], Size),
    ) -> Result<(), ScaleError> {
        let channels = u32::try_from(CHANNELS).unwrap_or(u32::MAX);
        if from.0 == to.0 {
            // Vertically, it does not matter what is a sample's neighbour.
            let wide = |(width, height): Size| (width.saturating_mul(channels), height);
            return self.plane((source, wide(from)), (target, wide(to)));
        }
        if from.1 != to.1 {
            let mut narrow = vec![0; to.0 as usize * from.1 as usize * CHANNELS];
            self.interleaved::<CHANNELS>((source, from), (&mut narrow, (to.0, from.1)))?;
            return self.interleaved::<CHANNELS>((&narrow, (to.0, from.1)), (target, to));
        }
        // Horizontally, rows are independent: planes one below the other need the filter's coefficients once.
        let pixels = |(width, height): Size| width as usize * height as usize;
        let high = |(width, height): Size| (width, height.saturating_mul(channels));
        let source = source.as_chunks::<CHANNELS>().0.get(..pixels(from)).ok_or(ScaleError::Samples)?;
        let target = target.as_chunks_mut::<CHANNELS>().0.get_mut(..pixels(to)).ok_or(ScaleError::Samples)?;
        let mut planes = Vec::with_capacity(source.len() * CHANNELS);
        for channel in 0..CHANNELS {
            planes.extend(source.iter().map(|pixel| pixel[channel]));
        }
        let mut scaled = vec![0; target.len() * CHANNELS];
        self.plane((&planes, high(from)), (&mut scaled, high(to)))?;
        for (channel, plane) in scaled.chunks_exact(target.len().max(1)).enumerate() {
            for (pixel, sample) in target.iter_mut().zip(plane) {
                pixel[channel] = *sample;
            }
        }
        Ok(())
    }

    fn plane(
        &mut self,
        (source, from): (&[u8], Size),
        (target, to): (&mut [u8], Size),
    ) -> Result<(), ScaleError> {
        let filter = if to.0 > from.0 || to.1 > from.1 { FilterType::Bilinear } else { FilterType::Lanczos3 };
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).use_alpha(false);
        // Typed, or all of the crate's kinds of pixels would be compiled.
        let source =
            TypedImageRef::<U8>::from_buffer(from.0, from.1, source).map_err(|_| ScaleError::Samples)?;
        let mut target =
            TypedImage::<U8>::from_buffer(to.0, to.1, target).map_err(|_| ScaleError::Samples)?;
        self.0.resize_typed(&source, &mut target, &options)?;
        // What was scaled horizontally can be large; it is not needed again.
        self.0.reset_internal_buffers();
        Ok(())
    }
}

/// Weights colours by the alpha behind them, so that what is transparent does not shine through when it is scaled.
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
