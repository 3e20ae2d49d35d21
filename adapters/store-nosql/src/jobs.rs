//! The queues: the port `Jobs`.
//!
//! A job is three items at most: itself, its place in its queue, and its place among its account's
//! jobs.

use std::collections::BTreeSet;

use async_trait::async_trait;
use gallery_core::model::{Job, JobKind, JobQueue, LeasedJob, NewJob};
use gallery_core::ports::{Conflict, Jobs, StoreError};
use gallery_core::values::{JobId, Timestamp, UserId};

use crate::keys;
use crate::records::{Look, QueueEntry, Queued, StoredJob, UserJob};
use crate::slot::Slot;
use crate::store::ItemStore;
use crate::table::{Engine, Range};
use crate::unit::{Unit, unit_of_work};

#[async_trait]
impl<E: Engine> Jobs for ItemStore<E> {
    async fn enqueue(&self, job: &NewJob) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| unit.record_job(job).await?);
        Ok(())
    }

    async fn due_queues(&self, now: Timestamp) -> Result<BTreeSet<JobQueue>, StoreError> {
        self.queues_with_work(now).await
    }

    async fn lease_job(
        &self,
        queue: JobQueue,
        lease: u64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let mut attempts = crate::unit::Attempts::new();
        loop {
            let Look::Due(place) = self.look_into(queue, now).await? else { return Ok(None) };
            match self.try_lease(place, lease, now, until).await? {
                Lease::Taken(job) => return Ok(Some(*job)),
                Lease::Gone => {}
                Lease::Contended => attempts.again().await?,
            }
        }
    }

    async fn extend_lease(&self, job: JobId, lease: u64, until: Timestamp) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| {
            let mut known = unit.leased_job(job, lease).await?;
            known.leased_until = Some(until);
            let place = keys::queued(known.queue()?, known.due_at, job);
            unit.put(&place, &QueueEntry { leased_until: Some(until) })?;
            unit.put(&keys::job(job), &known)?;
        });
        Ok(())
    }

    async fn finish_job(&self, job: JobId, lease: u64) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| {
            if unit.read(&keys::job(job)).await?.is_some() {
                let known = unit.leased_job(job, lease).await?;
                unit.drop_job(job, &known)?;
            }
        });
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
        unit_of_work!(self, |unit| {
            let mut known = unit.leased_job(job, lease).await?;
            known.lease = None;
            known.leased_until = None;
            known.failures = if error.is_some() { known.failures + 1 } else { 0 };
            known.last_error = error.map(str::to_owned);
            known.parked = parked;
            let waits = !parked || known.kind()?.is_deletion();
            let place = waits.then_some(Queued { queue: known.queue()?, due_at, again: true });
            unit.requeue(job, &mut known, due_at, place)?;
        });
        Ok(())
    }

    async fn job(&self, id: JobId) -> Result<Job, StoreError> {
        self.reading().found(&keys::job(id)).await?.job(id)
    }

    async fn jobs(&self, after: Option<JobId>, limit: u32) -> Result<Vec<Job>, StoreError> {
        let mut jobs = Vec::new();
        for item in self.merged(keys::parts("job"), after.map(|id| id.to_string()), limit as usize).await? {
            let Some(id) = keys::id_in(&item.key) else { continue };
            jobs.push(E::decode::<StoredJob>(&item.body)?.job(JobId::from_uuid(id))?);
        }
        Ok(jobs)
    }

    async fn resume_job(&self, id: JobId, now: Timestamp) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| {
            let mut known = unit.found(&keys::job(id)).await?;
            known.parked = false;
            known.failures = 0;
            let place = Queued { queue: known.queue()?, due_at: now, again: false };
            unit.requeue(id, &mut known, now, Some(place))?;
        });
        Ok(())
    }
}

enum Lease {
    Taken(Box<LeasedJob>),
    /// The place was stale, or the job had to go.
    Gone,
    /// Somebody else was quicker.
    Contended,
}

