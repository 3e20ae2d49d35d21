//! Where workers look, over two stores that share an engine like two processes: what one records
//! the other finds, although a look costs one read, and although hints get lost.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gallery_core::model::{JobCause, JobClass, JobKind, JobQueue, NewJob};
use gallery_core::ports::Jobs as _;
use gallery_core::values::{JobId, Timestamp};
use uuid::Uuid;

use super::{Bench, Death, Watched};
use crate::keys;
use crate::records::QueueHints;
use crate::store::ItemStore;
use crate::table::Engine;

/// Two processes.
struct Pair {
    one: ItemStore<Watched>,
    other: ItemStore<Watched>,
    bench: Bench,
}

impl Pair {
    async fn new() -> Self {
        let bench = Bench::new().await;
        let one = bench.store.clone();
        let other = ItemStore::another(Arc::clone(&one.engine));
        Self { one, other, bench }
    }

    /// Reads of this many calls.
    fn reads(&self) -> usize {
        self.one.engine.reads.swap(0, Ordering::Relaxed)
    }

    /// The hint, and how often it was written.
    async fn hint(&self) -> (QueueHints, u64) {
        let item = self.one.engine.get(&[keys::queue_hints().into_key()]).await.unwrap().pop().unwrap();
        (Watched::decode(&item.body).unwrap(), item.revision)
    }
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_795_000_000_000).plus(Duration::from_secs(seconds))
}

fn job(number: u128, due_at: Timestamp) -> NewJob {
    let id = JobId::from_uuid(Uuid::from_u128(number));
    NewJob::new(id, JobKind::Sweep, due_at).caused_by(JobCause::Network("eve".to_owned()))
}

fn queue() -> JobQueue {
    let shard = JobCause::Network("eve".to_owned()).shard();
    JobQueue { class: JobClass::Upkeep, shard }
}

async fn due(store: &ItemStore<Watched>, now: Timestamp) -> BTreeSet<JobQueue> {
    store.due_queues(now).await.unwrap()
}

/// A worker runs the jobs of the queue until it finds no other.
async fn work(store: &ItemStore<Watched>, now: Timestamp) -> usize {
    for ran in 0.. {
        let until = now.plus(Duration::from_mins(1));
        if !due(store, now).await.contains(&queue()) {
            return ran;
        }
        let Some(leased) = store.lease_job(queue(), 1, now, until).await.unwrap() else { return ran };
        store.finish_job(leased.job.id, 1).await.unwrap();
    }
    unreachable!("jobs without end")
}

#[tokio::test]
async fn what_one_process_records_another_finds_at_once() {
    let pair = Pair::new().await;
    let mut now = 0;
    for (number, pause) in [0, 1, 3, 11, 15, 61, 600, 3_600].into_iter().enumerate() {
        now += pause;
        assert_eq!(work(&pair.other, at(now)).await, 0);
        pair.one.enqueue(&job(number as u128, at(now))).await.unwrap();
        assert_eq!(work(&pair.other, at(now)).await, 1, "after {pause} seconds");
    }
}

#[tokio::test]
async fn an_idle_look_is_one_read() {
    let pair = Pair::new().await;
    pair.one.enqueue(&job(1, at(0))).await.unwrap();
    pair.one.enqueue(&job(2, at(0))).await.unwrap();
    let failed = pair.one.lease_job(queue(), 9, at(0), at(60)).await.unwrap().unwrap();
    pair.one.postpone_job(failed.job.id, 9, at(50), Some("away"), false).await.unwrap();
    assert_eq!(work(&pair.other, at(0)).await, 1);
    for seconds in [12, 14, 30, 45] {
        work(&pair.other, at(seconds)).await;
        pair.reads();
        assert_eq!(work(&pair.other, at(seconds)).await, 0);
        assert_eq!(pair.reads(), 1, "at {seconds} seconds");
    }
    assert_eq!(work(&pair.other, at(50)).await, 1, "and what is due later is found then");
}

#[tokio::test]
async fn every_queue_is_looked_into_once_a_minute_by_one_process() {
    let pair = Pair::new().await;
    let mut reads = 0;
    for seconds in (0..600).step_by(2) {
        for store in [&pair.one, &pair.other] {
            due(store, at(seconds)).await;
            reads += pair.reads();
        }
    }
    // One read for each of 600 looks, 64 and two of the hint for each of ten minutes.
    assert!((600 + 640..=600 + 670).contains(&reads), "{reads} reads");
}

