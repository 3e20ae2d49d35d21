//! Albums: creation, lists, search, the owner's changes.

use gallery_core::model::{Album, AlbumChange};
use gallery_core::ports::{Conflict, SharedStore};
use gallery_core::search::{Query, Terms};
use gallery_core::values::{AlbumId, AlbumName, Description, UserId};

use super::World;
use super::reading::{assert_conflict, assert_not_found, in_parallel, page, walk, whole};

fn change(album: &Album, name: &str, world: &World) -> AlbumChange {
    AlbumChange {
        version: album.version,
        name: AlbumName::parse(name).unwrap(),
        description: album.description.clone(),
        cover: None,
        updated_at: world.now(),
    }
}

fn terms(change: &AlbumChange) -> Terms {
    Terms::of_album(&change.name, &change.description)
}

/// The owner's albums that the query finds, in the list's order.
async fn found(store: &SharedStore, owner: UserId, query: &str) -> Vec<AlbumId> {
    let query = Query::parse(query).unwrap();
    let page = store.albums_of(owner, Some(&query), &whole()).await.unwrap();
    page.items.into_iter().map(|album| album.id).collect()
}

pub async fn an_album_is_created_and_read(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mut new = world.new_album(ann.id, "Sommer 2026");
    new.description = Description::parse("Two weeks\n\nby the sea").unwrap();
    let album = world.create(&new).await.unwrap();

    assert_eq!((album.id, album.owner), (new.id, ann.id));
    assert_eq!((&album.name, &album.description), (&new.name, &new.description));
    assert_eq!((album.cover, album.photo_count, album.version), (None, 0, 1));
    assert_eq!((album.created_at, album.updated_at), (new.created_at, new.created_at));
    assert_eq!(store.album(album.id).await.unwrap(), album);
    assert_eq!(store.user(ann.id).await.unwrap().usage.albums, 1);
    assert_not_found(store.album(world.album_id()).await);
}

pub async fn creating_an_album_again_changes_nothing(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let new = world.new_album(ann.id, "Summer");
    let album = world.create(&new).await.unwrap();
    assert_eq!(world.create(&new).await.unwrap(), album);
    assert_eq!(store.user(ann.id).await.unwrap().usage.albums, 1);
    assert_eq!(store.albums_of(ann.id, None, &whole()).await.unwrap().items, [album]);
}

pub async fn an_album_needs_an_account(store: SharedStore) {
    let world = World::of(&store);
    let new = world.new_album(world.user_id(), "Nobody's");
    assert_not_found(world.create(&new).await);
    assert_not_found(store.album(new.id).await);
    assert_eq!(store.albums_of(new.owner, None, &whole()).await.unwrap().items, []);
}

pub async fn albums_are_listed_newest_first_in_pages(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    let mut expected = Vec::new();
    for n in 0..5 {
        expected.insert(0, world.album(ann.id, &format!("Album {n}")).await);
        world.album(bob.id, "Bob's").await;
    }
    for limit in [1, 2, 4, 5, 6, 200] {
        let listed = walk(limit, async |page| store.albums_of(ann.id, None, &page).await).await;
        assert_eq!(listed, expected, "limit {limit}");
    }
    let exact = store.albums_of(ann.id, None, &page(5, None)).await.unwrap();
    assert_eq!((exact.items.len(), exact.next), (5, None), "a full last page has no next one");
    assert_eq!(store.user(ann.id).await.unwrap().usage.albums, 5);
}

pub async fn pages_of_albums_stand_while_albums_come_and_go(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mut albums = Vec::new();
    for n in 0..6 {
        albums.push(world.album(ann.id, &format!("Album {n}")).await);
    }
    let first = store.albums_of(ann.id, None, &page(2, None)).await.unwrap();
    assert_eq!(first.items, [albums[5].clone(), albums[4].clone()]);

    world.album(ann.id, "Newcomer").await;
    for gone in [4, 2] {
        let album = &albums[gone];
        store.begin_album_deletion(album.id, world.purge_album(album)).await.unwrap();
    }
    let second = store.albums_of(ann.id, None, &page(2, first.next)).await.unwrap();
    assert_eq!(second.items, [albums[3].clone(), albums[1].clone()]);
    let third = store.albums_of(ann.id, None, &page(2, second.next)).await.unwrap();
    assert_eq!((third.items, third.next), (vec![albums[0].clone()], None));
}

