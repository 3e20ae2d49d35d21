//! The gallery's records as key-value items: [`DynamoStore`] in Amazon DynamoDB, [`EmbeddedStore`]
//! in one file.
//!
//! One key design (`keys`, `records`, tied by `slot`) over a small table abstraction (`table`) that
//! two engines implement; the ports are written once, over any engine. The crate knows
//! `gallery-core` and the engines' drivers, and nothing of HTTP, blobs or configuration. What a
//! store must do is tested in `tests/it` by the suite that all stores share, on both engines; what
//! only an engine can get wrong stands beside it.
//!
//! # How a unit of work happens
//!
//! A port method reads what it needs, consistently and by key, decides in Rust, and commits all its
//! writes at once, on the condition that nobody has changed meanwhile what it read (`unit`). A
//! refused unit is worked again. So the core's rules stand here once, in the same words as in the
//! other stores, and not in condition expressions.
//!
//! What has no bound, like the postings of a photo, does not fit into one DynamoDB transaction:
//! then the unit records what search must come to know, the postings follow in further transactions
//! that check that record, and only then the method answers. What a crash leaves of that, the
//! sweeper finishes (`index`).

mod albums;
mod audit;
#[cfg(feature = "dynamodb")]
mod dynamo;
#[cfg(feature = "embedded")]
mod embedded;
mod error;
mod expiry;
mod format;
mod heads;
mod hints;
mod idempotency;
mod index;
mod jobs;
mod keys;
mod limits;
mod lists;
mod parts;
mod photo_changes;
mod photos;
mod purge;
mod queues;
mod records;
mod search;
mod sessions;
mod slot;
mod store;
mod suppressions;
mod table;
#[cfg(all(test, feature = "embedded"))]
mod tests;
mod unit;
mod upgrade;
mod upgrades;
mod users;

#[cfg(feature = "dynamodb")]
pub use dynamo::{DynamoError, DynamoOptions, DynamoStore, NewTables};
#[cfg(feature = "embedded")]
pub use embedded::{EmbeddedError, EmbeddedStore};

/// Doctests compile the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
