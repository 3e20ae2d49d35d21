//! The statements in the dialect that MySQL 8 and MariaDB have in common, where it differs from SQLite's: locks,
//! upserts, and lists of values, which are put together here from constants and placeholders.
//!
//! Neither `RETURNING` nor `VALUES … AS new` nor `JSON_TABLE`: only one of the two takes each, or takes it so.

use crate::sql::albums::album_columns;
use crate::sql::photos::photo_columns;
use crate::sql::users::user_columns;

/// Whether the server, and its storage engine, are read-only, and whether our tables are there.
pub(super) const STATE: &str = "SELECT CAST(@@read_only AS CHAR), CAST(@@innodb_read_only AS CHAR), \
     EXISTS (SELECT 1 FROM User WHERE id = ?)";

/// Locks an account for the unit of work; answers whether it is marked as deleting.
pub(super) const LOCK_ACCOUNT: &str = "SELECT deleting FROM User WHERE id = ? FOR UPDATE";

/// The same with all of it, when it is live.
pub(super) const LOCK_LIVE_ACCOUNT: &str =
    concat!("SELECT ", user_columns!(), " FROM User u WHERE u.id = ? AND u.deleting = 0 FOR UPDATE");

/// Locks the account whose album this is. Owners never change, so that the album itself needs no lock for it.
pub(super) const LOCK_OWNER_OF_ALBUM: &str =
    "SELECT id FROM User WHERE id = (SELECT owner_id FROM Album WHERE id = ?) FOR UPDATE";

/// Locks the account whose photo this is.
pub(super) const LOCK_OWNER_OF_PHOTO: &str =
    "SELECT id FROM User WHERE id = (SELECT owner_id FROM Photo WHERE id = ?) FOR UPDATE";

pub(super) const ID_BY_EMAIL: &str = "SELECT id FROM User WHERE email_key = ?";

pub(super) const START_SESSION: &str = "INSERT INTO Session \
     (id, user_id, created_at, last_seen_at, ends_at, user_agent) VALUES (?, ?, ?, ?, ?, ?)";

pub(super) const ADD_TOKEN: &str =
    "INSERT INTO SessionToken (hash, session_id, issued_at, expires_at) VALUES (?, ?, ?, ?)";

pub(super) const EXPIRED_TOKENS: &str = "SELECT t.hash, t.session_id, s.user_id FROM SessionToken t \
     JOIN Session s ON s.id = t.session_id WHERE t.expires_at < ? ORDER BY t.expires_at LIMIT ?";

pub(super) const ENQUEUE: &str =
    "INSERT INTO Job (id, kind, user_id, is_deletion, due_at, body) VALUES (?, ?, ?, ?, ?, ?)";

/// The job that is due next, locked; one that another worker is about to take is passed over. The index has the order:
/// a sort would lock all that is due.
pub(super) const NEXT_JOB: &str = "SELECT id FROM Job FORCE INDEX (Job_by_due) \
     WHERE dormant = 0 AND due_at <= ? AND (leased_until IS NULL OR leased_until <= ?) \
     ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED";

pub(super) const TAKE_JOB: &str = "UPDATE Job SET lease = ?, leased_until = ? WHERE id = ?";

pub(super) const LOCK_LEASE: &str = "SELECT lease FROM Job WHERE id = ? FOR UPDATE";

pub(super) const JOBS_OF_USER_BUT: &str = "SELECT id FROM Job WHERE user_id = ? AND id <> ?";

pub(super) const MAILS_OF_USER: &str = "SELECT id FROM Job WHERE user_id = ? AND kind = 'send_mail'";

/// Binds: name, amount, end, now, amount, amount, now, end. Assignments follow one another, so that the value is
/// computed with the counter's old end. Counters stop at what a `u32` holds.
pub(super) const COUNT: &str = "INSERT INTO Counter (name, value, ends_at) VALUES (?, ?, ?) \
     ON DUPLICATE KEY UPDATE \
     value = LEAST(4294967295, CASE WHEN ends_at < ? THEN ? ELSE value + ? END), \
     ends_at = CASE WHEN ends_at < ? THEN ? ELSE ends_at END";

/// A counter's value, within the unit of work that counted.
pub(super) const COUNTED: &str = "SELECT value FROM Counter WHERE name = ?";

pub(super) const DELETE_ENDED_COUNTERS: &str =
    "DELETE FROM Counter WHERE ends_at < ? ORDER BY ends_at LIMIT ?";

/// Binds: address, reason, since, end, end, reason, end, since, end. Assignments follow one another: the end is last.
pub(super) const SUPPRESS: &str = "INSERT INTO Suppression (address, reason, reported_at, ends_at) \
     VALUES (?, ?, ?, ?) ON DUPLICATE KEY UPDATE reason = IF(ends_at < ?, ?, reason), \
     reported_at = IF(ends_at < ?, ?, reported_at), ends_at = GREATEST(ends_at, ?)";

pub(super) const DELETE_ENDED_SUPPRESSIONS: &str =
    "DELETE FROM Suppression WHERE ends_at < ? ORDER BY ends_at LIMIT ?";

pub(super) const EXPIRED_RECORDS: &str = "SELECT owner_id, idempotency_key FROM IdempotencyRecord \
     WHERE expires_at < ? ORDER BY expires_at LIMIT ?";

pub(super) const TERMS: &str = "SELECT term FROM Posting WHERE target = ?";

