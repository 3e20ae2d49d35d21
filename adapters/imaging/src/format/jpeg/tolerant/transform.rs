//! The inverse discrete cosine transform of a block (ITU T.81, A.3.3), calculated in whole numbers
//! as libjpeg's accurate one: the same samples to the last bit. Knows nothing of where coefficients
//! come from; tests are below.

use super::tables::{BLOCK, NATURAL};

/// Samples in a row of a block.
pub const SIDE: usize = 8;

/// Bits behind the point of the constants below.
const POINT: u32 = 13;
/// Bits behind the point that columns keep for rows.
const KEPT: u32 = 2;

/// Cosines and their sums, with [`POINT`] bits (Loeffler, Ligtenberg and Moschytz, ICASSP 1989; the
/// names are those of the values).
const C0_298631336: i32 = 2446;
const C0_390180644: i32 = 3196;
const C0_541196100: i32 = 4433;
const C0_765366865: i32 = 6270;
const C0_899976223: i32 = 7373;
const C1_175875602: i32 = 9633;
const C1_501321110: i32 = 12_299;
const C1_847759065: i32 = 15_137;
const C1_961570560: i32 = 16_069;
const C2_053119869: i32 = 16_819;
const C2_562915447: i32 = 20_995;
const C3_072711026: i32 = 25_172;

/// The samples of a block, row by row.
pub fn samples(coefficients: &[i16], factors: &[u16; BLOCK]) -> [u8; BLOCK] {
    let mut block = [0_i32; BLOCK];
    for (factor, place) in factors.iter().zip(NATURAL) {
        let place = usize::from(place);
        block[place] = i32::from(coefficients[place]) * i32::from(*factor);
    }
    if block[1..].iter().all(|coefficient| *coefficient == 0) {
        // Columns and rows of it are the same everywhere.
        return [clamped(rounded(block[0] << KEPT, KEPT + 3)); BLOCK];
    }
    for column in 0..SIDE {
        let values = std::array::from_fn(|row| block[row * SIDE + column]);
        for (row, value) in one_dimension(values).into_iter().enumerate() {
            block[row * SIDE + column] = rounded(value, POINT - KEPT);
        }
    }
    let mut samples = [0; BLOCK];
    for (row, samples) in block.as_chunks::<SIDE>().0.iter().zip(samples.as_chunks_mut::<SIDE>().0) {
        *samples = one_dimension(*row).map(|value| clamped(rounded(value, POINT + KEPT + 3)));
    }
    samples
}

fn rounded(value: i32, bits: u32) -> i32 {
    value.wrapping_add(1 << (bits - 1)) >> bits
}

fn clamped(value: i32) -> u8 {
    u8::try_from((value + 128).clamp(0, 255)).unwrap_or(u8::MAX)
}

/// Eight values, with [`POINT`] more bits behind the point than before. Damaged data may overflow;
/// sound ones do not.
fn one_dimension(input: [i32; SIDE]) -> [i32; SIDE] {
    let times = i32::wrapping_mul;
    let sum = |left: i32, right: i32| left.wrapping_add(right);
    // Even places.
    let turned = times(sum(input[2], input[6]), C0_541196100);
    let (low, high) =
        (sum(turned, times(input[6], -C1_847759065)), sum(turned, times(input[2], C0_765366865)));
    let (plus, minus) =
        (sum(input[0], input[4]).wrapping_shl(POINT), input[0].wrapping_sub(input[4]).wrapping_shl(POINT));
    let even = [sum(plus, high), sum(minus, low), minus.wrapping_sub(low), plus.wrapping_sub(high)];
    // Odd places.
    let [a, b, c, d] = [input[7], input[5], input[3], input[1]];
    let common = times(sum(sum(a, c), sum(b, d)), C1_175875602);
    let outer = times(sum(a, d), -C0_899976223);
    let inner = times(sum(b, c), -C2_562915447);
    let first = sum(times(sum(a, c), -C1_961570560), common);
    let second = sum(times(sum(b, d), -C0_390180644), common);
    let odd = [
        sum(times(d, C1_501321110), sum(outer, second)),
        sum(times(c, C3_072711026), sum(inner, first)),
        sum(times(b, C2_053119869), sum(inner, second)),
        sum(times(a, C0_298631336), sum(outer, first)),
    ];
    let mut output = [0; SIDE];
    let (front, back) = output.split_at_mut(SIDE / 2);
    for (((front, back), even), odd) in front.iter_mut().zip(back.iter_mut().rev()).zip(even).zip(odd) {
        *front = sum(even, odd);
        *back = even.wrapping_sub(odd);
    }
    output
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_1_SQRT_2, PI};

    use super::*;

    /// The formula of T.81, A.3.3.
    #[expect(clippy::cast_possible_truncation, reason = "samples are small")]
    fn by_the_formula(coefficients: &[i16; BLOCK]) -> Vec<i32> {
        let weight = |place: usize| if place == 0 { FRAC_1_SQRT_2 } else { 1.0 };
        let angle = |sample: usize, place: usize| {
            f64::from(u32::try_from((2 * sample + 1) * place).unwrap_or(0)) * PI / 16.0
        };
        let mut samples = Vec::new();
        for (y, x) in (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (y, x))) {
            let terms = (0..BLOCK).map(|place| {
                let (v, u) = (place / SIDE, place % SIDE);
                weight(u) * weight(v) * f64::from(coefficients[place]) * angle(x, u).cos() * angle(y, v).cos()
            });
            samples.push((terms.sum::<f64>() / 4.0 + 128.0).round().clamp(0.0, 255.0) as i32);
        }
        samples
    }

    #[test]
    fn gives_what_the_formula_gives() {
        let mut state = 1_u32;
        for round in 0..200 {
            let mut coefficients = [0_i16; BLOCK];
            for coefficient in coefficients.iter_mut().take(1 + round % BLOCK) {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *coefficient = i16::try_from(state >> 24).unwrap_or(0) - 128;
            }
            let exact = by_the_formula(&coefficients);
            for (sample, exact) in samples(&coefficients, &[1; BLOCK]).into_iter().zip(exact) {
                assert!((i32::from(sample) - exact).abs() <= 1, "{sample} for {exact} in round {round}");
            }
        }
    }

    #[test]
    fn nothing_is_grey_and_damage_is_no_panic() {
        assert_eq!(samples(&[0; BLOCK], &[1; BLOCK]), [128; BLOCK]);
        samples(&[i16::MAX; BLOCK], &[u16::MAX; BLOCK]);
        samples(&[i16::MIN; BLOCK], &[u16::MAX; BLOCK]);
    }
}