#[tokio::test]
async fn of_the_workers_of_a_process_one_looks_into_every_queue() {
    let pair = Pair::new().await;
    pair.one.enqueue(&job(1, at(0))).await.unwrap();
    pair.reads();
    let looks = futures_util::future::join_all((0..20).map(|_| due(&pair.one, at(0)))).await;
    assert!(looks.iter().all(|due| due.contains(&queue())), "the hint says so");
    let reads = pair.reads();
    assert!(reads <= 20 + 64 + 2, "{reads} reads");
}

#[tokio::test]
async fn a_busy_queue_is_told_of_once_a_second() {
    let pair = Pair::new().await;
    due(&pair.one, at(0)).await;
    let (_, before) = pair.hint().await;
    for number in 0..500 {
        let now = at(0).plus(Duration::from_millis(number * 10));
        pair.one.enqueue(&job(u128::from(number), now)).await.unwrap();
        pair.other.enqueue(&job(u128::from(1_000 + number), now)).await.unwrap();
    }
    let (_, written) = pair.hint().await;
    assert!((4..=6).contains(&(written - before)), "{} times in five seconds", written - before);
}

#[tokio::test]
async fn a_job_whose_hint_was_lost_is_found_within_a_minute() {
    let pair = Pair::new().await;
    for seconds in [0, 20, 40] {
        assert_eq!(work(&pair.other, at(seconds)).await, 0);
    }
    // The process dies between the job and its hint.
    pair.one.engine.dies_at(Some(Death::Commit(1)));
    pair.one.enqueue(&job(1, at(41))).await.unwrap();
    pair.one.engine.dies_at(None);
    assert_eq!(due(&pair.other, at(42)).await, BTreeSet::new(), "nobody was told");
    assert_eq!(work(&pair.other, at(61)).await, 1);
    // What the other process has found counts for this one, too.
    pair.one.engine.dies_at(Some(Death::Commit(1)));
    pair.one.enqueue(&job(2, at(62))).await.unwrap();
    pair.one.engine.dies_at(None);
    due(&pair.other, at(122)).await;
    let third = ItemStore::another(Arc::clone(&pair.one.engine));
    assert_eq!(work(&third, at(123)).await, 1);
}

#[tokio::test]
async fn a_queue_that_stays_empty_is_forgotten() {
    let pair = Pair::new().await;
    pair.one.enqueue(&job(1, at(0))).await.unwrap();
    assert_eq!(work(&pair.other, at(0)).await, 1);
    assert!(pair.hint().await.0.of(queue()).is_some());
    due(&pair.other, at(61)).await;
    assert_eq!(pair.hint().await.0.queues.len(), 0);
}

#[tokio::test]
async fn a_clock_that_was_set_back_hides_nothing_for_longer_than_a_minute() {
    let pair = Pair::new().await;
    pair.one.enqueue(&job(1, at(10_000))).await.unwrap();
    assert_eq!(work(&pair.other, at(10_000)).await, 1);
    assert_eq!(work(&pair.other, at(10_030)).await, 0);
    pair.one.enqueue(&job(2, at(5_000))).await.unwrap();
    assert_eq!(work(&pair.other, at(5_000)).await, 1);
}

#[tokio::test]
async fn lists_in_parts_are_read_in_order() {
    let pair = Pair::new().await;
    let numbers: Vec<u128> = (0..300).map(|number| number * 7_919 % 300).collect();
    for number in &numbers {
        pair.one.enqueue(&job(*number, at(0))).await.unwrap();
    }
    for limit in [1, 7, 100, 299, 300, 1_000] {
        let (mut after, mut read) = (None, Vec::new());
        loop {
            let page = pair.other.jobs(after, limit).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            let is_last = page.len() < limit as usize;
            read.extend(page.into_iter().map(|job| job.id.uuid().as_u128()));
            assert!(!is_last || read.len() == 300, "a short page is the last");
        }
        assert_eq!(read, (0..300).collect::<Vec<u128>>(), "in pages of {limit}");
    }
    pair.reads();
    pair.bench.world.jobs().await;
    assert!(pair.reads() <= 2 * 16, "each part in a page or two");
}
