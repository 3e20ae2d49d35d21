//! Races: two changes of one thing at once. One of them comes first, wholly, whichever it is.
//!
//! Each race is run several times; what must hold afterwards does not depend on who won. Usage,
//! counts, covers and postings are compared by the check that follows every scenario.

use std::sync::Arc;

use gallery_core::model::{AlbumChange, PhotoChange, PhotoSort, PhotoState};
use gallery_core::ports::{Conflict, SharedStore, StoreError};
use gallery_core::search::Terms;
use gallery_core::token::SIGN_UP_LIFETIME;

use super::World;
use super::reading::{assert_conflict, assert_not_found, in_parallel, whole};
use super::world::{MILLISECOND, facts};

/// How often a race is run.
const ROUNDS: u32 = 10;

pub async fn a_confirmation_and_the_sweep_exclude_each_other(store: SharedStore) {
    let world = World::of(&store);
    for round in 0..ROUNDS {
        let waiting = world.registration(&format!("user{round}@example.org")).await;
        let at = world.now();
        let sweep = tokio::spawn({
            let store = SharedStore::clone(&store);
            async move { store.remove_expired(at.plus(SIGN_UP_LIFETIME), 10).await.unwrap() }
        });
        let confirmed = store.confirm_registration(waiting.id, at).await;
        sweep.await.unwrap();
        assert_not_found(store.registration(waiting.id).await);
        if confirmed.is_ok() {
            assert_eq!(store.user(waiting.id).await.unwrap(), waiting.confirmed(at));
        } else {
            assert_not_found(confirmed);
            assert_not_found(store.user(waiting.id).await);
        }
    }
}

pub async fn a_publication_and_the_sweep_exclude_each_other(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    for _ in 0..ROUNDS {
        let upload = world.upload(&album).await;
        let (job, after) = (world.purge_photo(upload.id, ann.id), upload.deadline.plus(MILLISECOND));
        let sweep = tokio::spawn({
            let (store, job) = (SharedStore::clone(&store), job.clone());
            async move { store.begin_photo_deletion(upload.id, Some(after), job).await.unwrap() }
        });
        let published = store.publish_photo(upload.id, &facts("Sea")).await;
        sweep.await.unwrap();
        let row = store.photo_in_any_state(upload.id).await.unwrap();
        if published.is_ok() {
            assert_eq!(row.state, PhotoState::Ready);
            assert_not_found(store.job(job.id).await);
        } else {
            assert_not_found(published);
            assert_eq!(row.state, PhotoState::Deleting);
            assert!(store.job(job.id).await.is_ok());
        }
    }
}

pub async fn a_cancelled_account_keeps_nothing_of_racing_requests(store: SharedStore) {
    let world = Arc::new(World::of(&store));
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let job = world.purge_account(&ann);
    in_parallel(21, |n| {
        let (store, world) = (SharedStore::clone(&store), Arc::clone(&world));
        let (album, job) = (album.clone(), job.clone());
        async move {
            // Ok and NotFound are both right for what races with the deletion.
            let _ = match n {
                10 => store.begin_account_deletion(ann.id, job).await,
                n if n % 3 == 0 => store.begin_upload(&world.new_upload(&album)).await.map(drop),
                n if n % 3 == 1 => world.create(&world.new_album(ann.id, "More")).await.map(drop),
                _ => store.start_session(&world.log_in(ann.id)).await,
            };
        }
    })
    .await;

    assert_eq!(store.albums_of(ann.id, None, &whole()).await.unwrap().items, []);
    assert_eq!(store.sessions_of(ann.id, world.now()).await.unwrap(), []);
    for album in store.albums_in_any_state(ann.id, 100).await.unwrap() {
        let rows = store.photos_in_any_state(album, 100).await.unwrap();
        let ids: Vec<_> = rows.into_iter().map(|row| row.id).collect();
        store.remove_photos(&ids, job.id).await.unwrap();
        store.remove_album(album, job.id).await.unwrap();
    }
    store.remove_user(ann.id, job.id, None).await.unwrap();
    world.finish(job.id).await;
}

pub async fn a_move_and_the_targets_deletion_exclude_each_other(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let from = world.album(ann.id, "From").await;
    for _ in 0..ROUNDS {
        let (to, photo) = (world.album(ann.id, "To").await, world.photo(&from, "Sea").await);
        let job = world.purge_album(&to);
        let deletion = tokio::spawn({
            let store = SharedStore::clone(&store);
            async move { store.begin_album_deletion(to.id, job).await.unwrap() }
        });
        let change = PhotoChange { album_id: to.id, ..world.change(&photo) };
        let moved = world.update(&photo, &change).await;
        deletion.await.unwrap();
        if moved.is_ok() {
            assert_not_found(store.photo(photo.id).await);
        } else {
            assert_not_found(moved);
            assert_eq!(store.photo(photo.id).await.unwrap(), photo);
        }
    }
}

pub async fn a_chosen_cover_and_its_deletion_exclude_each_other(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mut album = world.album(ann.id, "Summer").await;
    world.photo(&album, "first").await;
    for _ in 0..ROUNDS {
        let photo = world.photo(&album, "chosen").await;
        let job = world.purge_photo(photo.id, ann.id);
        let deletion = tokio::spawn({
            let store = SharedStore::clone(&store);
            async move { store.begin_photo_deletion(photo.id, None, job).await.unwrap() }
        });
        let change = AlbumChange {
            version: album.version,
            name: album.name.clone(),
            description: album.description.clone(),
            cover: Some(Some(photo.id)),
            updated_at: world.now(),
        };
        let terms = Terms::of_album(&change.name, &change.description);
        let chosen = store.update_album(album.id, &change, &terms).await;
        deletion.await.unwrap();
        if chosen.is_err() {
            assert_conflict(chosen, Conflict::NotInAlbum);
        }
        album = store.album(album.id).await.unwrap();
        assert_ne!(album.cover, Some(photo.id), "the photo is gone, whoever came first");
    }
}

pub async fn photos_deleted_at_once_are_all_counted(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let mut jobs = Vec::new();
    for _ in 0..20 {
        let photo = world.photo(&album, "Sea").await;
        jobs.push((photo.id, world.purge_photo(photo.id, ann.id)));
    }
    let kept = jobs.pop().map(|(kept, _)| kept);
    in_parallel(19, |n| {
        let (store, (photo, job)) = (SharedStore::clone(&store), jobs[n as usize].clone());
        async move { store.begin_photo_deletion(photo, None, job).await.unwrap() }
    })
    .await;
    let album = store.album(album.id).await.unwrap();
    assert_eq!((album.photo_count, album.cover), (1, kept));
    let left = store.photos_in_album(ann.id, album.id, PhotoSort::Uploaded, &whole()).await.unwrap();
    assert_eq!(left.items.len(), 1);
    assert_eq!(world.jobs().await.len(), 19);
}

pub async fn a_change_and_a_deletion_exclude_each_other(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    for _ in 0..ROUNDS {
        let photo = world.photo(&album, "Sea").await;
        let job = world.purge_photo(photo.id, ann.id);
        let deletion = tokio::spawn({
            let store = SharedStore::clone(&store);
            async move { store.begin_photo_deletion(photo.id, None, job).await.unwrap() }
        });
        let changed = world.update(&photo, &world.change(&photo)).await;
        deletion.await.unwrap();
        assert!(matches!(changed, Ok(_) | Err(StoreError::NotFound)), "{changed:?}");
        assert_not_found(store.photo(photo.id).await);
    }
    assert_eq!(store.album(album.id).await.unwrap().photo_count, 0);
}
