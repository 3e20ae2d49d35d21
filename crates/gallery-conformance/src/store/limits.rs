//! Counters: windows that begin, run and end.

use gallery_core::ports::SharedStore;
use gallery_core::values::ContentHash;

use super::World;
use super::reading::in_parallel;
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
