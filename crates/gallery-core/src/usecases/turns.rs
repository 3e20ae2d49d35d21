//! Turns: in which order the workers of a process visit the queues, so that whoever has caused a
//! thousand jobs delays nobody who has caused one. Knows queues only; tested below.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::{JobClass, JobQueue};
use crate::values::Shard;

/// Whose turn it was last. Classes take turns, and within a class its shards.
#[derive(Default)]
pub(super) struct Turns(Mutex<Last>);

#[derive(Default)]
struct Last {
    class: Option<JobClass>,
    shards: BTreeMap<JobClass, Shard>,
}

impl Turns {
    /// These queues, the one whose turn it is first. Nothing has had its turn yet.
    pub(super) fn order(&self, queues: &BTreeSet<JobQueue>) -> Vec<JobQueue> {
        let last = self.last();
        let mut order: Vec<JobQueue> = queues.iter().copied().collect();
        order.sort_by(|one, other| {
            let by_class = after(last.class, one.class, other.class);
            by_class.then_with(|| after(last.shards.get(&one.class).copied(), one.shard, other.shard))
        });
        order
    }

    /// A job of this queue runs: the others come first now.
    pub(super) fn took(&self, queue: JobQueue) {
        let mut last = self.last();
        last.class = Some(queue.class);
        last.shards.insert(queue.class, queue.shard);
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The order of those who come one after the other in a circle, right behind the last one.
fn after<T: Ord + Copy>(last: Option<T>, one: T, other: T) -> Ordering {
    let passed = |this: T| last.is_some_and(|last| this <= last);
    (passed(one), one).cmp(&(passed(other), other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(class: JobClass, shard: u8) -> JobQueue {
        JobQueue { class, shard: Shard::from_number(shard).unwrap() }
    }

    /// So many visits, where these queues never run empty.
    fn visits(turns: &Turns, queues: &[JobQueue], count: usize) -> Vec<JobQueue> {
        let due: BTreeSet<JobQueue> = queues.iter().copied().collect();
        let visit = |_| {
            let next = turns.order(&due)[0];
            turns.took(next);
            next
        };
        (0..count).map(visit).collect()
    }

    #[test]
    fn shards_of_a_class_take_turns() {
        let queues = [2, 7, 15].map(|shard| queue(JobClass::Mail, shard));
        let turns = Turns::default();
        assert_eq!(visits(&turns, &queues, 6), [queues, queues].concat());
        let between = queue(JobClass::Mail, 3);
        turns.took(queues[0]);
        let due = queues.into_iter().chain([between]).collect();
        assert_eq!(turns.order(&due), [between, queues[1], queues[2], queues[0]]);
    }

    #[test]
    fn classes_take_turns_however_many_shards_they_have() {
        let mails: Vec<JobQueue> =
            Shard::all().map(|shard| JobQueue { class: JobClass::Mail, shard }).collect();
        let deletion = queue(JobClass::Deletion, 9);
        let due: Vec<JobQueue> = mails.iter().copied().chain([deletion]).collect();
        let visited = visits(&Turns::default(), &due, 32);
        assert_eq!(visited.iter().filter(|visited| **visited == deletion).count(), 16);
        let of_mail: Vec<JobQueue> = visited.into_iter().filter(|visited| *visited != deletion).collect();
        assert_eq!(of_mail, mails, "each shard had its turn");
    }

    #[test]
    fn nobody_waits_for_longer_than_a_round() {
        let all: Vec<JobQueue> = JobQueue::all().collect();
        let turns = Turns::default();
        let round = Shard::all().count() * JobClass::ALL.len();
        for _ in 0..3 {
            let visited: BTreeSet<JobQueue> = visits(&turns, &all, round).into_iter().collect();
            assert_eq!(visited.len(), all.len());
        }
    }

    #[test]
    fn a_queue_that_was_empty_keeps_its_turn() {
        let (first, second) = (queue(JobClass::Mail, 0), queue(JobClass::Mail, 1));
        let turns = Turns::default();
        let due = BTreeSet::from([first, second]);
        // Somebody looked into both, and only the second had work.
        turns.took(second);
        assert_eq!(turns.order(&due), [first, second]);
    }
}
