//! The sweeper: finds what expired and what crashes left behind. It never harms: whatever a listing
//! said, the row is looked at again, consistently, just before anything is deleted. It goes step by
//! step; each step is bounded, extends the job's lease, and has to get something done for the next
//! one to follow.

use super::{Error, Gallery};
use crate::model::{BlobKey, JobKind, LeasedJob, NewUpload, PhotoState, StoredPhoto};
use crate::ports::{BlobStat, StoreError};
use crate::values::PhotoId;

/// Records or blobs looked at in one step.
const BATCH_SIZE: u32 = 500;
/// Uploads, accounts or interrupted changes handled in one step: each is a unit of work or several,
/// and a step ends long before its lease does.
const UNITS_PER_BATCH: u32 = 50;

/// What a sweep found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Uploads past their deadline, handed to deletion.
    pub uploads: u64,
    /// Expired tokens, idempotency records, counters and suppressions, and sign-ups that were not
    /// confirmed in time, removed.
    pub expired: u64,
    /// Blobs that no row owns, removed.
    pub blobs: u64,
}

impl Gallery {
    /// Looks through records and blobs once, whatever the schedule says. What it finds to be
    /// deleted is handed to jobs: [`run_due_job`](Self::run_due_job) removes it.
    pub async fn sweep(&self) -> Result<Swept, Error> {
        let swept = self.sweep_records(None).await?;
        self.give_up_old_mails(None).await?;
        Ok(Swept { blobs: self.sweep_blobs(None).await?, ..swept })
    }

    pub(super) async fn sweep_records(&self, leased: Option<&LeasedJob>) -> Result<Swept, Error> {
        let mut swept = Swept { uploads: self.sweep_uploads(leased).await?, ..Swept::default() };
        let store = &self.ports.store;
        loop {
            let removed = store.remove_expired(self.now(), BATCH_SIZE).await?;
            self.keep_step(leased).await?;
            swept.expired += removed;
            if removed == 0 {
                break;
            }
        }
        while store.finish_interrupted(UNITS_PER_BATCH).await? > 0 {
            self.keep_step(leased).await?;
        }
        if swept.uploads > 0 {
            self.ports.job_notifier.notify();
        }
        Ok(swept)
    }

    async fn sweep_uploads(&self, leased: Option<&LeasedJob>) -> Result<u64, Error> {
        let (mut count, mut first) = (0, None);
        loop {
            let before = self.now().minus(NewUpload::SWEPT_AFTER);
            let overdue = self.ports.store.overdue_uploads(before, UNITS_PER_BATCH).await?;
            // What was listed before and is listed again cannot be handed over.
            if overdue.is_empty() || first.replace(overdue[0].id) == Some(overdue[0].id) {
                return Ok(count);
            }
            for upload in overdue {
                let job = self.new_job(JobKind::PurgePhoto { photo: upload.id, owner: upload.owner });
                self.ports.store.begin_photo_deletion(upload.id, Some(before), job).await?;
                count += 1;
            }
            self.keep_step(leased).await?;
        }
    }

    /// Removes blobs that no row owns. A row names a generation before any blob of it is put, and
    /// ids are never used twice: a blob that has no owner will never get one.
    pub(super) async fn sweep_blobs(&self, leased: Option<&LeasedJob>) -> Result<u64, Error> {
        let mut count = 0;
        let mut after: Option<BlobKey> = None;
        loop {
            let listed = self.ports.blobs.list(after.as_ref(), BATCH_SIZE).await?;
            let Some(last) = listed.last() else { return Ok(count) };
            after = Some(last.key.clone());
            for of_one_photo in listed.chunk_by(|a, b| a.key.photo() == b.key.photo()) {
                count += self.sweep_blobs_of(of_one_photo).await?;
            }
            self.keep_step(leased).await?;
        }
    }

    /// Blobs of a live photo that it does not own may have been replaced a minute ago, and a client
    /// may be fetching them: those that a job waits to remove are left to it.
    async fn sweep_blobs_of(&self, blobs: &[BlobStat]) -> Result<u64, Error> {
        let Some(first) = blobs.first() else { return Ok(0) };
        let row = self.row_of(first.key.photo()).await?;
        let owned = |key: &BlobKey| row.as_ref().is_some_and(|row| row.owns(key));
        let strays: Vec<BlobKey> =
            blobs.iter().map(|blob| blob.key.clone()).filter(|key| !owned(key)).collect();
        if row.as_ref().is_none_or(|row| row.state != PhotoState::Ready) {
            return self.remove_strays(&strays).await;
        }
        let mut count = 0;
        for of_one_generation in strays.chunk_by(|a, b| a.generation() == b.generation()) {
            // Asked after the row was read: the job is recorded with the replacement.
            if !self.awaits_removal(&of_one_generation[0]).await? {
                count += self.remove_strays(of_one_generation).await?;
            }
        }
        Ok(count)
    }

    async fn remove_strays(&self, keys: &[BlobKey]) -> Result<u64, Error> {
        if keys.is_empty() {
            return Ok(0);
        }
        self.ports.blobs.delete(keys).await?;
        tracing::warn!(blobs = keys.len(), "removed blobs without a row");
        Ok(keys.len() as u64)
    }

    /// Extends the lease of the job that sweeps, if one does: a step is done.
    pub(super) async fn keep_step(&self, leased: Option<&LeasedJob>) -> Result<(), Error> {
        match leased {
            Some(leased) => self.keep_lease(leased).await,
            None => Ok(()),
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
