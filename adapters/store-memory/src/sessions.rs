//! Sessions: the port `Sessions`. Knows the records only; tested by the conformance suite's
//! sessions.

use async_trait::async_trait;
use gallery_core::model::{Authenticated, LoginCandidate, NewSession, NewToken, Session};
use gallery_core::ports::{Conflict, Renewal, Sessions, StoreError};
use gallery_core::values::{EmailKey, SessionId, Timestamp, TokenHash, UserId};

use crate::MemoryStore;
use crate::state::{State, TokenRow};

#[async_trait]
impl Sessions for MemoryStore {
    async fn log_in_candidate(&self, email: &EmailKey) -> Result<Option<LoginCandidate>, StoreError> {
        let state = self.state();
        Ok(state.user_at(email).map(|user| LoginCandidate { user: user.clone(), version: None }))
    }

    async fn start_session(&self, new: &NewSession) -> Result<(), StoreError> {
        let mut state = self.state();
        let user = state.live_user(new.session.user_id)?;
        if state.sessions.contains_key(&new.session.id) {
            return Ok(());
        }
        if user.password_hash != new.password {
            return Err(StoreError::Conflict(Conflict::PasswordChanged));
        }
        state.sessions.insert(new.session.id, new.session.clone());
        state.add_token(new.session.id, new.token);
        Ok(())
    }

    async fn authenticate(&self, user: UserId, token: &TokenHash) -> Result<Authenticated, StoreError> {
        let state = self.state();
        let session = state.session_of_token(user, token)?.clone();
        let TokenRow { token, replacement, .. } = *state.tokens.get(token).ok_or(StoreError::NotFound)?;
        let session = Session { last_seen_at: token.issued_at, ..session };
        Ok(Authenticated { user: state.live_user(user)?.clone(), session, token, replaced_by: replacement })
    }

    async fn renew_session(
        &self,
        user: UserId,
        old: &TokenHash,
        new: &NewToken,
    ) -> Result<Renewal, StoreError> {
        let mut state = self.state();
        let session = state.session_of_token(user, old)?.id;
        let row = state.tokens.get_mut(old).ok_or(StoreError::NotFound)?;
        match row.replacement {
            Some(hash) if hash == new.hash => return Ok(Renewal::Issued),
            Some(_) => return Ok(Renewal::Refused),
            None => row.replacement = Some(new.hash),
        }
        state.add_token(session, *new);
        if let Some(session) = state.sessions.get_mut(&session) {
            session.last_seen_at = new.issued_at;
        }
        Ok(Renewal::Issued)
    }

    async fn sessions_of(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let state = self.state();
        let has_good_token =
            |id| state.tokens.values().any(|row| row.session == id && now < row.token.expires_at);
        let newest_first = state.sessions.values().rev();
        Ok(newest_first
            .filter(|session| session.user_id == user && now < session.ends_at && has_good_token(session.id))
            .cloned()
            .collect())
    }

    async fn end_session(&self, user: UserId, session: SessionId) -> Result<(), StoreError> {
        let mut state = self.state();
        state.sessions.get(&session).filter(|known| known.user_id == user).ok_or(StoreError::NotFound)?;
        state.end_session(session);
        Ok(())
    }
}

impl State {
    fn add_token(&mut self, session: SessionId, token: NewToken) {
        self.tokens.insert(token.hash, TokenRow { token, session, replacement: None });
    }

    /// The session that this token of this account belongs to.
    fn session_of_token(&self, user: UserId, token: &TokenHash) -> Result<&Session, StoreError> {
        let row = self.tokens.get(token).ok_or(StoreError::NotFound)?;
        let session = self.sessions.get(&row.session).filter(|session| session.user_id == user);
        session.ok_or(StoreError::NotFound)
    }
}
