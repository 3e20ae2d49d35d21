//! Idempotency keys: what a request with a key did, and when the key is free again.

use gallery_core::model::{IdempotencyRecord, NewAlbum, NewUpload, PhotoFacts};
use gallery_core::ports::{Conflict, SharedStore};
use gallery_core::values::{ContentHash, IdempotencyKey, Timestamp};

use super::World;
use super::reading::{assert_conflict, assert_not_found, in_parallel, whole};
use super::world::{MILLISECOND, RECORD_BYTES, facts, key};

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
    let expires_at = world.tomorrow();
    let new = keyed_album(world.new_album(ann.id, "Summer"), "k1", expires_at);
    assert_not_found(store.idempotency_record(ann.id, &key("k1"), expires_at).await);
    world.create(&new).await.unwrap();
    let expected = IdempotencyRecord {
        owner: ann.id,
        key: key("k1"),
        resource: new.id.uuid(),
        fingerprint: Some(fingerprint()),
        expires_at,
    };
    assert_eq!(store.idempotency_record(ann.id, &key("k1"), expires_at).await.unwrap(), expected);
}

pub async fn an_upload_records_its_key_and_later_its_fingerprint(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let expires_at = world.tomorrow();
    let upload = keyed_upload(world.new_upload(&album), "k1", expires_at);
    store.begin_upload(&upload).await.unwrap();
    let record = store.idempotency_record(ann.id, &key("k1"), world.now()).await.unwrap();
    assert_eq!((record.resource, record.fingerprint), (upload.id.uuid(), None));
    assert_eq!((record.owner, record.expires_at), (ann.id, expires_at));

    let facts = PhotoFacts { fingerprint: Some(fingerprint()), ..facts("Sea") };
    store.publish_photo(upload.id, &facts).await.unwrap();
    let record = store.idempotency_record(ann.id, &key("k1"), world.now()).await.unwrap();
    assert_eq!((record.resource, record.fingerprint), (upload.id.uuid(), Some(fingerprint())));
}

pub async fn a_key_is_used_once(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let expires_at = world.tomorrow();
    let first = keyed_album(world.new_album(ann.id, "First"), "k1", expires_at);
    let album = world.create(&first).await.unwrap();
    let second = keyed_album(world.new_album(ann.id, "Second"), "k1", expires_at);
    let upload = keyed_upload(world.new_upload(&album), "k1", expires_at);

    assert_conflict(world.create(&first).await, Conflict::IdempotencyKeyUsed);
    assert_conflict(world.create(&second).await, Conflict::IdempotencyKeyUsed);
    assert_conflict(store.begin_upload(&upload).await, Conflict::IdempotencyKeyUsed);
    assert_eq!(store.albums_of(ann.id, None, &whole()).await.unwrap().items, [album]);
    assert_not_found(store.photo_in_any_state(upload.id).await);
    assert_eq!(store.user(ann.id).await.unwrap().usage.bytes, RECORD_BYTES, "the album's");
    let record = store.idempotency_record(ann.id, &key("k1"), world.now()).await.unwrap();
    assert_eq!(record.resource, first.id.uuid());
}

pub async fn a_used_key_is_told_before_the_quota(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let mut upload = keyed_upload(world.new_upload(&album), "k1", world.tomorrow());
    upload.wanted_bytes = ann.usage.quota_bytes;
    store.begin_upload(&upload).await.unwrap();
    let again = keyed_upload(world.new_upload(&album), "k1", world.tomorrow());
    assert_conflict(store.begin_upload(&again).await, Conflict::IdempotencyKeyUsed);
    assert_conflict(store.begin_upload(&world.new_upload(&album)).await, Conflict::QuotaExceeded);
}

pub async fn a_key_belongs_to_its_owner(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    for owner in [ann.id, bob.id] {
        let new = keyed_album(world.new_album(owner, "Summer"), "k1", world.tomorrow());
        world.create(&new).await.unwrap();
        let record = store.idempotency_record(owner, &key("k1"), world.now()).await.unwrap();
        assert_eq!(record.resource, new.id.uuid());
    }
}

pub async fn keys_differ_in_every_byte(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let longest = "k".repeat(100);
    let names = ["key", "KEY", "key ", " key", "key%", "k_y", "' OR 1=1 --", &longest, &longest[1..]];
    for name in names {
        let new = keyed_album(world.new_album(ann.id, "Summer"), name, world.tomorrow());
        world.create(&new).await.unwrap();
        let record = store.idempotency_record(ann.id, &key(name), world.now()).await.unwrap();
        assert_eq!((record.key.as_str(), record.resource), (name, new.id.uuid()));
    }
}

