//! SQLite's dialect: its words for the statements of `common/sql.rs`, and the statements that are
//! its own: JSON table functions, and deleting a limited number of rows. Their counterparts are in
//! `mysql::sql`.

use crate::sql::albums::album_columns;
use crate::sql::photos::photo_columns;

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

macro_rules! join {
    () => {
        " JOIN "
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

use {for_update, free_for_update, greater, join, or_update, smaller, through};

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

/// The targets that one word finds: a range of the primary key. Binds: owner, the word, what
/// follows every term that starts with it, the id that all must be below.
macro_rules! found_by_one_word {
    ($kind:literal) => {
        concat!(
            " IN (SELECT d.target FROM Posting d WHERE d.owner_id = ? AND d.kind = ",
            $kind,
            " AND d.term >= ? AND d.term < ? AND d.target < ?) "
        )
    };
}

/// None of the words is without a term that starts with it. Binds: the words as a JSON array of
/// ranges.
macro_rules! has_the_words {
    ($target:literal) => {
        concat!(
            "AND NOT EXISTS (SELECT 1 FROM json_each(?) w WHERE NOT EXISTS (SELECT 1 FROM Posting o \
             WHERE o.target = ",
            $target,
            " AND o.term >= w.value ->> 0 AND o.term < w.value ->> 1)) "
        )
    };
}

macro_rules! search_photos {
    ($album:literal) => {
        concat!(
            "SELECT ",
            photo_columns!(),
            " FROM Photo p JOIN Album a ON a.id = p.album_id JOIN User u ON u.id = p.owner_id WHERE p.id",
            found_by_one_word!(1),
            "AND p.state = 1 AND a.deleting = 0 AND u.deleting = 0 ",
            has_the_words!("p.id"),
            $album,
            "ORDER BY p.id DESC LIMIT ?"
        )
    };
}

pub(super) const SEARCH_PHOTOS: &str = search_photos!("");

pub(super) const SEARCH_PHOTOS_IN_ALBUM: &str = search_photos!("AND p.album_id = ? ");

pub(super) const SEARCH_ALBUMS: &str = concat!(
    "SELECT ",
    album_columns!(),
    " FROM Album a JOIN User u ON u.id = a.owner_id WHERE a.id",
    found_by_one_word!(0),
    "AND a.deleting = 0 AND u.deleting = 0 ",
    has_the_words!("a.id"),
    "ORDER BY a.id DESC LIMIT ?"
);

/// What a page looks through, as in `common/sql.rs`. Binds after that: the words as a JSON array of
/// ranges, how many.
pub(super) fn walk_photos(in_album: bool) -> String {
    const MATCHING: &str = has_the_words!("p.id");
    let walk = if in_album { WALK_PHOTOS_IN_ALBUM } else { WALK_PHOTOS };
    format!("{walk}{MATCHING}ORDER BY p.id DESC LIMIT ?")
}

/// The same for albums.
pub(super) fn walk_albums() -> String {
    const MATCHING: &str = has_the_words!("a.id");
    format!("{WALK_ALBUMS}{MATCHING}ORDER BY a.id DESC LIMIT ?")
}
