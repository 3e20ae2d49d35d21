//! Sessions and their tokens: the port `Sessions`. Compiled once for each dialect (see `lib.rs`).

use async_trait::async_trait;
use gallery_core::model::{Authenticated, LoginCandidate, NewSession, NewToken, Session};
use gallery_core::ports::{Conflict, Renewal, Sessions, StoreError};
use gallery_core::values::{EmailKey, SessionId, Timestamp, TokenHash, UserId};
use uuid::Uuid;

use super::db::{SqlStore, Tx, unit_of_work};
use super::statements::statement;
use crate::rows::{AuthenticatedRow, SessionRow, UserRow};
use crate::sql::{sessions, users};

#[async_trait]
impl Sessions for SqlStore {
    async fn log_in_candidate(&self, email: &EmailKey) -> Result<Option<LoginCandidate>, StoreError> {
        let row: Option<UserRow> = self.first(statement(users::BY_EMAIL).bind(email.as_str())).await?;
        Ok(row.map(|row| LoginCandidate { user: row.into(), version: None }))
    }

    async fn start_session(&self, new: &NewSession) -> Result<(), StoreError> {
        let Session { id, user_id, created_at, last_seen_at, ends_at, user_agent } = &new.session;
        unit_of_work!(self, async |tx| {
            let user = tx.lock_live_account(*user_id).await?;
            let start = statement(sessions::START)
                .bind(id.uuid())
                .bind(user_id.uuid())
                .bind(created_at.millis())
                .bind(last_seen_at.millis())
                .bind(ends_at.millis())
                .bind(user_agent.as_str());
            if !tx.inserted(start).await? {
                return Ok(());
            }
            if user.password_hash != new.password {
                return Err(StoreError::Conflict(Conflict::PasswordChanged));
            }
            tx.add_token(id.uuid(), &new.token).await
        })
    }

    async fn authenticate(&self, user: UserId, token: &TokenHash) -> Result<Authenticated, StoreError> {
        let bearer = statement(sessions::AUTHENTICATE).bind(bytes(token)).bind(user.uuid());
        let row: Option<AuthenticatedRow> = self.first(bearer).await?;
        Ok(row.ok_or(StoreError::NotFound)?.try_into()?)
    }

    async fn renew_session(
        &self,
        user: UserId,
        old: &TokenHash,
        new: &NewToken,
    ) -> Result<Renewal, StoreError> {
        unit_of_work!(self, async |tx| {
            tx.lock_live_account(user).await?;
            let known = statement(sessions::TOKEN).bind(bytes(old)).bind(user.uuid());
            let (session, replacement): (Uuid, Option<Vec<u8>>) = tx.found(known).await?;
            if let Some(replacement) = replacement {
                let same = replacement == new.hash.as_bytes();
                return Ok(if same { Renewal::Issued } else { Renewal::Refused });
            }
            tx.run(statement(sessions::REPLACE_TOKEN).bind(bytes(&new.hash)).bind(bytes(old))).await?;
            tx.add_token(session, new).await?;
            tx.run(statement(sessions::SEEN).bind(new.issued_at.millis()).bind(session)).await?;
            Ok(Renewal::Issued)
        })
    }

    async fn sessions_of(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let of_user = statement(sessions::OF_USER).bind(user.uuid()).bind(now.millis()).bind(now.millis());
        let rows: Vec<SessionRow> = self.all(of_user).await?;
        Ok(rows.into_iter().map(Session::from).collect())
    }

    async fn end_session(&self, user: UserId, session: SessionId) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            tx.lock_account(user).await?;
            tx.changed_one(statement(sessions::END).bind(session.uuid()).bind(user.uuid())).await
        })
    }
}

impl Tx {
    async fn add_token(&mut self, session: Uuid, token: &NewToken) -> Result<(), StoreError> {
        let add = statement(sessions::ADD_TOKEN)
            .bind(bytes(&token.hash))
            .bind(session)
            .bind(token.issued_at.millis())
            .bind(token.expires_at.millis());
        self.run(add).await.map(drop)
    }
}

fn bytes(hash: &TokenHash) -> Vec<u8> {
    hash.as_bytes().to_vec()
}
