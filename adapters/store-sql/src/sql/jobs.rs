//! The queue.

/// The columns of `rows::JobRow`.
macro_rules! job_columns {
    () => {
        "id, body, due_at, leased_until, failures, last_error, parked, \
         tally_albums, tally_photos, tally_objects, tally_bytes, shard"
    };
}

pub(crate) const ENQUEUE: &str = "INSERT INTO Job (id, kind, user_id, is_deletion, class, shard, due_at, body) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

pub(crate) const TAKE: &str = "UPDATE Job SET lease = ?, leased_until = ? WHERE id = ?";

pub(crate) const EXTEND: &str = "UPDATE Job SET leased_until = ? WHERE id = ? AND lease = ?";

pub(crate) const DELETE: &str = "DELETE FROM Job WHERE id = ?";

/// A failure is counted with its reason; without one, both start again. A parked deletion is not
/// dormant.
pub(crate) const POSTPONE: &str = "UPDATE Job SET lease = NULL, leased_until = NULL, due_at = ?, parked = ?, \
     dormant = (? AND NOT is_deletion), failures = CASE WHEN ? IS NULL THEN 0 ELSE failures + 1 END, last_error = ? WHERE id = ?";

pub(crate) const BY_ID: &str = concat!("SELECT ", job_columns!(), " FROM Job WHERE id = ?");

pub(crate) const LIST: &str =
    concat!("SELECT ", job_columns!(), " FROM Job WHERE id > ? ORDER BY id LIMIT ?");

pub(crate) const RESUME: &str =
    "UPDATE Job SET parked = 0, dormant = 0, failures = 0, due_at = ? WHERE id = ?";

/// Adds to what a deletion has removed: albums, photos, objects, bytes.
pub(crate) const ADD_TALLY: &str = "UPDATE Job SET tally_albums = tally_albums + ?, tally_photos = tally_photos + ?, \
     tally_objects = tally_objects + ?, tally_bytes = tally_bytes + ? WHERE id = ?";

pub(crate) const OF_USER_BUT: &str = "SELECT id FROM Job WHERE user_id = ? AND id <> ?";

pub(crate) const MAILS_OF_USER: &str = "SELECT id FROM Job WHERE user_id = ? AND kind = 'send_mail'";