pub async fn of_parallel_uploads_with_one_key_one_begins(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let uploads: Vec<_> =
        (0..50).map(|_| keyed_upload(world.new_upload(&album), "k1", world.tomorrow())).collect();
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

pub async fn an_expired_key_is_free_at_once(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let early = world.new_album(ann.id, "early");
    let expires_at = early.created_at.plus(MILLISECOND * 10);
    let album = world.create(&keyed_album(early, "k1", expires_at)).await.unwrap();
    let lasting = expires_at.plus(MILLISECOND * 10);
    let at = |created_at| NewAlbum { created_at, ..world.new_album(ann.id, "again") };
    let used = world.create(&keyed_album(at(expires_at), "k1", lasting)).await;
    assert_conflict(used, Conflict::IdempotencyKeyUsed);
    assert!(store.idempotency_record(ann.id, &key("k1"), expires_at).await.is_ok(), "good at its end");

    let after = expires_at.plus(MILLISECOND);
    assert_not_found(store.idempotency_record(ann.id, &key("k1"), after).await);
    let again = keyed_album(at(after), "k1", lasting);
    world.create(&again).await.unwrap();
    let record = store.idempotency_record(ann.id, &key("k1"), after).await.unwrap();
    assert_eq!((record.resource, record.expires_at), (again.id.uuid(), lasting));
    let upload = NewUpload { created_at: lasting, ..world.new_upload(&album) };
    let used = store.begin_upload(&keyed_upload(upload, "k1", lasting)).await;
    assert_conflict(used, Conflict::IdempotencyKeyUsed);
    let late = lasting.plus(MILLISECOND);
    let upload = NewUpload { created_at: late, ..world.new_upload(&album) };
    store.begin_upload(&keyed_upload(upload.clone(), "k1", late)).await.unwrap();
    let record = store.idempotency_record(ann.id, &key("k1"), late).await.unwrap();
    assert_eq!((record.resource, record.fingerprint), (upload.id.uuid(), None));
    assert_eq!(store.user(ann.id).await.unwrap().usage.albums, 2, "what the keys made stays");
}

pub async fn of_parallel_requests_with_an_expired_key_one_begins(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let expired = keyed_album(world.new_album(ann.id, "expired"), "k1", world.now());
    world.create(&expired).await.unwrap();
    let (at, lasting) = (world.now(), world.tomorrow());
    let late = || NewUpload { created_at: at, ..world.new_upload(&album) };
    let uploads: Vec<_> = (0..20).map(|_| keyed_upload(late(), "k1", lasting)).collect();
    let results = in_parallel(20, |n| {
        let (store, upload) = (SharedStore::clone(&store), uploads[n as usize].clone());
        async move { store.begin_upload(&upload).await }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    for result in results.into_iter().filter(Result::is_err) {
        assert_conflict(result, Conflict::IdempotencyKeyUsed);
    }
}

pub async fn a_dead_uploads_key_goes_to_its_repetition(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let lasting = world.tomorrow();
    let dead = keyed_upload(world.new_upload(&album), "k1", lasting);
    store.begin_upload(&dead).await.unwrap();
    let end = async |before| {
        let job = world.purge_photo(dead.id, ann.id);
        store.begin_photo_deletion(dead.id, Some(before), job).await.unwrap();
    };
    let again = keyed_upload(world.new_upload(&album), "k1", lasting);
    end(dead.deadline).await;
    assert_conflict(store.begin_upload(&again).await, Conflict::IdempotencyKeyUsed);
    store.extend_upload(dead.id, dead.deadline.plus(MILLISECOND)).await.unwrap();
    end(dead.deadline.plus(MILLISECOND)).await;
    assert_conflict(store.begin_upload(&again).await, Conflict::IdempotencyKeyUsed);

    end(dead.deadline.plus(MILLISECOND * 2)).await;
    store.begin_upload(&again).await.unwrap();
    assert_not_found(store.publish_photo(dead.id, &facts("late")).await);
    assert_not_found(store.extend_upload(dead.id, lasting).await);
    let facts = PhotoFacts { fingerprint: Some(fingerprint()), ..facts("Sea") };
    let photo = store.publish_photo(again.id, &facts).await.unwrap();
    store.remove_photos(&[dead.id], world.job_id()).await.unwrap();
    let record = store.idempotency_record(ann.id, &key("k1"), world.now()).await.unwrap();
    assert_eq!((record.resource, record.fingerprint), (photo.id.uuid(), Some(fingerprint())));
}

pub async fn an_abandoned_upload_frees_its_key(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let first = keyed_upload(world.new_upload(&album), "k1", world.tomorrow());
    store.begin_upload(&first).await.unwrap();
    store.begin_photo_deletion(first.id, None, world.purge_photo(first.id, ann.id)).await.unwrap();
    assert_not_found(store.idempotency_record(ann.id, &key("k1"), world.now()).await);

    let second = keyed_upload(world.new_upload(&album), "k1", world.tomorrow());
    store.begin_upload(&second).await.unwrap();
    let now = world.now();
    let record = |name: IdempotencyKey| {
        let store = SharedStore::clone(&store);
        async move { store.idempotency_record(ann.id, &name, now).await }
    };
    assert_eq!(record(key("k1")).await.unwrap().resource, second.id.uuid());
    store.remove_photos(&[first.id], world.job_id()).await.unwrap();
    assert_eq!(record(key("k1")).await.unwrap().resource, second.id.uuid(), "the new record stays");
}

pub async fn the_key_of_a_published_photo_goes_with_its_row(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let upload = keyed_upload(world.new_upload(&album), "k1", world.tomorrow());
    store.begin_upload(&upload).await.unwrap();
    let facts = PhotoFacts { fingerprint: Some(fingerprint()), ..facts("Sea") };
    store.publish_photo(upload.id, &facts).await.unwrap();

    store.begin_photo_deletion(upload.id, None, world.purge_photo(upload.id, ann.id)).await.unwrap();
    let record = store.idempotency_record(ann.id, &key("k1"), world.now()).await.unwrap();
    assert_eq!(record.resource, upload.id.uuid(), "a repeated request learns that its photo is gone");
    store.remove_photos(&[upload.id], world.job_id()).await.unwrap();
    assert_not_found(store.idempotency_record(ann.id, &key("k1"), world.now()).await);
}
