//! Counters against abuse: the port `Limits`. Compiled once for each dialect (see `lib.rs`).

use async_trait::async_trait;
use gallery_core::ports::{Allowance, Conflict, Limits, StoreError};
use gallery_core::values::{ContentHash, Timestamp};

use super::db::{SqlStore, Tx, unit_of_work};
use super::sql;
use super::statements::{for_each, statement};
use crate::rows::counted;
use crate::sql::{limits, lists};

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
        unit_of_work!(self, async |tx| tx.count(name, amount, now, ends_at).await)
    }

    async fn admit(
        &self,
        allowances: &[Allowance],
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), StoreError> {
        let reached = || StoreError::Conflict(Conflict::LimitReached);
        // What is refused, which may be much, writes nothing and waits for nobody.
        let names: Vec<&[u8]> =
            allowances.iter().map(|allowance| allowance.name.as_bytes().as_slice()).collect();
        let running = for_each(lists::running_counters, &names).bind(now.millis());
        let running: Vec<(Vec<u8>, i64)> = self.all(running).await?;
        let is_full = |Allowance { name, limit }: &Allowance| {
            running.iter().any(|(known, value)| known == name.as_bytes() && counted(*value) >= *limit)
        };
        if allowances.iter().any(is_full) {
            return Err(reached());
        }
        // In the order of their names, so that nobody waits in a circle.
        let mut ordered = allowances.to_vec();
        ordered.sort_unstable_by_key(|allowance| allowance.name);
        unit_of_work!(self, async |tx| {
            for Allowance { name, limit } in &ordered {
                if tx.count(name.as_bytes(), 1, now, ends_at).await? > *limit {
                    return Err(reached());
                }
            }
            Ok(())
        })
    }

    async fn give_back(&self, names: &[ContentHash], now: Timestamp) -> Result<(), StoreError> {
        let mut ordered = names.to_vec();
        ordered.sort_unstable();
        unit_of_work!(self, async |tx| {
            for name in &ordered {
                let name = name.as_bytes().as_slice();
                tx.run(statement(limits::GIVE_BACK).bind(name).bind(now.millis())).await?;
            }
            Ok(())
        })
    }
}

impl Tx {
    async fn count(
        &mut self,
        name: &[u8],
        amount: u32,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<u32, StoreError> {
        let (amount, end, now) = (i64::from(amount), ends_at.millis(), now.millis());
        let count = statement(sql::COUNT).bind(name).bind(amount).bind(end);
        self.run(count.bind(now).bind(amount).bind(amount).bind(now).bind(end)).await?;
        self.found(statement(limits::COUNTED).bind(name)).await.map(|(value,): (i64,)| counted(value))
    }
}
