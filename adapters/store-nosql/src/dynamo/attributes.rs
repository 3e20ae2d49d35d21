//! Items as DynamoDB has them: the table's two key attributes, some of this engine's own, and the
//! record's fields as they are, so that people can read the tables.
//!
//! Knows attribute values and their sizes, and makes no call. Tested here.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use gallery_core::ports::StoreError;
use gallery_core::values::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::unreadable;
use crate::table::{Item, Key, Table};

/// The attributes of an item, or only those of its record.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// How often the item was written.
pub(super) const REVISION: &str = "revision";
/// The name of the kind of item, for people.
const KIND: &str = "kind";
/// The attribute for DynamoDB's time to live: seconds since 1970, rounded up. Nobody here reads it.
pub(super) const TIME_TO_LIVE: &str = "ttl";
/// The same instant to the millisecond, for the sweeper where time to live is not enabled.
pub(super) const EXPIRES: &str = "expires_ms";

/// A table's name, without a prefix, and those of its key attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Schema {
    pub(super) name: &'static str,
    pub(super) partition: &'static str,
    pub(super) sort: &'static str,
}

pub(super) const fn schema(table: Table) -> Schema {
    match table {
        Table::Gallery => Schema { name: "PhotoGallery", partition: "albumID", sort: "photoID" },
        Table::User => Schema { name: "PhotoGalleryUser", partition: "userID", sort: "itemID" },
    }
}

/// Both tables.
pub(super) const TABLES: [Table; 2] = [Table::Gallery, Table::User];

/// The key attributes of an item.
pub(super) fn key_attributes(key: &Key) -> Attributes {
    let schema = schema(key.table);
    HashMap::from([
        (schema.partition.to_owned(), AttributeValue::S(key.partition.clone())),
        (schema.sort.to_owned(), AttributeValue::S(key.sort.clone())),
    ])
}

/// The record's fields as attributes. What is absent has none, since an attribute is paid by its
/// name too.
pub(super) fn encode<T: Serialize>(record: &T) -> Result<Attributes, StoreError> {
    let mut attributes: Attributes = serde_dynamo::to_item(record).map_err(unreadable("record"))?;
    attributes.retain(|_, value| !value.is_null());
    if let Some(name) = reserved().find(|name| attributes.contains_key(*name)) {
        return Err(unreadable("record")(format!(
            "a field is named {name}, like an attribute of every item"
        )));
    }
    Ok(attributes)
}

/// The record of which these are the fields.
pub(super) fn decode<T: DeserializeOwned>(attributes: &Attributes) -> Result<T, StoreError> {
    serde_dynamo::from_item(attributes.clone()).map_err(unreadable("record"))
}

fn reserved() -> impl Iterator<Item = &'static str> {
    let keys = TABLES.into_iter().map(schema).flat_map(|schema| [schema.partition, schema.sort]);
    keys.chain([REVISION, KIND, TIME_TO_LIVE, EXPIRES])
}

/// The whole item, to be written.
pub(super) fn item(
    key: &Key,
    revision: u64,
    kind: &str,
    expires_at: Option<Timestamp>,
    record: Attributes,
) -> Attributes {
    let mut attributes = record;
    attributes.extend(key_attributes(key));
    attributes.insert(REVISION.to_owned(), AttributeValue::N(revision.to_string()));
    attributes.insert(KIND.to_owned(), AttributeValue::S(kind.to_owned()));
    if let Some(end) = expires_at {
        attributes.insert(TIME_TO_LIVE.to_owned(), AttributeValue::N(seconds(end).to_string()));
        attributes.insert(EXPIRES.to_owned(), AttributeValue::N(end.millis().to_string()));
    }
    attributes
}

/// An item as it was read.
pub(super) fn read(table: Table, mut attributes: Attributes) -> Result<Item<Attributes>, StoreError> {
    let key = take_key(table, &mut attributes)?;
    let revision = match attributes.remove(REVISION) {
        Some(AttributeValue::N(digits)) => digits.parse().map_err(unreadable("revision"))?,
        _ => return Err(unreadable("item")("it has no revision")),
    };
    for ours in [KIND, TIME_TO_LIVE, EXPIRES] {
        attributes.remove(ours);
    }
    Ok(Item { key, revision, body: attributes })
}

/// The key in an item's attributes.
pub(super) fn take_key(table: Table, attributes: &mut Attributes) -> Result<Key, StoreError> {
    let schema = schema(table);
    let mut text = |name: &str| match attributes.remove(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(unreadable("key")(format!("it has no text {name}"))),
    };
    Ok(Key { table, partition: text(schema.partition)?, sort: text(schema.sort)? })
}

