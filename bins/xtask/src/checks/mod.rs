//! Rules of the house that no other tool checks.

pub mod dependencies;
pub mod length;
pub mod snapshots;
