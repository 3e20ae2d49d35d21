//! What ends by itself: the port `Expiry`, for an engine that does not remove it. Tested by the
//! conformance suite.

use async_trait::async_trait;
use gallery_core::ports::{Expiry, StoreError};
use gallery_core::values::Timestamp;

use crate::records::{Counter, KeyRecord, SessionRecord, Suppressed, TokenRecord};
use crate::store::ItemStore;
use crate::table::Engine;

#[async_trait]
impl<E: Engine> Expiry for ItemStore<E> {
    async fn remove_expired(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let limit = u64::from(limit);
        let mut removed = self.remove_ended_registrations(now, limit).await?;
        removed += self.remove_ended::<TokenRecord>("token", now, limit - removed).await?;
        // A session ends with its last token, so that no more of them are left than tokens were.
        self.remove_ended::<SessionRecord>("session", now, limit).await?;
        removed += self.remove_ended::<KeyRecord>("key", now, limit - removed).await?;
        removed += self.remove_ended::<Counter>("counter", now, limit - removed).await?;
        removed += self.remove_ended::<Suppressed>("suppression", now, limit - removed).await?;
        Ok(removed)
    }
}
