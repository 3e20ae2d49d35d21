//! What is in each kind of item, and how it becomes the core's types. Field names are the attribute
//! names in DynamoDB.
//!
//! Knows the core's types and serde; the engines decide how a record is written. A record may get
//! new fields with `#[serde(default)]`; fields are never renamed.

mod album;
mod hint;
mod image;
mod job;
mod photo;
mod registration;
mod user;

use gallery_core::ports::Suppression;
use gallery_core::values::Timestamp;
use serde::{Deserialize, Serialize};

pub(crate) use album::{AlbumHead, IndexState, KeyRecord, Listed};
pub(crate) use hint::{Look, QueueHints, Queued, ROUND_EVERY};
pub(crate) use job::{QueueEntry, StoredJob, UserJob};
pub(crate) use photo::{PhotoCard, PhotoRecord, TimelineEntry, UnlistedPhoto};
pub(crate) use registration::RegistrationRecord;
pub(crate) use user::{EmailClaim, SessionRecord, TokenRecord, UserHead};

use crate::slot::Record;

/// An item whose key says everything.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Marker {}

impl Record for Marker {
    const KIND: &'static str = "marker";
}

/// A counter against abuse.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Counter {
    pub(crate) value: u32,
    pub(crate) ends_at: Timestamp,
}

impl Counter {
    /// Whether it has not ended.
    pub(crate) fn runs_at(&self, now: Timestamp) -> bool {
        self.ends_at >= now
    }
}

impl Record for Counter {
    const KIND: &'static str = "counter";

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.ends_at)
    }
}

/// How far an upgrade has come, as the core writes it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UpgradeRecord {
    pub(crate) progress: String,
}

impl Record for UpgradeRecord {
    const KIND: &'static str = "upgrade";
}

/// Why an address is not written to; its hash is in the key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Suppressed(pub(crate) Suppression);

impl Record for Suppressed {
    const KIND: &'static str = "suppression";

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.0.ends_at)
    }
}
