//! Addresses that are not written to.

/// Why, since when and until when an address is not written to, unless that has ended.
pub(crate) const IN_FORCE: &str =
    "SELECT reason, reported_at, ends_at FROM Suppression WHERE address = ? AND ends_at >= ?";

pub(crate) const LIFT: &str = "DELETE FROM Suppression WHERE address = ?";
