//! Accounts.

use serde::{Deserialize, Serialize};

use crate::values::{Email, PasswordHash, PersonName, Timestamp, UserId};

/// An account that somebody can see: pending or confirmed, never one that is being deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Names the account.
    pub id: UserId,
    /// The address, unique in its canonical form.
    pub email: Email,
    /// The person's name.
    pub name: PersonName,
    /// Hash of the password.
    pub password_hash: PasswordHash,
    /// When the person signed up.
    pub created_at: Timestamp,
    /// When the address was confirmed; absent while the account is pending.
    pub confirmed_at: Option<Timestamp>,
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
    /// Bytes of the originals of ready photos, plus the bytes reserved by uploads under way, in live albums.
    pub bytes: u64,
    /// The most that `bytes` may become.
    pub quota_bytes: u64,
}

/// An account to be created, pending until its address is confirmed.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Names the account.
    pub id: UserId,
    /// The address.
    pub email: Email,
    /// The person's name.
    pub name: PersonName,
    /// Hash of the chosen password.
    pub password_hash: PasswordHash,
    /// Now.
    pub created_at: Timestamp,
    /// The most bytes of originals that the account may hold.
    pub quota_bytes: u64,
}

/// Where the receipt for a cancelled account goes; the last place that knows the address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The former account's address.
    pub to: Email,
    /// The person's name.
    pub name: PersonName,
    /// When the account was cancelled.
    pub cancelled_at: Timestamp,
}
