//! Albums and idempotency records.

/// The columns of `rows::AlbumRow`.
macro_rules! album_columns {
    () => {
        "a.id, a.owner_id, a.name, a.description, a.cover, a.photo_count, a.created_at, a.updated_at, a.version"
    };
}
pub(crate) use album_columns;

pub(crate) const INSERT: &str = "INSERT INTO Album (id, owner_id, version, bytes, created_at, updated_at, name, description) \
     VALUES (?, ?, 1, ?, ?, ?, ?, ?)";

pub(crate) const LIVE: &str = concat!(
    "SELECT ",
    album_columns!(),
    " FROM Album a JOIN User u ON u.id = a.owner_id WHERE a.id = ? AND a.deleting = 0 AND u.deleting = 0"
);

/// Returns one row when the album is live and this owner's.
pub(crate) const IS_LIVE_OF: &str = "SELECT 1 FROM Album a JOIN User u ON u.id = a.owner_id \
     WHERE a.id = ? AND a.owner_id = ? AND a.deleting = 0 AND u.deleting = 0";

pub(crate) const OF_OWNER: &str = concat!(
    "SELECT ",
    album_columns!(),
    " FROM Album a JOIN User u ON u.id = a.owner_id \
     WHERE a.owner_id = ? AND a.id < ? AND a.deleting = 0 AND u.deleting = 0 ORDER BY a.id DESC LIMIT ?"
);

pub(crate) const UPDATE: &str =
    "UPDATE Album SET version = version + 1, updated_at = ?, name = ?, description = ? WHERE id = ?";

pub(crate) const SET_COVER: &str = "UPDATE Album SET cover = ? WHERE id = ?";

/// The newest ready photo becomes the cover.
pub(crate) const SET_NEWEST_COVER: &str = "UPDATE Album SET cover = (SELECT MAX(p.id) FROM Photo p \
     WHERE p.album_id = Album.id AND p.state = 1) WHERE id = ?";

/// The newest ready photo becomes the cover of an album that this photo, the cover so far, has
/// left.
pub(crate) const REPLACE_COVER: &str = "UPDATE Album SET cover = (SELECT MAX(p.id) FROM Photo p \
     WHERE p.album_id = Album.id AND p.state = 1) WHERE id = ? AND cover = ?";

/// Adds to what the album holds — ready photos, bytes — and gives an album without a cover this
/// one.
pub(crate) const ADD_PHOTO: &str = "UPDATE Album SET photo_count = photo_count + ?, bytes = bytes + ?, \
     cover = COALESCE(cover, ?) WHERE id = ?";

/// Adds to what the album holds: ready photos, bytes.
pub(crate) const ADD_CONTENT: &str =
    "UPDATE Album SET photo_count = photo_count + ?, bytes = bytes + ? WHERE id = ?";

/// What a live album adds to whose usage.
pub(crate) const CONTENT: &str = "SELECT a.owner_id, a.photo_count, a.bytes FROM Album a \
     JOIN User u ON u.id = a.owner_id WHERE a.id = ? AND a.deleting = 0 AND u.deleting = 0";

pub(crate) const MARK: &str = "UPDATE Album SET deleting = 1 WHERE id = ?";

pub(crate) const IN_ANY_STATE: &str = "SELECT id FROM Album WHERE owner_id = ? ORDER BY id LIMIT ?";

/// Whether the album or its owner is marked, and whether a photo is left in it.
pub(crate) const LEFT_OVER: &str = "SELECT a.deleting OR u.deleting, \
     EXISTS (SELECT 1 FROM Photo p WHERE p.album_id = a.id) \
     FROM Album a JOIN User u ON u.id = a.owner_id WHERE a.id = ?";

pub(crate) const DELETE: &str = "DELETE FROM Album WHERE id = ?";

pub(crate) const DELETE_POSTINGS: &str = "DELETE FROM Posting WHERE target = ?";

pub(crate) const INSERT_RECORD: &str = "INSERT INTO IdempotencyRecord \
     (owner_id, idempotency_key, resource, fingerprint, expires_at) VALUES (?, ?, ?, ?, ?)";

pub(crate) const RECORD: &str = "SELECT r.resource, r.fingerprint, r.expires_at FROM IdempotencyRecord r \
     JOIN User u ON u.id = r.owner_id \
     WHERE r.owner_id = ? AND r.idempotency_key = ? AND r.expires_at >= ? AND u.deleting = 0";

pub(crate) const DELETE_EXPIRED_RECORD: &str =
    "DELETE FROM IdempotencyRecord WHERE owner_id = ? AND idempotency_key = ? AND expires_at < ?";

pub(crate) const SET_FINGERPRINT: &str = "UPDATE IdempotencyRecord SET fingerprint = ? WHERE resource = ?";

pub(crate) const EXPIRED_RECORDS: &str = "SELECT owner_id, idempotency_key FROM IdempotencyRecord \
     WHERE expires_at < ? ORDER BY expires_at LIMIT ?";

pub(crate) const DELETE_RECORDS_OF_RESOURCE: &str = "DELETE FROM IdempotencyRecord WHERE resource = ?";

pub(crate) const DELETE_RECORDS_OF_OWNER: &str = "DELETE FROM IdempotencyRecord WHERE owner_id = ?";
