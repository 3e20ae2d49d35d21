//! Counters against abuse.

/// The value of a counter that has not ended.
pub(crate) const RUNNING: &str = "SELECT value FROM Counter WHERE name = ? AND ends_at >= ?";
