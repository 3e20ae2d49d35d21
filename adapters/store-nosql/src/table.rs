//! The small table abstraction that both engines implement: items under a partition key and a sort
//! key, consistent reads, ranges within a partition, and all-or-nothing writes with conditions.
//! What DynamoDB cannot do is not here.
//!
//! The crate keeps all of this to itself: its types are public for the compiler, in a module that
//! is not.
//!
//! It knows no kind of item (see `keys` and `records`) and no driver. Tested through the store:
//! every engine runs the whole conformance suite.

use std::future::Future;
use std::ops::Bound;

use gallery_core::ports::StoreError;
use gallery_core::values::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// One of the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// `PhotoGallery`: albums and photos.
    Gallery,
    /// `PhotoGalleryUser`: accounts, and everything that is found through one; queues; counters.
    User,
}

/// Where an item is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub table: Table,
    pub partition: String,
    pub sort: String,
}

/// An item as it was read.
#[derive(Debug, Clone)]
pub struct Item<B> {
    pub key: Key,
    /// Grows by one with every write; what a unit of work has seen is recognised by it.
    pub revision: u64,
    pub body: B,
}

/// What must be so for a write to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Always,
    /// There is no item under the key.
    Absent,
    /// The item is there, and nobody has written it since this revision.
    Unchanged(u64),
}

/// What a write does when its condition holds.
#[derive(Debug, Clone)]
pub enum Change<B> {
    /// The item becomes this.
    Put {
        body: B,
        /// The name of the kind of item, for people who look at the table.
        kind: &'static str,
        /// From then on the engine may remove the item by itself; nobody relies on it doing so.
        expires_at: Option<Timestamp>,
    },
    /// The item is removed.
    Delete,
    /// Nothing: only the condition counts.
    Keep,
}

/// A part of a unit of work.
#[derive(Debug, Clone)]
pub struct Write<B> {
    pub key: Key,
    pub condition: Condition,
    pub change: Change<B>,
}

impl<B> Write<B> {
    /// The revision that the item has after a put.
    pub fn next_revision(&self) -> u64 {
        match self.condition {
            Condition::Unchanged(revision) => revision + 1,
            Condition::Always | Condition::Absent => 1,
        }
    }
}

/// What became of a unit of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every write happened.
    Done,
    /// A condition did not hold; nothing happened.
    Refused,
}

/// Some items of one partition, in the order of their sort keys.
#[derive(Debug, Clone)]
pub struct Range {
    pub table: Table,
    pub partition: String,
    pub from: Bound<String>,
    pub to: Bound<String>,
    /// True for the greatest sort key first.
    pub descending: bool,
    /// The most items to be answered.
    pub limit: usize,
}

/// All items of a table, in an order of the engine's own. Only administrators' commands read like
/// this.
#[derive(Debug, Clone)]
pub struct Scan {
    pub table: Table,
    /// Only items with this sort key, if there is one.
    pub sort: Option<&'static str>,
    /// Only what comes after this key, which need not be there any more.
    pub after: Option<Key>,
    /// The most items to be answered. Fewer than that means: there are no more.
    pub limit: usize,
}

/// A database of such tables. Every read sees every write that was answered before it.
///
/// A write whose outcome is not known is answered with [`StoreError::Unavailable`]. An engine waits
/// out short trouble (throttling, transactions that meet) by itself.
pub trait Engine: Send + Sync + 'static {
    /// An item's content as the engine keeps it.
    type Body: Clone + Send + Sync;

    /// The most writes of one unit of work, conditions included.
    const MAX_WRITES: usize;

    /// Whether other processes may work on the same tables.
    const SHARED: bool;

    /// Puts a record into the engine's form.
    fn encode<T: Serialize>(record: &T) -> Result<Self::Body, StoreError>;

    /// Reads it back; `Backend` when the content is not such a record.
    fn decode<T: DeserializeOwned>(body: &Self::Body) -> Result<T, StoreError>;

    /// The items under these keys, in any order, without those that are absent. One round trip for
    /// up to 100 keys.
    fn get(&self, keys: &[Key]) -> impl Future<Output = Result<Vec<Item<Self::Body>>, StoreError>> + Send;

    /// The items of a range, complete up to its limit.
    fn query(&self, range: &Range) -> impl Future<Output = Result<Vec<Item<Self::Body>>, StoreError>> + Send;

    /// Makes all these writes, of different keys, or none.
    fn commit(
        &self,
        writes: Vec<Write<Self::Body>>,
    ) -> impl Future<Output = Result<Outcome, StoreError>> + Send;

    /// Removes any number of items, whatever they are, in no order and not as a unit.
    fn delete(&self, keys: &[Key]) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Reads a part of a table.
    fn scan(&self, scan: &Scan) -> impl Future<Output = Result<Vec<Item<Self::Body>>, StoreError>> + Send;

    /// Up to `limit` items of table `PhotoGalleryUser` whose `expires_at` lies before this instant,
    /// and whose sort key is `class` or starts with `class` and `#`. None, if the engine removes
    /// them by itself.
    fn expired(
        &self,
        class: &'static str,
        before: Timestamp,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Key>, StoreError>> + Send;

    /// Returns whether the engine can be used now, within about a second.
    fn ready(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
}
