//! What was answered stays, and what was given up leaves nothing, whatever happens to the server or
//! the caller.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use gallery_conformance::store::world::facts;
use gallery_conformance::store::{World, invariants};
use gallery_core::ports::SharedStore;
use gallery_core::search::Terms;

use super::fresh::Database;
use super::server::Server;

#[tokio::test]
async fn what_was_answered_is_there_after_a_kill() {
    let mut server = Server::start(&[], |_| ()).await;
    let database = Database::on(&server.url()).await;
    let store: SharedStore = Arc::new(database.open().await);
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Aegean").await;
    let photo = world.photo(&album, "Sunset over the sea").await;
    server.kill();
    server.start_again().await;
    let store: SharedStore = Arc::new(database.open().await);
    assert_eq!(store.photo(photo.id).await.unwrap(), photo);
    invariants::check(&*store).await;
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
    let database = Database::create().await;
    let store: SharedStore = Arc::new(database.open().await);
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Aegean").await;
    let (mut finished, mut unfinished) = (0, 0);
    for polls in 1..=60 {
        let new = world.new_album(ann.id, "Half an album");
        let terms = Terms::of_album(&new.name, &new.description);
        let created = give_up_after(polls, store.create_album(&new, &terms)).await;
        let upload = world.upload(&album).await;
        let published = give_up_after(polls, store.publish_photo(upload.id, &facts("Half a photo"))).await;
        unfinished += u32::from(created.is_none()) + u32::from(published.is_none());
        finished += u32::from(created.is_some()) + u32::from(published.is_some());
        store.begin_photo_deletion(upload.id, None, world.purge_photo(upload.id, ann.id)).await.unwrap();
    }
    assert!(finished > 10 && unfinished > 10, "{finished} came to their end, {unfinished} were given up");
    invariants::check(&*store).await;
}
