//! Disks that are full, cannot be read, or lose what they said to have written.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::join_all;
use gallery_core::ports::StoreError;

use super::{Bench, key, put};
use crate::embedded::QUEUE;
use crate::table::{Condition, Engine as _, Outcome, Range, Table};

/// Commits until that works again: the engine tries to open the file once a second.
async fn recovered(bench: &Bench) {
    let item = key("after", "after");
    for _ in 0..50 {
        match bench.engine().commit(vec![put(&item, Condition::Always, "x")]).await {
            Ok(outcome) => {
                assert_eq!(outcome, Outcome::Done);
                bench.engine().ready().await.unwrap();
                assert!(bench.read(&item).await.is_some());
                return;
            }
            Err(StoreError::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(100)).await,
            Err(other) => panic!("{other:?}"),
        }
    }
    panic!("the engine does not come back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_no_unit_of_a_batch_happens() {
    let bench = Bench::new();
    bench.put(&key("p", "before"), "x").await;
    // The first is on its way while the others gather behind it.
    bench.disk.hold();
    let writers = join_all((0..20).map(|n| {
        bench.engine().commit(vec![put(&key("p", &n.to_string()), Condition::Absent, &"x".repeat(5000))])
    }));
    let fill = async {
        while bench.engine().queue.available_permits() > QUEUE - 20 {
            tokio::task::yield_now().await;
        }
        bench.disk.full.store(true, Ordering::SeqCst);
        bench.disk.release();
    };
    let (answers, ()) = tokio::join!(writers, fill);
    let done = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(done < 20, "the disk is full");
    for failure in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert!(matches!(failure, StoreError::Unavailable(_)), "{failure:?}");
    }
    bench.disk.full.store(false, Ordering::SeqCst);
    recovered(&bench).await;
    let found = bench.engine().query(&Range::all(Table::User, "p")).await.unwrap();
    assert_eq!(found.len(), 1 + done, "what was answered, and nothing of the others");
}

#[tokio::test]
async fn what_was_not_flushed_is_not_answered() {
    let bench = Bench::new();
    bench.disk.unsafe_to_flush.store(true, Ordering::SeqCst);
    let unit = vec![put(&key("p", "1"), Condition::Always, "x"), put(&key("p", "2"), Condition::Always, "x")];
    let failure = bench.engine().commit(unit).await.unwrap_err();
    assert!(matches!(failure, StoreError::Unavailable(_)), "{failure:?}");
    bench.disk.unsafe_to_flush.store(false, Ordering::SeqCst);
    recovered(&bench).await;
    let found = bench.engine().query(&Range::all(Table::User, "p")).await.unwrap().len();
    assert!(found == 0 || found == 2, "the outcome was unknown, but it is whole");
}

#[tokio::test]
async fn a_disk_that_cannot_be_read_is_unavailable_until_it_can() {
    let bench = Bench::new();
    // More than is kept in memory.
    let keys: Vec<_> = (0..60).map(|n| key("p", &n.to_string())).collect();
    for key in &keys {
        bench.put(key, &"x".repeat(200_000)).await;
    }
    bench.disk.unreadable.store(true, Ordering::SeqCst);
    let failure = bench.engine().get(&keys).await.unwrap_err();
    assert!(matches!(failure, StoreError::Unavailable(_)), "{failure:?}");
    assert!(bench.engine().ready().await.is_err());
    bench.disk.unreadable.store(false, Ordering::SeqCst);
    recovered(&bench).await;
    assert_eq!(bench.engine().get(&keys).await.unwrap().len(), keys.len());
}

#[tokio::test]
async fn an_item_of_an_unknown_form_is_not_worth_another_try() {
    let bench = Bench::new();
    let item = key("p", "s");
    bench.put(&item, "x").await;
    {
        let database = bench.engine().shared.database();
        let transaction = database.as_ref().unwrap().begin_write().unwrap();
        let table = crate::embedded::form::items(Table::User);
        transaction.open_table(table).unwrap().insert(("p", "s"), [99].as_slice()).unwrap();
        transaction.commit().unwrap();
    }
    let failure = bench.engine().get(std::slice::from_ref(&item)).await.unwrap_err();
    assert!(matches!(failure, StoreError::Backend(_)), "{failure:?}");
    bench.put(&key("p", "other"), "works").await;
}
