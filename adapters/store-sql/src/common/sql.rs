//! The statements in which only words of the dialect differ. Compiled once for each dialect, in its
//! module `sql`, whose macros are the words.

use gallery_core::model::JobClass;
use gallery_core::values::Shard;

use super::{
    for_update, free_for_update, greater, join, or_update, smaller, through, through_key, through_primary,
};
use crate::sql::albums::album_columns;
use crate::sql::lists::list;
use crate::sql::photos::photo_columns;
use crate::sql::users::user_columns;

/// Locks an account for the unit of work; returns whether it is marked as deleting.
pub(crate) const LOCK_ACCOUNT: &str = concat!("SELECT deleting FROM User WHERE id = ?", for_update!());

/// The same with all of it, when it is live.
pub(crate) const LOCK_LIVE_ACCOUNT: &str =
    concat!("SELECT ", user_columns!(), " FROM User u WHERE u.id = ? AND u.deleting = 0", for_update!());

/// Locks the registrations of an address, oldest first.
pub(crate) const LOCK_REGISTRATIONS_OF: &str =
    concat!("SELECT id FROM Registration WHERE email_key = ? ORDER BY created_at, id", for_update!());

/// Locks the account whose album this is. Owners never change, so that the album itself needs no
/// lock for it.
pub(crate) const LOCK_OWNER_OF_ALBUM: &str =
    concat!("SELECT id FROM User WHERE id = (SELECT owner_id FROM Album WHERE id = ?)", for_update!());

/// Locks the account whose photo this is.
pub(crate) const LOCK_OWNER_OF_PHOTO: &str =
    concat!("SELECT id FROM User WHERE id = (SELECT owner_id FROM Photo WHERE id = ?)", for_update!());

/// Locks these accounts in order of their ids.
pub(crate) fn lock_accounts(places: usize) -> String {
    format!("SELECT id FROM User WHERE id IN {} ORDER BY id{}", list(places), for_update!())
}

/// The job that is due next in a queue, locked; one that another worker is about to take is passed
/// over. The index has the order: a sort would lock all that is due. Binds: class, shard, now, now.
pub(crate) const NEXT_JOB: &str = concat!(
    "SELECT id FROM Job",
    through!("Job_by_queue"),
    " WHERE dormant = 0 AND class = ? AND shard = ? AND due_at <= ? \
     AND (leased_until IS NULL OR leased_until <= ?) ORDER BY due_at, id LIMIT 1",
    free_for_update!()
);

/// Class and shard of the queues that have such a job: one look into the index for each. The limit
/// keeps the optimizer from beginning with all jobs instead. Binds: now, now.
pub(crate) fn due_queues() -> String {
    let classes = JobClass::ALL.iter().map(|class| class.number());
    let classes = numbers("class", classes);
    let shards = numbers("shard", Shard::all().map(Shard::number));
    let job = concat!("(SELECT 1 FROM Job j", through!("Job_by_queue"));
    format!(
        "SELECT c.class, s.shard FROM ({classes}) c CROSS JOIN ({shards}) s WHERE {job} \
         WHERE j.dormant = 0 AND j.class = c.class AND j.shard = s.shard AND j.due_at <= ? \
         AND (j.leased_until IS NULL OR j.leased_until <= ?) LIMIT 1) IS NOT NULL"
    )
}

/// These numbers as a table of one column.
fn numbers(column: &str, numbers: impl Iterator<Item = u8>) -> String {
    numbers.map(|number| format!("SELECT {number} AS {column}")).collect::<Vec<_>>().join(" UNION ALL ")
}

/// Whose lease a job has. Nobody else can lease it until the unit of work ends.
pub(crate) const LOCK_LEASE: &str = concat!("SELECT lease FROM Job WHERE id = ?", for_update!());

/// Binds: name, amount, end, now, amount, amount, now, end. The value comes before the end, because
/// MySQL's assignments follow one another: it is computed with the counter's old end. Counters stop
/// at what a `u32` holds.
pub(crate) const COUNT: &str = concat!(
    "INSERT INTO Counter (name, value, ends_at) VALUES (?, ?, ?)",
    or_update!("name"),
    "value = ",
    smaller!(),
    "(4294967295, CASE WHEN ends_at < ? THEN ? ELSE value + ? END), \
     ends_at = CASE WHEN ends_at < ? THEN ? ELSE ends_at END"
);

