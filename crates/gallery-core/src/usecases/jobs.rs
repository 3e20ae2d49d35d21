//! The workers' use case: lease a job, do it, and finish it, postpone it or park it. What the jobs
//! do is in `mails`, `deletion`, `reprocess` and `sweep`.

use std::time::Duration;

use super::{Error, Gallery};
use crate::error_chain::error_chain;
use crate::model::{Job, JobKind, LeasedJob, NewJob};
use crate::ports::{Conflict, StoreError};
use crate::values::{JobId, Timestamp};

/// A lease lasts 60 seconds; a worker that dies loses its job then.
const LEASE: Duration = Duration::from_mins(1);
/// After so many failures a job is parked.
pub(super) const PARKED_AFTER: u32 = 10;
/// The longest wait between two attempts, and the wait of a parked deletion.
pub(super) const LONGEST_WAIT: Duration = Duration::from_mins(10);
/// How often the sweeper comes back.
const SWEEP_EVERY: Duration = Duration::from_mins(5);
/// How often it looks through every blob.
const SWEEP_BLOBS_EVERY: Duration = Duration::from_hours(24);

/// What became of a leased job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobOutcome {
    /// It is done, or postponed until it comes back by itself.
    Done,
    /// It failed and will be tried again.
    Failed,
    /// It failed too often, or for good.
    Parked,
    /// The lease ended while it ran; whoever holds it now goes on.
    LostLease,
}

/// What the handler wants to become of the job.
enum NextStep {
    Finish,
    ComeBack(Duration),
}

/// Why a job failed, and what may help.
pub(super) struct Failure {
    pub(super) reason: String,
    pub(super) retry: RetryPolicy,
}

/// What may help a job that failed.
pub(super) enum RetryPolicy {
    /// Nothing: it is parked.
    Never,
    /// Another attempt, but not without end: after ten the job is parked.
    Attempts,
    /// Time: something it depends on is away. The job is parked when it is not back by then.
    Waiting {
        until: Timestamp,
        /// The longest wait between two attempts.
        longest: Duration,
    },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { reason: chain(&error), retry: RetryPolicy::Attempts }
    }
}

/// An error with its causes. Ours hold no address and no token; the store's are the operator's
/// business.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    error_chain(error).chars().take(500).collect()
}

impl Gallery {
    /// Records the jobs of upkeep and makes them run now. Called when a process starts; from then
    /// on they come back by themselves: the sweeper's, records every 5 minutes and blobs once a
    /// day, and the upgrade of records that a release before has written, until all are. Any number
    /// of instances share one of each.
    pub async fn schedule_upkeep(&self) -> Result<(), Error> {
        let upgrade = (!self.is_upgraded().await?).then_some((3, JobKind::Upgrade));
        for (number, kind) in [(1, JobKind::Sweep), (2, JobKind::SweepBlobs)].into_iter().chain(upgrade) {
            // Fixed ids: there is one of each, however many instances start.
            let id = JobId::from_uuid(uuid::Uuid::from_u128(number));
            let now = self.now();
            self.ports.store.enqueue(&NewJob::new(id, kind, now)).await?;
            self.ports.store.resume_job(id, now).await?;
        }
        self.ports.job_notifier.notify();
        Ok(())
    }

    /// Returns when a job was recorded by this process since the last time somebody waited; for a
    /// worker that has nothing to do. What other instances record is not heard of.
    pub async fn job_notified(&self) {
        self.ports.job_notifier.notified().await;
    }

    /// Up to `limit` jobs after this one in the order of their ids, whatever their state; for an
    /// operator.
    pub async fn jobs(&self, after: Option<JobId>, limit: u32) -> Result<Vec<Job>, Error> {
        Ok(self.ports.store.jobs(after, limit).await?)
    }

    /// Makes a job due now, also a parked one; for an operator. [`Error::NotFound`] when there is
    /// none of this id.
    pub async fn resume_job(&self, id: JobId) -> Result<(), Error> {
        Ok(self.ports.store.resume_job(id, self.now()).await?)
    }

    /// Leases and runs the job whose turn it is; `None` when none is due. The classes of jobs take
    /// turns, within a class its shards, and of a shard the job comes first that has been due for
    /// longest: so nobody's thousand jobs delay another's one. Whose turn it is, each process
    /// remembers for itself.
    ///
    /// A job that fails is not an error: it waits for its next attempt, one second at first,
    /// doubling up to ten minutes, and is parked after ten; a mail whose mail system is away waits
    /// for three days, or as long as its link is good. Fails only when a queue itself does. A
    /// worker that dies in here loses the job to another one after 60 seconds.
    pub async fn run_due_job(&self) -> Result<Option<JobOutcome>, Error> {
        let Some(leased) = self.lease_next().await? else { return Ok(None) };
        let result = self.handle(&leased).await;
        match self.settle(&leased, result).await {
            Err(StoreError::Conflict(Conflict::LeaseLost)) => Ok(Some(JobOutcome::LostLease)),
            other => Ok(Some(other?)),
        }
    }