pub async fn an_album_is_changed(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let other = world.album(ann.id, "Winter").await;
    let mut change = change(&album, "Autumn", &world);
    change.description = Description::parse("Leaves").unwrap();
    let changed = store.update_album(album.id, &change, &terms(&change)).await.unwrap();

    let expected = Album {
        name: change.name.clone(),
        description: change.description.clone(),
        updated_at: change.updated_at,
        version: album.version + 1,
        ..album.clone()
    };
    assert_eq!(changed, expected);
    assert_eq!(store.album(album.id).await.unwrap(), expected);
    assert_eq!(store.album(other.id).await.unwrap(), other);
    assert_not_found(store.update_album(world.album_id(), &change, &terms(&change)).await);
}

pub async fn a_stale_change_of_an_album_is_refused(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let (first, second) = (change(&album, "First", &world), change(&album, "Second", &world));
    let changed = store.update_album(album.id, &first, &terms(&first)).await.unwrap();
    for version in [album.version, changed.version + 1] {
        let stale = AlbumChange { version, ..second.clone() };
        assert_conflict(store.update_album(album.id, &stale, &terms(&stale)).await, Conflict::Stale);
    }
    assert_eq!(store.album(album.id).await.unwrap(), changed);
    assert_eq!(found(&store, ann.id, "second").await, []);
}

pub async fn of_parallel_changes_of_an_album_one_succeeds(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let changes: Vec<_> = (0..20).map(|n| change(&album, &format!("Name{n}"), &world)).collect();
    let results = in_parallel(20, |n| {
        let (store, change) = (SharedStore::clone(&store), changes[n as usize].clone());
        async move { store.update_album(album.id, &change, &terms(&change)).await }
    })
    .await;

    let winners: Vec<_> = (0..20).filter(|n| results[*n].is_ok()).collect();
    let [winner] = winners[..] else { panic!("one change succeeds: {results:?}") };
    assert_eq!(store.album(album.id).await.unwrap().name, changes[winner].name);
    for result in results.into_iter().filter(Result::is_err) {
        assert_conflict(result, Conflict::Stale);
    }
}

pub async fn albums_are_found_by_the_words_of_name_and_description(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    let mut new = world.new_album(ann.id, "Été à la mer");
    new.description = Description::parse("Two weeks with Jörg").unwrap();
    let sea = world.create(&new).await.unwrap();
    let city = world.album(ann.id, "Two cities").await;
    world.album(bob.id, "Été, two, mer").await;

    assert_eq!(found(&store, ann.id, "ete").await, [sea.id]);
    assert_eq!(found(&store, ann.id, "MER jor").await, [sea.id]);
    assert_eq!(found(&store, ann.id, "two").await, [city.id, sea.id]);
    assert_eq!(found(&store, ann.id, "two mountains").await, []);
    assert_eq!(found(&store, ann.id, "eek").await, [], "the middle of a word finds nothing");

    let change = change(&sea, "Winter", &world);
    store.update_album(sea.id, &change, &terms(&change)).await.unwrap();
    assert_eq!(found(&store, ann.id, "mer").await, [], "an old name finds nothing");
    assert_eq!(found(&store, ann.id, "winter jorg").await, [sea.id]);
}

pub async fn found_albums_come_in_pages(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mut expected = Vec::new();
    for n in 0..7 {
        expected.insert(0, world.album(ann.id, &format!("Summer summit {n}")).await);
        world.album(ann.id, "Winter").await;
    }
    let query = Query::parse("sum").unwrap();
    for limit in [1, 3, 7, 8] {
        let listed = walk(limit, async |page| store.albums_of(ann.id, Some(&query), &page).await).await;
        assert_eq!(listed, expected, "limit {limit}");
    }
}

pub async fn texts_of_every_script_come_back_unchanged(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    for name in
        ["👨‍👩‍👧‍👦 🏳️‍🌈", "ألبوم الصور", "e\u{301}\u{323}a\u{489}", "'; DELETE FROM Album; --\\%_", &"写".repeat(200)]
    {
        let mut new = world.new_album(ann.id, name);
        new.description = Description::parse(&"é👍\n".repeat(1_666)).unwrap();
        let album = world.create(&new).await.unwrap();
        let read = store.album(album.id).await.unwrap();
        assert_eq!((read.name, read.description), (new.name, new.description));
    }
}
