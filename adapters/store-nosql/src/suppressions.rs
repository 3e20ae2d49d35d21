//! Addresses that are not written to: the port `Suppressions`. One item each, which time to live
//! removes.

use async_trait::async_trait;
use gallery_core::ports::{StoreError, Suppression, Suppressions};
use gallery_core::values::{AddressHash, Timestamp};

use crate::keys;
use crate::records::Suppressed;
use crate::store::ItemStore;
use crate::table::Engine;
use crate::unit::unit_of_work;

#[async_trait]
impl<E: Engine> Suppressions for ItemStore<E> {
    async fn suppress(&self, address: &AddressHash, suppression: &Suppression) -> Result<(), StoreError> {
        let slot = keys::suppression(address);
        unit_of_work!(self, |unit| {
            let known: Option<Suppressed> = unit.read(&slot).await?;
            if known.is_none_or(|known| known.0.ends_at < suppression.ends_at) {
                unit.put(&slot, &Suppressed(*suppression))?;
            }
        });
        Ok(())
    }

    async fn suppression(
        &self,
        address: &AddressHash,
        now: Timestamp,
    ) -> Result<Option<Suppression>, StoreError> {
        let known = self.reading().read(&keys::suppression(address)).await?;
        Ok(known.map(|Suppressed(known)| known).filter(|known| known.ends_at >= now))
    }

    async fn lift_suppression(&self, address: &AddressHash) -> Result<(), StoreError> {
        let slot = keys::suppression(address);
        unit_of_work!(self, |unit| unit.delete(&slot));
        Ok(())
    }
}
