//! Addresses that are not written to: from a report until its end, or until an operator lifts it.

use gallery_core::ports::{SharedStore, Suppression, SuppressionReason};
use gallery_core::values::{AddressHash, Timestamp};

use super::World;
use super::reading::in_parallel;
use super::world::MILLISECOND;

const ANN: [u8; 32] = [0xa5; 32];
const BOB: [u8; 32] = [0xa6; 32];

fn bounced(reported_at: Timestamp, ends_at: Timestamp) -> Suppression {
    Suppression { reason: SuppressionReason::Bounced, reported_at, ends_at }
}

pub async fn a_suppressed_address_is_known_by_its_hash_alone(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (AddressHash::from_bytes(ANN), AddressHash::from_bytes(BOB));
    let now = world.now();
    let end = now.plus(MILLISECOND * 100);
    assert_eq!(store.suppression(&ann, now).await.unwrap(), None);
    store.suppress(&ann, &bounced(now, end)).await.unwrap();
    let complained = Suppression { reason: SuppressionReason::Complained, ..bounced(now, end) };
    store.suppress(&bob, &complained).await.unwrap();
    assert_eq!(store.suppression(&ann, now).await.unwrap(), Some(bounced(now, end)));
    assert_eq!(store.suppression(&bob, now).await.unwrap(), Some(complained));
}

pub async fn a_suppression_ends_by_itself(store: SharedStore) {
    let world = World::of(&store);
    let ann = AddressHash::from_bytes(ANN);
    let end = world.now().plus(MILLISECOND * 100);
    let suppression = bounced(world.now(), end);
    store.suppress(&ann, &suppression).await.unwrap();
    assert_eq!(store.suppression(&ann, end).await.unwrap(), Some(suppression), "it holds at its end");
    let after = end.plus(MILLISECOND);
    assert_eq!(store.suppression(&ann, after).await.unwrap(), None);
    let again = bounced(after, after.plus(MILLISECOND));
    store.suppress(&ann, &again).await.unwrap();
    assert_eq!(store.suppression(&ann, after).await.unwrap(), Some(again));
}

pub async fn the_suppression_that_ends_last_stands(store: SharedStore) {
    let world = World::of(&store);
    let ann = AddressHash::from_bytes(ANN);
    let now = world.now();
    let (early, late) = (now.plus(MILLISECOND * 10), now.plus(MILLISECOND * 20));
    store.suppress(&ann, &bounced(now, late)).await.unwrap();
    for repeated in [bounced(now, early), bounced(early, late)] {
        store.suppress(&ann, &repeated).await.unwrap();
        assert_eq!(store.suppression(&ann, now).await.unwrap(), Some(bounced(now, late)));
    }
    let later =
        Suppression { reason: SuppressionReason::Complained, ..bounced(early, late.plus(MILLISECOND)) };
    store.suppress(&ann, &later).await.unwrap();
    assert_eq!(store.suppression(&ann, now).await.unwrap(), Some(later), "all of it is the later report's");
}

pub async fn of_parallel_suppressions_the_last_end_wins(store: SharedStore) {
    let world = World::of(&store);
    let ann = AddressHash::from_bytes(ANN);
    let now = world.now();
    in_parallel(20, |n| {
        let store = SharedStore::clone(&store);
        // In no order.
        let end = now.plus(MILLISECOND * (n * 7 % 20));
        async move { store.suppress(&ann, &bounced(now, end)).await.unwrap() }
    })
    .await;
    let last = now.plus(MILLISECOND * 19);
    assert_eq!(store.suppression(&ann, now).await.unwrap(), Some(bounced(now, last)));
}

pub async fn a_lifted_suppression_is_gone(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (AddressHash::from_bytes(ANN), AddressHash::from_bytes(BOB));
    let now = world.now();
    let suppression = bounced(now, now.plus(MILLISECOND));
    for address in [&ann, &bob] {
        store.suppress(address, &suppression).await.unwrap();
    }
    store.lift_suppression(&ann).await.unwrap();
    store.lift_suppression(&ann).await.unwrap();
    assert_eq!(store.suppression(&ann, now).await.unwrap(), None);
    assert_eq!(store.suppression(&bob, now).await.unwrap(), Some(suppression));
    store.suppress(&ann, &suppression).await.unwrap();
    assert_eq!(store.suppression(&ann, now).await.unwrap(), Some(suppression), "it can be reported again");
}
