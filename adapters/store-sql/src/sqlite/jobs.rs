//! The queue: the port `Jobs`.

use async_trait::async_trait;
use gallery_core::model::{Job, LeasedJob, NewJob};
use gallery_core::ports::{Conflict, Jobs, StoreError};
use gallery_core::values::{JobId, Timestamp, UserId};
use uuid::Uuid;

use super::SqliteStore;
use super::db::{Tx, statement};
use super::sql;
use crate::error::SqlError;
use crate::rows::JobRow;
use crate::sql::jobs;

#[async_trait]
impl Jobs for SqliteStore {
    async fn enqueue(&self, job: &NewJob) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.enqueue(job).await?;
        tx.commit().await
    }

    async fn lease_job(
        &self,
        lease: u64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let mut tx = self.begin().await?;
        let take = statement(sql::LEASE_JOB)
            .bind(stored_lease(lease))
            .bind(until.millis())
            .bind(now.millis())
            .bind(now.millis());
        let row: Option<JobRow> = tx.first(take).await?;
        let Some(row) = row else { return Ok(None) };
        tx.commit().await?;
        Ok(Some(LeasedJob { job: row.try_into()?, lease }))
    }

    async fn extend_lease(&self, job: JobId, lease: u64, until: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let extend = statement(jobs::EXTEND).bind(until.millis()).bind(job.uuid()).bind(stored_lease(lease));
        if tx.run(extend).await? == 0 {
            return Err(StoreError::Conflict(Conflict::LeaseLost));
        }
        tx.commit().await
    }

    async fn finish_job(&self, job: JobId, lease: u64) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let Some(held) = tx.lease(job).await? else { return Ok(()) };
        if held != Some(lease) {
            return Err(StoreError::Conflict(Conflict::LeaseLost));
        }
        tx.run(statement(jobs::DELETE).bind(job.uuid())).await?;
        tx.commit().await
    }

    async fn postpone_job(
        &self,
        job: JobId,
        lease: u64,
        due_at: Timestamp,
        error: Option<&str>,
        parked: bool,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
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
        tx.run(postpone).await?;
        tx.commit().await
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
        let mut tx = self.begin().await?;
        tx.changed_one(statement(jobs::RESUME).bind(now.millis()).bind(id.uuid())).await?;
        tx.commit().await
    }
}

impl Tx {
    /// Records a job unless one of this id is there.
    pub(super) async fn enqueue(&mut self, job: &NewJob) -> Result<(), StoreError> {
        let body = serde_json::to_string(&job.kind).map_err(SqlError::unreadable("job"))?;
        let enqueue = statement(sql::ENQUEUE)
            .bind(job.id.uuid())
            .bind(job.kind.name())
            .bind(job.kind.user().map(UserId::uuid))
            .bind(job.kind.is_deletion())
            .bind(job.due_at.millis())
            .bind(body);
        self.run(enqueue).await.map(drop)
    }

    /// Whose lease a job has, if any; `None` when the job is gone.
    async fn lease(&mut self, job: JobId) -> Result<Option<Option<u64>>, StoreError> {
        let row: Option<(Option<i64>,)> = self.first(statement(jobs::LEASE).bind(job.uuid())).await?;
        Ok(row.map(|(lease,)| lease.map(i64::cast_unsigned)))
    }
}

/// A lease is 64 random bits; SQL's integers are signed.
fn stored_lease(lease: u64) -> i64 {
    lease.cast_signed()
}
