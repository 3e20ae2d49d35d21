//! The dialect that MySQL 8 and MariaDB have in common: its words for the statements of
//! `common/sql.rs`, and the statements that are its own. Their counterparts are in `sqlite::sql`.
//!
//! Neither `RETURNING` nor `VALUES … AS new` nor `JSON_TABLE`: only one of the two takes each, or
//! takes it so.

use crate::sql::albums::album_columns;
use crate::sql::lists::list;
use crate::sql::photos::photo_columns;

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

use {for_update, free_for_update, greater, join, or_update, smaller, through};

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

/// What one word finds, newest first, and what is checked of it before the page is full. The
/// derived table is read first, as a range of the primary key: what the other tables hold is looked
/// up for what it finds only.
macro_rules! search {
    ($columns:expr, $kind:literal, $joins:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM (SELECT DISTINCT d.target FROM Posting d FORCE INDEX (PRIMARY) \
             WHERE d.owner_id = ? AND d.kind = ",
            $kind,
            " AND d.term >= ? AND d.term < ? AND d.target < ?) f STRAIGHT_JOIN ",
            $joins,
            " WHERE a.deleting = 0 AND u.deleting = 0"
        )
    };
}

const FOUND_PHOTOS: &str = search!(
    photo_columns!(),
    1,
    "Photo p ON p.id = f.target AND p.state = 1 \
     STRAIGHT_JOIN Album a ON a.id = p.album_id STRAIGHT_JOIN User u ON u.id = p.owner_id"
);

const FOUND_ALBUMS: &str =
    search!(album_columns!(), 0, "Album a ON a.id = f.target STRAIGHT_JOIN User u ON u.id = a.owner_id");

/// Binds: owner, the word, what follows every term that starts with it, the id that all must be
/// below; the same two of every other word; the album, if in one; how many.
pub(super) fn search_photos(other_words: usize, in_album: bool) -> String {
    let album = if in_album { " AND p.album_id = ?" } else { "" };
    let matching = words_match(other_words, "f.target");
    format!("{FOUND_PHOTOS}{matching}{album} ORDER BY f.target DESC LIMIT ?")
}

/// Binds as [`search_photos`] does.
pub(super) fn search_albums(other_words: usize) -> String {
    format!("{FOUND_ALBUMS}{} ORDER BY f.target DESC LIMIT ?", words_match(other_words, "f.target"))
}

/// What a page looks through, as in `common/sql.rs`. Binds after that: every word with what follows
/// the terms that start with it, how many.
pub(super) fn walk_photos(words: usize, in_album: bool) -> String {
    let walk = if in_album { WALK_PHOTOS_IN_ALBUM } else { WALK_PHOTOS };
    format!("{walk}{} ORDER BY p.id DESC LIMIT ?", words_match(words, "p.id"))
}

/// The same for albums.
pub(super) fn walk_albums(words: usize) -> String {
    format!("{WALK_ALBUMS}{} ORDER BY a.id DESC LIMIT ?", words_match(words, "a.id"))
}

/// A limit keeps the optimizer from looking for a word in everybody's terms first.
fn words_match(words: usize, target: &str) -> String {
    format!(
        " AND (SELECT 1 FROM Posting o WHERE o.target = {target} AND o.term >= ? AND o.term < ? LIMIT 1) IS NOT NULL"
    )
    .repeat(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lists;

    #[test]
    fn every_word_is_one_more_condition() {
        for words in 0..16 {
            assert_eq!(search_photos(words, false).matches('?').count(), 5 + 2 * words);
            assert_eq!(search_photos(words, true).matches('?').count(), 6 + 2 * words);
            assert_eq!(search_albums(words).matches('?').count(), 5 + 2 * words);
            assert_eq!(walk_photos(words, false).matches('?').count(), 4 + 2 * words);
            assert_eq!(walk_photos(words, true).matches('?').count(), 5 + 2 * words);
            assert_eq!(walk_albums(words).matches('?').count(), 4 + 2 * words);
        }
    }

    #[test]
    fn no_list_has_more_places_than_a_statement_may() {
        let longest = [delete_records(lists::MOST), add_postings(lists::MOST), drop_postings(lists::MOST)];
        for text in longest {
            assert!(u16::try_from(text.matches('?').count()).is_ok());
        }
    }
}
