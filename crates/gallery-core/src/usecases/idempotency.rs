//! `Idempotency-Key`: the same key and content gives the first answer again.

use std::time::Duration;

use super::{Error, Gallery};
use crate::model::{IdempotencyRecord, JobKind};
use crate::ports::StoreError;
use crate::values::{IdempotencyKey, PhotoId, Timestamp, UserId};

/// A key is remembered for a day.
const LIFETIME: Duration = Duration::from_hours(24);
/// How often a request looks whether the first one with its key has finished, and how long it waits
/// between.
const MOST_POLLS: u32 = 100;
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// After so many polls it tries to take the place of an upload that shows no life.
const POLLS_PER_TAKEOVER: u32 = 10;

impl Gallery {
    /// From when on a key that is used now may be used for something else.
    pub(super) fn key_expiry(&self) -> Timestamp {
        self.now().plus(LIFETIME)
    }

    /// Parses the header, if there is one.
    pub(super) fn parse_key(key: Option<&str>) -> Result<Option<IdempotencyKey>, Error> {
        key.map(IdempotencyKey::parse).transpose().map_err(|invalid| Error::field("Idempotency-Key", invalid))
    }

    /// The record of a key that was used before; `None` when it has gone in the meantime, so that
    /// the request may try again to be the first. Waits while the first request is still running,
    /// and ends one that is dead.
    pub(super) async fn first_use(
        &self,
        owner: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<IdempotencyRecord>, Error> {
        for poll in 0..MOST_POLLS {
            let record = if poll % POLLS_PER_TAKEOVER == 0 {
                self.living_use(owner, key).await?
            } else {
                self.record_of(owner, key).await?
            };
            let Some(record) = record else { return Ok(None) };
            if record.fingerprint.is_some() {
                return Ok(Some(record));
            }
            self.ports.clock.sleep(POLL_INTERVAL).await;
        }
        Err(Error::IdempotencyUnresolved)
    }

    /// The record of a key, unless it is that of an upload that has shown no life for a minute: a
    /// crash has ended that one. It is deleted, and its key is free.
    pub(super) async fn living_use(
        &self,
        owner: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<IdempotencyRecord>, Error> {
        let Some(record) = self.record_of(owner, key).await? else { return Ok(None) };
        if record.fingerprint.is_some() {
            return Ok(Some(record));
        }
        let photo = PhotoId::from_uuid(record.resource);
        let job = self.new_job(JobKind::PurgePhoto { photo, owner });
        self.ports.store.begin_photo_deletion(photo, Some(self.now()), job).await?;
        let left = self.record_of(owner, key).await?;
        if left.is_none() {
            tracing::info!(
                account = self.pseudonym(owner),
                "an upload took the place of one that was cut off"
            );
            self.ports.job_notifier.notify();
        }
        Ok(left)
    }

    /// The record of a key; `None` when it has gone or expired, so that the key can be used anew.
    async fn record_of(
        &self,
        owner: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<IdempotencyRecord>, Error> {
        match self.ports.store.idempotency_record(owner, key, self.now()).await {
            Err(StoreError::NotFound) => Ok(None),
            other => Ok(Some(other?)),
        }
    }
}
