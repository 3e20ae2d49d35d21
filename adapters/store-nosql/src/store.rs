//! The store over an engine, and the smallest ports: readiness and counters.

use std::sync::Arc;

use async_trait::async_trait;
use gallery_core::ports::{Limits, Store, StoreError};
use gallery_core::values::{ContentHash, Timestamp};

use crate::keys::{self, Slot};
use crate::records::Counter;
use crate::table::{Engine, Key};
use crate::unit::{Record, Unit, unit_of_work};

/// The ports over an engine. Clones share it.
#[derive(Debug)]
pub struct ItemStore<E> {
    pub(crate) engine: Arc<E>,
}

impl<E> Clone for ItemStore<E> {
    fn clone(&self) -> Self {
        Self { engine: Arc::clone(&self.engine) }
    }
}

impl<E: Engine> ItemStore<E> {
    pub(crate) fn over(engine: E) -> Self {
        Self { engine: Arc::new(engine) }
    }

    /// A unit that only reads.
    pub(crate) fn reading(&self) -> Unit<'_, E> {
        Unit::new(&self.engine)
    }

    /// Removes up to `limit` items of a class that expired before an instant, each on the condition that it still
    /// is as it was found to be; answers how many.
    pub(crate) async fn remove_expired<R: Record>(
        &self,
        class: &'static str,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let keys: Vec<Key> = self.engine.expired(class, before, limit as usize).await?;
        let mut removed = 0;
        for chunk in keys.chunks(E::MAX_WRITES.min(100)) {
            removed += unit_of_work!(self, |unit| {
                unit.load(chunk.iter().cloned()).await?;
                let mut expired = 0;
                for key in chunk {
                    let slot = Slot::<R>::of(key.clone());
                    let record = unit.seen(&slot)?;
                    if record.and_then(|record| record.expires_at()).is_some_and(|end| end < before) {
                        unit.delete(&slot);
                        expired += 1;
                    }
                }
                expired
            });
        }
        Ok(removed)
    }
}

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

    async fn remove_ended_counters(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.remove_expired::<Counter>("counter", now, limit).await
    }
}
