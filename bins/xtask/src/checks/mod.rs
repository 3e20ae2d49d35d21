//! Rules of the house that no other tool checks.

pub mod circles;
pub mod dependencies;
pub mod features;
pub mod length;
pub mod manifests;
pub mod snapshots;
