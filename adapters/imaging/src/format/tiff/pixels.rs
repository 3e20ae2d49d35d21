//! The pixels of a TIFF: decoded by the crate tiff, in one piece, and turned into 8 bits whatever they were.

use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

use crate::colour::Colours;
use crate::format::header::Header;
use crate::format::rows::{Reduced, Rows};
use crate::format::source::Source;
use crate::picture::Layout;
use crate::reduce::{Reducer, Shape};
use crate::refusal::Refusal;
use crate::render::large_size;
use crate::stop::Stop;

const UNUSUAL: Refusal = Refusal::Undecodable("it has a kind of colours that is not in use for photos");
/// Channels stored one after the other (TIFF 6.0, section 8, `PlanarConfiguration`).
const APART: u16 = 2;
const INKS: usize = 4;

#[expect(clippy::needless_pass_by_value, reason = "as map_err calls it")]
fn damaged(error: tiff::TiffError) -> Refusal {
    tracing::debug!(%error, "TIFF refused by its decoder");
    Refusal::Undecodable("its TIFF data are damaged, or packed in a way that is not in use for photos")
}

/// Decodes the first picture of the file.
pub fn decode(source: &mut Source, header: &Header, stop: Stop) -> Result<Reduced, Refusal> {
    let mut limits = Limits::default();
    let most = usize::try_from(header.decoding_bytes).unwrap_or(usize::MAX);
    (limits.decoding_buffer_size, limits.intermediate_buffer_size) = (most, most);
    let mut decoder = Decoder::new(source).map_err(damaged)?.with_limits(limits);
    if decoder.dimensions().map_err(damaged)? != header.size.sides() {
        return Err(Refusal::CONTRADICTING);
    }
    let planar = decoder.find_tag_unsigned::<u16>(Tag::PlanarConfiguration).map_err(damaged)?;
    let (channels, bits, kind) = match decoder.colortype().map_err(damaged)? {
        ColorType::Gray(bits) => (1, bits, Kind::Plain(Layout::Luma)),
        ColorType::GrayA(bits) => (2, bits, Kind::Plain(Layout::LumaAlpha)),
        ColorType::RGB(bits) => (3, bits, Kind::Plain(Layout::Rgb)),
        ColorType::RGBA(bits) => (4, bits, Kind::Plain(Layout::Rgba)),
        ColorType::CMYK(bits) => (INKS, bits, Kind::Inks),
        _ => return Err(UNUSUAL),
    };
    if planar == Some(APART) && channels > 1 {
        return Err(UNUSUAL);
    }
    let samples = decoder.read_image().map_err(damaged)?;
    let packed = Packed { row: header.size.width.get() as usize * channels, bits: usize::from(bits) };
    let rows = (0..header.size.height.get() as usize).map_while(|y| packed.row(&samples, y));
    match kind {
        Kind::Plain(layout) => {
            let mut reduced = Rows::new(header.size, layout, stop);
            rows.into_iter().try_for_each(|row| reduced.push(&packed.stretched(row?)))?;
            reduced.finish()
        }
        Kind::Inks => {
            let shape = Shape { size: header.size, channels: 1, alpha: false, fill: 0 };
            let mut reducer = Reducer::new(large_size(header.size), [shape; INKS], stop);
            for row in rows {
                let row = packed.stretched(row?);
                for ink in 0..INKS {
                    let plane: Vec<u8> = row.iter().skip(ink).step_by(INKS).copied().collect();
                    reducer.push(ink, &plane)?;
                }
            }
            let (size, colours) = (large_size(header.size), Colours::Cmyk { inverted: false });
            Ok(Reduced { size, colours, planes: reducer.finish()?, damaged: false })
        }
    }
}

/// What samples mean.
enum Kind {
    Plain(Layout),
    /// Cyan, magenta, yellow, black.
    Inks,
}

/// How samples lie in what the decoder gives.
struct Packed {
    /// Samples in a row.
    row: usize,
    /// Bits of a sample.
    bits: usize,
}

impl Packed {
    /// A row with a byte a sample; None behind the last row.
    fn row(&self, samples: &DecodingResult, y: usize) -> Option<Result<Vec<u8>, Refusal>> {
        let place = y * self.row..(y + 1) * self.row;
        match samples {
            DecodingResult::U8(bytes) => {
                // Rows of less than eight bits a sample begin with a byte.
                let length = (self.row * self.bits).div_ceil(8);
                bytes.get(y * length..(y + 1) * length).map(|row| Ok(self.unpacked(row)))
            }
            DecodingResult::U16(words) => {
                words.get(place).map(|row| Ok(row.iter().map(|word| narrowed(*word)).collect()))
            }
            DecodingResult::F32(numbers) => {
                numbers.get(place).map(|row| Ok(row.iter().map(|number| encoded(*number)).collect()))
            }
            _ => Some(Err(UNUSUAL)),
        }
    }

    fn unpacked(&self, row: &[u8]) -> Vec<u8> {
        if self.bits >= 8 {
            return row.to_vec();
        }
        let mask = u8::MAX >> (8 - self.bits);
        let samples = row
            .iter()
            .flat_map(|byte| (0..8 / self.bits).rev().map(move |place| byte >> (place * self.bits) & mask));
        samples.take(self.row).collect()
    }

    /// Values of less than eight bits as shares of 255.
    fn stretched(&self, mut row: Vec<u8>) -> Vec<u8> {
        if self.bits < 8 {
            let factor = u8::MAX / (u8::MAX >> (8 - self.bits));
            for sample in &mut row {
                *sample *= factor;
            }
        }
        row
    }
}

/// Rounded: 65,535 / 255 is 257.
fn narrowed(sample: u16) -> u8 {
    u8::try_from((u32::from(sample) + 128) / 257).unwrap_or(u8::MAX)
}

/// Floating point is light between 0 and 1; it is displayed with the curve of sRGB (IEC 61966-2-1).
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn encoded(light: f32) -> u8 {
    let light = if light.is_nan() { 0.0 } else { light.clamp(0.0, 1.0) };
    let value = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (value * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_to_eight_bits() {
        assert_eq!([0, 128, 129, 257, 65_535].map(narrowed), [0, 0, 1, 1, 255]);
        assert_eq!([0.0, 0.5, 1.0, 9.0, -1.0, f32::NAN].map(encoded), [0, 188, 255, 255, 0, 0]);
    }

    #[test]
    fn unpacks_small_samples() {
        let packed = Packed { row: 3, bits: 2 };
        assert_eq!(packed.unpacked(&[0b00_01_10_11]), [0, 1, 2]);
        assert_eq!(packed.stretched(vec![0, 1, 2]), [0, 85, 170]);
        assert_eq!(Packed { row: 9, bits: 1 }.unpacked(&[0b1000_0001, 0x80]), [1, 0, 0, 0, 0, 0, 0, 1, 1]);
    }
}
