//! The gallery's records in SQL: [`SqliteStore`] on one SQLite file, [`MySqlStore`] on a MySQL 8 or
//! MariaDB server. Each implements every port of [`Store`](gallery_core::ports::Store).
//!
//! The crate knows `gallery-core` and sqlx, and nothing of HTTP, blobs or configuration; no type of
//! the driver appears in its interface. What a store must do is tested by the suite that all stores
//! share (`tests/it/conformance.rs`, `tests/it/mysql/conformance.rs`) and by the model test; what
//! only one of them can get wrong, in the other files of `tests/it/`, in `src/sqlite/tests/` and in
//! `src/mysql/tests/`. What needs a server is behind the feature `engines`.
//!
//! # Tables
//!
//! | table | what a row is | found by |
//! | --- | --- | --- |
//! | `User` | an account, with its usage | id, canonical address |
//! | `Registration` | a sign-up that waits for its confirmation | id, canonical address, time |
//! | `Session`, `SessionToken` | a log-in; a token's hash and its one replacement | id, hash, user, expiry |
//! | `Album` | an album, with what it adds to its owner's usage | id, owner |
//! | `Photo` | a photo in any state; what is only shown is packed, EXIF a column of its own | id, album or owner in either order, deadline |
//! | `Posting` | a term of an album or photo | owner and term, target |
//! | `Job` | work to be done, with its lease and tally; waiting mails are jobs | id, due time, user |
//! | `IdempotencyRecord` | what a request with an `Idempotency-Key` made | owner and key, resource, expiry |
//! | `Counter` | a counter against abuse | name, end |
//! | `Suppression` | an address that is not written to, as a keyed hash | address, end |
//! | `Upgrade` | how far an upgrade of records has come | number |
//!
//! `Album` refers to `User` and `Photo` to both by foreign keys, which are enforced. Ids are 16
//! bytes, times are milliseconds since the epoch in UTC, keys and terms compare byte by byte, texts
//! by code point. Deleting an account or album sets a mark on one row; every read joins up to the
//! account, so that nothing below a mark is seen. `docs/sql.md` has every column, and example
//! queries.
//!
//! # One text, two dialects
//!
//! The ports are written once, in `common`: plain modules without a type parameter or a macro. Each
//! of them is a module of `sqlite` and of `mysql`, which both name its file by `#[path]`: so it is
//! compiled twice, and its `super` is the dialect. From there it takes what differs, by the same
//! names: in `db` the driver's types, `unit_of_work!` and a unit's primitives (`run`, `inserted`,
//! `rows`), in `failure` what an error means, in `sql` the dialect's statements, in `postings` how
//! terms are kept and found. A change of a port is one change; what a dialect does otherwise is a
//! function or a statement of that dialect. `docs/adr/0017-one-text-for-two-dialects.md` has the
//! reasons.
//!
//! # Where things are
//!
//! * `sql` — statements that both dialects take: placeholders are `?`, and nothing is returned by a
//!   write.
//! * `rows`, `paging`, `error` — how rows become the core's types, pages are cut, and failures
//!   become [`StoreError`](gallery_core::ports::StoreError)s.
//! * `migrations` — the list of migrations, which is the same for `migrations/sqlite/` and
//!   `migrations/mysql/`: one statement in each file, because MySQL commits every change of the
//!   schema by itself.
//! * `common` — the ports, and what they are written with, compiled once for each dialect.
//!   `common/sql.rs` has the statements in which only words differ.
//! * `sqlite`, `mysql` — everything of one dialect: opening, connections, units of work, locks, and
//!   which error code means what. There is no function generic over the database: the two differ
//!   where it matters. In SQLite one unit of work writes at a time; on a server, one for each
//!   account (`mysql::db` says why).

#![expect(clippy::duplicate_mod, reason = "files of `common` are compiled once for each dialect")]

mod error;
mod migrations;
mod mysql;
mod paging;
mod rows;
mod sql;
mod sqlite;

pub use mysql::{Encryption, MySqlSettings, MySqlStore, OpenError as MySqlOpenError, SettingsError, Tls};
pub use sqlite::{OpenError as SqliteOpenError, SqliteStore};

/// Doctests compile the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
