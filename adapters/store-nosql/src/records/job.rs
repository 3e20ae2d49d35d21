//! Jobs and their places in the queues.

use gallery_core::model::{Job, JobKind, JobQueue, NewJob, Tally};
use gallery_core::ports::StoreError;
use gallery_core::values::{JobId, Shard, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error;
use crate::slot::Record;

/// A job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredJob {
    /// The core's JSON of what to do: the one form that every store keeps.
    pub(crate) body: String,
    pub(crate) due_at: Timestamp,
    pub(crate) lease: Option<u64>,
    pub(crate) leased_until: Option<Timestamp>,
    pub(crate) failures: u32,
    pub(crate) last_error: Option<String>,
    pub(crate) parked: bool,
    pub(crate) tally: Tally,
    /// The shard of its cause. Until format 3 there were none: such a job has that of its account.
    #[serde(default)]
    pub(crate) shard: Option<u8>,
}

impl Record for StoredJob {
    const KIND: &'static str = "job";
}

impl StoredJob {
    pub(crate) fn fresh(new: &NewJob) -> Result<Self, StoreError> {
        Ok(Self {
            body: serde_json::to_string(&new.kind).map_err(error::unreadable("job"))?,
            due_at: new.due_at,
            lease: None,
            leased_until: None,
            failures: 0,
            last_error: None,
            parked: false,
            tally: Tally::default(),
            shard: Some(new.cause.shard().number()),
        })
    }

    pub(crate) fn kind(&self) -> Result<JobKind, StoreError> {
        serde_json::from_str(&self.body).map_err(error::unreadable("job"))
    }

    /// The queue that it is in.
    pub(crate) fn queue(&self) -> Result<JobQueue, StoreError> {
        let kind = self.kind()?;
        Ok(JobQueue { class: kind.class(), shard: self.shard(&kind) })
    }

    fn shard(&self, kind: &JobKind) -> Shard {
        self.shard.and_then(Shard::from_number).unwrap_or_else(|| kind.cause().shard())
    }

    pub(crate) fn job(self, id: JobId) -> Result<Job, StoreError> {
        let kind = self.kind()?;
        Ok(Job {
            id,
            shard: self.shard(&kind),
            kind,
            due_at: self.due_at,
            leased_until: self.leased_until,
            failures: self.failures,
            last_error: self.last_error,
            parked: self.parked,
            tally: self.tally,
        })
    }
}

/// A job's place in the queue. A parked job has none, unless it is a deletion.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct QueueEntry {
    /// Until when a worker holds the job, so that others step over it.
    pub(crate) leased_until: Option<Timestamp>,
}

impl Record for QueueEntry {
    const KIND: &'static str = "queued job";
}

/// A job that is about an account.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UserJob {
    /// True for a mail that waits to be sent.
    pub(crate) mail: bool,
}

impl Record for UserJob {
    const KIND: &'static str = "job of a user";
}
