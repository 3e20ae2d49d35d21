//! The codecs of HEIF's pictures: HEVC by heifer, AV1 by rav1d. Both are asked for samples of 8
//! bits, row by row.

use std::panic::{AssertUnwindSafe, catch_unwind};

use heifer_hevc_dec::decoder::{DecodeOptions, decode_picture};
use heifer_isobmff::boxes::HevcConfig;
use re_rav1d::pixel::{MatrixCoefficients, YUVRange};
use re_rav1d::{Decoder, Picture, PixelLayout, PlanarImageComponent, Settings};

use crate::colour::Range;
use crate::picture::Size;
use crate::refusal::Refusal;

/// Coded pictures are larger than what is shown of them by less than this on each side: the largest
/// block of both codecs (H.265, 7.4.3.2.1; AV1, 3).
const LARGEST_BLOCK: u32 = 128;
/// Start of a unit in a byte stream (H.265, annex B).
const START: [u8; 4] = [0, 0, 0, 1];

const DAMAGED: Refusal = Refusal::Undecodable("photo-picture-damaged");

/// How a picture is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// H.265.
    Hevc,
    /// AV1.
    Av1,
}

impl Codec {
    /// Decodes an item of the size that its properties promise.
    pub fn decode(self, data: Vec<u8>, config: Option<&HevcConfig>, size: Size) -> Result<Frame, Refusal> {
        let frame = match self {
            Self::Hevc => hevc(&data, config.ok_or(DAMAGED)?, size)?,
            Self::Av1 => av1(data, size)?,
        };
        let (width, height) = frame.size();
        let is_covered = width >= size.width.get() && height >= size.height.get();
        if is_covered { Ok(frame) } else { Err(Refusal::CONTRADICTING) }
    }
}

/// The most samples that a coded picture of this size may have.
fn most_samples(size: Size) -> u64 {
    let coded = |side: u32| u64::from(side.next_multiple_of(LARGEST_BLOCK));
    coded(size.width.get()) * coded(size.height.get())
}

fn hevc(data: &[u8], config: &HevcConfig, size: Size) -> Result<Frame, Refusal> {
    let mut stream = Vec::with_capacity(data.len() + 1024);
    for unit in &config.nal_units {
        stream.extend(START);
        stream.extend(unit);
    }
    let mut rest = data;
    while !rest.is_empty() {
        let (length, after) = rest.split_at_checked(usize::from(config.nal_length_size)).ok_or(DAMAGED)?;
        let length = length.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
        let (unit, after) = after.split_at_checked(length).ok_or(DAMAGED)?;
        stream.extend(START);
        stream.extend(unit);
        rest = after;
    }
    let options = DecodeOptions { max_pixels: most_samples(size), ..DecodeOptions::default() };
    decode_picture(&stream, options).map(Frame::Hevc).map_err(|error| {
        tracing::debug!(%error, "HEVC refused by its decoder");
        DAMAGED
    })
}

fn av1(data: Vec<u8>, size: Size) -> Result<Frame, Refusal> {
    let damaged = |error: re_rav1d::Error| {
        tracing::debug!(%error, "AV1 refused by its decoder");
        DAMAGED
    };
    let mut settings = Settings::new();
    // Photos are decoded side by side; one takes one thread.
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_frame_size_limit(u32::try_from(most_samples(size)).unwrap_or(u32::MAX));
    let mut decoder = Decoder::with_settings(&settings).map_err(damaged)?;
    decoder.send_data(data, None, None, None).map_err(damaged)?;
    decoder.get_picture().map(Frame::Av1).map_err(damaged)
}

/// How many pixels share a sample: columns and rows.
pub type Subsampling = (u32, u32);

/// How the planes of a frame lie; frames of which it is the same can lie beside each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Planes {
    is_grey: bool,
    chroma: Subsampling,
}

impl Planes {
    /// How many pixels share a sample of a plane.
    pub fn subsampling(self, plane: usize) -> Subsampling {
        if plane == 0 { (1, 1) } else { self.chroma }
    }
}

/// A decoded picture.
pub enum Frame {
    Hevc(heifer_hevc_dec::recon::Frame),
    Av1(Picture),
}

