//! The time taken, as clients read and send it.

use std::borrow::Cow;

use gallery_core::usecases::TakenPatch;
use gallery_core::values::{Precision, Taken, Timestamp};
use poem_openapi::Object;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{MaybeUndefined, ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::types::{BLANK, Nullable, text_type, write};

/// When a photo was taken, by the camera's clock.
#[derive(Serialize, Object)]
#[oai(rename = "Taken")]
pub(super) struct TakenView {
    /// The local date and time, such as `2024-07-04T21:30:00`; with milliseconds where there are
    /// any. What is unknown is the earliest that it can be.
    local: LocalTime,
    /// How much of it is known.
    precision: PrecisionName,
    /// The clock's offset from UTC, such as `-05:00`; null where it is unknown.
    offset: Nullable<String>,
}

impl From<Taken> for TakenView {
    fn from(taken: Taken) -> Self {
        Self {
            local: LocalTime(taken.local()),
            precision: PrecisionName(taken.precision().name().into()),
            offset: Nullable(taken.offset()),
        }
    }
}

/// When a photo was taken, as its owner says.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub(super) struct TakenChange {
    /// The local date and time, such as `2024-07-04T21:30:00` or `2024-07-04T21:30:00.500`, in the
    /// years 1826 to 2099. What is finer than the precision is left out.
    local: String,
    /// How much of it is known.
    precision: PrecisionName,
    /// The clock's offset from UTC, such as `-05:00`; it counts with a time of the day only.
    #[serde(default)]
    #[oai(nullable)]
    offset: MaybeUndefined<String>,
}

/// What a change asks of the time taken.
pub(super) fn patch(field: &MaybeUndefined<TakenChange>) -> TakenPatch<'_> {
    match field {
        MaybeUndefined::Undefined => TakenPatch::Unchanged,
        MaybeUndefined::Null => TakenPatch::Restored,
        MaybeUndefined::Value(TakenChange { local, precision: PrecisionName(precision), offset }) => {
            TakenPatch::Parts { local, precision, offset: offset.value().map(String::as_str) }
        }
    }
}

/// What a clock showed: as an instant, without a zone, and with milliseconds where there are any.
#[derive(Debug)]
struct LocalTime(Timestamp);

text_type!(LocalTime, "local-date-time");

impl Serialize for LocalTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut buffer = BLANK;
        let text = write(&mut buffer, self.0).trim_end_matches('Z');
        serializer.serialize_str(text.strip_suffix(".000").unwrap_or(text))
    }
}

impl ToJSON for LocalTime {
    fn to_json(&self) -> Option<Value> {
        serde_json::to_value(self).ok()
    }
}

impl ParseFromJSON for LocalTime {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let text = String::parse_from_json(value).map_err(ParseError::propagate)?;
        let taken = Taken::parse_parts(&text, Precision::Second.name(), None);
        taken.map(|taken| Self(taken.local())).map_err(ParseError::custom)
    }
}

/// The name of a precision, which [`Precision::parse`] reads.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct PrecisionName(Cow<'static, str>);

impl Type for PrecisionName {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "precision".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let enum_items = Precision::ALL.map(|precision| Value::from(precision.name())).to_vec();
        MetaSchemaRef::Inline(Box::new(MetaSchema { enum_items, ..MetaSchema::new("string") }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ToJSON for PrecisionName {
    fn to_json(&self) -> Option<Value> {
        Some(Value::from(&*self.0))
    }
}

impl ParseFromJSON for PrecisionName {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let name = String::parse_from_json(value).map_err(ParseError::propagate)?;
        Ok(Self(name.into()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_written_as_far_as_they_are_known() {
        for (text, expected) in [
            ("2024", json!({ "local": "2024-01-01T00:00:00", "precision": "year", "offset": null })),
            ("2024-07", json!({ "local": "2024-07-01T00:00:00", "precision": "month", "offset": null })),
            ("2024-07-14", json!({ "local": "2024-07-14T00:00:00", "precision": "day", "offset": null })),
            (
                "2024-07-14 21:30 -05:00",
                json!({ "local": "2024-07-14T21:30:00", "precision": "minute", "offset": "-05:00" }),
            ),
            (
                "2024-07-14 21:30:15.042",
                json!({ "local": "2024-07-14T21:30:15.042", "precision": "second", "offset": null }),
            ),
        ] {
            let view = TakenView::from(Taken::parse(text).expect("a time"));
            assert_eq!(serde_json::to_value(&view).expect("JSON"), expected);
            assert_eq!(view.to_json(), Some(expected));
        }
    }

    #[test]
    fn local_times_are_read_as_they_are_written() {
        for millis in [-1, 0, 1_720_992_615_042] {
            let local = LocalTime(Timestamp::from_millis(millis));
            let read = LocalTime::parse_from_json(local.to_json()).expect("a time");
            assert_eq!(read.0.millis(), millis);
        }
    }

    #[test]
    fn absent_is_not_null() {
        #[derive(Deserialize)]
        struct Change {
            #[serde(default)]
            taken: MaybeUndefined<TakenChange>,
        }
        let read = |json: Value| serde_json::from_value::<Change>(json).expect("a change").taken;
        assert!(matches!(patch(&read(json!({}))), TakenPatch::Unchanged));
        assert!(matches!(patch(&read(json!({ "taken": null }))), TakenPatch::Restored));
        let sent = read(json!({ "taken": { "local": "x", "precision": "day", "offset": "+01:00" } }));
        let parts = TakenPatch::Parts { local: "x", precision: "day", offset: Some("+01:00") };
        assert_eq!(format!("{:?}", patch(&sent)), format!("{parts:?}"));
        let sent = read(json!({ "taken": { "local": "x", "precision": "y", "offset": null } }));
        assert!(matches!(patch(&sent), TakenPatch::Parts { offset: None, .. }));
    }
}
