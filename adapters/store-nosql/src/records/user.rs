//! Accounts, addresses, sessions and their tokens.

use gallery_core::model::{NewSession, NewToken, Session, Usage, User};
use gallery_core::ports::{AuditedUser, Conflict, StoreError};
use gallery_core::texts::Language;
use gallery_core::values::{
    Email, PasswordHash, PersonName, SessionId, Timestamp, TokenHash, UserAgent, UserId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::RegistrationRecord;
use crate::slot::Record;

/// An account in any state. What tells a person is gone once it is marked as deleting.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct UserHead {
    pub(crate) email: Option<String>,
    pub(crate) email_key: Option<String>,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) language: Option<Language>,
    pub(crate) password_hash: String,
    pub(crate) created_at: Timestamp,
    /// Absent for an account of before format 3 that was marked without ever having been confirmed.
    pub(crate) confirmed_at: Option<Timestamp>,
    pub(crate) deleting: bool,
    pub(crate) usage: Usage,
    /// Sessions of an earlier epoch have ended, but for the kept one: so any number of them ends in
    /// one write.
    pub(crate) session_epoch: u64,
    pub(crate) kept_session: Option<Uuid>,
}

impl Record for UserHead {
    const KIND: &'static str = "user";
}

impl UserHead {
    /// The account that a confirmation makes of a registration.
    pub(crate) fn confirmed(registration: RegistrationRecord, at: Timestamp) -> Self {
        let RegistrationRecord { email, email_key, name, language, password_hash, created_at, quota_bytes } =
            registration;
        Self {
            email: Some(email),
            email_key: Some(email_key),
            name,
            language,
            password_hash,
            created_at,
            confirmed_at: Some(at),
            deleting: false,
            usage: Usage { quota_bytes, ..Usage::default() },
            session_epoch: 0,
            kept_session: None,
        }
    }

    /// The account, unless it is marked as deleting.
    pub(crate) fn live(self) -> Result<Self, StoreError> {
        if self.deleting { Err(StoreError::NotFound) } else { Ok(self) }
    }

    /// Adds these bytes to what it counts; `Conflict(QuotaExceeded)` when the quota does not hold
    /// them.
    pub(crate) fn count(&mut self, bytes: u64) -> Result<(), StoreError> {
        let grown = self.usage.with_bytes(bytes);
        self.usage = grown.ok_or(StoreError::Conflict(Conflict::QuotaExceeded))?;
        Ok(())
    }

    /// The address; absent once it is marked as deleting.
    pub(crate) fn address(&self) -> Option<Email> {
        let (typed, key) = self.email.as_ref().zip(self.email_key.as_ref())?;
        Some(Email::from_stored(typed, key))
    }

    /// The account as somebody sees it; `NotFound` when it is marked as deleting.
    pub(crate) fn user(self, id: UserId) -> Result<User, StoreError> {
        let known = self.address().zip(self.confirmed_at).filter(|_| !self.deleting);
        let (email, confirmed_at) = known.ok_or(StoreError::NotFound)?;
        Ok(User {
            id,
            email,
            name: PersonName::from_stored(self.name),
            language: self.language,
            password_hash: PasswordHash::from_phc(self.password_hash),
            created_at: self.created_at,
            confirmed_at,
            usage: self.usage,
        })
    }

    /// The account as an administrator sees it.
    pub(crate) fn audited(&self, id: UserId) -> AuditedUser {
        AuditedUser {
            id,
            email: self.address(),
            created_at: self.created_at,
            confirmed_at: self.confirmed_at,
            deleting: self.deleting,
            usage: self.usage,
        }
    }

    /// Forgets the person, and ends every session.
    pub(crate) fn mark(&mut self) {
        self.deleting = true;
        (self.email, self.email_key) = (None, None);
        self.name.clear();
        self.language = None;
        self.password_hash.clear();
        self.end_sessions(None);
    }

    /// Ends every session but this one.
    pub(crate) fn end_sessions(&mut self, keep: Option<SessionId>) {
        self.session_epoch += 1;
        self.kept_session = keep.map(SessionId::uuid);
    }

    /// Whether a session that was started in this epoch has not been ended by the account's doing.
    pub(crate) fn holds(&self, session: Uuid, epoch: u64) -> bool {
        !self.deleting && (epoch == self.session_epoch || self.kept_session == Some(session))
    }
}

/// Who has an address.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EmailClaim {
    pub(crate) user: UserId,
}

impl Record for EmailClaim {
    const KIND: &'static str = "email";
}

/// A log-in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SessionRecord {
    pub(crate) epoch: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) ends_at: Timestamp,
    pub(crate) user_agent: String,
    /// Its tokens that may still be there, with their ends.
    pub(crate) tokens: Vec<(TokenHash, Timestamp)>,
}

impl Record for SessionRecord {
    const KIND: &'static str = "session";

    fn expires_at(&self) -> Option<Timestamp> {
        self.tokens.iter().map(|(_, end)| *end).max()
    }
}

impl SessionRecord {
    pub(crate) fn start(new: &NewSession, epoch: u64) -> Self {
        let Session { created_at, last_seen_at, ends_at, user_agent, .. } = &new.session;
        Self {
            epoch,
            created_at: *created_at,
            last_seen_at: *last_seen_at,
            ends_at: *ends_at,
            user_agent: user_agent.as_str().to_owned(),
            tokens: vec![(new.token.hash, new.token.expires_at)],
        }
    }

    pub(crate) fn session(&self, id: SessionId, user_id: UserId) -> Session {
        Session {
            id,
            user_id,
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
            ends_at: self.ends_at,
            user_agent: UserAgent::clean(&self.user_agent),
        }
    }
}

/// A token, with what a request needs to know of its session, so that one item answers it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TokenRecord {
    pub(crate) session: Uuid,
    pub(crate) epoch: u64,
    pub(crate) started_at: Timestamp,
    pub(crate) ends_at: Timestamp,
    pub(crate) user_agent: String,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) replaced_by: Option<TokenHash>,
}

impl Record for TokenRecord {
    const KIND: &'static str = "token";

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}

impl TokenRecord {
    pub(crate) fn issue(session: SessionId, of: &SessionRecord, token: &NewToken) -> Self {
        Self {
            session: session.uuid(),
            epoch: of.epoch,
            started_at: of.created_at,
            ends_at: of.ends_at,
            user_agent: of.user_agent.clone(),
            issued_at: token.issued_at,
            expires_at: token.expires_at,
            replaced_by: None,
        }
    }

    /// The session as the bearer of this token sees it.
    pub(crate) fn session(&self, user_id: UserId) -> Session {
        Session {
            id: SessionId::from_uuid(self.session),
            user_id,
            created_at: self.started_at,
            last_seen_at: self.issued_at,
            ends_at: self.ends_at,
            user_agent: UserAgent::clean(&self.user_agent),
        }
    }

    pub(crate) fn token(&self, hash: TokenHash) -> NewToken {
        NewToken { hash, issued_at: self.issued_at, expires_at: self.expires_at }
    }
}
