//! Uploads: reserving quota, publishing, and what an upload must not do.

use std::collections::BTreeSet;

use gallery_core::model::{NewUpload, Photo, PhotoSort, PhotoState, StoredPhoto};
use gallery_core::ports::{Conflict, SharedStore, StoreError};
use gallery_core::search::Query;
use gallery_core::values::{Generation, PhotoId, Timestamp};

use super::World;
use super::reading::{assert_conflict, assert_not_found, in_parallel, whole};
use super::world::{
    MILLISECOND, PHOTO_COUNTS, QUOTA_BYTES, RECORD_BYTES, RENDITION_BYTES, facts, facts_of_size,
};

fn wanting(bytes: u64, upload: NewUpload) -> NewUpload {
    NewUpload { wanted_bytes: bytes, ..upload }
}

pub async fn an_upload_reserves_quota(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let upload = wanting(7_000, world.new_upload(&album));
    assert_eq!(store.begin_upload(&upload).await.unwrap(), 7_000);

    let usage = store.user(ann.id).await.unwrap().usage;
    assert_eq!((usage.photos, usage.bytes), (0, RECORD_BYTES + 7_000 + RECORD_BYTES));
    let expected = StoredPhoto {
        id: upload.id,
        album_id: album.id,
        owner: ann.id,
        state: PhotoState::Pending,
        bytes: 7_000 + RECORD_BYTES,
        generation: Generation::FIRST,
        objects: Vec::new(),
    };
    assert_eq!(store.photo_in_any_state(upload.id).await.unwrap(), expected);
    assert_eq!(store.photos_in_any_state(album.id, 10).await.unwrap(), [expected]);
    assert_not_found(store.photo_in_any_state(world.photo_id()).await);
}

pub async fn beginning_an_upload_again_reserves_once(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let upload = wanting(QUOTA_BYTES, world.new_upload(&album));
    assert_eq!(store.begin_upload(&upload).await.unwrap(), QUOTA_BYTES - 2 * RECORD_BYTES);
    assert_eq!(store.begin_upload(&upload).await.unwrap(), QUOTA_BYTES - 2 * RECORD_BYTES);
    assert_eq!(store.user(ann.id).await.unwrap().usage.bytes, QUOTA_BYTES);
}

pub async fn an_upload_gets_what_is_left_of_the_quota(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let begin = async |bytes| store.begin_upload(&wanting(bytes, world.new_upload(&album))).await;
    let all_but_ten = QUOTA_BYTES - 3 * RECORD_BYTES - 10;
    assert_eq!(begin(all_but_ten).await.unwrap(), all_but_ten);
    assert_eq!(begin(50).await.unwrap(), 10);
    let refused = world.new_upload(&album);
    assert_conflict(store.begin_upload(&refused).await, Conflict::QuotaExceeded);
    assert_not_found(store.photo_in_any_state(refused.id).await);
    assert_eq!(store.user(ann.id).await.unwrap().usage.bytes, QUOTA_BYTES);

    let bob = world.user("bob@example.org").await;
    let bobs = world.album(bob.id, "Bob's").await;
    assert_eq!(store.begin_upload(&wanting(50, world.new_upload(&bobs))).await.unwrap(), 50);
}

pub async fn parallel_uploads_never_exceed_the_quota(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    // Of the album, this upload, and the three that get something.
    let records = 5 * RECORD_BYTES;
    store.begin_upload(&wanting(QUOTA_BYTES - records - 25, world.new_upload(&album))).await.unwrap();
    let uploads: Vec<_> = (0..20).map(|_| wanting(10, world.new_upload(&album))).collect();
    let results = in_parallel(20, |n| {
        let (store, upload) = (SharedStore::clone(&store), uploads[n as usize].clone());
        async move { store.begin_upload(&upload).await }
    })
    .await;

    let mut granted: Vec<u64> = results.iter().filter_map(|result| result.as_ref().ok().copied()).collect();
    granted.sort_unstable();
    assert_eq!(granted, [5, 10, 10]);
    for refused in results.into_iter().filter(Result::is_err) {
        assert_conflict(refused, Conflict::QuotaExceeded);
    }
    assert_eq!(store.user(ann.id).await.unwrap().usage.bytes, QUOTA_BYTES);
}

