//! The dialect that MySQL 8 and MariaDB have in common: its words for the statements of
//! `common/sql.rs`, and the statements that are its own. Their counterparts are in `sqlite::sql`.
//!
//! Neither `RETURNING` nor `VALUES … AS new` nor `JSON_TABLE`: only one of the two takes each, or
//! takes it so.

use crate::sql::lists::list;

#[path = "../common/sql.rs"]
mod common;
pub(super) use common::*;

/// Locks the rows that are read, until the unit of work ends.
macro_rules! for_update {
    () => {
        " FOR UPDATE"
    };
}

/// The same, and passes over rows that another unit has locked.
macro_rules! free_for_update {
    () => {
        " FOR UPDATE SKIP LOCKED"
    };
}

/// Reads the table through this index. The optimizer would take another one that begins alike, and
/// sort.
macro_rules! through {
    ($index:literal) => {
        concat!(" FORCE INDEX (", $index, ")")
    };
}

/// Reads this table through its primary key.
macro_rules! through_key {
    ($table:literal) => {
        " FORCE INDEX (PRIMARY)"
    };
}

/// The same for any table.
macro_rules! through_primary {
    () => {
        " FORCE INDEX (PRIMARY)"
    };
}

/// Looks up the next table for each row of those before.
macro_rules! join {
    () => {
        " STRAIGHT_JOIN "
    };
}

/// Changes the row of this key if there is one.
macro_rules! or_update {
    ($key:literal) => {
        " ON DUPLICATE KEY UPDATE "
    };
}

macro_rules! smaller {
    () => {
        "LEAST"
    };
}

macro_rules! greater {
    () => {
        "GREATEST"
    };
}

use {for_update, free_for_update, greater, join, or_update, smaller, through, through_key, through_primary};

/// Whether the server, and its storage engine, are read-only, and whether our tables are there.
pub(super) const STATE: &str = "SELECT CAST(@@read_only AS CHAR), CAST(@@innodb_read_only AS CHAR), \
     EXISTS (SELECT 1 FROM User WHERE id = ?)";

pub(super) const DELETE_ENDED_COUNTERS: &str =
    "DELETE FROM Counter WHERE ends_at < ? ORDER BY ends_at LIMIT ?";

pub(super) const DELETE_ENDED_SUPPRESSIONS: &str =
    "DELETE FROM Suppression WHERE ends_at < ? ORDER BY ends_at LIMIT ?";

/// Binds: owner and key of each record, and the instant before which it must have expired.
pub(super) fn delete_records(places: usize) -> String {
    let pairs = vec!["(?, ?)"; places].join(", ");
    format!("DELETE FROM IdempotencyRecord WHERE (owner_id, idempotency_key) IN ({pairs}) AND expires_at < ?")
}

pub(super) const TERMS: &str = "SELECT term FROM Posting WHERE target = ?";

/// Binds: owner, kind, target and term of each posting. The values that are repeated at the end
/// change nothing.
pub(super) fn add_postings(places: usize) -> String {
    let rows = vec!["(?, ?, ?, ?)"; places].join(", ");
    format!(
        "INSERT INTO Posting (owner_id, kind, target, term) VALUES {rows} ON DUPLICATE KEY UPDATE kind = kind"
    )
}

/// Binds: the target, and its terms that go.
pub(super) fn drop_postings(places: usize) -> String {
    format!("DELETE FROM Posting WHERE target = ? AND term IN {}", list(places))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lists;

    #[test]
    fn no_list_has_more_places_than_a_statement_may() {
        let longest = [delete_records(lists::MOST), add_postings(lists::MOST), drop_postings(lists::MOST)];
        for text in longest {
            assert!(u16::try_from(text.matches('?').count()).is_ok());
        }
    }
}
