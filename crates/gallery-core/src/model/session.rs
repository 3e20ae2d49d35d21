//! Sessions: who is logged in, and the short-lived tokens that prove it.

use super::User;
use crate::values::{PasswordHash, SessionId, Timestamp, TokenHash, UserAgent, UserId};

/// A log-in that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Names the session; not secret.
    pub id: SessionId,
    /// Who is logged in.
    pub user_id: UserId,
    /// When the log-in happened.
    pub created_at: Timestamp,
    /// When the session last got a fresh token.
    pub last_seen_at: Timestamp,
    /// When the session ends at the latest.
    pub ends_at: Timestamp,
    /// The client that logged in.
    pub user_agent: UserAgent,
}

/// A session token as a store keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewToken {
    /// SHA-256 of the token.
    pub hash: TokenHash,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it stops being good.
    pub expires_at: Timestamp,
}

/// A session to be started, with its first token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// The session; `last_seen_at` is `created_at`.
    pub session: Session,
    /// Its first token.
    pub token: NewToken,
    /// The hash that the password was compared with. The session starts only while it is still the
    /// account's, so that nobody gets in with a password that was changed since.
    pub password: PasswordHash,
    /// The [`LoginCandidate`]'s version.
    pub version: Option<VersionToken>,
}

/// An account that somebody wants to log in to, as a store has read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginCandidate {
    /// The account.
    pub user: User,
    /// Spares the store a look at the account when the session starts; `None` from stores that have
    /// no use for it.
    pub version: Option<VersionToken>,
}

/// How an account stood when a store read it. Opaque: only the store that made it can tell what it
/// means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionToken(Box<[u8]>);

impl VersionToken {
    /// A token of these bytes, which differ after every change of what the store relies on.
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes that it was made of.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What a store knows about the bearer of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// The account.
    pub user: User,
    /// The session.
    pub session: Session,
    /// The token that was shown.
    pub token: NewToken,
    /// The hash of the token's one replacement, if it has one.
    pub replaced_by: Option<TokenHash>,
}
