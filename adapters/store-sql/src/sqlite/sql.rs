//! The statements that only SQLite takes as they are: upserts, `RETURNING`, JSON table functions, deleting a limited
//! number of rows, and lists, whose plans MySQL's optimizer has to be told. Their counterparts are in `mysql::sql`.

use crate::sql::albums::album_columns;
use crate::sql::jobs::job_columns;
use crate::sql::photos::photo_columns;

/// An album, if it is live and the owner's, with its photos: no row without the album, and one whose photo
/// is NULL without photos. The one statement answers both questions.
macro_rules! in_live_album {
    ($photos:literal, $order:literal) => {
        concat!(
            "SELECT ",
            photo_columns!(),
            " FROM Album a JOIN User u ON u.id = a.owner_id \
             LEFT JOIN Photo p ON p.album_id = a.id AND p.state = 1 AND ",
            $photos,
            " WHERE a.id = ? AND a.owner_id = ? AND a.deleting = 0 AND u.deleting = 0 ORDER BY ",
            $order,
            " LIMIT ?"
        )
    };
}

/// The owner's live photos over all albums.
macro_rules! of_live_owner {
    ($photos:literal, $order:literal) => {
        concat!(
            "SELECT ",
            photo_columns!(),
            " FROM Photo p JOIN Album a ON a.id = p.album_id JOIN User u ON u.id = p.owner_id \
             WHERE p.owner_id = ? AND p.state = 1 AND ",
            $photos,
            " AND a.deleting = 0 AND u.deleting = 0 ORDER BY ",
            $order,
            " LIMIT ?"
        )
    };
}

pub(super) const IN_ALBUM: &str = in_live_album!("p.id < ?", "p.id DESC");

/// The first condition makes the list a range of the index; the second drops its head.
pub(super) const IN_ALBUM_BY_TAKEN: &str =
    in_live_album!("p.taken_order <= ? AND (p.taken_order < ? OR p.id < ?)", "p.taken_order DESC, p.id DESC");

pub(super) const OF_OWNER: &str = of_live_owner!("p.id < ?", "p.id DESC");

pub(super) const OF_OWNER_BY_TAKEN: &str =
    of_live_owner!("p.taken_order <= ? AND (p.taken_order < ? OR p.id < ?)", "p.taken_order DESC, p.id DESC");

pub(super) const START_SESSION: &str = "INSERT INTO Session \
     (id, user_id, created_at, last_seen_at, ends_at, user_agent) VALUES (?, ?, ?, ?, ?, ?) \
     ON CONFLICT (id) DO NOTHING";

pub(super) const ADD_TOKEN: &str =
    "INSERT INTO SessionToken (hash, session_id, issued_at, expires_at) VALUES (?, ?, ?, ?)";

pub(super) const ENQUEUE: &str = "INSERT INTO Job (id, kind, user_id, is_deletion, due_at, body) VALUES (?, ?, ?, ?, ?, ?) \
     ON CONFLICT (id) DO NOTHING";

/// Whoever updates the row first has the job: the statement is atomic, and writers exclude each other.
pub(super) const LEASE_JOB: &str = concat!(
    "UPDATE Job SET lease = ?, leased_until = ? WHERE id = (SELECT id FROM Job \
     WHERE dormant = 0 AND due_at <= ? AND (leased_until IS NULL OR leased_until <= ?) \
     ORDER BY due_at, id LIMIT 1) RETURNING ",
    job_columns!()
);

/// Binds: name, amount, end, now, now. Counters stop at what a `u32` holds.
pub(super) const COUNT: &str = "INSERT INTO Counter (name, value, ends_at) VALUES (?, ?, ?) \
     ON CONFLICT (name) DO UPDATE SET \
     value = MIN(4294967295, CASE WHEN ends_at < ? THEN excluded.value ELSE value + excluded.value END), \
     ends_at = CASE WHEN ends_at < ? THEN excluded.ends_at ELSE ends_at END \
     RETURNING value";

pub(super) const DELETE_ENDED_COUNTERS: &str = "DELETE FROM Counter WHERE name IN \
     (SELECT name FROM Counter WHERE ends_at < ? ORDER BY ends_at LIMIT ?)";

/// Binds: address, reason, since, end.
pub(super) const SUPPRESS: &str = "INSERT INTO Suppression (address, reason, reported_at, ends_at) \
     VALUES (?, ?, ?, ?) ON CONFLICT (address) DO UPDATE SET reason = excluded.reason, \
     reported_at = excluded.reported_at, ends_at = excluded.ends_at WHERE excluded.ends_at > ends_at";

pub(super) const DELETE_ENDED_SUPPRESSIONS: &str = "DELETE FROM Suppression WHERE address IN \
     (SELECT address FROM Suppression WHERE ends_at < ? ORDER BY ends_at LIMIT ?)";

pub(super) const DELETE_EXPIRED_RECORDS: &str = "DELETE FROM IdempotencyRecord \
     WHERE (owner_id, idempotency_key) IN \
     (SELECT owner_id, idempotency_key FROM IdempotencyRecord WHERE expires_at < ? ORDER BY expires_at LIMIT ?)";

/// Binds: owner, kind, target, and the terms as a JSON array. Terms that are there stay as they are.
pub(super) const ADD_POSTINGS: &str = "INSERT INTO Posting (owner_id, kind, target, term) \
     SELECT ?, ?, ?, t.value FROM json_each(?) t WHERE true ON CONFLICT DO NOTHING";

/// Binds: target, and the terms that stay as a JSON array.
pub(super) const DROP_OTHER_POSTINGS: &str =
    "DELETE FROM Posting WHERE target = ? AND term NOT IN (SELECT t.value FROM json_each(?) t)";

/// The targets that one word finds: a range of the primary key. Binds: owner, the word, what follows every
/// term that starts with it, the id that all must be below.
macro_rules! found_by_one_word {
    ($kind:literal) => {
        concat!(
            " IN (SELECT d.target FROM Posting d WHERE d.owner_id = ? AND d.kind = ",
            $kind,
            " AND d.term >= ? AND d.term < ? AND d.target < ?) "
        )
    };
}

/// No other word is without a term that starts with it. Binds: the words as a JSON array of ranges.
macro_rules! has_the_other_words {
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
            has_the_other_words!("p.id"),
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
    has_the_other_words!("a.id"),
    "ORDER BY a.id DESC LIMIT ?"
);
