//! Counters against abuse: the port `Limits`. Compiled once for each dialect (see `lib.rs`).

use async_trait::async_trait;
use gallery_core::ports::{Limits, StoreError};
use gallery_core::values::{ContentHash, Timestamp};

use super::db::{SqlStore, unit_of_work};
use super::sql;
use super::statements::statement;
use crate::rows::counted;
use crate::sql::limits;

#[async_trait]
impl Limits for SqlStore {
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
        let (amount, end, now) = (i64::from(amount), ends_at.millis(), now.millis());
        unit_of_work!(self, async |tx| {
            let count = statement(sql::COUNT).bind(name).bind(amount).bind(end);
            tx.run(count.bind(now).bind(amount).bind(amount).bind(now).bind(end)).await?;
            tx.found(statement(limits::COUNTED).bind(name)).await.map(|(value,): (i64,)| counted(value))
        })
    }
}
