//! Reads within one snapshot of the database.
//!
//! Knows neither threads nor failures' meaning: that is `shared`. Tests: `tests` beside it.

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::ops::Bound;

use gallery_core::values::Timestamp;
use redb::{AccessGuard, Error, ReadTransaction};

use super::form::{self, EXPIRY, Header, META, META_VERSION};
use crate::table::{Item, Key, Range, Scan, Table};

type Entry<'a> = (AccessGuard<'a, (&'static str, &'static str)>, AccessGuard<'a, &'static [u8]>);

/// Reads something that is always there.
pub(super) fn probe(snapshot: &ReadTransaction) -> Result<(), Error> {
    snapshot.open_table(META)?.get(META_VERSION)?;
    Ok(())
}

pub(super) fn get(snapshot: &ReadTransaction, keys: &[Key]) -> Result<Vec<Item<Vec<u8>>>, Error> {
    let mut tables = BTreeMap::new();
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        let table = match tables.entry(key.table) {
            btree_map::Entry::Occupied(open) => open.into_mut(),
            btree_map::Entry::Vacant(place) => place.insert(snapshot.open_table(form::items(key.table))?),
        };
        if let Some(value) = table.get((key.partition.as_str(), key.sort.as_str()))? {
            let (header, body) = Header::split(value.value())?;
            found.push(Item { key: key.clone(), revision: header.revision, body: body.to_vec() });
        }
    }
    Ok(found)
}

pub(super) fn query(snapshot: &ReadTransaction, range: &Range) -> Result<Vec<Item<Vec<u8>>>, Error> {
    let table = snapshot.open_table(form::items(range.table))?;
    let partition = range.partition.as_str();
    let behind = format!("{partition}\0");
    let from = match &range.from {
        Bound::Included(sort) => Bound::Included((partition, sort.as_str())),
        Bound::Excluded(sort) => Bound::Excluded((partition, sort.as_str())),
        Bound::Unbounded => Bound::Included((partition, "")),
    };
    let to = match &range.to {
        Bound::Included(sort) => Bound::Included((partition, sort.as_str())),
        Bound::Excluded(sort) => Bound::Excluded((partition, sort.as_str())),
        // No other partition key lies between this one and its partition.
        Bound::Unbounded => Bound::Excluded((behind.as_str(), "")),
    };
    let entries = table.range::<(&str, &str)>((from, to))?;
    let read = |entry: Result<Entry<'_>, _>| item(range.table, &entry?);
    if range.descending {
        entries.rev().take(range.limit).map(read).collect()
    } else {
        entries.take(range.limit).map(read).collect()
    }
}

pub(super) fn scan(snapshot: &ReadTransaction, scan: &Scan) -> Result<Vec<Item<Vec<u8>>>, Error> {
    let table = snapshot.open_table(form::items(scan.table))?;
    let from = match &scan.after {
        Some(key) => Bound::Excluded((key.partition.as_str(), key.sort.as_str())),
        None => Bound::Unbounded,
    };
    let mut found = Vec::new();
    for entry in table.range::<(&str, &str)>((from, Bound::Unbounded))? {
        if found.len() == scan.limit {
            break;
        }
        let entry = entry?;
        if scan.sort.is_none_or(|sort| sort == entry.0.value().1) {
            found.push(item(scan.table, &entry)?);
        }
    }
    Ok(found)
}

pub(super) fn expired(
    snapshot: &ReadTransaction,
    class: &str,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<Key>, Error> {
    let table = snapshot.open_table(EXPIRY)?;
    let ended = (class, i64::MIN, "", "")..(class, before.millis(), "", "");
    let keys = table.range(ended)?.take(limit).map(|entry| {
        let (place, ()) = entry.map(|(key, value)| (key, value.value()))?;
        let (_, _, partition, sort) = place.value();
        Ok(Key { table: Table::User, partition: partition.to_owned(), sort: sort.to_owned() })
    });
    keys.collect()
}

fn item(table: Table, (key, value): &Entry<'_>) -> Result<Item<Vec<u8>>, Error> {
    let (partition, sort) = key.value();
    let (header, body) = Header::split(value.value())?;
    Ok(Item {
        key: Key { table, partition: partition.to_owned(), sort: sort.to_owned() },
        revision: header.revision,
        body: body.to_vec(),
    })
}
