//! Accounts, and the sign-ups that wait to become one.

use serde::{Deserialize, Serialize};

use crate::texts::Language;
use crate::token::SIGN_UP_LIFETIME;
use crate::values::{Email, PasswordHash, PersonName, Timestamp, UserId};

/// An account that somebody can see: its address is confirmed, and it is not being deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Names the account.
    pub id: UserId,
    /// The address, unique in its canonical form.
    pub email: Email,
    /// The person's name.
    pub name: PersonName,
    /// The language of pages and mails; `None` where the browser's counts.
    pub language: Option<Language>,
    /// Hash of the password.
    pub password_hash: PasswordHash,
    /// When the person signed up.
    pub created_at: Timestamp,
    /// When the address was confirmed.
    pub confirmed_at: Timestamp,
    /// What the account holds, and may hold.
    pub usage: Usage,
}

/// What an account holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Live albums.
    pub albums: u64,
    /// Ready photos in live albums.
    pub photos: u64,
    /// Bytes of all that is stored: originals and renditions of ready photos, what uploads under
    /// way have reserved, and [`Usage::RECORD_BYTES`] for each of these photos and for each album;
    /// in live albums.
    pub bytes: u64,
    /// The most that `bytes` may become.
    pub quota_bytes: u64,
}

impl Usage {
    /// What the records of one photo or album count, in bytes: near what they take in the stores,
    /// with their terms and places in lists, so that even what has no blobs is not without end.
    pub const RECORD_BYTES: u64 = 2_000;

    /// The bytes that an original may have for which `wanted` are wanted, where `left` bytes of the
    /// quota are: as many, or what is left beside the photo's own records. `None` when that is not
    /// one byte.
    pub fn grant(wanted: u64, left: u64) -> Option<u64> {
        let left = left.saturating_sub(Self::RECORD_BYTES);
        (left > 0).then(|| wanted.clamp(1, left))
    }

    /// The same with so many bytes more; `None` when the quota does not hold them. It always holds
    /// none.
    #[must_use]
    pub fn with_bytes(self, more: u64) -> Option<Self> {
        let holds = more <= self.quota_bytes.saturating_sub(self.bytes);
        holds.then(|| Self { bytes: self.bytes + more, ..self })
    }
}

/// A sign-up that waits for its confirmation, which makes it the account of the same id. Several
/// may wait for one address; each has its own name and password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Names the registration, and the account that it may become.
    pub id: UserId,
    /// The address.
    pub email: Email,
    /// The person's name.
    pub name: PersonName,
    /// The language that the person's browser asked for.
    pub language: Option<Language>,
    /// Hash of the chosen password.
    pub password_hash: PasswordHash,
    /// When the person signed up.
    pub created_at: Timestamp,
    /// The most bytes that the account may hold: see [`Usage::bytes`].
    pub quota_bytes: u64,
}

impl Registration {
    /// True when it may still be confirmed at `now`.
    pub fn is_waiting(&self, now: Timestamp) -> bool {
        now.since(self.created_at) < SIGN_UP_LIFETIME
    }

    /// The instant before which a registration was created that ended before `now`.
    pub fn ended_before(now: Timestamp) -> Timestamp {
        now.minus(SIGN_UP_LIFETIME)
    }

    /// The account that a confirmation at this instant makes of it.
    pub fn confirmed(self, at: Timestamp) -> User {
        let Self { id, email, name, language, password_hash, created_at, quota_bytes } = self;
        let usage = Usage { quota_bytes, ..Usage::default() };
        User { id, email, name, language, password_hash, created_at, confirmed_at: at, usage }
    }
}

/// Where the receipt for a cancelled account goes; the last place that knows the address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The former account's address.
    pub to: Email,
    /// The person's name.
    pub name: PersonName,
    /// The language of the receipt.
    #[serde(default)]
    pub language: Language,
    /// When the account was cancelled.
    pub cancelled_at: Timestamp,
}
