//! What ends by itself: the port `Expiry`. Each kind is a unit of work of its own, because each
//! locks the accounts that it touches in order of their ids. Compiled once for each dialect (see
//! `lib.rs`).

use async_trait::async_trait;
use gallery_core::model::Registration;
use gallery_core::ports::{Expiry, StoreError};
use gallery_core::values::Timestamp;
use uuid::Uuid;

use super::db::{SqlStore, Tx, unit_of_work};
use super::sql;
use super::statements::{composed, padded, statement};
use crate::rows::Key;
use crate::sql::{albums, lists, sessions, users};

#[async_trait]
impl Expiry for SqlStore {
    async fn remove_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let limit = u64::from(limit);
        let mut removed = unit_of_work!(self, async |tx| tx.remove_ended_registrations(now, limit).await)?;
        let left = limit - removed;
        if left > 0 {
            removed += unit_of_work!(self, async |tx| tx.remove_ended_tokens(now, left).await)?;
        }
        for ended in [sql::DELETE_ENDED_COUNTERS, sql::DELETE_ENDED_SUPPRESSIONS] {
            let left = limit - removed;
            if left > 0 {
                removed += unit_of_work!(self, async |tx| {
                    tx.run(statement(ended).bind(now.millis()).bind(rows(left))).await
                })?;
            }
        }
        let left = limit - removed;
        if left > 0 {
            removed += unit_of_work!(self, async |tx| tx.remove_ended_records(now, left).await)?;
        }
        Ok(removed)
    }
}

impl Tx {
    /// Registrations, and the mails that wait for them.
    async fn remove_ended_registrations(&mut self, now: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let before = Registration::ended_before(now);
        let ended = statement(users::OLD_REGISTRATIONS).bind(before.millis()).bind(rows(limit));
        let ended: Vec<(Uuid,)> = self.all(ended).await?;
        self.forget_registrations(ended).await
    }

    /// Tokens, and sessions that have none left.
    async fn remove_ended_tokens(&mut self, now: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let ended = statement(sessions::EXPIRED_TOKENS).bind(now.millis()).bind(rows(limit));
        let ended: Vec<(Vec<u8>, Uuid, Uuid)> = self.all(ended).await?;
        self.lock_accounts(ended.iter().map(|(_, _, user)| *user)).await?;
        let (tokens, touched): (Vec<Vec<u8>>, Vec<Uuid>) =
            ended.into_iter().map(|(hash, session, _)| (hash, session)).unzip();
        let removed = self.run_for(lists::delete_tokens, &tokens).await?;
        self.run_for(lists::delete_sessions_without_token, &touched).await?;
        Ok(removed)
    }

    /// Idempotency records.
    async fn remove_ended_records(&mut self, now: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let ended = statement(albums::EXPIRED_RECORDS).bind(now.millis()).bind(rows(limit));
        let ended: Vec<(Uuid, Key)> = self.all(ended).await?;
        self.lock_accounts(ended.iter().map(|(owner, _)| *owner)).await?;
        let mut removed = 0;
        for ended in lists::parts(&ended) {
            let delete = composed(sql::delete_records(lists::places(ended.len())));
            let delete = padded(ended).fold(delete, |all, (owner, Key(key))| all.bind(owner).bind(key));
            // One that was replaced before its account was locked is another one's now.
            removed += self.run(delete.bind(now.millis())).await?;
        }
        Ok(removed)
    }
}

/// A number of rows, as a statement takes it.
fn rows(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
