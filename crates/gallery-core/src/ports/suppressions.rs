//! Addresses that are not written to: the port [`Suppressions`].

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::values::{AddressHash, Timestamp};

/// What is known of addresses that cannot or will not be written to. A store never sees such an
/// address, only its keyed hash; and a record belongs to no account, outlives them all, and ends by
/// itself.
#[async_trait]
pub trait Suppressions: Send + Sync {
    /// Records that the address is not written to. A record of it that ends later, or at the same
    /// instant, stays as it is: so nothing changes when a report is repeated, and of several at
    /// once the one that ends last MUST win.
    async fn suppress(&self, address: &AddressHash, suppression: &Suppression) -> Result<(), StoreError>;

    /// Why the address is not written to; `None` when it may be, because there is no record or it
    /// ended before `now`.
    async fn suppression(
        &self,
        address: &AddressHash,
        now: Timestamp,
    ) -> Result<Option<Suppression>, StoreError>;

    /// Removes the record, so that the address is written to again. Ok when there is none.
    async fn lift_suppression(&self, address: &AddressHash) -> Result<(), StoreError>;
}

/// Why, since when and until when an address is not written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// Why.
    pub reason: SuppressionReason,
    /// When the mail system reported it.
    pub reported_at: Timestamp,
    /// The last instant at which it holds.
    pub ends_at: Timestamp,
}

/// Why an address is not written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionReason {
    /// A mail bounced for good.
    Bounced,
    /// The person there complained.
    Complained,
}

impl SuppressionReason {
    /// The reason's stable name in `snake_case`: for logs, commands and stores.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Complained => "complained",
        }
    }

    /// The reason of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Bounced, Self::Complained].into_iter().find(|reason| reason.name() == name)
    }
}
