//! Sessions and their tokens: the port `Sessions`.

use std::collections::BTreeSet;

use async_trait::async_trait;
use gallery_core::model::{Authenticated, Candidate, LogInFacts, NewSession, NewToken, Session};
use gallery_core::ports::{Conflict, Renewal, Sessions, StoreError};
use gallery_core::values::{ContentHash, EmailKey, SessionId, Timestamp, TokenHash, UserId};
use uuid::Uuid;

use super::SqliteStore;
use super::db::{Tx, statement};
use super::sql;
use crate::rows::{AuthenticatedRow, SessionRow, UserRow, counted};
use crate::sql::{limits, sessions, users};

#[async_trait]
impl Sessions for SqliteStore {
    async fn log_in_facts(
        &self,
        email: Option<&EmailKey>,
        counters: &[ContentHash; 2],
        now: Timestamp,
    ) -> Result<LogInFacts, StoreError> {
        let names = counters.each_ref().map(|name| name.as_bytes().as_slice());
        let running = statement(limits::RUNNING_OF_TWO).bind(names[0]).bind(names[1]).bind(now.millis());
        let running: Vec<(Vec<u8>, i64)> = self.all(running).await?;
        let counts =
            names.map(|name| running.iter().find(|row| row.0 == name).map_or(0, |row| counted(row.1)));
        let row: Option<UserRow> = match email {
            Some(email) => self.first(statement(users::BY_EMAIL).bind(email.as_str())).await?,
            None => None,
        };
        let candidate = row.map(|row| Candidate { user: row.into(), stamp: None });
        Ok(LogInFacts { candidate, counts })
    }

    async fn start_session(&self, new: &NewSession) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let Session { id, user_id, created_at, last_seen_at, ends_at, user_agent } = &new.session;
        let (password,): (String,) = tx.found(statement(users::PASSWORD).bind(user_id.uuid())).await?;
        let start = statement(sql::START_SESSION)
            .bind(id.uuid())
            .bind(user_id.uuid())
            .bind(created_at.millis())
            .bind(last_seen_at.millis())
            .bind(ends_at.millis())
            .bind(user_agent.as_str());
        if tx.run(start).await? == 1 {
            if password != new.password.as_str() {
                return Err(StoreError::Conflict(Conflict::PasswordChanged));
            }
            tx.add_token(id.uuid(), &new.token).await?;
        }
        tx.commit().await
    }

    async fn authenticate(&self, user: UserId, token: &TokenHash) -> Result<Authenticated, StoreError> {
        let bearer = statement(sessions::AUTHENTICATE).bind(token.as_bytes().as_slice()).bind(user.uuid());
        let row: Option<AuthenticatedRow> = self.first(bearer).await?;
        Ok(row.ok_or(StoreError::NotFound)?.try_into()?)
    }

    async fn renew_session(
        &self,
        user: UserId,
        old: &TokenHash,
        new: &NewToken,
    ) -> Result<Renewal, StoreError> {
        let mut tx = self.begin().await?;
        let known = statement(sessions::TOKEN).bind(old.as_bytes().as_slice()).bind(user.uuid());
        let (session, replacement): (Uuid, Option<Vec<u8>>) = tx.found(known).await?;
        if let Some(replacement) = replacement {
            let same = replacement == new.hash.as_bytes();
            return Ok(if same { Renewal::Issued } else { Renewal::Refused });
        }
        let replace = statement(sessions::REPLACE_TOKEN)
            .bind(new.hash.as_bytes().as_slice())
            .bind(old.as_bytes().as_slice());
        tx.run(replace).await?;
        tx.add_token(session, new).await?;
        tx.run(statement(sessions::SEEN).bind(new.issued_at.millis()).bind(session)).await?;
        tx.commit().await?;
        Ok(Renewal::Issued)
    }

    async fn sessions_of(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let of_user = statement(sessions::OF_USER).bind(user.uuid()).bind(now.millis()).bind(now.millis());
        let rows: Vec<SessionRow> = self.all(of_user).await?;
        Ok(rows.into_iter().map(Session::from).collect())
    }

    async fn end_session(&self, user: UserId, session: SessionId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.changed_one(statement(sessions::END).bind(session.uuid()).bind(user.uuid())).await?;
        tx.commit().await
    }

    async fn remove_expired_sessions(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let expired = statement(sessions::EXPIRED_TOKENS).bind(now.millis()).bind(i64::from(limit));
        let expired: Vec<(Vec<u8>, Uuid)> = tx.all(expired).await?;
        for (hash, _) in &expired {
            tx.run(statement(sessions::DELETE_TOKEN).bind(hash.as_slice())).await?;
        }
        let touched: BTreeSet<Uuid> = expired.iter().map(|(_, session)| *session).collect();
        for session in touched {
            tx.run(statement(sessions::DELETE_IF_WITHOUT_TOKEN).bind(session)).await?;
        }
        tx.commit().await?;
        Ok(expired.len() as u64)
    }
}

impl Tx {
    async fn add_token(&mut self, session: Uuid, token: &NewToken) -> Result<(), StoreError> {
        let add = statement(sql::ADD_TOKEN)
            .bind(token.hash.as_bytes().as_slice())
            .bind(session)
            .bind(token.issued_at.millis())
            .bind(token.expires_at.millis());
        self.run(add).await.map(drop)
    }
}