impl<E: Engine> ItemStore<E> {
    async fn try_lease(
        &self,
        place: Slot<QueueEntry>,
        lease: u64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Lease, StoreError> {
        let Some(id) = keys::id_in(place.key()).map(JobId::from_uuid) else {
            return Err(crate::error::unreadable("place in the queue")("no id"));
        };
        let mut unit = Unit::new(&*self.engine);
        unit.load([place.key().clone(), keys::job(id).into_key()]).await?;
        if unit.seen(&place)?.is_none() {
            return Ok(Lease::Gone);
        }
        let lease = match unit.seen(&keys::job(id))? {
            Some(job) if job.leased_until.is_some_and(|end| end > now) => return Ok(Lease::Contended),
            Some(job) if unit.is_mail_of_nobody(&job.kind()?).await? => {
                unit.drop_job(id, &job)?;
                Lease::Gone
            }
            Some(mut job) => {
                job.lease = Some(lease);
                job.leased_until = Some(until);
                unit.put(&place, &QueueEntry { leased_until: Some(until) })?;
                unit.put(&keys::job(id), &job)?;
                Lease::Taken(Box::new(LeasedJob { job: job.job(id)?, lease }))
            }
            None => {
                unit.delete(&place);
                Lease::Gone
            }
        };
        match unit.commit().await? {
            crate::table::Outcome::Done => Ok(lease),
            crate::table::Outcome::Refused => Ok(Lease::Contended),
        }
    }

    /// Drops those jobs of an account that are wanted gone, page by page.
    pub(crate) async fn drop_jobs_of(
        &self,
        user: UserId,
        unwanted: impl Fn(JobId, &UserJob) -> bool + Send + Sync,
    ) -> Result<(), StoreError> {
        let all: Range = keys::of_user(user).starting_with("job#");
        for item in self.engine.query(&all).await? {
            let Some(id) = keys::id_in(&item.key).map(JobId::from_uuid) else { continue };
            if !unwanted(id, &E::decode(&item.body)?) {
                continue;
            }
            unit_of_work!(self, |unit| {
                match unit.read(&keys::job(id)).await? {
                    Some(job) => unit.drop_job(id, &job)?,
                    None => unit.delete_key(item.key.clone()),
                }
            });
        }
        Ok(())
    }
}

impl<E: Engine> Unit<'_, E> {
    /// Records a job unless one of this id is there.
    pub(crate) async fn record_job(&mut self, new: &NewJob) -> Result<(), StoreError> {
        if self.read(&keys::job(new.id)).await?.is_some() {
            return Ok(());
        }
        self.put(&keys::job(new.id), &StoredJob::fresh(new)?)?;
        let (queue, due_at) = (new.queue(), new.due_at);
        self.put(&keys::queued(queue, due_at, new.id), &QueueEntry { leased_until: None })?;
        self.note_queued(Queued { queue, due_at, again: false });
        if let Some(user) = new.kind.user() {
            let mail = matches!(new.kind, JobKind::SendMail { .. });
            self.put(&keys::user_job(user, new.id), &UserJob { mail })?;
        }
        Ok(())
    }

    /// The job, while this lease holds it. A job that is gone is nobody's: its lease is lost.
    async fn leased_job(&mut self, job: JobId, lease: u64) -> Result<StoredJob, StoreError> {
        let known = self.read(&keys::job(job)).await?.filter(|known| known.lease == Some(lease));
        known.ok_or(StoreError::Conflict(Conflict::LeaseLost))
    }

    fn drop_job(&mut self, id: JobId, job: &StoredJob) -> Result<(), StoreError> {
        if let Some(user) = job.kind()?.user() {
            self.delete(&keys::user_job(user, id));
        }
        self.delete(&keys::queued(job.queue()?, job.due_at, id));
        self.delete(&keys::job(id));
        Ok(())
    }

    /// Makes the job due at this instant, and gives it this place in its queue, or none.
    fn requeue(
        &mut self,
        id: JobId,
        job: &mut StoredJob,
        due_at: Timestamp,
        place: Option<Queued>,
    ) -> Result<(), StoreError> {
        let queue = job.queue()?;
        self.delete(&keys::queued(queue, job.due_at, id));
        job.due_at = due_at;
        if let Some(place) = place {
            self.put(&keys::queued(queue, due_at, id), &QueueEntry { leased_until: job.leased_until })?;
            self.note_queued(place);
        }
        self.put(&keys::job(id), job)
    }

    /// True for a mail of an account that is marked as deleting, which nobody may get any more.
    async fn is_mail_of_nobody(&mut self, kind: &JobKind) -> Result<bool, StoreError> {
        let JobKind::SendMail { mail } = kind else { return Ok(false) };
        let Some(user) = mail.user else { return Ok(false) };
        Ok(self.read(&keys::user(user)).await?.is_some_and(|user| user.deleting))
    }
}
