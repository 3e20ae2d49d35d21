//! Jobs: the port [`Jobs`], queues with leases.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::StoreError;
use crate::model::{Job, JobQueue, LeasedJob, NewJob};
use crate::values::{JobId, Timestamp};

/// The queues. Any number of workers on any number of instances draw from them.
///
/// A job is *available* at an instant when it is due by then, no lease reaches beyond it, and it is
/// not parked. A parked deletion is available like any other job: only its delay is longer.
#[async_trait]
pub trait Jobs: Send + Sync {
    /// Records a job in [its queue](NewJob::queue); when one of this id is there, nothing changes,
    /// and that is Ok.
    async fn enqueue(&self, job: &NewJob) -> Result<(), StoreError>;

    /// The queues that may have a job that is available at `now`: where workers look next.
    ///
    /// It MUST be cheap when there is no work: on a store that is paid by the read, one read. One
    /// that has no available job may be named. One that has SHOULD be named at once, and MUST be by
    /// the time that somebody has asked for it for a minute, whatever was lost meanwhile: a process
    /// that was killed right after it had recorded the job, a clock that is off.
    async fn due_queues(&self, now: Timestamp) -> Result<BTreeSet<JobQueue>, StoreError>;

    /// Leases the available job of this queue that has been due for longest (of several, the one
    /// with the lowest id); `None` when there is none. Of any number of workers, one MUST get the
    /// job. `lease` is the random name of the lease.
    async fn lease_job(
        &self,
        queue: JobQueue,
        lease: u64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LeasedJob>, StoreError>;

    /// Makes the lease last until then; `Conflict(LeaseLost)` when it is another worker's by now.
    async fn extend_lease(&self, job: JobId, lease: u64, until: Timestamp) -> Result<(), StoreError>;

    /// Removes a job that is done. Ok when it is gone already; `Conflict(LeaseLost)` as above.
    async fn finish_job(&self, job: JobId, lease: u64) -> Result<(), StoreError>;

    /// Gives the job back, due at `due_at`, with one more failure and its reason, or with none and
    /// no reason when `error` is absent (the job ran well and comes back). `parked` as in [`Job`].
    /// `Conflict(LeaseLost)` as above.
    async fn postpone_job(
        &self,
        job: JobId,
        lease: u64,
        due_at: Timestamp,
        error: Option<&str>,
        parked: bool,
    ) -> Result<(), StoreError>;

    /// The job; `NotFound` when it is done.
    async fn job(&self, id: JobId) -> Result<Job, StoreError>;

    /// Up to `limit` jobs after this one, of all queues, in order of their ids.
    async fn jobs(&self, after: Option<JobId>, limit: u32) -> Result<Vec<Job>, StoreError>;

    /// Makes a job run now: no longer parked, no failures, due at `now`. `NotFound` when it is
    /// done.
    async fn resume_job(&self, id: JobId, now: Timestamp) -> Result<(), StoreError>;
}
