//! The hint that names the queues where workers look, and its rules. It may say too much, and for a
//! bounded time too little: what is in the queues counts. Tested here.
//!
//! A queue that is named may have work from an instant on. A job that is recorded puts its own
//! there, if that is earlier; it also says that the queue was written to, but only when that was
//! last said a second ago. So a busy queue costs one write a second, whatever is recorded in it,
//! and whoever finds it empty believes that only when nothing was said of it for ten seconds.

use std::collections::BTreeMap;
use std::time::Duration;

use gallery_core::model::{JobClass, JobQueue};
use gallery_core::values::{Shard, Timestamp};
use serde::{Deserialize, Serialize};

use crate::slot::Record;

/// What is recorded in a queue so soon after what was said of it is not said.
const SAID_EVERY: Duration = Duration::from_secs(1);
/// A queue is not believed to be empty sooner after something was recorded: a unit of work may take
/// five seconds, and clocks differ.
pub(crate) const QUIET_AFTER: Duration = Duration::from_secs(10);
/// So long after the last look into every queue it is time for another.
pub(crate) const ROUND_EVERY: Duration = Duration::from_mins(1);

/// What is known of all queues.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct QueueHints {
    /// By their names.
    pub(crate) queues: BTreeMap<String, QueueHint>,
    /// When somebody last looked into every queue.
    pub(crate) looked_at: Option<Timestamp>,
}

impl Record for QueueHints {
    const KIND: &'static str = "hint";
}

/// What is known of a queue. Without the names of its fields it is half as large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(Timestamp, Timestamp)", into = "(Timestamp, Timestamp)")]
pub(crate) struct QueueHint {
    /// It may have work from then on.
    pub(crate) due_at: Timestamp,
    /// When something was last said to be recorded in it.
    pub(crate) written_at: Timestamp,
}

impl From<(Timestamp, Timestamp)> for QueueHint {
    fn from((due_at, written_at): (Timestamp, Timestamp)) -> Self {
        Self { due_at, written_at }
    }
}

impl From<QueueHint> for (Timestamp, Timestamp) {
    fn from(hint: QueueHint) -> Self {
        (hint.due_at, hint.written_at)
    }
}

/// A job has got a place in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Queued {
    pub(crate) queue: JobQueue,
    pub(crate) due_at: Timestamp,
    /// True when it was in the queue before, in the hands of the worker that gives it back: nobody
    /// took the queue for empty meanwhile.
    pub(crate) again: bool,
}

/// What a look into a queue has found.
#[derive(Debug)]
pub(crate) enum Look<P> {
    /// The place of a job that is due and not held.
    Due(P),
    /// Only jobs that are held, or due later.
    Held,
    /// Only jobs that are due later, the first one then.
    Later(Timestamp),
    /// Nothing.
    Empty,
}

impl QueueHints {
    /// What is known of a queue.
    pub(crate) fn of(&self, queue: JobQueue) -> Option<QueueHint> {
        self.queues.get(&name(queue)).copied()
    }

    /// Whether all is said of this already.
    pub(crate) fn says(&self, queued: Queued) -> bool {
        self.of(queued.queue).is_some_and(|known| {
            let is_fresh = known.written_at >= queued.due_at.minus(SAID_EVERY);
            known.due_at <= queued.due_at && (is_fresh || queued.again)
        })
    }

    /// Says it; returns whether that was news.
    pub(crate) fn say(&mut self, queued: Queued) -> bool {
        if self.says(queued) {
            return false;
        }
        let Queued { queue, due_at, again } = queued;
        let never = Timestamp::from_millis(0);
        let known = self.queues.entry(name(queue)).or_insert(QueueHint { due_at, written_at: never });
        known.due_at = known.due_at.min(due_at);
        if !again {
            known.written_at = known.written_at.max(due_at);
        }
        true
    }

    /// Those that may have work at this instant.
    pub(crate) fn due(&self, now: Timestamp) -> impl Iterator<Item = (JobQueue, QueueHint)> {
        let due = self.queues.iter().filter(move |(_, known)| known.due_at <= now);
        due.filter_map(|(name, known)| Some((named(name)?, *known)))
    }

    /// Whether it is time to look into every queue. A clock may have been set back.
    pub(crate) fn is_old(&self, now: Timestamp) -> bool {
        self.looked_at.is_none_or(|at| now.since(at) >= ROUND_EVERY || at.since(now) >= ROUND_EVERY)
    }

