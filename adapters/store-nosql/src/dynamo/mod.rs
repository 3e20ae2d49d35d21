//! The engine on Amazon DynamoDB.
//!
//! It knows the SDK and the table abstraction, and no kind of item. What is particular to it is
//! tested in `tests` beside it, on DynamoDB Local and behind a fault proxy; that the store over it
//! behaves like every other store, in `tests/it/dynamo` of the crate.

mod attributes;
mod calls;
mod error;
mod failure;
mod format;
mod options;
mod range;
mod read;
mod tables;
#[cfg(all(test, feature = "engines"))]
mod tests;
mod write;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gallery_core::ports::StoreError;
use gallery_core::values::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use attributes::Attributes;
use calls::Calls;
use options::{Connection, Names};

pub use error::DynamoError;
pub use options::{DynamoOptions, NewTables};

use crate::store::ItemStore;
use crate::table::{Engine, Item, Key, Outcome, Range, Scan, Table, Write};

/// How long it may take to find out whether DynamoDB answers.
const READY_LIMIT: Duration = Duration::from_secs(1);

/// The records of a gallery in Amazon DynamoDB.
pub type DynamoStore = ItemStore<Dynamo>;

/// The engine: two tables of a region.
pub struct Dynamo {
    calls: Calls,
    names: Names,
    /// DynamoDB removes what has expired.
    time_to_live: bool,
    /// Where the search for expired items of a class goes on, if it stopped within the table.
    sweeps: Mutex<HashMap<&'static str, Attributes>>,
}

impl DynamoStore {
    /// Opens the store, and checks that both tables are there, are the gallery's, can be read, and
    /// are of a format that this program knows. Tables of an older one are of this one from then
    /// on.
    pub async fn open(options: DynamoOptions) -> Result<Self, DynamoError> {
        Ok(Self::over(Dynamo::open(&options).await?))
    }

    /// Creates what is missing of the tables, and waits until they can be used; returns the names
    /// of the new ones. Doing it again changes nothing.
    pub async fn create_tables(options: DynamoOptions) -> Result<Vec<String>, DynamoError> {
        let connection = Connection::find(&options).await?.of_known_format().await?;
        connection.create(options.new_tables).await
    }
}

impl Dynamo {
    async fn open(options: &DynamoOptions) -> Result<Self, DynamoError> {
        Self::on(Connection::find(options).await?).await
    }

    async fn on(connection: Connection) -> Result<Self, DynamoError> {
        connection.check().await?;
        let time_to_live = connection.removes_expired().await?;
        let Connection { calls, names, endpoint } = connection;
        let engine = Self { calls, names, time_to_live, sweeps: Mutex::default() };
        // That a table may be described does not say that it may be read.
        if let Err(failure) = engine.answer().await {
            let Self { calls, names, .. } = engine;
            return Err(Connection { calls, names, endpoint }.explain(Table::User, &failure));
        }
        engine.of_known_format(endpoint).await
    }

    fn sweep(&self, class: &'static str) -> Option<Attributes> {
        self.open_sweeps().get(class).cloned()
    }

    fn set_sweep(&self, class: &'static str, behind: Option<Attributes>) {
        match behind {
            Some(behind) => self.open_sweeps().insert(class, behind),
            None => self.open_sweeps().remove(class),
        };
    }

    fn open_sweeps(&self) -> MutexGuard<'_, HashMap<&'static str, Attributes>> {
        self.sweeps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Dynamo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { names, time_to_live, .. } = self;
        f.debug_struct("Dynamo")
            .field("names", names)
            .field("time_to_live", time_to_live)
            .finish_non_exhaustive()
    }
}

impl Engine for Dynamo {
    type Body = Attributes;

    const MAX_WRITES: usize = 100;
    const SHARED: bool = true;

    fn encode<T: Serialize>(record: &T) -> Result<Attributes, StoreError> {
        attributes::encode(record)
    }

    fn decode<T: DeserializeOwned>(body: &Attributes) -> Result<T, StoreError> {
        attributes::decode(body)
    }

    async fn get(&self, keys: &[Key]) -> Result<Vec<Item<Attributes>>, StoreError> {
        self.get_items(keys).await
    }

    async fn query(&self, range: &Range) -> Result<Vec<Item<Attributes>>, StoreError> {
        self.query_items(range).await
    }

    async fn commit(&self, writes: Vec<Write<Attributes>>) -> Result<Outcome, StoreError> {
        self.commit_all(writes).await
    }

    async fn delete(&self, keys: &[Key]) -> Result<(), StoreError> {
        self.delete_all(keys).await
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Item<Attributes>>, StoreError> {
        self.scan_items(scan).await
    }

    async fn expired(
        &self,
        class: &'static str,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<Key>, StoreError> {
        self.expired_keys(class, before, limit).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.answer().await.map_err(failure::store_error)
    }
}
