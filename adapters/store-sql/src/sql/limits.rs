//! Counters against abuse.

/// The value of a counter that has not ended.
pub(crate) const RUNNING: &str = "SELECT value FROM Counter WHERE name = ? AND ends_at >= ?";

/// Takes 1 back from a counter that has not ended.
pub(crate) const GIVE_BACK: &str =
    "UPDATE Counter SET value = value - 1 WHERE name = ? AND ends_at >= ? AND value > 0";

/// A counter's value, within the unit of work that counted.
pub(crate) const COUNTED: &str = "SELECT value FROM Counter WHERE name = ?";
