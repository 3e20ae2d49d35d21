//! Sessions: the port [`Sessions`].

use async_trait::async_trait;

use super::StoreError;
use crate::model::{Authenticated, LoginCandidate, NewSession, NewToken, Session};
use crate::values::{EmailKey, SessionId, Timestamp, TokenHash, UserId};

/// What became of the renewal of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// The replacement is good, and is the token's only one.
    Issued,
    /// The token already has another replacement; this one was not recorded.
    Refused,
}

/// Sessions and their tokens. A store sees hashes of tokens, never a token.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// The live account of this address, for somebody who wants to log in to it; `None` when there
    /// is none. Takes as long and reads as much whether or not there is one.
    async fn log_in_candidate(&self, email: &EmailKey) -> Result<Option<LoginCandidate>, StoreError>;

    /// Records a session with its first token; `NotFound` unless the account is live,
    /// `Conflict(PasswordChanged)` unless its password's hash is the session's. Repeating it is Ok
    /// while the session lasts.
    async fn start_session(&self, session: &NewSession) -> Result<(), StoreError>;

    /// What the bearer of this token of this account may claim: the account, the session and the
    /// token, read consistently in one round trip. The session's `last_seen_at` is the instant at
    /// which this token was issued: what one token's record can know;
    /// [`sessions_of`](Self::sessions_of) has the last one. `NotFound` when the token is unknown,
    /// the session has ended or the account is not live; one that has expired may be found although
    /// its session has ended since. Expiry is compared by the caller, who has the clock.
    async fn authenticate(&self, user: UserId, token: &TokenHash) -> Result<Authenticated, StoreError>;

    /// Gives a token its one replacement, of the same session, and sets the session's
    /// `last_seen_at` to `new.issued_at`, in one unit of work. The first replacement wins: the same
    /// one again is `Issued`, any other is [`Renewal::Refused`]. The old token stays good until it
    /// expires. `NotFound` when the token or its session is gone.
    async fn renew_session(
        &self,
        user: UserId,
        old: &TokenHash,
        new: &NewToken,
    ) -> Result<Renewal, StoreError>;

    /// The sessions of an account that have not ended and have a token that is good at `now`,
    /// newest first.
    async fn sessions_of(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Ends a session of this account with all its tokens; `NotFound` when there is none of this
    /// id.
    async fn end_session(&self, user: UserId, session: SessionId) -> Result<(), StoreError>;
}
