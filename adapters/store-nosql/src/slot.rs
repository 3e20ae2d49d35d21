//! What a kind of item is, and the place of an item of one kind: between keys, which name places,
//! and records, which say what lies there. It knows neither. Tested through both.

use std::marker::PhantomData;

use gallery_core::values::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::table::{Key, Table};

/// A kind of item.
pub(crate) trait Record: Serialize + DeserializeOwned + Send + Sync {
    /// Its name, for people who look at the table.
    const KIND: &'static str;

    /// From then on the engine may remove the item.
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }
}

/// The place of an item of one kind.
#[derive(Debug)]
pub(crate) struct Slot<R> {
    key: Key,
    kind: PhantomData<fn() -> R>,
}

impl<R> Slot<R> {
    pub(crate) fn new(table: Table, partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self::of(Key { table, partition: partition.into(), sort: sort.into() })
    }

    /// The place of an item that was found under this key.
    pub(crate) fn of(key: Key) -> Self {
        Self { key, kind: PhantomData }
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    pub(crate) fn into_key(self) -> Key {
        self.key
    }
}