/// An instant as time to live has it. Rounded up, so that nothing goes before its time.
fn seconds(at: Timestamp) -> i64 {
    let millis = at.millis();
    millis.div_euclid(1000) + i64::from(millis.rem_euclid(1000) > 0)
}

/// The size of an item in bytes, by the rule of DynamoDB's developer guide, "Item sizes and
/// formats".
pub(super) fn size(attributes: &Attributes) -> usize {
    attributes.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

fn value_size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number_size(number),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|number| number_size(number)).sum(),
        AttributeValue::Bs(blobs) => blobs.iter().map(|bytes| bytes.as_ref().len()).sum(),
        AttributeValue::L(values) => 3 + values.iter().map(|value| 1 + value_size(value)).sum::<usize>(),
        AttributeValue::M(values) => {
            3 + values.iter().map(|(name, value)| 1 + name.len() + value_size(value)).sum::<usize>()
        }
        // A Boolean and "null" are one byte.
        _ => 1,
    }
}

/// About a byte for two significant digits, one more, and one for a sign.
fn number_size(number: &str) -> usize {
    let negative = usize::from(number.starts_with('-'));
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len().div_ceil(2) + 1 + negative
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Sample {
        text: String,
        big: u64,
        small: i64,
        fraction: f64,
        absent: Option<String>,
        empty: String,
        list: Vec<(String, u8)>,
    }

    fn sample() -> Sample {
        Sample {
            text: "e\u{301} \u{1f4f7}".to_owned(),
            big: u64::MAX,
            small: i64::MIN,
            fraction: -33.856_784_123_456_79,
            absent: None,
            empty: String::new(),
            list: vec![("a".to_owned(), 255)],
        }
    }

    fn key() -> Key {
        Key { table: Table::User, partition: "p".to_owned(), sort: "s".to_owned() }
    }

    #[test]
    fn an_item_is_read_as_it_was_written() {
        let record = encode(&sample()).unwrap();
        assert!(!record.contains_key("absent"));
        let written = item(&key(), 7, "sample", Some(Timestamp::from_millis(1_001)), record);
        assert_eq!(written["userID"], AttributeValue::S("p".to_owned()));
        assert_eq!(written["ttl"], AttributeValue::N("2".to_owned()));
        assert_eq!(written["expires_ms"], AttributeValue::N("1001".to_owned()));
        let read = read(Table::User, written).unwrap();
        assert_eq!((read.key, read.revision), (key(), 7));
        assert_eq!(decode::<Sample>(&read.body).unwrap(), sample());
    }

    #[test]
    fn an_item_of_somebody_else_is_not_taken_for_ours() {
        assert!(matches!(read(Table::User, key_attributes(&key())), Err(StoreError::Backend(_))));
        assert!(matches!(read(Table::Gallery, key_attributes(&key())), Err(StoreError::Backend(_))));
    }

    #[test]
    fn a_field_cannot_take_the_place_of_an_attribute_of_ours() {
        for name in ["albumID", "photoID", "userID", "itemID", "revision", "kind", "ttl", "expires_ms"] {
            assert!(encode(&HashMap::from([(name, 1)])).is_err(), "{name}");
        }
    }

    #[test]
    fn seconds_are_rounded_up() {
        let seconds = [-1_001, -1_000, -1, 0, 1, 1_000].map(|ms| seconds(Timestamp::from_millis(ms)));
        assert_eq!(seconds, [-1, -1, 0, 0, 1, 1]);
    }

    #[test]
    fn sizes_follow_the_rule() {
        for (number, bytes) in
            [("0", 1), ("7", 2), ("12", 2), ("123", 3), ("-1.25e7", 4), ("1200", 2), ("0.05", 2)]
        {
            assert_eq!(number_size(number), bytes, "{number}");
        }
        let list = AttributeValue::L(vec![AttributeValue::S("ab".to_owned()), AttributeValue::Bool(true)]);
        let map = AttributeValue::M(HashMap::from([("é".to_owned(), AttributeValue::N("5".to_owned()))]));
        let attributes = HashMap::from([("list".to_owned(), list), ("map".to_owned(), map)]);
        assert_eq!(size(&attributes), (4 + 3 + (1 + 2) + (1 + 1)) + (3 + 3 + (1 + 2 + 2)));
    }
}