impl Frame {
    /// Whether there is luma only.
    pub fn is_grey(&self) -> bool {
        match self {
            Self::Hevc(frame) => frame.widths[1] == 0,
            Self::Av1(picture) => picture.pixel_layout() == PixelLayout::I400,
        }
    }

    /// How its planes lie.
    pub fn layout(&self) -> Planes {
        let chroma = match self {
            Self::Hevc(frame) => match frame.chroma_format {
                1 => (2, 2),
                2 => (2, 1),
                _ => (1, 1),
            },
            Self::Av1(picture) => match picture.pixel_layout() {
                PixelLayout::I420 => (2, 2),
                PixelLayout::I422 => (2, 1),
                PixelLayout::I444 | PixelLayout::I400 => (1, 1),
            },
        };
        Planes { is_grey: self.is_grey(), chroma }
    }

    /// How many pixels share a sample of a plane.
    pub fn subsampling(&self, plane: usize) -> Subsampling {
        self.layout().subsampling(plane)
    }

    /// Pixels in a row, and rows.
    fn size(&self) -> (u32, u32) {
        match self {
            Self::Hevc(frame) => (frame.widths[0], frame.heights[0]),
            Self::Av1(picture) => (picture.width(), picture.height()),
        }
    }

    /// Matrix coefficients (H.273, table 4).
    pub fn matrix(&self) -> u16 {
        match self {
            Self::Hevc(frame) => u16::from(frame.matrix_coeffs),
            // The code that is reserved, 3, makes re_rav1d 0.1 panic.
            Self::Av1(picture) => match catch_unwind(AssertUnwindSafe(|| picture.matrix_coefficients())) {
                Ok(MatrixCoefficients::Identity) => 0,
                Ok(MatrixCoefficients::BT709) => 1,
                Ok(MatrixCoefficients::BT470M) => 4,
                Ok(MatrixCoefficients::ST240M) => 7,
                Ok(
                    MatrixCoefficients::BT2020NonConstantLuminance
                    | MatrixCoefficients::BT2020ConstantLuminance,
                ) => 9,
                _ => 6,
            },
        }
    }

    /// Which values samples have.
    pub fn range(&self) -> Range {
        let is_full = match self {
            Self::Hevc(frame) => frame.full_range,
            Self::Av1(picture) => picture.color_range() == YUVRange::Full,
        };
        if is_full { Range::Full } else { Range::Limited }
    }

    /// Appends so many samples of a row, rounded to 8 bits; what the row does not have is left out.
    pub fn extend_row(&self, plane: usize, y: usize, count: usize, samples: &mut Vec<u8>) {
        match self {
            Self::Hevc(frame) => {
                let width = frame.widths[plane] as usize;
                let row = frame.planes[plane].get(y * width..(y + 1) * width).unwrap_or_default();
                let shift = frame.bit_depth[usize::from(plane > 0)].saturating_sub(8);
                samples.extend(row.iter().take(count).map(|sample| rounded(*sample, shift)));
            }
            Self::Av1(picture) => {
                let component = match plane {
                    0 => PlanarImageComponent::Y,
                    1 => PlanarImageComponent::U,
                    _ => PlanarImageComponent::V,
                };
                let stride = picture.stride(component) as usize;
                let bytes = picture.plane(component);
                let row = bytes.get(y * stride..(y + 1) * stride).unwrap_or_default();
                if picture.bit_depth() == 8 {
                    samples.extend(row.iter().take(count));
                } else {
                    let shift = u8::try_from(picture.bit_depth()).unwrap_or(8).saturating_sub(8);
                    let row = row.as_chunks::<2>().0.iter().take(count);
                    samples.extend(row.map(|sample| rounded(u16::from_ne_bytes(*sample), shift)));
                }
            }
        }
    }
}

fn rounded(sample: u16, shift: u8) -> u8 {
    let half = (1_u32 << shift) >> 1;
    u8::try_from((u32::from(sample) + half) >> shift).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_to_eight_bits() {
        assert_eq!([0, 1, 2, 1021, 1023].map(|sample| rounded(sample, 2)), [0, 0, 1, 255, 255]);
        assert_eq!(rounded(200, 0), 200);
    }
}