/// Binds: address, reason, since, end, end, reason, end, since, end. The end is last, for the same
/// reason.
pub(crate) const SUPPRESS: &str = concat!(
    "INSERT INTO Suppression (address, reason, reported_at, ends_at) VALUES (?, ?, ?, ?)",
    or_update!("address"),
    "reason = CASE WHEN ends_at < ? THEN ? ELSE reason END, \
     reported_at = CASE WHEN ends_at < ? THEN ? ELSE reported_at END, \
     ends_at = ",
    greater!(),
    "(ends_at, ?)"
);

/// Binds: number, progress, progress.
pub(crate) const RECORD_UPGRADE: &str =
    concat!("INSERT INTO Upgrade (number, progress) VALUES (?, ?)", or_update!("number"), "progress = ?");

/// A list of live photos: a range of this index, read in its order, with album and owner looked up.
macro_rules! list_photos {
    ($index:literal, $page:literal, $of:literal, $order:literal) => {
        concat!(
            "SELECT ",
            photo_columns!(),
            " FROM Photo p",
            through!($index),
            join!(),
            "Album a ON a.id = p.album_id",
            join!(),
            "User u ON u.id = p.owner_id WHERE p.state = 1 AND ",
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
pub(crate) const IN_ALBUM: &str =
    list_photos!("Photo_by_album", "p.id < ?", "p.album_id = ? AND p.owner_id = ?", "p.id DESC");

/// The first condition makes the list a range of the index; the second drops its head.
pub(crate) const IN_ALBUM_BY_TAKEN: &str = list_photos!(
    "Photo_by_album_taken",
    "p.taken_order <= ? AND (p.taken_order < ? OR p.id < ?)",
    "p.album_id = ? AND p.owner_id = ?",
    "p.taken_order DESC, p.id DESC"
);

/// Binds: where the page starts, owner, how many.
pub(crate) const OF_OWNER: &str = list_photos!("Photo_by_owner", "p.id < ?", "p.owner_id = ?", "p.id DESC");

pub(crate) const OF_OWNER_BY_TAKEN: &str = list_photos!(
    "Photo_by_owner_taken",
    "p.taken_order <= ? AND (p.taken_order < ? OR p.id < ?)",
    "p.owner_id = ?",
    "p.taken_order DESC, p.id DESC"
);

/// What has a term of a range. Binds: owner, kind, the first term, what follows the last one, how
/// many.
pub(crate) const POSTINGS: &str = concat!(
    "SELECT d.target FROM Posting d",
    through_primary!(),
    " WHERE d.owner_id = ? AND d.kind = ? AND d.term >= ? AND d.term < ? LIMIT ?"
);

/// The newest of a list. Binds: whose, the id that all must be below, how many.
macro_rules! candidates {
    ($table:literal, $index:literal, $of:literal) => {
        concat!(
            "SELECT p.id FROM ",
            $table,
            " p",
            through!($index),
            " WHERE ",
            $of,
            " AND p.id < ? ORDER BY p.id DESC LIMIT ?"
        )
    };
}

pub(crate) const CANDIDATES_OF_OWNER: &str =
    candidates!("Photo", "Photo_by_owner", "p.owner_id = ? AND p.state = 1");

pub(crate) const CANDIDATES_IN_ALBUM: &str =
    candidates!("Photo", "Photo_by_album", "p.album_id = ? AND p.state = 1");

pub(crate) const CANDIDATE_ALBUMS: &str = candidates!("Album", "Album_by_owner", "p.owner_id = ?");

/// Those of these photos that are live and this owner's. Binds: the photos, the owner.
pub(crate) fn photos_of_owner(places: usize) -> String {
    const PHOTOS: &str = concat!(
        "SELECT ",
        photo_columns!(),
        " FROM Photo p",
        through_key!("Photo"),
        join!(),
        "Album a ON a.id = p.album_id",
        join!(),
        "User u ON u.id = p.owner_id WHERE p.id IN "
    );
    format!(
        "{PHOTOS}{} AND p.owner_id = ? AND p.state = 1 AND a.deleting = 0 AND u.deleting = 0",
        list(places)
    )
}

/// The same for albums.
pub(crate) fn albums_of_owner(places: usize) -> String {
    const ALBUMS: &str = concat!(
        "SELECT ",
        album_columns!(),
        " FROM Album a",
        through_key!("Album"),
        join!(),
        "User u ON u.id = a.owner_id WHERE a.id IN "
    );
    format!("{ALBUMS}{} AND a.owner_id = ? AND a.deleting = 0 AND u.deleting = 0", list(places))
}
