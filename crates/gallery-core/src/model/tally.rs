//! What a deletion counts. Plain data.

use serde::{Deserialize, Serialize};

/// What a deletion has removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Albums.
    pub albums: u64,
    /// Photos that were ready.
    pub photos: u64,
    /// Objects in the blob store.
    pub objects: u64,
    /// Bytes of the photos' originals.
    pub bytes: u64,
}
