//! Samples of a TIFF's row: differences undone, and numbers of every depth as shares of 255.

use super::layout::{Colours, Layout, Number};
use crate::metadata::ByteOrder;

/// Undoes the differences of a row and gives its samples with a byte each; of a palette, the
/// numbers of its colours.
pub fn of_row(layout: &Layout, row: &mut [u8], samples: &mut Vec<u8>) {
    let stride = layout.interleaved();
    let mut order = layout.order;
    match layout.predictor {
        2 => add_up(row, stride, layout.number, order),
        3 => {
            add_up(row, stride, Number::Whole(8), order);
            in_turn(row, layout.number.bits() / 8);
            order = ByteOrder::Big;
        }
        _ => {}
    }
    samples.clear();
    match layout.number {
        Number::Whole(8) => samples.extend_from_slice(row),
        Number::Whole(16) => {
            samples.extend(row.as_chunks().0.iter().map(|sample| narrowed(order.u16(*sample))));
        }
        Number::Whole(32) => samples.extend(
            row.as_chunks()
                .0
                .iter()
                .map(|sample| narrowed((order.u32(*sample) >> 16).try_into().unwrap_or(u16::MAX))),
        ),
        Number::Whole(bits) => {
            let count = layout.chunk.0 * stride;
            let is_scaled = !matches!(layout.colours, Colours::Palette(_));
            samples.extend(
                Bits::new(row, bits)
                    .take(count)
                    .map(|sample| if is_scaled { stretched(sample, bits) } else { low(sample) }),
            );
        }
        Number::Float(64) => {
            #[expect(clippy::cast_possible_truncation, reason = "light needs no more")]
            let light = |sample: &[u8; 8]| f64::from_bits(order.u64(*sample)) as f32;
            samples.extend(row.as_chunks().0.iter().map(|sample| encoded(light(sample))));
        }
        Number::Float(_) => {
            samples
                .extend(row.as_chunks().0.iter().map(|sample| encoded(f32::from_bits(order.u32(*sample)))));
        }
    }
}

/// Makes sums of differences from the sample of the same colour before (TIFF 6.0, section 14).
fn add_up(row: &mut [u8], stride: usize, number: Number, order: ByteOrder) {
    match number {
        Number::Whole(16) => {
            let (samples, _) = row.as_chunks_mut();
            for at in stride..samples.len() {
                let sum = order.u16(samples[at]).wrapping_add(order.u16(samples[at - stride]));
                samples[at] = order.bytes_of_u16(sum);
            }
        }
        Number::Whole(32) => {
            let (samples, _) = row.as_chunks_mut();
            for at in stride..samples.len() {
                let sum = order.u32(samples[at]).wrapping_add(order.u32(samples[at - stride]));
                samples[at] = order.bytes_of_u32(sum);
            }
        }
        _ => {
            for at in stride..row.len() {
                row[at] = row[at].wrapping_add(row[at - stride]);
            }
        }
    }
}

/// Floating-point numbers of which all first bytes come first, then all second ones (TIFF technical
/// note 3).
fn in_turn(row: &mut [u8], bytes: usize) {
    let apart = row.to_vec();
    let count = row.len() / bytes;
    for (number, target) in row.chunks_exact_mut(bytes).enumerate() {
        for (part, target) in target.iter_mut().enumerate() {
            *target = apart[part * count + number];
        }
    }
}

/// Numbers of up to 16 bits, one behind the other.
struct Bits<'a> {
    bytes: std::slice::Iter<'a, u8>,
    width: u8,
    held: u32,
    count: u8,
}

impl<'a> Bits<'a> {
    fn new(row: &'a [u8], width: u8) -> Self {
        Self { bytes: row.iter(), width, held: 0, count: 0 }
    }
}

impl Iterator for Bits<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        while self.count < self.width {
            self.held = self.held << 8 | u32::from(*self.bytes.next()?);
            self.count += 8;
        }
        self.count -= self.width;
        let number = self.held >> self.count & ((1 << self.width) - 1);
        u16::try_from(number).ok()
    }
}

/// As a share of 255, rounded.
fn stretched(sample: u16, bits: u8) -> u8 {
    let most = (1_u32 << bits) - 1;
    u8::try_from((u32::from(sample) * 255 + most / 2) / most).unwrap_or(u8::MAX)
}

/// Rounded: 65,535 / 255 is 257.
fn narrowed(sample: u16) -> u8 {
    u8::try_from((u32::from(sample) + 128) / 257).unwrap_or(u8::MAX)
}

fn low(sample: u16) -> u8 {
    u8::try_from(sample).unwrap_or(u8::MAX)
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
        assert_eq!([0, 1, 2, 3].map(|sample| stretched(sample, 2)), [0, 85, 170, 255]);
        assert_eq!([0, 2048, 4095].map(|sample| stretched(sample, 12)), [0, 128, 255]);
    }

    #[test]
    fn unpacks_small_samples() {
        assert_eq!(Bits::new(&[0b00_01_10_11], 2).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(Bits::new(&[0xAB, 0xCD, 0xEF], 12).collect::<Vec<_>>(), [0xABC, 0xDEF]);
        assert_eq!(
            Bits::new(&[0b1000_0001, 0x80], 1).take(9).collect::<Vec<_>>(),
            [1, 0, 0, 0, 0, 0, 0, 1, 1]
        );
    }

    #[test]
    fn adds_differences_up() {
        let mut row = [1, 2, 3, 1, 1, 255];
        add_up(&mut row, 3, Number::Whole(8), ByteOrder::Little);
        assert_eq!(row, [1, 2, 3, 2, 3, 2]);
        let mut row = [0xFF, 0, 1, 0, 0xFF, 0xFF];
        add_up(&mut row, 1, Number::Whole(16), ByteOrder::Little);
        assert_eq!(row, [0xFF, 0, 0, 1, 0xFF, 0]);
    }

    #[test]
    fn puts_bytes_of_numbers_together() {
        let mut row = [1, 2, 3, 4, 5, 6, 7, 8];
        in_turn(&mut row, 4);
        assert_eq!(row, [1, 3, 5, 7, 2, 4, 6, 8]);
    }
}
