//! Scaling of samples of 8 bits, one to four of them in turn, and weighting them by alpha. Knows no picture and no format.
//!
//! A crate of its own because the SIMD code of `fast_image_resize` is generic in kinds of pixels and in shifts: it takes
//! minutes to compile wherever it is used. What it does to whole pictures is tested in `adapters/imaging`.
#![deny(missing_docs)]

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x2, U8x3, U8x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

/// Scaling failed: a fault of this program, not of the photo.
#[derive(Debug, thiserror::Error)]
pub enum ScaleError {
    /// The sizes make no sense together.
    #[error("scaling failed")]
    Resize(#[from] fast_image_resize::ResizeError),
    /// There are not as many samples as the size says.
    #[error("scaling failed: {0}")]
    Samples(#[from] fast_image_resize::ImageBufferError),
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
        // Typed, or all of the crate's kinds of pixels would be compiled.
        match channels {
            1 => self.typed::<U8>((source, from), (target, to)),
            2 => self.typed::<U8x2>((source, from), (target, to)),
            3 => self.typed::<U8x3>((source, from), (target, to)),
            _ => self.typed::<U8x4>((source, from), (target, to)),
        }
    }

    fn typed<P: PixelTrait>(
        &mut self,
        (source, from): (&[u8], Size),
        (target, to): (&mut [u8], Size),
    ) -> Result<(), ScaleError> {
        let filter = if to.0 > from.0 || to.1 > from.1 { FilterType::Bilinear } else { FilterType::Lanczos3 };
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).use_alpha(false);
        let source = TypedImageRef::<P>::from_buffer(from.0, from.1, source)?;
        let mut target = TypedImage::<P>::from_buffer(to.0, to.1, target)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weighs_and_unweighs() {
        let mut pixels = [200, 100, 255, 200, 100, 128, 200, 100, 0];
        weigh(&mut pixels, 3);
        assert_eq!(pixels, [200, 100, 255, 100, 50, 128, 0, 0, 0]);
        unweigh(&mut pixels, 3);
        assert_eq!(pixels, [200, 100, 255, 199, 100, 128, 0, 0, 0]);
    }
}
