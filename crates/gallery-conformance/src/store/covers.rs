//! Covers: the photo that stands for an album, through uploads, deletions, moves and the owner's
//! choice.

use gallery_core::model::{Album, AlbumChange, Photo, PhotoChange};
use gallery_core::ports::{Conflict, SharedStore, StoreError};
use gallery_core::search::Terms;
use gallery_core::values::{AlbumId, PhotoId};

use super::World;
use super::reading::{assert_conflict, assert_not_found};

/// An album's cover and number of photos.
async fn cover(store: &SharedStore, album: &Album) -> (Option<PhotoId>, u64) {
    let album = store.album(album.id).await.unwrap();
    (album.cover, album.photo_count)
}

async fn delete(store: &SharedStore, world: &World, photo: &Photo) {
    let job = world.purge_photo(photo.id, photo.owner);
    store.begin_photo_deletion(photo.id, None, job).await.unwrap();
}

async fn move_to(world: &World, photo: &Photo, album: AlbumId) -> Result<Photo, StoreError> {
    let change = PhotoChange { album_id: album, ..world.change(photo) };
    world.update(photo, &change).await
}

/// A change of the album that changes nothing yet.
async fn unchanged(store: &SharedStore, world: &World, album: &Album) -> AlbumChange {
    let Album { version, name, description, .. } = store.album(album.id).await.unwrap();
    AlbumChange { version, name, description, cover: None, updated_at: world.now() }
}

async fn update(store: &SharedStore, album: &Album, change: AlbumChange) -> Result<Album, StoreError> {
    let terms = Terms::of_album(&change.name, &change.description);
    store.update_album(album.id, &change, &terms).await
}

/// Chooses a cover.
async fn choose(
    store: &SharedStore,
    world: &World,
    album: &Album,
    cover: PhotoId,
) -> Result<Album, StoreError> {
    let change = unchanged(store, world, album).await;
    update(store, album, AlbumChange { cover: Some(Some(cover)), ..change }).await
}

/// Takes the choice of a cover back.
async fn unchoose(store: &SharedStore, world: &World, album: &Album) -> Album {
    let change = unchanged(store, world, album).await;
    update(store, album, AlbumChange { cover: Some(None), ..change }).await.unwrap()
}

pub async fn the_first_photo_becomes_the_cover(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    world.upload(&album).await;
    assert_eq!(cover(&store, &album).await, (None, 0), "an upload under way is no cover");
    let first = world.photo(&album, "first").await;
    assert_eq!(cover(&store, &album).await, (Some(first.id), 1));
    world.photo(&album, "second").await;
    assert_eq!(cover(&store, &album).await, (Some(first.id), 2));
    let read = store.album(album.id).await.unwrap();
    assert_eq!(
        (read.version, read.updated_at),
        (album.version, album.updated_at),
        "no change of the owner's"
    );
}

pub async fn a_deleted_cover_gives_way_to_the_newest_photo(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let first = world.photo(&album, "first").await;
    let second = world.photo(&album, "second").await;
    let third = world.photo(&album, "third").await;
    world.upload(&album).await;

    delete(&store, &world, &second).await;
    assert_eq!(cover(&store, &album).await, (Some(first.id), 2), "it was not the cover");
    delete(&store, &world, &first).await;
    assert_eq!(cover(&store, &album).await, (Some(third.id), 1));
    delete(&store, &world, &third).await;
    assert_eq!(cover(&store, &album).await, (None, 0));
    let next = world.photo(&album, "next").await;
    assert_eq!(cover(&store, &album).await, (Some(next.id), 1));
}

pub async fn a_moved_cover_gives_way_to_the_newest_photo(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let (from, to) = (world.album(ann.id, "From").await, world.album(ann.id, "To").await);
    let first = world.photo(&from, "first").await;
    let second = world.photo(&from, "second").await;
    let third = world.photo(&from, "third").await;

    move_to(&world, &first, to.id).await.unwrap();
    assert_eq!(cover(&store, &from).await, (Some(third.id), 2));
    assert_eq!(cover(&store, &to).await, (Some(first.id), 1), "the first photo there");
    move_to(&world, &third, to.id).await.unwrap();
    assert_eq!(cover(&store, &from).await, (Some(second.id), 1));
    assert_eq!(cover(&store, &to).await, (Some(first.id), 2), "there was a cover already");
    move_to(&world, &second, to.id).await.unwrap();
    assert_eq!(cover(&store, &from).await, (None, 0));
    assert_eq!(cover(&store, &to).await, (Some(first.id), 3));
}

pub async fn a_chosen_cover_stays(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    world.photo(&album, "first").await;
    let second = world.photo(&album, "second").await;
    let third = world.photo(&album, "third").await;

    let changed = choose(&store, &world, &album, second.id).await.unwrap();
    assert_eq!((changed.cover, changed.photo_count), (Some(second.id), 3));
    assert_eq!(changed.version, album.version + 1);
    world.photo(&album, "fourth").await;
    update(&store, &album, unchanged(&store, &world, &album).await).await.unwrap();
    assert_eq!(cover(&store, &album).await, (Some(second.id), 4), "a change without a cover leaves it");
    delete(&store, &world, &third).await;
    assert_eq!(cover(&store, &album).await, (Some(second.id), 3));
}

pub async fn an_unchosen_cover_is_the_newest_photo(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let unchosen = unchoose(&store, &world, &album).await;
    assert_eq!(unchosen.cover, None, "of an empty album");
    world.photo(&album, "first").await;
    let newest = world.photo(&album, "newest").await;
    let deleted = world.photo(&album, "deleted").await;
    delete(&store, &world, &deleted).await;
    world.upload(&album).await;
    let unchosen = unchoose(&store, &world, &album).await;
    assert_eq!(unchosen.cover, Some(newest.id));
}

pub async fn a_cover_must_be_a_ready_photo_of_the_album(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    let (album, other) = (world.album(ann.id, "Summer").await, world.album(ann.id, "Winter").await);
    let bobs = world.album(bob.id, "Bob's").await;
    let cover_photo = world.photo(&album, "cover").await;
    let deleted = world.photo(&album, "deleted").await;
    delete(&store, &world, &deleted).await;
    let before = store.album(album.id).await.unwrap();

    for (photo, why) in [
        (world.photo_id(), "unknown"),
        (world.upload(&album).await.id, "pending"),
        (deleted.id, "deleted"),
        (world.photo(&other, "elsewhere").await.id, "in another album"),
        (world.photo(&bobs, "Bob's").await.id, "somebody else's"),
    ] {
        let refused = choose(&store, &world, &album, photo).await;
        assert_conflict(refused, Conflict::NotInAlbum);
        assert_eq!(store.album(album.id).await.unwrap(), before, "{why}");
    }
    let moved = move_to(&world, &cover_photo, other.id).await.unwrap();
    let refused = choose(&store, &world, &album, moved.id).await;
    assert_conflict(refused, Conflict::NotInAlbum);
}

pub async fn a_stale_choice_of_a_cover_is_refused_as_stale(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let change = AlbumChange {
        version: album.version + 1,
        cover: Some(Some(world.photo_id())),
        ..unchanged(&store, &world, &album).await
    };
    assert_conflict(update(&store, &album, change.clone()).await, Conflict::Stale);
    store.begin_album_deletion(album.id, world.purge_album(&album)).await.unwrap();
    assert_not_found(update(&store, &album, change).await);
}
