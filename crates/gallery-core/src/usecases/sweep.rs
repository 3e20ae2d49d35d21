//! The sweeper: finds what expired and what crashes left behind. It never harms: whatever a listing said, the
//! row is looked at again, consistently, just before anything is deleted.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Error, Gallery};
use crate::model::{BlobKey, JobKind, LeasedJob, PhotoState, StoredPhoto};
use crate::ports::{BlobStat, StoreError};
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
    /// Blobs that no row owns, removed.
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

    /// Removes blobs that no row owns. A row names a generation before any blob of it is put, and
    /// ids are never used twice: a blob that has no owner will never get one.
    pub(super) async fn sweep_blobs(&self, leased: Option<&LeasedJob>) -> Result<u64, Error> {
        let mut count = 0;
        let mut after: Option<BlobKey> = None;
        let mut of_live = Vec::new();
        loop {
            let listed = self.ports.blobs.list(after.as_ref(), A_STEP).await?;
            let Some(last) = listed.last() else { break };
            after = Some(last.key.clone());
            for of_one_photo in listed.chunk_by(|a, b| a.key.photo() == b.key.photo()) {
                count += self.sweep_blobs_of(of_one_photo, &mut of_live).await?;
            }
            if let Some(leased) = leased {
                self.keep_lease(leased).await?;
            }
        }
        if !of_live.is_empty() {
            // Read after the rows: the job that waits to remove what was replaced is recorded with
            // the replacement.
            let waiting = self.waiting_removals().await?;
            of_live.retain(|key| !waiting.contains(key));
            count += self.remove_strays(&of_live).await?;
        }
        Ok(count)
    }

    /// Blobs of a live photo that it does not own are added to `of_live`: they may have been
    /// replaced a minute ago, and a client may be fetching them.
    async fn sweep_blobs_of(&self, blobs: &[BlobStat], of_live: &mut Vec<BlobKey>) -> Result<u64, Error> {
        let Some(first) = blobs.first() else { return Ok(0) };
        let row = self.row_of(first.key.photo()).await?;
        let owned = |key: &BlobKey| row.as_ref().is_some_and(|row| row.owns(key));
        let strays = blobs.iter().map(|blob| blob.key.clone()).filter(|key| !owned(key));
        if row.as_ref().is_some_and(|row| row.state == PhotoState::Ready) {
            of_live.extend(strays);
            return Ok(0);
        }
        self.remove_strays(&strays.collect::<Vec<_>>()).await
    }

    async fn remove_strays(&self, keys: &[BlobKey]) -> Result<u64, Error> {
        if keys.is_empty() {
            return Ok(0);
        }
        self.ports.blobs.delete(keys).await?;
        tracing::warn!(blobs = keys.len(), "removed blobs without a row");
        Ok(keys.len() as u64)
    }

    /// What jobs are waiting to remove. A job that is parked waits no more.
    pub(super) async fn waiting_removals(&self) -> Result<BTreeSet<BlobKey>, Error> {
        let (mut keys, mut after) = (BTreeSet::new(), None);
        loop {
            let jobs = self.ports.store.jobs(after, A_STEP).await?;
            let Some(last) = jobs.last() else { return Ok(keys) };
            after = Some(last.id);
            for job in jobs.into_iter().filter(|job| !job.parked) {
                if let JobKind::RemoveRenditions { photo, objects, .. } = job.kind {
                    keys.extend(
                        objects
                            .into_iter()
                            .map(|(generation, rendition)| BlobKey::of(photo, generation, rendition)),
                    );
                }
            }
        }
    }

    /// The photo's row in any state, read consistently.
    pub(super) async fn row_of(&self, photo: PhotoId) -> Result<Option<StoredPhoto>, Error> {
        match self.ports.store.photo_in_any_state(photo).await {
            Err(StoreError::NotFound) => Ok(None),
            other => Ok(Some(other?)),
        }
    }
}
