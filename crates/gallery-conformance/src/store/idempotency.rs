//! Idempotency keys: what a request with a key did, and when the key is free again.

use gallery_core::model::{IdempotencyRecord, NewAlbum, NewUpload, PhotoFacts};
use gallery_core::ports::{Conflict, SharedStore};
use gallery_core::values::{ContentHash, IdempotencyKey, Timestamp};

use super::World;
use super::reading::{assert_conflict, assert_not_found, in_parallel, whole};
use super::world::{MILLISECOND, facts, key};

/// This album with this key.
fn keyed_album(mut new: NewAlbum, name: &str, expires_at: Timestamp) -> NewAlbum {
    new.idempotency = Some((key(name), fingerprint(), expires_at));
    new
}

/// This upload with this key.
fn keyed_upload(mut new: NewUpload, name: &str, expires_at: Timestamp) -> NewUpload {
    new.idempotency = Some((key(name), expires_at));
    new
}

fn fingerprint() -> ContentHash {
    ContentHash::of(b"the request")
}

pub async fn an_album_records_its_key(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let expires_at = world.now();
    let new = keyed_album(world.new_album(ann.id, "Summer"), "k1", expires_at);
    assert_not_found(store.idempotency_record(ann.id, &key("k1")).await);
    world.create(&new).await.unwrap();
    let expected = IdempotencyRecord {
        owner: ann.id,
        key: key("k1"),
        resource: new.id.uuid(),
        fingerprint: Some(fingerprint()),
        expires_at,
    };
    assert_eq!(store.idempotency_record(ann.id, &key("k1")).await.unwrap(), expected);
}

pub async fn an_upload_records_its_key_and_later_its_fingerprint(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let expires_at = world.now();
    let upload = keyed_upload(world.new_upload(&album), "k1", expires_at);
    store.begin_upload(&upload).await.unwrap();
    let record = store.idempotency_record(ann.id, &key("k1")).await.unwrap();
    assert_eq!((record.resource, record.fingerprint), (upload.id.uuid(), None));
    assert_eq!((record.owner, record.expires_at), (ann.id, expires_at));

    let facts = PhotoFacts { fingerprint: Some(fingerprint()), ..facts("Sea") };
    store.publish_photo(upload.id, &facts).await.unwrap();
    let record = store.idempotency_record(ann.id, &key("k1")).await.unwrap();
    assert_eq!((record.resource, record.fingerprint), (upload.id.uuid(), Some(fingerprint())));
}

pub async fn a_key_is_used_once(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let expires_at = world.now();
    let first = keyed_album(world.new_album(ann.id, "First"), "k1", expires_at);
    let album = world.create(&first).await.unwrap();
    let second = keyed_album(world.new_album(ann.id, "Second"), "k1", expires_at);
    let upload = keyed_upload(world.new_upload(&album), "k1", expires_at);

    assert_conflict(world.create(&first).await, Conflict::IdempotencyKeyUsed);
    assert_conflict(world.create(&second).await, Conflict::IdempotencyKeyUsed);
    assert_conflict(store.begin_upload(&upload).await, Conflict::IdempotencyKeyUsed);
    assert_eq!(store.albums_of(ann.id, None, &whole()).await.unwrap().items, [album]);
    assert_not_found(store.photo_in_any_state(upload.id).await);
    assert_eq!(store.user(ann.id).await.unwrap().usage.bytes, 0);
    let record = store.idempotency_record(ann.id, &key("k1")).await.unwrap();
    assert_eq!(record.resource, first.id.uuid());
}

pub async fn a_used_key_is_told_before_the_quota(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let mut upload = keyed_upload(world.new_upload(&album), "k1", world.now());
    upload.wanted_bytes = ann.usage.quota_bytes;
    store.begin_upload(&upload).await.unwrap();
    let again = keyed_upload(world.new_upload(&album), "k1", world.now());
    assert_conflict(store.begin_upload(&again).await, Conflict::IdempotencyKeyUsed);
    assert_conflict(store.begin_upload(&world.new_upload(&album)).await, Conflict::QuotaExceeded);
}

pub async fn a_key_belongs_to_its_owner(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    for owner in [ann.id, bob.id] {
        let new = keyed_album(world.new_album(owner, "Summer"), "k1", world.now());
        world.create(&new).await.unwrap();
        let record = store.idempotency_record(owner, &key("k1")).await.unwrap();
        assert_eq!(record.resource, new.id.uuid());
    }
}

