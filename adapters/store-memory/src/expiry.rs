//! What ends by itself: the port `Expiry`. Knows the records only; tested by the conformance
//! suite's expiry.

use std::collections::BTreeMap;

use async_trait::async_trait;
use gallery_core::model::Registration;
use gallery_core::ports::{Expiry, StoreError};
use gallery_core::values::Timestamp;

use crate::MemoryStore;
use crate::state::{State, up_to};

#[async_trait]
impl Expiry for MemoryStore {
    async fn remove_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut state = self.state();
        let before = Registration::ended_before(now);
        let ended = state.registrations.values().filter(|known| known.created_at < before);
        let ended = up_to(limit, ended.map(|known| known.id));
        let mut left = limit;
        for id in ended {
            state.forget_registration(id);
            left -= 1;
        }
        let State { sessions, tokens, idempotency, counters, suppressions, .. } = &mut *state;
        remove(tokens, &mut left, |row| row.token.expires_at < now);
        remove(idempotency, &mut left, |record| record.expires_at < now);
        remove(counters, &mut left, |counter| counter.ends_at < now);
        remove(suppressions, &mut left, |known| known.ends_at < now);
        sessions.retain(|id, _| tokens.values().any(|row| row.session == *id));
        Ok(u64::from(limit - left))
    }
}

/// Removes as many of these records as are left to be removed.
fn remove<K: Ord + Clone, V>(records: &mut BTreeMap<K, V>, left: &mut u32, ended: impl Fn(&V) -> bool) {
    let keys = records.iter().filter(|(_, record)| ended(record)).map(|(key, _)| key.clone());
    for key in up_to(*left, keys) {
        records.remove(&key);
        *left -= 1;
    }
}