pub async fn of_parallel_uploads_one_gets_the_last_byte(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let all_but_one = QUOTA_BYTES - 3 * RECORD_BYTES - 1;
    store.begin_upload(&wanting(all_but_one, world.new_upload(&album))).await.unwrap();
    let uploads: Vec<_> = (0..20).map(|_| world.new_upload(&album)).collect();
    let results = in_parallel(20, |n| {
        let (store, upload) = (SharedStore::clone(&store), uploads[n as usize].clone());
        async move { store.begin_upload(&upload).await }
    })
    .await;
    let granted: Vec<u64> = results.into_iter().filter_map(Result::ok).collect();
    assert_eq!(granted, [1]);
}

pub async fn a_pending_photo_is_never_seen(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let upload = world.upload(&album).await;
    assert_not_found(store.photo(upload.id).await);
    for sort in [PhotoSort::Uploaded, PhotoSort::Taken] {
        assert_eq!(store.photos_of(ann.id, sort, &whole()).await.unwrap().items, []);
        assert_eq!(store.photos_in_album(ann.id, album.id, sort, &whole()).await.unwrap().items, []);
    }
    let query = Query::parse("img").unwrap();
    assert_eq!(store.search_photos(ann.id, None, &query, &whole()).await.unwrap().items, []);
    assert_eq!(store.album(album.id).await.unwrap(), album, "neither count nor cover follow");
    let pending = Photo { id: upload.id, ..world.photo(&album, "Sea").await };
    assert_not_found(world.update(&pending, &world.change(&pending)).await);
}

pub async fn a_published_photo_has_its_true_size(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    for (reserved, size) in [(5_000, 1_234), (1_000, 1_000), (1_000, 1_000 - RENDITION_BYTES)] {
        let before = store.user(ann.id).await.unwrap().usage;
        let upload = wanting(reserved, world.new_upload(&album));
        store.begin_upload(&upload).await.unwrap();
        let facts = facts_of_size(size);
        let photo = store.publish_photo(upload.id, &facts).await.unwrap();

        assert_eq!((photo.id, photo.album_id, photo.owner), (upload.id, album.id, ann.id));
        assert_eq!((photo.version, photo.facts.bytes()), (1, size));
        assert_eq!((photo.created_at, photo.updated_at), (upload.created_at, upload.created_at));
        let row = store.photo_in_any_state(upload.id).await.unwrap();
        let counted = size + RENDITION_BYTES + RECORD_BYTES;
        assert_eq!((row.state, row.bytes), (PhotoState::Ready, counted));
        let usage = store.user(ann.id).await.unwrap().usage;
        assert_eq!((usage.photos, usage.bytes), (before.photos + 1, before.bytes + counted));
    }
    assert_eq!(store.album(album.id).await.unwrap().photo_count, 3);
}

pub async fn a_photo_that_the_quota_does_not_hold_is_not_published(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let all = wanting(QUOTA_BYTES, world.new_upload(&album));
    let granted = store.begin_upload(&all).await.unwrap();
    let too_large = facts_of_size(granted - RENDITION_BYTES + 1);
    assert_conflict(store.publish_photo(all.id, &too_large).await, Conflict::QuotaExceeded);
    assert_eq!(store.photo_in_any_state(all.id).await.unwrap().state, PhotoState::Pending);
    assert_not_found(store.photo(all.id).await);
    let usage = store.user(ann.id).await.unwrap().usage;
    assert_eq!((usage.photos, usage.bytes), (0, QUOTA_BYTES), "what was reserved stays so");
    let query = Query::parse("sized").unwrap();
    assert_eq!(store.search_photos(ann.id, None, &query, &whole()).await.unwrap().items, []);

    let fits = facts_of_size(granted - RENDITION_BYTES);
    store.publish_photo(all.id, &fits).await.unwrap();
    assert_eq!(store.user(ann.id).await.unwrap().usage.bytes, QUOTA_BYTES);
    store.begin_photo_deletion(all.id, None, world.purge_photo(all.id, ann.id)).await.unwrap();
    assert_eq!(store.user(ann.id).await.unwrap().usage.bytes, RECORD_BYTES, "the album's");
}

