//! What a process knows of the queues: the hint as it last read or wrote it, and the queues that it
//! has found empty since. Knows the rules of the hint, and no engine. Tested in `tests/queues.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gallery_core::model::JobQueue;
use gallery_core::values::Timestamp;

use crate::records::{Look, QueueHints, Queued, ROUND_EVERY};

/// A look into every queue takes no longer; after that, another worker may begin one.
const ROUND_TAKES: Duration = Duration::from_secs(10);

/// The knowledge of a process.
#[derive(Debug, Default)]
pub(crate) struct Hints(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    hints: QueueHints,
    quiet: BTreeMap<JobQueue, Quiet>,
    /// When this process last began to look into every queue.
    round_began: Option<Timestamp>,
}

/// A queue was found without work, and nothing was said of it since.
#[derive(Debug, Clone, Copy)]
struct Quiet {
    /// What was last said of it.
    written_at: Option<Timestamp>,
    from: Timestamp,
    until: Timestamp,
}

impl Hints {
    /// The hint was read, or written.
    pub(crate) fn set(&self, hints: QueueHints) {
        self.known().hints = hints;
    }

    /// Whether it is time to look into every queue, and no other worker of this process is at it.
    pub(crate) fn begin_round(&self, now: Timestamp) -> bool {
        let mut known = self.known();
        let began = known.round_began.is_some_and(|at| now.since(at) < ROUND_TAKES && at <= now);
        let begins = known.hints.is_old(now) && !began;
        if begins {
            known.round_began = Some(now);
        }
        begins
    }

    /// Changes it where no other process has one.
    pub(crate) fn change(&self, change: impl Fn(&mut QueueHints) -> bool) {
        change(&mut self.known().hints);
    }

    /// Takes note of jobs that got a place in a queue; returns those that the hint must be told of.
    pub(crate) fn note(&self, queued: Vec<Queued>) -> Vec<Queued> {
        let mut known = self.known();
        for Queued { queue, .. } in &queued {
            known.quiet.remove(queue);
        }
        queued.into_iter().filter(|queued| !known.hints.says(*queued)).collect()
    }

    /// The queues where workers look.
    pub(crate) fn due(&self, now: Timestamp) -> BTreeSet<JobQueue> {
        let known = self.known();
        let is_quiet = |queue: &JobQueue, written_at| {
            known.quiet.get(queue).is_some_and(|quiet| {
                quiet.written_at == Some(written_at) && quiet.from <= now && now < quiet.until
            })
        };
        let due = known.hints.due(now).filter(|(queue, hint)| !is_quiet(queue, hint.written_at));
        due.map(|(queue, _)| queue).collect()
    }

    /// Takes note of what a look into a queue has found. One that has no work, and was not written
    /// to of late, need not be looked into again before there is news of it.
    pub(crate) fn looked<P>(&self, queue: JobQueue, now: Timestamp, look: &Look<P>) {
        let mut known = self.known();
        let hint = known.hints.of(queue);
        let next = match look {
            Look::Later(due_at) => *due_at,
            Look::Empty => now.plus(ROUND_EVERY),
            Look::Due(_) | Look::Held => {
                known.quiet.remove(&queue);
                return;
            }
        };
        if hint.is_none_or(|hint| hint.is_quiet(now)) {
            let until = next.min(now.plus(ROUND_EVERY));
            let written_at = hint.map(|hint| hint.written_at);
            known.quiet.insert(queue, Quiet { written_at, from: now, until });
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
