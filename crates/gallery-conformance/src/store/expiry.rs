//! Expiry: what has ended is removed, a limit at a time, and nothing else.

use gallery_core::model::NewAlbum;
use gallery_core::ports::{SharedStore, Suppression, SuppressionReason};
use gallery_core::token::SIGN_UP_LIFETIME;
use gallery_core::values::{AddressHash, ContentHash, Timestamp, UserId};

use super::World;
use super::reading::assert_not_found;
use super::world::{MILLISECOND, key};

fn bounced(reported_at: Timestamp, ends_at: Timestamp) -> Suppression {
    Suppression { reason: SuppressionReason::Bounced, reported_at, ends_at }
}

/// An album with this key.
fn keyed(world: &World, owner: UserId, name: &str, expires_at: Timestamp) -> NewAlbum {
    let idempotency = Some((key(name), ContentHash::of(b"the request"), expires_at));
    NewAlbum { idempotency, ..world.new_album(owner, name) }
}

pub async fn expired_sessions_are_removed_strictly_before_now(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let (gone, kept) = (world.session(ann.id).await, world.session(ann.id).await);
    let renewed = world.token();
    store.renew_session(ann.id, &kept.token.hash, &renewed).await.unwrap();

    assert_eq!(store.remove_expired(gone.token.expires_at, 10).await.unwrap(), 0);
    assert!(store.authenticate(ann.id, &gone.token.hash).await.is_ok());
    let after = gone.token.expires_at.plus(MILLISECOND);
    assert_eq!(store.remove_expired(after, 10).await.unwrap(), 1);
    assert_not_found(store.authenticate(ann.id, &gone.token.hash).await);
    assert_not_found(store.end_session(ann.id, gone.session.id).await);

    assert_eq!(store.remove_expired(renewed.expires_at, 10).await.unwrap(), 1);
    assert_not_found(store.authenticate(ann.id, &kept.token.hash).await);
    assert_eq!(store.authenticate(ann.id, &renewed.hash).await.unwrap().session.id, kept.session.id);
}

pub async fn expired_sessions_are_removed_a_limit_at_a_time(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mut last = world.session(ann.id).await;
    for _ in 0..4 {
        last = world.session(ann.id).await;
    }
    let after = last.token.expires_at.plus(MILLISECOND);
    for removed in [2, 2, 1, 0] {
        assert_eq!(store.remove_expired(after, 2).await.unwrap(), removed);
    }
    assert_not_found(store.end_session(ann.id, last.session.id).await);
}

pub async fn ended_counters_are_removed_strictly_before_now(store: SharedStore) {
    let world = World::of(&store);
    let now = world.now();
    let end = now.plus(MILLISECOND * 10);
    for n in 0..5_u8 {
        store.count(&ContentHash::of(&[n]), 1, now, end).await.unwrap();
    }
    let running = ContentHash::of(b"running");
    store.count(&running, 1, now, end.plus(MILLISECOND * 10)).await.unwrap();

    assert_eq!(store.remove_expired(end, 10).await.unwrap(), 0);
    let after = end.plus(MILLISECOND);
    for removed in [3, 2, 0] {
        assert_eq!(store.remove_expired(after, 3).await.unwrap(), removed);
    }
    assert_eq!(store.count(&running, 0, after, after).await.unwrap(), 1);
}

pub async fn ended_suppressions_are_removed_strictly_before_now(store: SharedStore) {
    let world = World::of(&store);
    let now = world.now();
    let end = now.plus(MILLISECOND * 10);
    for n in 0..5 {
        store.suppress(&AddressHash::from_bytes([n; 32]), &bounced(now, end)).await.unwrap();
    }
    let lasting = AddressHash::from_bytes([0xa5; 32]);
    let suppression = bounced(now, end.plus(MILLISECOND * 10));
    store.suppress(&lasting, &suppression).await.unwrap();

    assert_eq!(store.remove_expired(end, 10).await.unwrap(), 0);
    let after = end.plus(MILLISECOND);
    for removed in [3, 2, 0] {
        assert_eq!(store.remove_expired(after, 3).await.unwrap(), removed);
    }
    assert_eq!(store.suppression(&lasting, after).await.unwrap(), Some(suppression));
}

pub async fn ended_keys_are_removed_strictly_before_now(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let end = world.tomorrow();
    for name in ["k1", "k2", "k3"] {
        world.create(&keyed(&world, ann.id, name, end)).await.unwrap();
    }
    world.create(&keyed(&world, ann.id, "k4", end.plus(MILLISECOND * 10))).await.unwrap();

    assert_eq!(store.remove_expired(end, 10).await.unwrap(), 0);
    assert!(store.idempotency_record(ann.id, &key("k1"), end).await.is_ok());
    let after = end.plus(MILLISECOND);
    for removed in [2, 1, 0] {
        assert_eq!(store.remove_expired(after, 2).await.unwrap(), removed);
    }
    for (name, left) in [("k1", false), ("k3", false), ("k4", true)] {
        assert_eq!(store.idempotency_record(ann.id, &key(name), end).await.is_ok(), left, "{name}");
    }
    assert_eq!(store.user(ann.id).await.unwrap().usage.albums, 4, "what the keys made stays");
}

pub async fn of_all_kinds_together_no_more_than_the_limit_is_removed(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let end = world.tomorrow();
    for n in 0..3_u8 {
        world.create(&keyed(&world, ann.id, &format!("k{n}"), end)).await.unwrap();
        store.count(&ContentHash::of(&[n]), 1, world.now(), end).await.unwrap();
        store.suppress(&AddressHash::from_bytes([n; 32]), &bounced(world.now(), end)).await.unwrap();
        world.session(ann.id).await;
        world.registration(&format!("user{n}@example.org")).await;
    }
    let (after, mut left) = (end.plus(SIGN_UP_LIFETIME), 15);
    assert_eq!(store.remove_expired(after, 0).await.unwrap(), 0);
    for _ in 0..100 {
        let removed = store.remove_expired(after, 5).await.unwrap();
        assert!(removed <= 5 && removed <= left, "{removed} of {left}");
        left -= removed;
    }
    assert_eq!(left, 0);
}
