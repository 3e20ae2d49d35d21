//! Jobs: the port `Jobs`. Knows the records only; tested by the conformance suite's jobs.

use std::collections::BTreeSet;

use async_trait::async_trait;
use gallery_core::model::{Job, JobQueue, LeasedJob, NewJob};
use gallery_core::ports::{Conflict, Jobs, StoreError};
use gallery_core::values::{JobId, Timestamp};

use crate::MemoryStore;
use crate::state::{JobRow, State, up_to};

#[async_trait]
impl Jobs for MemoryStore {
    async fn enqueue(&self, job: &NewJob) -> Result<(), StoreError> {
        self.state().record_job(job.clone());
        Ok(())
    }

    async fn due_queues(&self, now: Timestamp) -> Result<BTreeSet<JobQueue>, StoreError> {
        let state = self.state();
        let jobs = state.jobs.values().map(|row| &row.job);
        Ok(jobs.filter(|job| job.is_available(now)).map(Job::queue).collect())
    }

    async fn lease_job(
        &self,
        queue: JobQueue,
        lease: u64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let mut state = self.state();
        let rows = state.jobs.values_mut();
        let available = rows.filter(|row| row.job.queue() == queue && row.job.is_available(now));
        let row = available.min_by_key(|row| (row.job.due_at, row.job.id));
        Ok(row.map(|row| {
            row.lease = Some(lease);
            row.job.leased_until = Some(until);
            LeasedJob { job: row.job.clone(), lease }
        }))
    }

    async fn extend_lease(&self, job: JobId, lease: u64, until: Timestamp) -> Result<(), StoreError> {
        self.state().leased_job_mut(job, lease)?.job.leased_until = Some(until);
        Ok(())
    }

    async fn finish_job(&self, job: JobId, lease: u64) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.jobs.contains_key(&job) {
            state.leased_job_mut(job, lease)?;
            state.jobs.remove(&job);
        }
        Ok(())
    }

    async fn postpone_job(
        &self,
        job: JobId,
        lease: u64,
        due_at: Timestamp,
        error: Option<&str>,
        parked: bool,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let row = state.leased_job_mut(job, lease)?;
        row.lease = None;
        row.job.leased_until = None;
        row.job.due_at = due_at;
        row.job.failures = if error.is_some() { row.job.failures + 1 } else { 0 };
        row.job.last_error = error.map(str::to_owned);
        row.job.parked = parked;
        Ok(())
    }

    async fn job(&self, id: JobId) -> Result<Job, StoreError> {
        self.state().jobs.get(&id).map(|row| row.job.clone()).ok_or(StoreError::NotFound)
    }

    async fn jobs(&self, after: Option<JobId>, limit: u32) -> Result<Vec<Job>, StoreError> {
        let state = self.state();
        let later = state.jobs.values().filter(|row| Some(row.job.id) > after);
        Ok(up_to(limit, later.map(|row| row.job.clone())))
    }

    async fn resume_job(&self, id: JobId, now: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        let row = state.jobs.get_mut(&id).ok_or(StoreError::NotFound)?;
        row.job.parked = false;
        row.job.failures = 0;
        row.job.due_at = now;
        Ok(())
    }
}

impl State {
    /// The job, while this lease holds it. A job that is gone is nobody's: its lease is lost.
    fn leased_job_mut(&mut self, job: JobId, lease: u64) -> Result<&mut JobRow, StoreError> {
        let row = self.jobs.get_mut(&job).filter(|row| row.lease == Some(lease));
        row.ok_or(StoreError::Conflict(Conflict::LeaseLost))
    }
}
