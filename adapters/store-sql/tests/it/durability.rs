//! What was answered stays, what was given up leaves nothing, whenever the process ends.

use std::fs;
use std::future::poll_fn;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use gallery_conformance::store::reading::whole;
use gallery_conformance::store::world::{email, facts};
use gallery_conformance::store::{World, invariants};
use gallery_core::model::{JobKind, PhotoSort};
use gallery_core::ports::{SharedStore, Users};
use gallery_core::search::{Query, Terms};
use gallery_core::values::UserId;
use gallery_store_sql::SqliteStore;

async fn open(path: &Path) -> SharedStore {
    Arc::new(SqliteStore::open(path).await.unwrap())
}

/// An account with a session, an album and a photo of known words.
async fn furnish(store: &SharedStore) -> UserId {
    let world = World::of(store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Aegean").await;
    world.photo(&album, "Sunset over the sea").await;
    world.session(ann.id).await;
    ann.id
}

/// What [`furnish`] made is all there.
async fn assert_furnished(store: &SharedStore, ann: UserId) {
    let user = store.user_by_email(email("ann@example.org").key()).await.unwrap();
    assert_eq!((user.id, user.usage.albums, user.usage.photos), (ann, 1, 1));
    let albums = store.albums_of(ann, None, &whole()).await.unwrap();
    assert_eq!(albums.items[0].photo_count, 1);
    let photos = store.photos_in_album(ann, albums.items[0].id, PhotoSort::Taken, &whole()).await.unwrap();
    let found = store.search_photos(ann, None, &Query::parse("sea sun").unwrap(), &whole()).await.unwrap();
    assert_eq!(found, photos);
    assert_eq!(store.photo(found.items[0].id).await.unwrap().facts.title.as_str(), "Sunset over the sea");
    assert_eq!(store.sessions_of(ann, user.created_at).await.unwrap().len(), 1);
    invariants::check(&**store).await;
}

#[tokio::test]
async fn everything_is_there_after_a_graceful_stop() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.db");
    let store = Arc::new(SqliteStore::open(&path).await.unwrap());
    let shared: SharedStore = store.clone();
    let ann = furnish(&shared).await;
    store.close().await;
    assert!(!path.with_file_name("gallery.db-wal").exists(), "the log was moved into the file");
    assert_furnished(&open(&path).await, ann).await;
}

#[tokio::test]
async fn everything_is_there_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.db");
    let store = open(&path).await;
    let ann = furnish(&store).await;
    // The files as a killed process leaves them: the log is not in the database yet.
    let elsewhere = tempfile::tempdir().unwrap();
    for file in ["gallery.db", "gallery.db-wal"] {
        fs::copy(path.with_file_name(file), elsewhere.path().join(file)).unwrap();
    }
    assert!(fs::metadata(elsewhere.path().join("gallery.db-wal")).unwrap().len() > 0);
    assert_furnished(&open(&elsewhere.path().join("gallery.db")).await, ann).await;
}

#[tokio::test]
async fn nothing_of_a_removed_account_is_left_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.db");
    let store = Arc::new(SqliteStore::open(&path).await.unwrap());
    let shared: SharedStore = store.clone();
    let world = World::of(&shared);
    let ann = world.user("ann.canary@example.org").await;
    let holds_the_address = || {
        let bytes = fs::read(&path).unwrap();
        bytes.windows(10).any(|window| window == b"ann.canary")
    };
    store.close().await;
    assert!(holds_the_address());
    let store = Arc::new(SqliteStore::open(&path).await.unwrap());
    let purge = world.job(JobKind::PurgeAccount { user: ann.id, receipt: None });
    store.begin_account_deletion(ann.id, purge.clone()).await.unwrap();
    store.remove_user(ann.id, purge.id, None).await.unwrap();
    store.close().await;
    assert!(!holds_the_address());
}

/// Polls a future this often, then gives it up; `None` when it was not done by then.
async fn give_up_after<F: Future>(polls: u32, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test]
async fn a_call_that_is_given_up_happens_wholly_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("gallery.db")).await;
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Aegean").await;
    let mut unfinished = 0;
    for polls in 1..=60 {
        let new = world.new_album(ann.id, "Half an album");
        let terms = Terms::of_album(&new.name, &new.description);
        let created = give_up_after(polls, store.create_album(&new, &terms)).await;
        let upload = world.upload(&album).await;
        let published = give_up_after(polls, store.publish_photo(upload.id, &facts("Half a photo"))).await;
        unfinished += u32::from(created.is_none()) + u32::from(published.is_none());
        store.begin_photo_deletion(upload.id, None, world.purge_photo(upload.id, ann.id)).await.unwrap();
    }
    assert!(
        (10..100).contains(&unfinished),
        "calls were given up at every stage, and some came to their end"
    );
    invariants::check(&*store).await;
}
