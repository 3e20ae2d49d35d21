//! SQLite's dialect: its words for the statements of `common/sql.rs`, and the statements that are
//! its own: JSON table functions, and deleting a limited number of rows. Their counterparts are in
//! `mysql::sql`.

#[path = "../common/sql.rs"]
mod common;
pub(super) use common::*;

/// Nothing: a unit of work has the whole database to itself since it began.
macro_rules! for_update {
    () => {
        ""
    };
}

/// Nothing, likewise.
macro_rules! free_for_update {
    () => {
        ""
    };
}

/// Reads the table through this index.
macro_rules! through {
    ($index:literal) => {
        concat!(" INDEXED BY ", $index)
    };
}

/// Reads a table of rows through the index of its primary key.
macro_rules! through_key {
    ($table:literal) => {
        concat!(" INDEXED BY sqlite_autoindex_", $table, "_1")
    };
}

/// Nothing, for a table that is its primary key: there is no other index with what is bound.
macro_rules! through_primary {
    () => {
        ""
    };
}

/// Looks up the next table for each row of those before.
macro_rules! join {
    () => {
        " CROSS JOIN "
    };
}

/// Changes the row of this key if there is one.
macro_rules! or_update {
    ($key:literal) => {
        concat!(" ON CONFLICT (", $key, ") DO UPDATE SET ")
    };
}

macro_rules! smaller {
    () => {
        "MIN"
    };
}

macro_rules! greater {
    () => {
        "MAX"
    };
}

use {for_update, free_for_update, greater, join, or_update, smaller, through, through_key, through_primary};

pub(super) const DELETE_ENDED_COUNTERS: &str = "DELETE FROM Counter WHERE name IN \
     (SELECT name FROM Counter WHERE ends_at < ? ORDER BY ends_at LIMIT ?)";

pub(super) const DELETE_ENDED_SUPPRESSIONS: &str = "DELETE FROM Suppression WHERE address IN \
     (SELECT address FROM Suppression WHERE ends_at < ? ORDER BY ends_at LIMIT ?)";

/// Binds: owner and key of each record, and the instant before which it must have expired. SQLite
/// would read all records if the pairs stood in the list themselves.
pub(super) fn delete_records(places: usize) -> String {
    let pairs = vec!["(?, ?)"; places].join(", ");
    format!(
        "DELETE FROM IdempotencyRecord WHERE (owner_id, idempotency_key) IN \
         (SELECT column1, column2 FROM (VALUES {pairs})) AND expires_at < ?"
    )
}

/// Binds: owner, kind, target, and the terms as a JSON array. Terms that are there stay as they
/// are.
pub(super) const ADD_POSTINGS: &str = "INSERT INTO Posting (owner_id, kind, target, term) \
     SELECT ?, ?, ?, t.value FROM json_each(?) t WHERE true ON CONFLICT DO NOTHING";

/// Binds: target, and the terms that stay as a JSON array.
pub(super) const DROP_OTHER_POSTINGS: &str =
    "DELETE FROM Posting WHERE target = ? AND term NOT IN (SELECT t.value FROM json_each(?) t)";
