//! Counters: the port `Limits`. Knows the records only; tested by the conformance suite's limits.

use async_trait::async_trait;
use gallery_core::ports::{Limits, StoreError};
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
}
