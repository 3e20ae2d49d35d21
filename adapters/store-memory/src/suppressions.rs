//! Addresses that are not written to: the port `Suppressions`. Knows the records only; tested by
//! the conformance suite's suppressions.

use async_trait::async_trait;
use gallery_core::ports::{StoreError, Suppression, Suppressions};
use gallery_core::values::{AddressHash, Timestamp};

use crate::MemoryStore;

#[async_trait]
impl Suppressions for MemoryStore {
    async fn suppress(&self, address: &AddressHash, suppression: &Suppression) -> Result<(), StoreError> {
        let mut state = self.state();
        let known = state.suppressions.get(address);
        if known.is_none_or(|known| known.ends_at < suppression.ends_at) {
            state.suppressions.insert(*address, *suppression);
        }
        Ok(())
    }

    async fn suppression(
        &self,
        address: &AddressHash,
        now: Timestamp,
    ) -> Result<Option<Suppression>, StoreError> {
        Ok(self.state().suppressions.get(address).copied().filter(|known| known.ends_at >= now))
    }

    async fn lift_suppression(&self, address: &AddressHash) -> Result<(), StoreError> {
        self.state().suppressions.remove(address);
        Ok(())
    }
}
