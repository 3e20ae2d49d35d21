//! `Idempotency-Key`: the same key and content gives the first answer again.

use std::time::Duration;

use super::{Error, Gallery};
use crate::model::IdempotencyRecord;
use crate::ports::StoreError;
use crate::values::{IdempotencyKey, Timestamp, UserId};

/// A key is remembered for a day.
const LIFETIME: Duration = Duration::from_hours(24);
/// How often a request looks whether the first one with its key has finished, and how long it waits between.
const LOOKS: u32 = 100;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

impl Gallery {
    /// From when on a key that is used now may be used for something else.
    pub(super) fn key_expiry(&self) -> Timestamp {
        self.now().plus(LIFETIME)
    }

    /// Parses the header, if there is one.
    pub(super) fn parse_key(key: Option<&str>) -> Result<Option<IdempotencyKey>, Error> {
        key.map(IdempotencyKey::parse).transpose().map_err(|invalid| Error::field("Idempotency-Key", invalid))
    }

    /// The record of a key that was used before; `None` when it has gone in the meantime, so that the request
    /// may try again to be the first. Waits while the first request is still running.
    pub(super) async fn first_use(
        &self,
        owner: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<IdempotencyRecord>, Error> {
        for _ in 0..LOOKS {
            let Some(record) = self.record_of(owner, key).await? else { return Ok(None) };
            if record.fingerprint.is_some() {
                return Ok(Some(record));
            }
            self.ports.clock.sleep(BETWEEN_LOOKS).await;
        }
        Err(Error::IdempotencyUnresolved)
    }

    /// The record of a key; `None` when it has gone or expired, so that the key can be used anew. Good until and
    /// including its last instant: the same edge as removal has.
    pub(super) async fn record_of(
        &self,
        owner: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<IdempotencyRecord>, Error> {
        let record = match self.ports.store.idempotency_record(owner, key).await {
            Err(StoreError::NotFound) => return Ok(None),
            other => other?,
        };
        if record.expires_at < self.now() {
            self.ports.store.remove_expired_idempotency_records(self.now(), u32::MAX).await?;
            return Ok(None);
        }
        Ok(Some(record))
    }
}