pub async fn keys_differ_in_every_byte(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let longest = "k".repeat(100);
    let names = ["key", "KEY", "key ", " key", "key%", "k_y", "' OR 1=1 --", &longest, &longest[1..]];
    for name in names {
        let new = keyed_album(world.new_album(ann.id, "Summer"), name, world.now());
        world.create(&new).await.unwrap();
        let record = store.idempotency_record(ann.id, &key(name)).await.unwrap();
        assert_eq!((record.key.as_str(), record.resource), (name, new.id.uuid()));
    }
}

pub async fn of_parallel_uploads_with_one_key_one_begins(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let uploads: Vec<_> =
        (0..50).map(|_| keyed_upload(world.new_upload(&album), "k1", world.now())).collect();
    let results = in_parallel(50, |n| {
        let (store, upload) = (SharedStore::clone(&store), uploads[n as usize].clone());
        async move { store.begin_upload(&upload).await }
    })
    .await;

    let winners: Vec<_> = (0..50).filter(|n| results[*n].is_ok()).collect();
    let [winner] = winners[..] else { panic!("one upload begins: {results:?}") };
    for result in results.into_iter().filter(Result::is_err) {
        assert_conflict(result, Conflict::IdempotencyKeyUsed);
    }
    let rows = store.photos_in_any_state(album.id, 100).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [uploads[winner].id]);
}

pub async fn an_expired_key_is_free_once_it_is_removed(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let expires_at = world.now();
    let names = ["k1", "k2", "k3"];
    for name in names {
        world.create(&keyed_album(world.new_album(ann.id, name), name, expires_at)).await.unwrap();
    }
    let lasting = expires_at.plus(MILLISECOND * 10);
    world.create(&keyed_album(world.new_album(ann.id, "lasting"), "k4", lasting)).await.unwrap();
    let again = keyed_album(world.new_album(ann.id, "again"), "k1", lasting);

    assert_eq!(store.remove_expired_idempotency_records(expires_at, 10).await.unwrap(), 0);
    assert!(store.idempotency_record(ann.id, &key("k1")).await.is_ok(), "also when it has expired");
    assert_conflict(world.create(&again).await, Conflict::IdempotencyKeyUsed);
    let after = expires_at.plus(MILLISECOND);
    for removed in [2, 1, 0] {
        assert_eq!(store.remove_expired_idempotency_records(after, 2).await.unwrap(), removed);
    }
    world.create(&again).await.unwrap();
    assert!(store.idempotency_record(ann.id, &key("k4")).await.is_ok());
    assert_eq!(store.user(ann.id).await.unwrap().usage.albums, 5, "what the keys made stays");
}

pub async fn an_abandoned_upload_frees_its_key(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let first = keyed_upload(world.new_upload(&album), "k1", world.now());
    store.begin_upload(&first).await.unwrap();
    store.begin_photo_deletion(first.id, None, world.purge_photo(first.id, ann.id)).await.unwrap();
    assert_not_found(store.idempotency_record(ann.id, &key("k1")).await);

    let second = keyed_upload(world.new_upload(&album), "k1", world.now());
    store.begin_upload(&second).await.unwrap();
    let record = |name: IdempotencyKey| {
        let store = SharedStore::clone(&store);
        async move { store.idempotency_record(ann.id, &name).await }
    };
    assert_eq!(record(key("k1")).await.unwrap().resource, second.id.uuid());
    store.remove_photos(&[first.id], world.job_id()).await.unwrap();
    assert_eq!(record(key("k1")).await.unwrap().resource, second.id.uuid(), "the new record stays");
}

pub async fn the_key_of_a_published_photo_goes_with_its_row(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let upload = keyed_upload(world.new_upload(&album), "k1", world.now());
    store.begin_upload(&upload).await.unwrap();
    let facts = PhotoFacts { fingerprint: Some(fingerprint()), ..facts("Sea") };
    store.publish_photo(upload.id, &facts).await.unwrap();

    store.begin_photo_deletion(upload.id, None, world.purge_photo(upload.id, ann.id)).await.unwrap();
    let record = store.idempotency_record(ann.id, &key("k1")).await.unwrap();
    assert_eq!(record.resource, upload.id.uuid(), "a repeated request learns that its photo is gone");
    store.remove_photos(&[upload.id], world.job_id()).await.unwrap();
    assert_not_found(store.idempotency_record(ann.id, &key("k1")).await);
}
