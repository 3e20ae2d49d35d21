//! Where workers look for jobs. A hint names the queues that may have work, so that a look at all
//! of them is one read; once a minute somebody looks into every queue, and finds what it lacks.
//!
//! On DynamoDB the hint is an item. An engine that has its tables to itself keeps it in memory.
//! Tested in `tests/queues.rs`.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use gallery_core::model::JobQueue;
use gallery_core::ports::StoreError;
use gallery_core::values::Timestamp;

use crate::error::unreadable;
use crate::keys;
use crate::records::{Look, QueueEntry, QueueHints, Queued};
use crate::slot::Slot;
use crate::store::ItemStore;
use crate::table::{Engine, Outcome};
use crate::unit::{Attempts, Unit};

/// Places in a queue that are read at once. More than workers usually hold of its jobs.
const BATCH_SIZE: usize = 25;
/// Queues that are looked into at once.
const AT_ONCE: usize = 16;

impl<E: Engine> ItemStore<E> {
    /// The queues that may have work.
    pub(crate) async fn queues_with_work(&self, now: Timestamp) -> Result<BTreeSet<JobQueue>, StoreError> {
        if E::SHARED {
            let hints = self.reading().read(&keys::queue_hints()).await?;
            self.hints.set(hints.unwrap_or_default());
        }
        if self.hints.begin_round(now) { self.look_everywhere(now).await } else { Ok(self.hints.due(now)) }
    }

    /// Looks into every queue.
    async fn look_everywhere(&self, now: Timestamp) -> Result<BTreeSet<JobQueue>, StoreError> {
        let queues: Vec<JobQueue> = JobQueue::all().collect();
        let mut found = Vec::with_capacity(queues.len());
        for some in queues.chunks(AT_ONCE) {
            let looks = some.iter().map(|queue| async { Ok((*queue, self.look_into(*queue, now).await?)) });
            found.extend(try_join_all(looks).await?);
        }
        let changed = self.change_hints(|hints| {
            hints.looked(now, &found);
            true
        });
        if let Err(error) = changed.await {
            tracing::warn!(%error, "what the queues hold was not noted");
        }
        Ok(found.iter().filter(|(_, look)| matches!(look, Look::Due(_))).map(|(queue, _)| *queue).collect())
    }

    /// Finds the first place in a queue that is due and not held.
    pub(crate) async fn look_into(
        &self,
        queue: JobQueue,
        now: Timestamp,
    ) -> Result<Look<Slot<QueueEntry>>, StoreError> {
        let look = self.find_due(queue, now).await?;
        self.hints.looked(queue, now, &look);
        Ok(look)
    }

    async fn find_due(&self, queue: JobQueue, now: Timestamp) -> Result<Look<Slot<QueueEntry>>, StoreError> {
        let mut places = keys::in_queue(queue).limit(BATCH_SIZE);
        let mut is_held = false;
        loop {
            let items = self.engine.query(&places).await?;
            let (read, last) = (items.len(), items.last().map(|item| item.key.sort.clone()));
            for item in items {
                let due_at = keys::instant_in(&item.key);
                let due_at = due_at.ok_or_else(|| unreadable("place in the queue")("no instant"))?;
                if due_at > now {
                    return Ok(if is_held { Look::Held } else { Look::Later(due_at) });
                }
                let entry: QueueEntry = E::decode(&item.body)?;
                if entry.leased_until.is_none_or(|end| end <= now) {
                    return Ok(Look::Due(Slot::of(item.key)));
                }
                is_held = true;
            }
            match last.filter(|_| read == BATCH_SIZE) {
                Some(last) => places = places.above(last),
                None => return Ok(if is_held { Look::Held } else { Look::Empty }),
            }
        }
    }

    /// Tells workers of jobs that got a place in a queue, after that was committed. Whatever fails
    /// here delays a job until somebody looks into every queue, and no more.
    pub(crate) async fn tell(&self, queued: Vec<Queued>) {
        let news = self.hints.note(queued);
        if news.is_empty() {
            return;
        }
        let told = self.change_hints(|hints| {
            let mut is_news = false;
            for job in &news {
                is_news |= hints.say(*job);
            }
            is_news
        });
        if let Err(error) = told.await {
            tracing::warn!(%error, "workers were not told of a job: they will find it within a minute");
        }
    }

    /// Changes the hint, unless the change says that there is nothing to change.
    async fn change_hints(
        &self,
        change: impl Fn(&mut QueueHints) -> bool + Send + Sync,
    ) -> Result<(), StoreError> {
        if !E::SHARED {
            self.hints.change(change);
            return Ok(());
        }
        let (slot, mut attempts) = (keys::queue_hints(), Attempts::new());
        loop {
            let mut unit = Unit::new(&*self.engine);
            let mut hints = unit.read(&slot).await?.unwrap_or_default();
            if change(&mut hints) {
                unit.put(&slot, &hints)?;
            }
            match unit.commit().await? {
                Outcome::Done => {
                    self.hints.set(hints);
                    return Ok(());
                }
                Outcome::Refused => attempts.again().await?,
            }
        }
    }
}
