//! Values that are parsed once, at the edge, into types that cannot be wrong.
//!
//! Every parser returns an [`Invalid`] that names the rule which was broken, in words that can be
//! shown to the person who typed the value. Nothing here knows a port or a use case.

use crate::texts::Text;
mod common_passwords;
mod cursor;
mod email;
mod generation;
mod ids;
mod line;
mod password;
mod secret;
mod shard;
mod taken;
mod taken_text;
mod text;
mod timestamp;
mod visible;

pub use common_passwords::common_password_entry;
pub use cursor::{Cursor, Page, PageRequest};
pub use email::{Email, EmailKey};
pub use generation::Generation;
pub use ids::{AlbumId, JobId, PhotoId, SessionId, UserId};
pub use password::{Password, PasswordHash};
pub use secret::{AddressHash, ContentHash, SecretKey, SessionToken, TokenHash};
pub use shard::Shard;
pub use taken::{Precision, Taken};
pub use text::{AlbumName, Description, FileName, IdempotencyKey, PersonName, Tag, Tags, Title, UserAgent};
pub use timestamp::Timestamp;

/// A value that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Invalid {
    /// Stable name of the broken rule, in `snake_case`: `required`, `too_long`, `too_short`, …
    pub code: &'static str,
    /// What is wrong and what to do, as a sentence for the person who typed the value.
    pub detail: Text,
}

impl Invalid {
    /// An error with this code and sentence.
    pub const fn new(code: &'static str, detail: Text) -> Self {
        Self { code, detail }
    }
}
