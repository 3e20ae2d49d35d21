//! Photos. In `Photo.state`, 0 is pending, 1 ready, 2 deleting (see `rows`).

/// The columns of `rows::PhotoRow` that a list reads.
macro_rules! photo_columns {
    () => {
        "p.id, p.album_id, p.owner_id, p.version, p.created_at, p.updated_at, p.fingerprint, p.title, \
         p.description, p.tags, p.file_name, p.taken_override, p.damaged, p.image, p.objects"
    };
}
pub(crate) use photo_columns;

/// The columns of `rows::StoredPhotoRow`.
macro_rules! stored_photo_columns {
    () => {
        "p.id, p.album_id, p.owner_id, p.state, p.bytes, p.generation, p.objects"
    };
}
pub(crate) use stored_photo_columns;

/// A photo with its album and owner, none of them marked.
macro_rules! unmarked_photo {
    () => {
        " FROM Photo p JOIN Album a ON a.id = p.album_id JOIN User u ON u.id = p.owner_id \
         WHERE a.deleting = 0 AND u.deleting = 0 AND p.state <> 2 "
    };
}

/// Returns one row when there is a photo of this id: what it counts, in bytes.
pub(crate) const BYTES: &str = "SELECT bytes FROM Photo WHERE id = ?";

pub(crate) const INSERT: &str = "INSERT INTO Photo \
     (id, album_id, owner_id, state, bytes, deadline, version, created_at, updated_at, taken_order, generation) \
     VALUES (?, ?, ?, 0, ?, ?, 1, ?, ?, ?, ?)";

pub(crate) const LIVE: &str =
    concat!("SELECT ", photo_columns!(), ", p.exif", unmarked_photo!(), "AND p.id = ? AND p.state = 1");

/// A pending or ready photo in a live album, as far as changes of it need it.
pub(crate) const UNMARKED: &str = concat!(
    "SELECT ",
    stored_photo_columns!(),
    ", p.deadline, p.created_at, p.version, p.taken_override",
    unmarked_photo!(),
    "AND p.id = ?"
);

pub(crate) const SET_DEADLINE: &str = "UPDATE Photo SET deadline = ? WHERE id = ?";

pub(crate) const PUBLISH: &str = "UPDATE Photo SET state = 1, deadline = NULL, bytes = ?, taken_order = ?, \
     fingerprint = ?, title = ?, description = ?, tags = ?, file_name = ?, taken_override = ?, damaged = ?, \
     image = ?, objects = ?, exif = ? \
     WHERE id = ?";

pub(crate) const UPDATE: &str = "UPDATE Photo SET version = version + 1, updated_at = ?, title = ?, \
     description = ?, tags = ?, taken_override = ?, taken_order = ?, album_id = ? WHERE id = ?";

pub(crate) const SET_BYTES: &str = "UPDATE Photo SET bytes = ? WHERE id = ?";

pub(crate) const SET_GENERATION: &str = "UPDATE Photo SET generation = ? WHERE id = ?";

/// The owner's last change stays the last one.
pub(crate) const REPLACE_RENDITIONS: &str = "UPDATE Photo SET version = version + 1, bytes = ?, taken_order = ?, damaged = ?, \
     image = ?, objects = ?, exif = ? WHERE id = ?";

pub(crate) const MARK: &str = "UPDATE Photo SET state = 2, deadline = NULL WHERE id = ?";

/// Returns one row when this is a ready photo of the album.
pub(crate) const IS_READY_IN: &str = "SELECT 1 FROM Photo WHERE id = ? AND album_id = ? AND state = 1";

pub(crate) const IN_ANY_STATE: &str =
    concat!("SELECT ", stored_photo_columns!(), " FROM Photo p WHERE p.id = ?");

/// The index has an album's photos by state; the order is its own.
pub(crate) const IN_ALBUM_IN_ANY_STATE: &str = concat!(
    "SELECT ",
    stored_photo_columns!(),
    " FROM Photo p WHERE p.album_id = ? ORDER BY p.state, p.id LIMIT ?"
);

pub(crate) const OVERDUE: &str = concat!(
    "SELECT ",
    stored_photo_columns!(),
    unmarked_photo!(),
    "AND p.state = 0 AND p.deadline < ? ORDER BY p.deadline LIMIT ?"
);

/// A photo that is marked, or lies under a mark: its objects, and whether it was ever ready.
pub(crate) const REMOVABLE: &str = "SELECT p.objects, p.image IS NOT NULL FROM Photo p \
     JOIN Album a ON a.id = p.album_id JOIN User u ON u.id = p.owner_id \
     WHERE p.id = ? AND (p.state = 2 OR a.deleting = 1 OR u.deleting = 1)";

pub(crate) const DELETE: &str = "DELETE FROM Photo WHERE id = ?";