    /// Leases the job whose turn it is. A queue that has none for us does not lose its turn.
    async fn lease_next(&self) -> Result<Option<LeasedJob>, Error> {
        let (now, lease) = (self.now(), u64::from_be_bytes(self.random()));
        let due = self.ports.store.due_queues(now).await?;
        for queue in self.turns.order(&due) {
            if let Some(leased) = self.ports.store.lease_job(queue, lease, now, now.plus(LEASE)).await? {
                self.turns.took(queue);
                return Ok(Some(leased));
            }
        }
        Ok(None)
    }

    async fn handle(&self, leased: &LeasedJob) -> Result<NextStep, Failure> {
        match &leased.job.kind {
            JobKind::PurgePhoto { photo, .. } => self.purge_photo(leased, *photo).await?,
            JobKind::PurgeAlbum { album, .. } => self.purge_album(leased, *album).await?,
            JobKind::PurgeAccount { user, receipt } => {
                self.purge_account(leased, *user, receipt.as_ref()).await?;
            }
            JobKind::Reprocess { photo, .. } => self.reprocess_photo(leased, *photo).await?,
            JobKind::ReprocessAccount { owner, after } => {
                self.reprocess_account(leased, *owner, *after).await?;
            }
            JobKind::RemoveRenditions { photo, objects, .. } => {
                self.remove_renditions(*photo, objects).await?;
            }
            JobKind::SendMail { mail } => self.send(leased.job.id, mail).await?,
            JobKind::SendRequestedMail(request) => {
                self.send_requested_mail(leased.job.id, request).await?;
            }
            JobKind::Sweep => {
                self.sweep_records(Some(leased)).await?;
                return Ok(NextStep::ComeBack(SWEEP_EVERY));
            }
            JobKind::SweepBlobs => {
                self.sweep_blobs(Some(leased)).await?;
                self.give_up_old_mails(Some(leased)).await?;
                return Ok(NextStep::ComeBack(SWEEP_BLOBS_EVERY));
            }
            JobKind::Upgrade => {
                if self.upgrade_some(leased).await? {
                    return Ok(NextStep::ComeBack(Duration::ZERO));
                }
            }
        }
        Ok(NextStep::Finish)
    }

    async fn settle(
        &self,
        leased: &LeasedJob,
        result: Result<NextStep, Failure>,
    ) -> Result<JobOutcome, StoreError> {
        let store = &self.ports.store;
        let (id, lease) = (leased.job.id, leased.lease);
        match result {
            Ok(NextStep::Finish) => {
                store.finish_job(id, lease).await?;
                Ok(JobOutcome::Done)
            }
            Ok(NextStep::ComeBack(wait)) => {
                store.postpone_job(id, lease, self.now().plus(wait), None, false).await?;
                Ok(JobOutcome::Done)
            }
            Err(failure) => {
                let (kind, failures) = (&leased.job.kind, leased.job.failures + 1);
                let parked = self.is_final(kind, &failure, failures);
                let due = self.now().plus(self.wait_after(&leased.job, &failure, failures));
                store.postpone_job(id, lease, due, Some(&failure.reason), parked).await?;
                let alarming = kind.comes_back() && failures >= PARKED_AFTER;
                let (kind, reason) = (kind.name(), failure.reason);
                if parked {
                    tracing::error!(job = %id, kind, failures, reason, "job parked: look at `admin jobs`");
                    return Ok(JobOutcome::Parked);
                }
                if alarming {
                    tracing::error!(job = %id, kind, failures, reason, "job keeps failing, will be tried again");
                } else {
                    tracing::warn!(job = %id, kind, failures, reason, "job failed, will be tried again");
                }
                Ok(JobOutcome::Failed)
            }
        }
    }

    fn is_final(&self, kind: &JobKind, failure: &Failure, failures: u32) -> bool {
        match failure.retry {
            // Upkeep comes back whatever happened: parked, it would not.
            _ if kind.comes_back() => false,
            RetryPolicy::Never => true,
            RetryPolicy::Attempts => failures >= PARKED_AFTER,
            RetryPolicy::Waiting { until, .. } => self.now() >= until,
        }
    }

    /// Doubles from one second, up to ten minutes, with a random part so that instances do not go
    /// in step.
    fn wait_after(&self, job: &Job, failure: &Failure, failures: u32) -> Duration {
        if failures >= PARKED_AFTER && job.kind.is_deletion() {
            return LONGEST_WAIT;
        }
        let longest = match failure.retry {
            RetryPolicy::Waiting { longest, .. } => longest.min(LONGEST_WAIT),
            RetryPolicy::Never | RetryPolicy::Attempts => LONGEST_WAIT,
        };
        let base = Duration::from_secs(1u64 << failures.saturating_sub(1).min(10)).min(longest);
        let [random] = self.random::<1>();
        base.mul_f64(0.5 + f64::from(random) / 510.0)
    }

    /// Makes the lease last for another minute, while the job is making progress.
    pub(super) async fn keep_lease(&self, leased: &LeasedJob) -> Result<(), Error> {
        Ok(self.ports.store.extend_lease(leased.job.id, leased.lease, self.now().plus(LEASE)).await?)
    }
}
