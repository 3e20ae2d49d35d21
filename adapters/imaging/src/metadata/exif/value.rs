//! An entry's value as text and as numbers, in the notation of C's `printf` that exiftool uses.
//! Knows no tag.

use super::tiff::{Entry, Kind};

/// Most items of a value that are printed; nothing longer is about a photo.
const MAX_ITEMS: usize = 300;
/// Significant digits of a rational number, a float and a double.
const RATIONAL_DIGITS: usize = 10;
const FLOAT_DIGITS: usize = 7;
const DOUBLE_DIGITS: usize = 15;

impl Entry<'_> {
    /// The value as text: items with spaces between, text until its NUL. One undefined byte is a
    /// number.
    pub fn text(&self) -> String {
        match self.kind {
            Kind::Ascii => lossy(until_nul(self.data)),
            Kind::Undefined if self.data.len() != 1 => lossy(self.data),
            kind => self.text_as(kind),
        }
    }

    /// The value as text, read as if its items were of this type.
    pub fn text_as(&self, kind: Kind) -> String {
        self.items(kind).map(|item| item.to_string()).collect::<Vec<_>>().join(" ")
    }

    /// The value's numbers; NaN for what is none.
    pub fn numbers(&self) -> Vec<f64> {
        match self.kind {
            Kind::Ascii | Kind::Undefined => {
                self.text().split_ascii_whitespace().map(|word| word.parse().unwrap_or(f64::NAN)).collect()
            }
            kind => self.items(kind).map(Item::number).collect(),
        }
    }

    /// The first number, when it is a whole one.
    pub fn integer(&self) -> Option<u32> {
        whole(*self.numbers().first()?)
    }

    fn items(&self, kind: Kind) -> impl Iterator<Item = Item> {
        self.data.chunks_exact(kind.bytes()).take(MAX_ITEMS).map(move |bytes| self.item(kind, bytes))
    }

    fn item(&self, kind: Kind, bytes: &[u8]) -> Item {
        let order = self.order;
        let short = || order.u16(bytes.first_chunk().copied().unwrap_or_default());
        let long = |at: usize| {
            order.u32(bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default())
        };
        match kind {
            Kind::Byte | Kind::Ascii | Kind::Undefined => Item::Integer(i64::from(bytes[0])),
            Kind::SignedByte => Item::Integer(i64::from(bytes[0].cast_signed())),
            Kind::Short => Item::Integer(i64::from(short())),
            Kind::SignedShort => Item::Integer(i64::from(short().cast_signed())),
            Kind::Long | Kind::Pointer => Item::Integer(i64::from(long(0))),
            Kind::SignedLong => Item::Integer(i64::from(long(0).cast_signed())),
            Kind::Rational => Item::Rational(i64::from(long(0)), i64::from(long(4))),
            Kind::SignedRational => {
                Item::Rational(i64::from(long(0).cast_signed()), i64::from(long(4).cast_signed()))
            }
            Kind::Float => Item::Float(f64::from(f32::from_bits(long(0))), FLOAT_DIGITS),
            Kind::Double => {
                let bits = order.u64(bytes.first_chunk().copied().unwrap_or_default());
                Item::Float(f64::from_bits(bits), DOUBLE_DIGITS)
            }
        }
    }
}

/// One item of a value.
enum Item {
    Integer(i64),
    Rational(i64, i64),
    Float(f64, usize),
}

impl Item {
    #[expect(clippy::cast_precision_loss, reason = "32-bit numbers fit an f64 exactly")]
    fn number(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            // What exiftool calculates with is what it prints.
            Self::Rational(_, 0) => f64::NAN,
            Self::Rational(..) => self.to_string().parse().unwrap_or(f64::NAN),
            Self::Float(value, _) => value,
        }
    }
}

impl std::fmt::Display for Item {
    #[expect(clippy::cast_precision_loss, reason = "32-bit numbers fit an f64 exactly")]
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Integer(value) => write!(f, "{value}"),
            Self::Rational(0, 0) => f.write_str("undef"),
            Self::Rational(_, 0) => f.write_str("inf"),
            Self::Rational(over, under) => f.write_str(&general(over as f64 / under as f64, RATIONAL_DIGITS)),
            Self::Float(value, digits) => f.write_str(&general(value, digits)),
        }
    }
}

/// The number as an unsigned whole one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be whole and in range"
)]
pub fn whole(number: f64) -> Option<u32> {
    (number.trunc().to_bits() == number.to_bits() && (0.0..=f64::from(u32::MAX)).contains(&number))
        .then_some(number as u32)
}

/// C's `%.{digits}g`.
pub fn general(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return if value.is_nan() { "undef" } else { "inf" }.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    // Rust's scientific notation rounds to the digits and so gives the exponent that C looks at.
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let decimals = i32::try_from(digits).unwrap_or(i32::MAX) - 1 - exponent;
    match usize::try_from(decimals) {
        Ok(decimals) if exponent >= -4 => without_trailing_zeros(&format!("{value:.decimals$}")).to_owned(),
        _ => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{}e{sign}{:02}", without_trailing_zeros(mantissa), exponent.unsigned_abs())
        }
    }
}

/// `1.50` → `1.5`, `2.00` → `2`.
pub fn without_trailing_zeros(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

/// What is before the first NUL.
pub fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Text in UTF-8, with a replacement character for what is not.
pub fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_numbers_as_c_does() {
        let expected = [
            (0.0, "0"),
            (2.0, "2"),
            (4_438.356_164_383_56, "4438.356164"),
            (1.0 / 3.0, "0.3333333333"),
            (-0.33, "-0.33"),
            (0.000_1, "0.0001"),
            (0.000_012_5, "1.25e-05"),
            (4_294_967_295.0, "4294967295"),
            (12_345_678_901.0, "1.23456789e+10"),
            (9_999_999_999.9, "1e+10"),
        ];
        for (number, text) in expected {
            assert_eq!(general(number, 10), text);
        }
        assert_eq!(general(0.666_67, 3), "0.667");
        assert_eq!(general(f64::NAN, 3), "undef");
    }

    #[test]
    fn knows_whole_numbers() {
        assert_eq!(whole(6.0), Some(6));
        for number in [0.5, -1.0, f64::NAN, f64::INFINITY, 4_294_967_296.0] {
            assert_eq!(whole(number), None);
        }
    }
}
