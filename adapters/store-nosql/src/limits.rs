//! The smallest ports: `Store` itself and `Limits`. Tested by the conformance suite.

use async_trait::async_trait;
use gallery_core::ports::{Allowance, Conflict, Limits, Store, StoreError};
use gallery_core::values::{ContentHash, Timestamp};

use crate::keys;
use crate::records::Counter;
use crate::store::ItemStore;
use crate::table::Engine;
use crate::unit::unit_of_work;

#[async_trait]
impl<E: Engine> Store for ItemStore<E> {
    async fn ready(&self) -> Result<(), StoreError> {
        self.engine.ready().await
    }

    async fn finish_interrupted(&self, limit: u32) -> Result<u64, StoreError> {
        self.settle_left_over(limit).await
    }
}

#[async_trait]
impl<E: Engine> Limits for ItemStore<E> {
    async fn count(
        &self,
        name: &ContentHash,
        amount: u32,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<u32, StoreError> {
        let slot = keys::counter(name);
        Ok(unit_of_work!(self, |unit| {
            let running = unit.read(&slot).await?.filter(|counter| counter.runs_at(now));
            let value = running.as_ref().map_or(0, |counter| counter.value).saturating_add(amount);
            if amount > 0 {
                let ends_at = running.map_or(ends_at, |counter| counter.ends_at);
                unit.put(&slot, &Counter { value, ends_at })?;
            }
            value
        }))
    }

    async fn admit(
        &self,
        allowances: &[Allowance],
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), StoreError> {
        let slots: Vec<_> = allowances.iter().map(|allowance| keys::counter(&allowance.name)).collect();
        unit_of_work!(self, |unit| {
            unit.load(slots.iter().map(|slot| slot.key().clone())).await?;
            for (slot, allowance) in slots.iter().zip(allowances) {
                let running = unit.seen(slot)?.filter(|counter| counter.runs_at(now));
                let Counter { value, ends_at } = running.unwrap_or(Counter { value: 0, ends_at });
                if value >= allowance.limit {
                    return Err(StoreError::Conflict(Conflict::LimitReached));
                }
                unit.put(slot, &Counter { value: value + 1, ends_at })?;
            }
        });
        Ok(())
    }

    async fn give_back(&self, names: &[ContentHash], now: Timestamp) -> Result<(), StoreError> {
        let slots: Vec<_> = names.iter().map(keys::counter).collect();
        unit_of_work!(self, |unit| {
            unit.load(slots.iter().map(|slot| slot.key().clone())).await?;
            for slot in &slots {
                let running = unit.seen(slot)?.filter(|counter| counter.runs_at(now) && counter.value > 0);
                if let Some(Counter { value, ends_at }) = running {
                    unit.put(slot, &Counter { value: value - 1, ends_at })?;
                }
            }
        });
        Ok(())
    }
}
