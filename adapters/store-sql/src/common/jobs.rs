//! The queues: the port `Jobs`. Compiled once for each dialect (see `lib.rs`).

use std::collections::BTreeSet;

use async_trait::async_trait;
use gallery_core::model::{Job, JobQueue, LeasedJob, NewJob};
use gallery_core::ports::{Conflict, Jobs, StoreError};
use gallery_core::values::{JobId, Timestamp, UserId};
use uuid::Uuid;

use super::db::{SqlStore, Statement, Tx, unit_of_work};
use super::sql;
use super::statements::{composed, statement};
use crate::error::SqlError;
use crate::rows::{JobRow, job_queue};
use crate::sql::{jobs, lists};

#[async_trait]
impl Jobs for SqlStore {
    async fn enqueue(&self, job: &NewJob) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| tx.enqueue(job).await)
    }

    async fn due_queues(&self, now: Timestamp) -> Result<BTreeSet<JobQueue>, StoreError> {
        let due = composed(sql::due_queues()).bind(now.millis()).bind(now.millis());
        let rows: Vec<(i64, i64)> = self.all(due).await?;
        rows.into_iter().map(|(class, shard)| Ok(job_queue(class, shard)?)).collect()
    }

    async fn lease_job(
        &self,
        queue: JobQueue,
        lease: u64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let row: Option<JobRow> = unit_of_work!(self, async |tx| {
            let next = statement(sql::NEXT_JOB)
                .bind(i64::from(queue.class.number()))
                .bind(i64::from(queue.shard.number()))
                .bind(now.millis())
                .bind(now.millis());
            let Some((id,)): Option<(Uuid,)> = tx.first(next).await? else { return Ok(None) };
            let take = statement(jobs::TAKE).bind(stored_lease(lease)).bind(until.millis()).bind(id);
            tx.run(take).await?;
            tx.first(statement(jobs::BY_ID).bind(id)).await
        })?;
        Ok(match row {
            Some(row) => Some(LeasedJob { job: row.try_into()?, lease }),
            None => None,
        })
    }

    async fn extend_lease(&self, job: JobId, lease: u64, until: Timestamp) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            let extend =
                statement(jobs::EXTEND).bind(until.millis()).bind(job.uuid()).bind(stored_lease(lease));
            let extended = tx.run(extend).await? == 1;
            if extended { Ok(()) } else { Err(StoreError::Conflict(Conflict::LeaseLost)) }
        })
    }

    async fn finish_job(&self, job: JobId, lease: u64) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            let Some(held) = tx.lease(job).await? else { return Ok(()) };
            if held != Some(lease) {
                return Err(StoreError::Conflict(Conflict::LeaseLost));
            }
            tx.run(statement(jobs::DELETE).bind(job.uuid())).await.map(drop)
        })
    }

    async fn postpone_job(
        &self,
        job: JobId,
        lease: u64,
        due_at: Timestamp,
        error: Option<&str>,
        parked: bool,
    ) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            if tx.lease(job).await?.flatten() != Some(lease) {
                return Err(StoreError::Conflict(Conflict::LeaseLost));
            }
            let postpone = statement(jobs::POSTPONE)
                .bind(due_at.millis())
                .bind(parked)
                .bind(parked)
                .bind(error)
                .bind(error)
                .bind(job.uuid());
            tx.run(postpone).await.map(drop)
        })
    }

    async fn job(&self, id: JobId) -> Result<Job, StoreError> {
        let row: Option<JobRow> = self.first(statement(jobs::BY_ID).bind(id.uuid())).await?;
        Ok(row.ok_or(StoreError::NotFound)?.try_into()?)
    }

    async fn jobs(&self, after: Option<JobId>, limit: u32) -> Result<Vec<Job>, StoreError> {
        let after = after.map_or(Uuid::nil(), JobId::uuid);
        let rows: Vec<JobRow> = self.all(statement(jobs::LIST).bind(after).bind(i64::from(limit))).await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn resume_job(&self, id: JobId, now: Timestamp) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            tx.changed_one(statement(jobs::RESUME).bind(now.millis()).bind(id.uuid())).await
        })
    }
}

impl Tx {
    /// Records a job unless one of this id is there.
    pub(super) async fn enqueue(&mut self, job: &NewJob) -> Result<(), StoreError> {
        let body = serde_json::to_string(&job.kind).map_err(SqlError::unreadable("job"))?;
        let queue = job.queue();
        let enqueue = statement(jobs::ENQUEUE)
            .bind(job.id.uuid())
            .bind(job.kind.name())
            .bind(job.kind.user().map(UserId::uuid))
            .bind(job.kind.is_deletion())
            .bind(i64::from(queue.class.number()))
            .bind(i64::from(queue.shard.number()))
            .bind(job.due_at.millis())
            .bind(body);
        self.inserted(enqueue).await.map(drop)
    }

    /// Deletes the jobs whose ids these are: found first and deleted by their ids, because the
    /// workers that hold them lock them in that order.
    pub(super) async fn delete_jobs(&mut self, ids: Statement<'_>) -> Result<(), StoreError> {
        let ids: Vec<(Uuid,)> = self.all(ids).await?;
        let ids: Vec<Uuid> = ids.into_iter().map(|(id,)| id).collect();
        self.run_for(lists::delete_jobs, &ids).await.map(drop)
    }

    /// Whose lease a job has, if any; `None` when the job is gone. Nobody else can lease it until
    /// the unit ends.
    async fn lease(&mut self, job: JobId) -> Result<Option<Option<u64>>, StoreError> {
        let row: Option<(Option<i64>,)> = self.first(statement(sql::LOCK_LEASE).bind(job.uuid())).await?;
        Ok(row.map(|(lease,)| lease.map(i64::cast_unsigned)))
    }
}

/// A lease is 64 random bits; SQL's integers are signed.
fn stored_lease(lease: u64) -> i64 {
    lease.cast_signed()
}
