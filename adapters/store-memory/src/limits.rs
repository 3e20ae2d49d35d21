//! Counters: the port `Limits`. Knows the records only; tested by the conformance suite's limits.

use async_trait::async_trait;
use gallery_core::ports::{Allowance, Conflict, Limits, StoreError};
use gallery_core::values::{ContentHash, Timestamp};

use crate::MemoryStore;
use crate::state::Counter;

#[async_trait]
impl Limits for MemoryStore {
    async fn count(
        &self,
        name: &ContentHash,
        amount: u32,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<u32, StoreError> {
        let mut state = self.state();
        let before = state.counter(name, now).unwrap_or(Counter { value: 0, ends_at });
        let value = before.value.saturating_add(amount);
        if amount > 0 {
            state.counters.insert(*name, Counter { value, ..before });
        }
        Ok(value)
    }

    async fn admit(
        &self,
        allowances: &[Allowance],
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let running = |name| state.counter(name, now).unwrap_or(Counter { value: 0, ends_at });
        let counted = allowances.iter().map(|Allowance { name, limit }| (*name, running(name), *limit));
        let counted: Vec<_> = counted.collect();
        if counted.iter().any(|(_, counter, limit)| counter.value >= *limit) {
            return Err(StoreError::Conflict(Conflict::LimitReached));
        }
        for (name, counter, _) in counted {
            state.counters.insert(name, Counter { value: counter.value + 1, ..counter });
        }
        Ok(())
    }

    async fn give_back(&self, names: &[ContentHash], now: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        for name in names {
            if let Some(counter) = state.counter(name, now) {
                let value = counter.value.saturating_sub(1);
                state.counters.insert(*name, Counter { value, ..counter });
            }
        }
        Ok(())
    }
}