    /// Takes over what a look into every queue has found.
    pub(crate) fn looked<P>(&mut self, now: Timestamp, found: &[(JobQueue, Look<P>)]) {
        self.looked_at = Some(now);
        for (queue, look) in found {
            let known = self.of(*queue);
            // Something may have been recorded since, and not been said.
            let is_quiet = known.is_none_or(|known| known.is_quiet(now));
            let written_at = known.map_or(Timestamp::from_millis(0), |known| known.written_at);
            let new = match look {
                // Somebody may believe the queue to be empty: now there is news of it.
                Look::Due(_) if is_quiet => Some(QueueHint { due_at: now, written_at: now }),
                Look::Held => {
                    Some(QueueHint { due_at: known.map_or(now, |known| known.due_at.min(now)), written_at })
                }
                Look::Later(due_at) if is_quiet => Some(QueueHint { due_at: *due_at, written_at }),
                Look::Empty if is_quiet => None,
                Look::Due(_) | Look::Later(_) | Look::Empty => known,
            };
            match new {
                Some(new) => self.queues.insert(name(*queue), new),
                None => self.queues.remove(&name(*queue)),
            };
        }
    }
}

impl QueueHint {
    /// Whether the queue may be believed to be what it looks like.
    pub(crate) fn is_quiet(self, now: Timestamp) -> bool {
        self.written_at < now.minus(QUIET_AFTER)
    }
}

fn name(queue: JobQueue) -> String {
    format!("{}#{}", queue.class.name(), queue.shard.number())
}

/// The queue of this name; `None` for one of a class that this program does not know.
fn named(name: &str) -> Option<JobQueue> {
    let (class, shard) = name.split_once('#')?;
    Some(JobQueue { class: JobClass::named(class)?, shard: Shard::from_number(shard.parse().ok()?)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_795_000_000_000 + seconds * 1_000)
    }

    fn queue() -> JobQueue {
        JobQueue { class: JobClass::Mail, shard: Shard::default() }
    }

    fn queued(seconds: i64) -> Queued {
        Queued { queue: queue(), due_at: at(seconds), again: false }
    }

    #[test]
    fn every_queue_has_a_name_and_the_hint_of_all_of_them_stays_small() {
        let mut hints = QueueHints { looked_at: Some(at(0)), ..QueueHints::default() };
        for queue in JobQueue::all() {
            assert_eq!(named(&name(queue)), Some(queue));
            assert!(hints.say(Queued { queue, due_at: at(0), again: false }));
        }
        assert_eq!(hints.due(at(0)).count(), JobQueue::all().count());
        // In DynamoDB: names as they are, an instant 8 bytes at most, 1 byte for each value and 3
        // for each list.
        let bytes: usize = hints.queues.keys().map(|name| name.len() + 1 + 3 + 2 * (8 + 1)).sum();
        assert!(bytes < 2 * 1_024 - 100, "{bytes} bytes");
    }

    #[test]
    fn the_earliest_instant_counts_and_news_of_a_second_ago_is_none() {
        let mut hints = QueueHints::default();
        assert!(hints.say(queued(10)));
        assert!(!hints.say(queued(10)) && !hints.say(queued(11)));
        assert!(hints.say(queued(12)), "it was written to since");
        assert_eq!(hints.of(queue()), Some(QueueHint { due_at: at(10), written_at: at(12) }));
        assert!(!hints.say(Queued { again: true, ..queued(100) }), "it is there, and due before");
        assert!(hints.say(Queued { again: true, ..queued(5) }));
        assert_eq!(hints.of(queue()), Some(QueueHint { due_at: at(5), written_at: at(12) }));
        assert_eq!((hints.due(at(4)).count(), hints.due(at(5)).count()), (0, 1));
    }

    #[test]
    fn a_look_does_not_undo_what_was_just_said() {
        let mut hints = QueueHints::default();
        hints.say(queued(0));
        for (now, look, left) in [
            (5, Look::<()>::Empty, true),
            (5, Look::Later(at(90)), true),
            (60, Look::Held, true),
            (60, Look::Due(()), true),
            (80, Look::Later(at(90)), false),
        ] {
            hints.looked(at(now), &[(queue(), look)]);
            assert_eq!(hints.due(at(now)).count(), usize::from(left));
        }
        assert_eq!(hints.due(at(90)).count(), 1);
        hints.looked(at(100), &[(queue(), Look::<()>::Empty)]);
        assert_eq!(hints.of(queue()), None);
    }

    #[test]
    fn every_queue_is_looked_into_again_after_a_minute_or_when_a_clock_was_set_back() {
        let mut hints = QueueHints::default();
        assert!(hints.is_old(at(0)));
        hints.looked::<()>(at(0), &[]);
        let old = [-60, -59, 0, 59, 60].map(|seconds| hints.is_old(at(seconds)));
        assert_eq!(old, [true, false, false, false, true]);
    }
}
