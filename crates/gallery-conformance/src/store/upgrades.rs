//! Upgrades of records: how far one has come is kept, and what this release wrote stays as it is.
//! Records of releases before are upgraded in the tests of the adapters that have them.

use gallery_core::ports::{SharedStore, UpgradeProgress};

use super::World;
use super::invariants::Whole;
use super::reading::in_parallel;
use super::world::facts;

pub async fn progress_is_kept_by_number(store: SharedStore) {
    let world = World::of(&store);
    let begun = UpgradeProgress::Albums(None);
    assert_eq!(store.upgrade_progress(1).await.unwrap(), begun);
    for progress in [
        UpgradeProgress::Albums(Some(world.album_id())),
        UpgradeProgress::Photos(None),
        UpgradeProgress::Photos(Some(world.photo_id())),
        UpgradeProgress::Done,
        UpgradeProgress::Done,
    ] {
        store.record_upgrade(1, progress).await.unwrap();
        assert_eq!(store.upgrade_progress(1).await.unwrap(), progress);
    }
    assert_eq!(store.upgrade_progress(2).await.unwrap(), begun);
}

pub async fn upgrading_what_is_new_changes_nothing(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer at the sea").await;
    let photo = world.photo_with(&album, &facts("Sea")).await;
    let pending = world.upload(&album).await;
    let marked = world.photo(&album, "Marked").await;
    store.begin_photo_deletion(marked.id, None, world.purge_photo(marked.id, ann.id)).await.unwrap();
    let gone = world.album(ann.id, "Gone").await;
    let inside = world.photo(&gone, "Inside").await;
    store.begin_album_deletion(gone.id, world.purge_album(&gone)).await.unwrap();

    let before = Whole::read(&*store).await;
    for _ in 0..2 {
        for id in [album.id, gone.id, world.album_id()] {
            store.upgrade_album(id).await.unwrap();
        }
        for id in [photo.id, pending.id, marked.id, inside.id, world.photo_id()] {
            store.upgrade_photo(id).await.unwrap();
        }
    }
    assert_eq!(Whole::read(&*store).await, before);
    assert_eq!(store.photo(photo.id).await.unwrap(), photo);
}

pub async fn upgrades_and_deletions_leave_what_is_right(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let photos = [world.photo(&album, "a").await, world.photo(&album, "b").await];
    let job = world.purge_photo(photos[0].id, ann.id);
    in_parallel(10, |n| {
        let (store, job) = (SharedStore::clone(&store), job.clone());
        let (album, photo) = (album.id, photos[n as usize % 2].id);
        async move {
            match n {
                4 => store.begin_photo_deletion(photo, None, job).await.unwrap(),
                _ if n % 3 == 0 => store.upgrade_album(album).await.unwrap(),
                _ => store.upgrade_photo(photo).await.unwrap(),
            }
        }
    })
    .await;
    // The invariants tell the rest.
    assert_eq!(store.user(ann.id).await.unwrap().usage.photos, 1);
}

/// Upgrades everything in a store, twice, as the core's job does once.
pub async fn upgrade_all(store: &SharedStore) {
    for _ in 0..2 {
        let whole = Whole::read(&**store).await;
        for album in whole.albums {
            store.upgrade_album(album.id).await.unwrap();
        }
        for photo in whole.photos {
            store.upgrade_photo(photo.row.id).await.unwrap();
        }
    }
}
