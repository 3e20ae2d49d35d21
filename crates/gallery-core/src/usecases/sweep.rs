//! The sweeper: finds what expired and what crashes left behind. It never harms: whatever a listing said, the
//! row is looked at again, consistently, just before anything is deleted.

use std::time::Duration;

use super::{Error, Gallery};
use crate::model::{JobKind, LeasedJob};
use crate::ports::{BlobKey, BlobStat, StoreError};
use crate::values::PhotoId;

/// An account that is not confirmed within a day disappears.
const CONFIRM_WITHIN: Duration = Duration::from_hours(24);
/// Records or blobs looked at in one step.
const A_STEP: u32 = 500;

/// What a sweep found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Uploads past their deadline, handed to deletion.
    pub uploads: u64,
    /// Accounts that were never confirmed, handed to deletion.
    pub accounts: u64,
    /// Expired tokens, idempotency records, counters and suppressions, removed.
    pub expired: u64,
    /// Blobs that belong to no row, removed.
    pub blobs: u64,
}

impl Gallery {
    /// Looks through records and blobs once, whatever the schedule says. What it finds to be deleted is handed to
    /// jobs: [`run_due_job`](Self::run_due_job) removes it.
    pub async fn sweep(&self) -> Result<Swept, Error> {
        let swept = self.sweep_records().await?;
        self.give_up_old_mails().await?;
        Ok(Swept { blobs: self.sweep_blobs(None).await?, ..swept })
    }

    pub(super) async fn sweep_records(&self) -> Result<Swept, Error> {
        let mut swept = Swept { uploads: self.sweep_uploads().await?, ..Swept::default() };
        swept.accounts = self.sweep_unconfirmed().await?;
        let store = &self.ports.store;
        loop {
            let now = self.now();
            let removed = store.remove_expired_sessions(now, A_STEP).await?
                + store.remove_expired_idempotency_records(now, A_STEP).await?
                + store.remove_ended_counters(now, A_STEP).await?
                + store.remove_ended_suppressions(now, A_STEP).await?;
            swept.expired += removed;
            if removed == 0 {
                break;
            }
        }
        while store.finish_interrupted(A_STEP).await? > 0 {}
        if swept.uploads + swept.accounts > 0 {
            self.ports.bell.ring();
        }
        Ok(swept)
    }

    async fn sweep_uploads(&self) -> Result<u64, Error> {
        let mut count = 0;
        loop {
            let now = self.now();
            let overdue = self.ports.store.overdue_uploads(now, A_STEP).await?;
            if overdue.is_empty() {
                return Ok(count);
            }
            for upload in overdue {
                let job = self.new_job(JobKind::PurgePhoto { photo: upload.id, owner: upload.owner });
                self.ports.store.begin_photo_deletion(upload.id, Some(now), job).await?;
                count += 1;
            }
        }
    }

    async fn sweep_unconfirmed(&self) -> Result<u64, Error> {
        let mut count = 0;
        loop {
            let created_before = self.now().minus(CONFIRM_WITHIN);
            let users = self.ports.store.unconfirmed_users(created_before, A_STEP).await?;
            if users.is_empty() {
                return Ok(count);
            }
            for user in users {
                let job = self.new_job(JobKind::PurgeAccount { user, receipt: None });
                match self.ports.store.begin_account_deletion(user, true, job).await {
                    // Confirmed at the last moment.
                    Err(StoreError::NotFound) => {}
                    other => {
                        other?;
                        count += 1;
                    }
                }
            }
        }
    }

    /// Removes blobs that no row knows. Rows come before blobs and ids are never used twice, so a blob without a
    /// row will never get one.
    pub(super) async fn sweep_blobs(&self, leased: Option<&LeasedJob>) -> Result<u64, Error> {
        let mut count = 0;
        let mut after: Option<BlobKey> = None;
        loop {
            let listed = self.ports.blobs.list(after.as_ref(), A_STEP).await?;
            let Some(last) = listed.last() else { return Ok(count) };
            after = Some(last.key.clone());
            for of_one_photo in listed.chunk_by(|a, b| a.key.photo() == b.key.photo()) {
                count += self.sweep_blobs_of(of_one_photo).await?;
            }
            if let Some(leased) = leased {
                self.keep_lease(leased).await?;
            }
        }
    }

    async fn sweep_blobs_of(&self, blobs: &[BlobStat]) -> Result<u64, Error> {
        let Some(photo) = blobs.first().and_then(|blob| blob.key.photo()) else { return Ok(0) };
        if self.has_row(photo).await? {
            return Ok(0);
        }
        let keys: Vec<_> = blobs.iter().map(|blob| blob.key.clone()).collect();
        self.ports.blobs.delete(&keys).await?;
        tracing::warn!(blobs = keys.len(), "removed blobs without a row");
        Ok(keys.len() as u64)
    }

    pub(super) async fn has_row(&self, photo: PhotoId) -> Result<bool, Error> {
        match self.ports.store.photo_in_any_state(photo).await {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }
}
