//! Counters against abuse.

/// The values of those of two counters that have not ended.
pub(crate) const RUNNING_OF_TWO: &str =
    "SELECT name, value FROM Counter WHERE name IN (?, ?) AND ends_at >= ?";

/// The value of a counter that has not ended.
pub(crate) const RUNNING: &str = "SELECT value FROM Counter WHERE name = ? AND ends_at >= ?";

/// A counter's value, within the unit of work that counted.
pub(crate) const COUNTED: &str = "SELECT value FROM Counter WHERE name = ?";
