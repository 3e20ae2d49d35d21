//! Upgrades of what a release before has written.

pub(crate) const PROGRESS: &str = "SELECT progress FROM Upgrade WHERE number = ?";

/// What the photos of an album count that are not marked, in bytes.
pub(crate) const COUNTED_IN_ALBUM: &str =
    "SELECT CAST(COALESCE(SUM(bytes), 0) AS SIGNED) FROM Photo WHERE album_id = ? AND state <> 2";
