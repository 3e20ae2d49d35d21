//! What keys of requests were used for, within the units of work that make albums and photos and
//! take them away. The port's methods are in `albums`. Tested by the conformance suite.

use gallery_core::ports::{Conflict, StoreError};
use gallery_core::values::{IdempotencyKey, Timestamp, UserId};
use uuid::Uuid;

use crate::keys;
use crate::records::KeyRecord;
use crate::table::Engine;
use crate::unit::Unit;

impl<E: Engine> Unit<'_, E> {
    /// Records what a key is used for, unless its owner has used it before and that did not expire
    /// before now.
    pub(crate) async fn record_key(
        &mut self,
        owner: UserId,
        key: &IdempotencyKey,
        record: &KeyRecord,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let slot = keys::idempotency(owner, key);
        if self.read(&slot).await?.is_some_and(|known| known.expires_at >= now) {
            return Err(StoreError::Conflict(Conflict::IdempotencyKeyUsed));
        }
        self.put(&slot, record)
    }

    /// Forgets the key that made this album or photo, if it still stands for that.
    pub(crate) async fn forget_key(
        &mut self,
        owner: UserId,
        key: Option<&IdempotencyKey>,
        resource: Uuid,
    ) -> Result<(), StoreError> {
        let Some(slot) = key.map(|key| keys::idempotency(owner, key)) else { return Ok(()) };
        if self.read(&slot).await?.is_some_and(|record| record.resource == resource) {
            self.delete(&slot);
        }
        Ok(())
    }
}