pub async fn an_album_that_the_quota_does_not_hold_is_not_created(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let first = world.album(ann.id, "Summer").await;
    let almost_all = wanting(QUOTA_BYTES - 3 * RECORD_BYTES + 1, world.new_upload(&first));
    store.begin_upload(&almost_all).await.unwrap();
    let new = world.new_album(ann.id, "Winter");
    assert_conflict(world.create(&new).await, Conflict::QuotaExceeded);
    assert_not_found(store.album(new.id).await);
    assert_eq!(store.user(ann.id).await.unwrap().usage.albums, 1);

    let job = world.purge_photo(almost_all.id, ann.id);
    store.begin_photo_deletion(almost_all.id, None, job).await.unwrap();
    let second = world.create(&new).await.unwrap();
    assert_eq!(store.user(ann.id).await.unwrap().usage.bytes, 2 * RECORD_BYTES);
    store.begin_album_deletion(second.id, world.purge_album(&second)).await.unwrap();
    assert_eq!(store.user(ann.id).await.unwrap().usage.bytes, RECORD_BYTES);
}

pub async fn sizes_beyond_32_bits_are_exact(store: SharedStore) {
    let world = World::of(&store);
    let mut new = world.sign_up("ann@example.org");
    new.quota_bytes = 1 << 50;
    world.register(&new).await;
    store.confirm_registration(new.id, world.now()).await.unwrap();
    let album = world.album(new.id, "Summer").await;
    let size = (1 << 40) + 3;
    let upload = wanting(size + 1, world.new_upload(&album));
    assert_eq!(store.begin_upload(&upload).await.unwrap(), size + 1);
    let photo = store.publish_photo(upload.id, &facts_of_size(size)).await.unwrap();
    assert_eq!(photo.facts.bytes(), size);
    let usage = store.user(new.id).await.unwrap().usage;
    let counted = size + RENDITION_BYTES + 2 * RECORD_BYTES;
    assert_eq!((usage.bytes, usage.quota_bytes), (counted, 1 << 50));
}

pub async fn publishing_again_changes_nothing(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let upload = world.upload(&album).await;
    let facts = facts("Sea");
    let results = in_parallel(10, |_| {
        let (store, facts) = (SharedStore::clone(&store), facts.clone());
        async move { store.publish_photo(upload.id, &facts).await.unwrap() }
    })
    .await;
    assert!(results.iter().all(|photo| *photo == results[0]));
    let usage = store.user(ann.id).await.unwrap().usage;
    assert_eq!((usage.photos, usage.bytes), (1, RECORD_BYTES + PHOTO_COUNTS));
    assert_eq!(store.album(album.id).await.unwrap().photo_count, 1);

    let photo = store.photo(upload.id).await.unwrap();
    let mut change = world.change(&photo);
    change.title = gallery_core::values::Title::parse("Renamed").unwrap();
    let renamed = world.update(&photo, &change).await.unwrap();
    assert_eq!(store.publish_photo(upload.id, &facts).await.unwrap(), renamed, "a change is not undone");
}

pub async fn a_photo_is_not_published_after_its_deletion(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let facts = facts("Sea");
    let publish = async |upload: &NewUpload| -> Result<Photo, StoreError> {
        store.publish_photo(upload.id, &facts).await
    };
    let [of_photo, of_album, of_account] =
        [world.upload(&album).await, world.upload(&album).await, world.upload(&album).await];
    assert_not_found(publish(&world.new_upload(&album)).await);

    store.begin_photo_deletion(of_photo.id, None, world.purge_photo(of_photo.id, ann.id)).await.unwrap();
    assert_not_found(publish(&of_photo).await);
    store.remove_photos(&[of_photo.id], world.job_id()).await.unwrap();
    assert_not_found(publish(&of_photo).await);
    assert_eq!(store.user(ann.id).await.unwrap().usage.photos, 0);

    store.begin_album_deletion(album.id, world.purge_album(&album)).await.unwrap();
    assert_not_found(publish(&of_album).await);
    let usage = store.user(ann.id).await.unwrap().usage;
    assert_eq!((usage.albums, usage.photos, usage.bytes), (0, 0, 0));

    store.begin_account_deletion(ann.id, world.purge_account(&ann)).await.unwrap();
    assert_not_found(publish(&of_account).await);
    assert_eq!(store.photo_in_any_state(of_account.id).await.unwrap().state, PhotoState::Pending);
}

pub async fn nothing_is_uploaded_where_nothing_can_be(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    let (anns, bobs) = (world.album(ann.id, "Ann's").await, world.album(bob.id, "Bob's").await);
    let foreign = NewUpload { owner: ann.id, ..world.new_upload(&bobs) };
    assert_not_found(store.begin_upload(&foreign).await);
    let nowhere = NewUpload { album_id: world.album_id(), ..world.new_upload(&anns) };
    assert_not_found(store.begin_upload(&nowhere).await);

    store.begin_album_deletion(anns.id, world.purge_album(&anns)).await.unwrap();
    assert_not_found(store.begin_upload(&world.new_upload(&anns)).await);
    store.begin_account_deletion(bob.id, world.purge_account(&bob)).await.unwrap();
    assert_not_found(store.begin_upload(&world.new_upload(&bobs)).await);
    assert_eq!(store.user(ann.id).await.unwrap().usage.bytes, 0);
    assert_eq!(store.audit_photos(None, 10).await.unwrap(), []);
}

