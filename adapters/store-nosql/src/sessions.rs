//! Sessions and their tokens: the port `Sessions`.
//!
//! A token's item has what a request needs to know of its session, so that a request is answered by
//! two items, the account's and the token's. A session ends by its own items going, or by the
//! account's epoch passing it by.

use async_trait::async_trait;
use gallery_core::model::{Authenticated, LoginCandidate, NewSession, NewToken, Session};
use gallery_core::ports::{Conflict, Renewal, Sessions, StoreError};
use gallery_core::values::{EmailKey, SessionId, Timestamp, TokenHash, UserId};
use std::time::Duration;

use crate::keys;
use crate::records::{SessionRecord, TokenRecord};
use crate::store::ItemStore;
use crate::table::Engine;
use crate::unit::unit_of_work;
use crate::users::AccountVersion;

/// A session forgets its tokens so long after their end: more than the clocks of two instances may
/// differ.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(10);

#[async_trait]
impl<E: Engine> Sessions for ItemStore<E> {
    async fn log_in_candidate(&self, email: &EmailKey) -> Result<Option<LoginCandidate>, StoreError> {
        self.reading().holder(email).await
    }

    async fn start_session(&self, new: &NewSession) -> Result<(), StoreError> {
        let (user_id, id) = (new.session.user_id, new.session.id);
        let (account, slot) = (keys::user(user_id), keys::session(user_id, id));
        // The first attempt takes what the log-in saw for true; only when it is refused, it looks.
        let mut version = new.version.as_ref().and_then(AccountVersion::of);
        unit_of_work!(self, |unit| {
            let epoch = if let Some(version) = version.take() {
                unit.assume(&account, Some(version.revision));
                unit.assume(&slot, None);
                Some(version.epoch)
            } else {
                unit.load([account.key().clone(), slot.key().clone()]).await?;
                let user = unit.live_user(user_id).await?;
                match unit.seen(&slot)? {
                    Some(known) if user.holds(id.uuid(), known.epoch) => None,
                    _ if user.password_hash == new.password.as_str() => Some(user.session_epoch),
                    _ => return Err(StoreError::Conflict(Conflict::PasswordChanged)),
                }
            };
            unit.rely(&account);
            if let Some(epoch) = epoch {
                let session = SessionRecord::start(new, epoch);
                let token = TokenRecord::issue(id, &session, &new.token);
                unit.put(&slot, &session)?;
                unit.put(&keys::token(user_id, &new.token.hash), &token)?;
            }
        });
        Ok(())
    }

    async fn authenticate(&self, user: UserId, token: &TokenHash) -> Result<Authenticated, StoreError> {
        let (account, slot) = (keys::user(user), keys::token(user, token));
        let mut unit = self.reading();
        unit.load([account.key().clone(), slot.key().clone()]).await?;
        let known = unit.found(&slot).await?;
        let head = unit.found(&account).await?;
        if !head.holds(known.session, known.epoch) {
            return Err(StoreError::NotFound);
        }
        Ok(Authenticated {
            user: head.user(user)?,
            session: known.session(user),
            token: known.token(*token),
            replaced_by: known.replaced_by,
        })
    }

    async fn renew_session(
        &self,
        user: UserId,
        old: &TokenHash,
        new: &NewToken,
    ) -> Result<Renewal, StoreError> {
        let (account, slot) = (keys::user(user), keys::token(user, old));
        Ok(unit_of_work!(self, |unit| {
            unit.load([account.key().clone(), slot.key().clone()]).await?;
            let mut token = unit.found(&slot).await?;
            let id = SessionId::from_uuid(token.session);
            let mut session = unit.found(&keys::session(user, id)).await?;
            if !unit.live_user(user).await?.holds(token.session, token.epoch) {
                return Err(StoreError::NotFound);
            }
            match token.replaced_by {
                Some(hash) if hash == new.hash => Renewal::Issued,
                Some(_) => Renewal::Refused,
                None => {
                    let forgotten = new.issued_at.minus(FORGOTTEN_AFTER);
                    session.last_seen_at = new.issued_at;
                    session.tokens.retain(|(_, end)| *end >= forgotten);
                    session.tokens.push((new.hash, new.expires_at));
                    token.replaced_by = Some(new.hash);
                    let successor = TokenRecord::issue(id, &session, new);
                    unit.put(&keys::token(user, &new.hash), &successor)?;
                    unit.put(&slot, &token)?;
                    // Whoever ends the session removes this item, so that no token comes into being
                    // behind it.
                    unit.put(&keys::session(user, id), &session)?;
                    Renewal::Issued
                }
            }
        }))
    }

    async fn sessions_of(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let head = match self.reading().live_user(user).await {
            Err(StoreError::NotFound) => return Ok(Vec::new()),
            other => other?,
        };
        let all = keys::of_user(user).starting_with("session#").descending();
        let mut sessions = Vec::new();
        for item in self.engine.query(&all).await? {
            let Some(id) = keys::id_in(&item.key) else { continue };
            let record: SessionRecord = E::decode(&item.body)?;
            let has_good_token = record.tokens.iter().any(|(_, end)| now < *end);
            if head.holds(id, record.epoch) && now < record.ends_at && has_good_token {
                sessions.push(record.session(SessionId::from_uuid(id), user));
            }
        }
        Ok(sessions)
    }

    async fn end_session(&self, user: UserId, session: SessionId) -> Result<(), StoreError> {
        let slot = keys::session(user, session);
        unit_of_work!(self, |unit| {
            unit.load([slot.key().clone(), keys::user(user).into_key()]).await?;
            let known = unit.found(&slot).await?;
            if !unit.live_user(user).await?.holds(session.uuid(), known.epoch) {
                return Err(StoreError::NotFound);
            }
            for (hash, _) in &known.tokens {
                unit.delete(&keys::token(user, hash));
            }
            unit.delete(&slot);
        });
        Ok(())
    }
}
