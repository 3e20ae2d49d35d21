//! How single values are documented and written: ids, instants, values that may be null.

use std::borrow::Cow;
use std::str::FromStr;

use gallery_core::values::Timestamp;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type};
use serde::{Serialize, Serializer};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

macro_rules! text_type {
    ($name:ident $(<$parameter:ident>)?, $format:literal) => {
        impl $(<$parameter: Send + Sync>)? Type for $name $(<$parameter>)? {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> Cow<'static, str> {
                concat!("string_", $format).into()
            }

            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", $format)))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }
    };
}

pub(super) use text_type;

/// An id in an address.
pub(super) struct Id<T>(pub T);

text_type!(Id<T>, "uuid");

impl<T: FromStr + Send + Sync> ParseFromParameter for Id<T> {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        text.parse().map(Self).map_err(|_| ParseError::expected_input())
    }
}

/// An instant: RFC 3339, UTC, milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instant(pub Timestamp);

text_type!(Instant, "date-time");

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut buffer = BLANK;
        serializer.serialize_str(write(&mut buffer, self.0))
    }
}

/// An instant before its digits are filled in.
pub(super) const BLANK: [u8; 24] = *b"0000-00-00T00:00:00.000Z";

/// Fills the buffer with what `Timestamp` displays. A list of photos has hundreds of instants; the
/// general formatter would take longer for them than everything else takes for the list.
pub(super) fn write(buffer: &mut [u8; 24], at: Timestamp) -> &str {
    let millis = at.millis().rem_euclid(1000);
    // The years of a timestamp are those that there are dates for.
    let at = OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = at.to_calendar_date();
    let (hour, minute, second) = at.to_hms();
    put(&mut buffer[..4], year.unsigned_abs());
    put(&mut buffer[5..7], u8::from(month).into());
    put(&mut buffer[8..10], day.into());
    put(&mut buffer[11..13], hour.into());
    put(&mut buffer[14..16], minute.into());
    put(&mut buffer[17..19], second.into());
    put(&mut buffer[20..23], u32::try_from(millis).unwrap_or(0));
    std::str::from_utf8(buffer).unwrap_or_default()
}

/// Writes a number with as many digits as there is room for.
fn put(digits: &mut [u8], mut number: u32) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

impl ToJSON for Instant {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.0.to_string()))
    }
}

impl ParseFromJSON for Instant {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let text = String::parse_from_json(value).map_err(ParseError::propagate)?;
        let at = OffsetDateTime::parse(&text, &Rfc3339)?;
        let millis = i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000))?;
        Ok(Self(Timestamp::from_millis(millis)))
    }
}

/// A value that is always there, and may be null.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub(super) struct Nullable<T>(pub Option<T>);

impl<T: Type> Type for Nullable<T> {
    const IS_REQUIRED: bool = true;
    type RawValueType = T::RawValueType;
    type RawElementValueType = T::RawElementValueType;

    fn name() -> Cow<'static, str> {
        format!("nullable_{}", T::name()).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref().merge(MetaSchema { nullable: true, ..MetaSchema::ANY })
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        self.0.as_ref().and_then(T::as_raw_value)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
        self.0.as_ref().map_or_else(|| Box::new(std::iter::empty()) as _, T::raw_element_iter)
    }
}

impl<T: ToJSON> ToJSON for Nullable<T> {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.as_ref().and_then(T::to_json).unwrap_or(Value::Null))
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Nullable<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Option::<T>::parse_from_json(value).map(Self).map_err(ParseError::propagate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_serialised_as_they_are_displayed() {
        for millis in [i64::MIN, -1, 0, 999, 951_782_400_000, 1_795_335_330_007, 4_102_444_799_999, i64::MAX]
        {
            let instant = Instant(Timestamp::from_millis(millis));
            assert_eq!(serde_json::to_value(instant).unwrap(), Value::from(instant.0.to_string()));
        }
    }

    #[test]
    fn instants_are_read_as_they_are_written() {
        let instant = Instant(Timestamp::from_millis(1_795_335_330_007));
        let written = instant.to_json();
        assert_eq!(written, Some(Value::from("2026-11-22T08:15:30.007Z")));
        assert_eq!(Instant::parse_from_json(written).unwrap().0, instant.0);
    }
}