pub async fn parallel_uploads_into_an_album_are_all_counted(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let uploads: Vec<_> = (0..20).map(|_| world.new_upload(&album)).collect();
    in_parallel(20, |n| {
        let (store, upload) = (SharedStore::clone(&store), uploads[n as usize].clone());
        async move {
            store.begin_upload(&upload).await.unwrap();
            store.publish_photo(upload.id, &facts("Sea")).await.unwrap();
        }
    })
    .await;
    let usage = store.user(ann.id).await.unwrap().usage;
    assert_eq!((usage.photos, usage.bytes), (20, RECORD_BYTES + 20 * PHOTO_COUNTS));
    let album = store.album(album.id).await.unwrap();
    assert_eq!(album.photo_count, 20);
    assert!(album.cover.is_some());
}

pub async fn overdue_uploads_are_found_strictly_before_an_instant(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let early = world.upload(&album).await;
    world.photo(&album, "published in time").await;
    let deleted = world.upload(&album).await;
    store.begin_photo_deletion(deleted.id, None, world.purge_photo(deleted.id, ann.id)).await.unwrap();
    let late = world.upload(&album).await;
    let gone = world.album(ann.id, "Winter").await;
    let left_to_the_purge = world.upload(&gone).await;
    store.begin_album_deletion(gone.id, world.purge_album(&gone)).await.unwrap();

    let found = async |before, limit| -> Vec<_> {
        store.overdue_uploads(before, limit).await.unwrap().into_iter().map(|row| row.id).collect()
    };
    assert_eq!(found(early.deadline, 10).await, []);
    assert_eq!(found(early.deadline.plus(MILLISECOND), 10).await, [early.id]);
    assert_eq!(found(late.deadline, 10).await, [early.id]);
    let all = left_to_the_purge.deadline.plus(MILLISECOND);
    let mut ids = found(all, 10).await;
    ids.sort();
    assert_eq!(ids, [early.id, late.id]);
    assert_eq!(found(all, 1).await.len(), 1);
}

/// The attack: uploads that died in albums that are being deleted.
pub async fn dead_uploads_under_a_mark_hide_no_other(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let gone = world.album(ann.id, "Winter").await;
    for _ in 0..5 {
        world.upload(&gone).await;
    }
    let album = world.album(ann.id, "Summer").await;
    let (first, second) = (world.upload(&album).await, world.upload(&album).await);
    store.begin_album_deletion(gone.id, world.purge_album(&gone)).await.unwrap();
    let later = second.deadline.plus(MILLISECOND);
    let found = store.overdue_uploads(later, 2).await.unwrap();
    let found: BTreeSet<PhotoId> = found.iter().map(|row| row.id).collect();
    assert_eq!(found, [first.id, second.id].into());
}

pub async fn an_upload_that_shows_life_is_not_overdue(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let upload = world.upload(&album).await;
    let overdue = async |before| store.overdue_uploads(before, 10).await.unwrap().len();
    let after = |deadline: Timestamp| deadline.plus(MILLISECOND);
    assert_eq!(overdue(after(upload.deadline)).await, 1);
    let moved = upload.deadline.plus(MILLISECOND * 500);
    for deadline in [moved, moved, upload.deadline] {
        store.extend_upload(upload.id, deadline).await.unwrap();
        assert_eq!((overdue(moved).await, overdue(after(moved)).await), (0, 1), "the latest counts");
    }
    let sweep = world.purge_photo(upload.id, ann.id);
    store.begin_photo_deletion(upload.id, Some(moved), sweep).await.unwrap();
    store.publish_photo(upload.id, &facts("Sea")).await.unwrap();
    assert_not_found(store.extend_upload(upload.id, after(moved)).await);
    assert_not_found(store.extend_upload(world.photo_id(), moved).await);

    let other = world.upload(&album).await;
    store.begin_album_deletion(album.id, world.purge_album(&album)).await.unwrap();
    assert_not_found(store.extend_upload(other.id, other.deadline).await);
}
