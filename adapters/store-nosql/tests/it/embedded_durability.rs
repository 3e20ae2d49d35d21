//! What was answered stays, what was given up leaves nothing, whenever the process ends.

use std::env;
use std::fs;
use std::future::poll_fn;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::pin::pin;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::task::Poll;

use futures_util::future::join_all;
use gallery_conformance::store::reading::whole;
use gallery_conformance::store::world::{email, facts};
use gallery_conformance::store::{World, invariants};
use gallery_core::model::{JobKind, PhotoSort};
use gallery_core::ports::{SharedStore, Users as _};
use gallery_core::search::{Query, Terms};
use gallery_core::values::{AlbumId, UserId};
use gallery_store_nosql::EmbeddedStore;
use uuid::Uuid;

async fn open(path: &Path) -> SharedStore {
    Arc::new(EmbeddedStore::open(path).await.unwrap())
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
    let path = folder.path().join("gallery.redb");
    let store = EmbeddedStore::open(&path).await.unwrap();
    let ann = furnish(&(Arc::new(store.clone()) as SharedStore)).await;
    store.close().await;
    assert_furnished(&open(&path).await, ann).await;
}

#[tokio::test]
async fn a_copy_of_the_file_of_a_running_store_is_what_a_power_cut_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.redb");
    let store = open(&path).await;
    let ann = furnish(&store).await;
    let copy = folder.path().join("copy.redb");
    fs::copy(&path, &copy).unwrap();
    assert_furnished(&open(&copy).await, ann).await;
}

/// In the child's environment: the store to work on, and how many children came before.
const STORE: &str = "GALLERY_TEST_CHILD_STORE";
const ROUND: &str = "GALLERY_TEST_CHILD_ROUND";
const WRITERS: i64 = 8;

/// Makes albums, several at once, and says of each when it was answered, until somebody ends the
/// process.
async fn make_albums_for_ever(path: &Path, round: i64) {
    let store = open(path).await;
    let world = World::of(&store);
    let ann = store.user_by_email(email("ann@example.org").key()).await.unwrap();
    // A child makes other ids than those before it.
    for _ in 0..(round + 1) * 100_000 {
        world.now();
    }
    let writer = || async {
        let mut told = io::stdout();
        loop {
            let new = world.new_album(ann.id, "Made before the end");
            store.create_album(&new, &Terms::of_album(&new.name, &new.description)).await.unwrap();
            writeln!(told, "answered {}", new.id).unwrap();
        }
    };
    join_all((0..WRITERS).map(|_| writer())).await;
}

/// Runs this test again, as a process of its own.
fn child(test: &str, path: &Path, round: usize) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(STORE, path)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn what_was_answered_is_there_after_kills() {
    if let Some(path) = env::var_os(STORE) {
        let round = env::var(ROUND).unwrap().parse().unwrap();
        return make_albums_for_ever(path.as_ref(), round).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.redb");
    let store = EmbeddedStore::open(&path).await.unwrap();
    let ann = World::of(&(Arc::new(store.clone()) as SharedStore)).user("ann@example.org").await;
    store.close().await;
    let mut answered: Vec<AlbumId> = Vec::new();
    for (round, answers) in [1, 60, 7, 33, 2, 90, 18, 41].into_iter().enumerate() {
        let mut child = child("embedded_durability::what_was_answered_is_there_after_kills", &path, round);
        let mut heard = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let Some((_, id)) = line.split_once("answered ") else { continue };
            answered.push(AlbumId::from_uuid(Uuid::parse_str(id).unwrap()));
            heard += 1;
            if heard == answers {
                child.kill().unwrap();
            }
        }
        assert!(!child.wait().unwrap().success() && heard >= answers, "the child was killed at its work");
    }
    let store = open(&path).await;
    for id in &answered {
        assert_eq!(store.album(*id).await.unwrap().owner, ann.id);
    }
    // Of what was under way when a kill came, any part may be there, but each wholly.
    let albums = store.user(ann.id).await.unwrap().usage.albums;
    let most = answered.len() as u64 + 8 * WRITERS.cast_unsigned();
    assert!((answered.len() as u64..=most).contains(&albums), "{albums} albums, {} answered", answered.len());
    invariants::check(&*store).await;
}

#[tokio::test]
async fn nothing_of_a_removed_account_is_left_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.redb");
    let store = EmbeddedStore::open(&path).await.unwrap();
    let world = World::of(&(Arc::new(store.clone()) as SharedStore));
    let ann = world.user("ann.canary@example.org").await;
    let holds_the_address = || fs::read(&path).unwrap().windows(10).any(|window| window == b"ann.canary");
    store.close().await;
    assert!(holds_the_address());
    let store = EmbeddedStore::open(&path).await.unwrap();
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
    let store = open(&folder.path().join("gallery.redb")).await;
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Aegean").await;
    let mut unfinished = 0;
    for polls in 1..=20 {
        let new = world.new_album(ann.id, "Half an album");
        let terms = Terms::of_album(&new.name, &new.description);
        let created = give_up_after(polls, store.create_album(&new, &terms)).await;
        let upload = world.upload(&album).await;
        let published = give_up_after(polls, store.publish_photo(upload.id, &facts("Half a photo"))).await;
        unfinished += u32::from(created.is_none()) + u32::from(published.is_none());
        store.begin_photo_deletion(upload.id, None, world.purge_photo(upload.id, ann.id)).await.unwrap();
    }
    assert!(
        (2..38).contains(&unfinished),
        "calls were given up at every stage, and some came to their end: {unfinished} of 40 did not"
    );
    invariants::check(&*store).await;
}
