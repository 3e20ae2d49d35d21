//! Counters: windows that begin, run and end.

use gallery_core::ports::{Allowance, Conflict, SharedStore};
use gallery_core::values::ContentHash;

use super::World;
use super::reading::{assert_conflict, in_parallel};
use super::world::MILLISECOND;

pub async fn a_counter_adds_up_by_its_name(store: SharedStore) {
    let world = World::of(&store);
    let (one, other) = (ContentHash::of(b"one"), ContentHash::of(b"other"));
    let now = world.now();
    let end = now.plus(MILLISECOND * 100);
    assert_eq!(store.count(&one, 0, now, end).await.unwrap(), 0);
    assert_eq!(store.count(&one, 1, now, end).await.unwrap(), 1);
    assert_eq!(store.count(&one, 5, now, end).await.unwrap(), 6);
    assert_eq!(store.count(&one, 0, now, end).await.unwrap(), 6, "0 reads");
    assert_eq!(store.count(&other, 2, now, end).await.unwrap(), 2);
}

pub async fn a_counter_that_ended_starts_again(store: SharedStore) {
    let world = World::of(&store);
    let name = ContentHash::of(b"name");
    let now = world.now();
    let end = now.plus(MILLISECOND * 100);
    let later = end.plus(MILLISECOND * 100);
    assert_eq!(store.count(&name, 3, now, end).await.unwrap(), 3);
    assert_eq!(store.count(&name, 1, now, later).await.unwrap(), 4, "a running counter keeps its end");
    assert_eq!(store.count(&name, 1, end, later).await.unwrap(), 5, "it runs at the instant it ends");
    let after = end.plus(MILLISECOND);
    assert_eq!(store.count(&name, 0, after, later).await.unwrap(), 0);
    assert_eq!(store.count(&name, 2, after, later).await.unwrap(), 2);
    assert_eq!(store.count(&name, 1, later, later).await.unwrap(), 3, "the new window has the new end");
}

pub async fn reading_a_counter_does_not_start_it(store: SharedStore) {
    let world = World::of(&store);
    let name = ContentHash::of(b"name");
    let now = world.now();
    let (end, later) = (now.plus(MILLISECOND * 100), now.plus(MILLISECOND * 200));
    assert_eq!(store.count(&name, 0, now, end).await.unwrap(), 0);
    assert_eq!(store.count(&name, 2, now, later).await.unwrap(), 2);
    assert_eq!(store.count(&name, 0, later, end).await.unwrap(), 2, "the first count set the end");
    let after = later.plus(MILLISECOND);
    assert_eq!(store.count(&name, 0, after, after).await.unwrap(), 0);
    assert_eq!(store.remove_expired(after, 10).await.unwrap(), 1, "reading does not keep it, either");
}

pub async fn parallel_counts_are_all_counted(store: SharedStore) {
    let world = World::of(&store);
    let now = world.now();
    let mut values = in_parallel(50, |_| {
        let store = SharedStore::clone(&store);
        async move { store.count(&ContentHash::of(b"name"), 1, now, now.plus(MILLISECOND)).await.unwrap() }
    })
    .await;
    values.sort_unstable();
    assert_eq!(values, (1..=50).collect::<Vec<_>>(), "every caller learns another value");
}

fn allowances<const N: usize>(limits: [(&'static str, u32); N]) -> [Allowance; N] {
    limits.map(|(name, limit)| Allowance { name: ContentHash::of(name.as_bytes()), limit })
}

pub async fn guesses_are_admitted_up_to_every_limit(store: SharedStore) {
    let world = World::of(&store);
    let now = world.now();
    let end = now.plus(MILLISECOND * 100);
    let both = allowances([("pair", 2), ("network", 3)]);
    let value =
        async |name: &str, at| store.count(&ContentHash::of(name.as_bytes()), 0, at, end).await.unwrap();
    for _ in 0..2 {
        store.admit(&both, now, end).await.unwrap();
    }
    assert_conflict(store.admit(&both, now, end).await, Conflict::LimitReached);
    assert_eq!((value("pair", now).await, value("network", now).await), (2, 2), "a refusal counts nothing");
    let other = allowances([("other pair", 2), ("network", 3)]);
    store.admit(&other, end, end).await.unwrap();
    assert_conflict(store.admit(&other, end, end).await, Conflict::LimitReached);
    assert_eq!((value("other pair", end).await, value("network", end).await), (1, 3));
    assert_conflict(store.admit(&allowances([("none", 0)]), now, end).await, Conflict::LimitReached);

    let later = end.plus(MILLISECOND);
    store.admit(&both, later, later.plus(MILLISECOND)).await.unwrap();
    assert_eq!((value("pair", later).await, value("network", later).await), (1, 1), "both began anew");
}

pub async fn of_parallel_guesses_as_many_are_admitted_as_the_limit_allows(store: SharedStore) {
    let world = World::of(&store);
    let now = world.now();
    let results = in_parallel(50, |n| {
        let store = SharedStore::clone(&store);
        // Two networks in two orders, so that nobody may wait in a circle.
        let network = ["one", "two"][n as usize % 2];
        let mut wanted = allowances([("account", 10), (network, 7)]);
        if n % 4 < 2 {
            wanted.reverse();
        }
        async move { store.admit(&wanted, now, now.plus(MILLISECOND)).await }
    })
    .await;
    let admitted = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(admitted, 10, "{results:?}");
    for result in results.into_iter().filter(Result::is_err) {
        assert_conflict(result, Conflict::LimitReached);
    }
    let value = async |name: &str| store.count(&ContentHash::of(name.as_bytes()), 0, now, now).await.unwrap();
    assert_eq!(value("account").await, 10);
    let networks = (value("one").await, value("two").await);
    assert!(networks.0 + networks.1 == 10 && networks.0.max(networks.1) <= 7, "{networks:?}");
}

pub async fn what_is_given_back_can_be_taken_again(store: SharedStore) {
    let world = World::of(&store);
    let now = world.now();
    let end = now.plus(MILLISECOND * 100);
    let both = allowances([("pair", 1), ("network", 5)]);
    let names = both.map(|allowance| allowance.name);
    let values = async |at| {
        let [pair, network] = &names;
        (store.count(pair, 0, at, end).await.unwrap(), store.count(network, 0, at, end).await.unwrap())
    };
    store.give_back(&names, now).await.unwrap();
    assert_eq!(values(now).await, (0, 0), "nothing is below 0");
    store.admit(&both, now, end).await.unwrap();
    assert_conflict(store.admit(&both, now, end).await, Conflict::LimitReached);
    store.give_back(&names, end).await.unwrap();
    assert_eq!(values(now).await, (0, 0));
    store.admit(&both, now, end).await.unwrap();
    let after = end.plus(MILLISECOND);
    store.give_back(&names, after).await.unwrap();
    assert_eq!(values(after).await, (0, 0), "what has ended is not counted");
}
