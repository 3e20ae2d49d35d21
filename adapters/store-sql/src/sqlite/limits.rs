//! Counters against abuse: the port `Limits`.

use async_trait::async_trait;
use gallery_core::ports::{Limits, StoreError};
use gallery_core::values::{ContentHash, Timestamp};

use super::SqliteStore;
use super::db::statement;
use super::sql;
use crate::rows::counted;
use crate::sql::limits;

#[async_trait]
impl Limits for SqliteStore {
    async fn count(
        &self,
        name: &ContentHash,
        amount: u32,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<u32, StoreError> {
        let name = name.as_bytes().as_slice();
        // Reading happens at every log-in and must not wait for the disk.
        if amount == 0 {
            let running = self.first(statement(limits::RUNNING).bind(name).bind(now.millis())).await?;
            return Ok(running.map_or(0, |(value,): (i64,)| counted(value)));
        }
        let mut tx = self.begin().await?;
        let count = statement(sql::COUNT)
            .bind(name)
            .bind(i64::from(amount))
            .bind(ends_at.millis())
            .bind(now.millis())
            .bind(now.millis());
        let (value,): (i64,) = tx.found(count).await?;
        tx.commit().await?;
        Ok(counted(value))
    }

    async fn remove_ended_counters(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let ended = statement(sql::DELETE_ENDED_COUNTERS).bind(now.millis()).bind(i64::from(limit));
        let removed = tx.run(ended).await?;
        tx.commit().await?;
        Ok(removed)
    }
}