/// A list of live photos: a range of this index, read in its order, with album and owner looked up. The optimizer would
/// take another index that begins alike, and sort.
macro_rules! list_photos {
    ($index:literal, $page:literal, $of:literal, $order:literal) => {
        concat!(
            "SELECT ",
            photo_columns!(),
            " FROM Photo p FORCE INDEX (",
            $index,
            ") STRAIGHT_JOIN Album a ON a.id = p.album_id STRAIGHT_JOIN User u ON u.id = p.owner_id \
             WHERE p.state = 1 AND ",
            $page,
            " AND ",
            $of,
            " AND a.deleting = 0 AND u.deleting = 0 ORDER BY ",
            $order,
            " LIMIT ?"
        )
    };
}

/// Binds: where the page starts, album, owner, how many.
pub(super) const IN_ALBUM: &str =
    list_photos!("Photo_by_album", "p.id < ?", "p.album_id = ? AND p.owner_id = ?", "p.id DESC");

/// The first condition makes the list a range of the index; the second drops its head.
pub(super) const IN_ALBUM_BY_TAKEN: &str = list_photos!(
    "Photo_by_album_taken",
    "p.taken_order <= ? AND (p.taken_order < ? OR p.id < ?)",
    "p.album_id = ? AND p.owner_id = ?",
    "p.taken_order DESC, p.id DESC"
);

/// Binds: where the page starts, owner, how many.
pub(super) const OF_OWNER: &str = list_photos!("Photo_by_owner", "p.id < ?", "p.owner_id = ?", "p.id DESC");

pub(super) const OF_OWNER_BY_TAKEN: &str = list_photos!(
    "Photo_by_owner_taken",
    "p.taken_order <= ? AND (p.taken_order < ? OR p.id < ?)",
    "p.owner_id = ?",
    "p.taken_order DESC, p.id DESC"
);

/// How many values a statement for this many takes: the next power of two, so that there are few different
/// statements to prepare. The last value is repeated in the places that are left.
pub(super) fn places(values: usize) -> usize {
    values.next_power_of_two()
}

/// `(?, ?, …)` for this many values.
fn list(places: usize) -> String {
    format!("({})", vec!["?"; places].join(", "))
}

/// Locks these accounts in order of their ids.
pub(super) fn lock_accounts(places: usize) -> String {
    format!("SELECT id FROM User WHERE id IN {} ORDER BY id FOR UPDATE", list(places))
}

/// The accounts whose photos these are.
pub(super) fn owners_of_photos(places: usize) -> String {
    format!("SELECT DISTINCT owner_id FROM Photo WHERE id IN {}", list(places))
}

pub(super) fn delete_jobs(places: usize) -> String {
    format!("DELETE FROM Job WHERE id IN {}", list(places))
}

pub(super) fn delete_tokens(places: usize) -> String {
    format!("DELETE FROM SessionToken WHERE hash IN {}", list(places))
}

pub(super) fn delete_sessions_without_token(places: usize) -> String {
    format!(
        "DELETE FROM Session WHERE id IN {} AND NOT EXISTS \
         (SELECT 1 FROM SessionToken t WHERE t.session_id = Session.id)",
        list(places)
    )
}

/// Binds: owner and key of each record.
pub(super) fn delete_records(places: usize) -> String {
    let pairs = vec!["(?, ?)"; places].join(", ");
    format!("DELETE FROM IdempotencyRecord WHERE (owner_id, idempotency_key) IN ({pairs})")
}

/// Binds: owner, kind, target and term of each posting. The values that are repeated at the end change nothing.
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

/// What one word finds, newest first, and what is checked of it before the page is full. The derived table is read
/// first, as a range of the primary key: what the other tables hold is looked up for what it finds only.
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

/// Binds: owner, the word, what follows every term that starts with it, the id that all must be below; the same
/// two of every other word; the album, if in one; how many.
pub(super) fn search_photos(other_words: usize, in_album: bool) -> String {
    let album = if in_album { " AND p.album_id = ?" } else { "" };
    format!("{FOUND_PHOTOS}{}{album} ORDER BY f.target DESC LIMIT ?", other_words_match(other_words))
}

/// Binds as [`search_photos`] does.
pub(super) fn search_albums(other_words: usize) -> String {
    format!("{FOUND_ALBUMS}{} ORDER BY f.target DESC LIMIT ?", other_words_match(other_words))
}

/// A limit keeps the optimizer from looking for a word in everybody's terms first.
fn other_words_match(words: usize) -> String {
    " AND (SELECT 1 FROM Posting o WHERE o.target = f.target AND o.term >= ? AND o.term < ? LIMIT 1) IS NOT NULL"
        .repeat(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_values_come_in_few_lengths() {
        assert_eq!((1..=512).map(places).collect::<std::collections::BTreeSet<_>>().len(), 10);
        assert_eq!((places(1), places(3), places(500)), (1, 4, 512));
        assert_eq!(delete_jobs(2), "DELETE FROM Job WHERE id IN (?, ?)");
    }

    #[test]
    fn every_word_is_one_more_condition() {
        for words in 0..16 {
            assert_eq!(search_photos(words, false).matches('?').count(), 5 + 2 * words);
            assert_eq!(search_photos(words, true).matches('?').count(), 6 + 2 * words);
            assert_eq!(search_albums(words).matches('?').count(), 5 + 2 * words);
        }
    }
}
