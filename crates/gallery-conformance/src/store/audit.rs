//! The whole store as administrators see it.

use gallery_core::model::{JobKind, PhotoState};
use gallery_core::ports::{SharedStore, Stray};
use gallery_core::search::Terms;

use super::World;
use super::invariants::Whole;

pub async fn an_empty_store_is_ready_and_empty(store: SharedStore) {
    store.ready().await.unwrap();
    let whole = Whole::read(&*store).await;
    assert_eq!((whole.users, whole.albums, whole.photos), (vec![], vec![], vec![]));
    assert_eq!(store.strays(10).await.unwrap(), []);
    assert_eq!(store.jobs(None, 10).await.unwrap(), []);
}

pub async fn accounts_of_every_state_are_audited(store: SharedStore) {
    let world = World::of(&store);
    let confirmed = world.user("ann@example.org").await;
    world.registration("bob@example.org").await;
    let cancelled = world.user("eve@example.org").await;
    world.album(confirmed.id, "Summer").await;
    store.begin_account_deletion(cancelled.id, world.purge_account(&cancelled)).await.unwrap();

    let order = store.audit_users(None, 10).await.unwrap();
    let mut all = order.clone();
    all.sort_by_key(|user| user.id);
    let [one, two] = &all[..] else { panic!("two accounts are audited: {all:?}") };
    assert_eq!((one.id, one.deleting, one.email.as_ref()), (confirmed.id, false, Some(&confirmed.email)));
    assert_eq!((one.created_at, one.confirmed_at), (confirmed.created_at, Some(confirmed.confirmed_at)));
    assert_eq!(one.usage, store.user(confirmed.id).await.unwrap().usage);
    assert_eq!((two.id, two.deleting, &two.email), (cancelled.id, true, &None));
    assert_eq!((two.created_at, two.confirmed_at), (cancelled.created_at, Some(cancelled.confirmed_at)));
    assert_eq!(store.audit_users(Some(order[0].id), 1).await.unwrap(), order[1..]);
    assert_eq!(store.audit_users(Some(order[1].id), 10).await.unwrap(), []);
}

pub async fn albums_of_every_state_are_audited(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let (live, marked) = (world.album(ann.id, "Été 2026").await, world.album(ann.id, "Winter").await);
    let photo = world.photo(&live, "Sea").await;
    store.begin_album_deletion(marked.id, world.purge_album(&marked)).await.unwrap();

    let order = store.audit_albums(None, 10).await.unwrap();
    let mut all = order.clone();
    all.sort_by_key(|album| album.id);
    let [one, two] = &all[..] else { panic!("two albums are audited") };
    assert_eq!((one.id, one.owner, one.deleting), (live.id, ann.id, false));
    assert_eq!((one.photo_count, one.cover), (1, Some(photo.id)));
    assert_eq!(one.terms, Terms::of_album(&live.name, &live.description));
    assert_eq!(one.postings, one.terms);
    assert_eq!((two.id, two.deleting), (marked.id, true));
    assert_eq!(store.audit_albums(Some(order[0].id), 1).await.unwrap(), order[1..]);
    assert_eq!(store.audit_albums(Some(order[1].id), 1).await.unwrap(), []);
}

pub async fn photos_of_every_state_are_audited(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let pending = world.upload(&album).await;
    let ready = world.photo(&album, "Sea and sun").await;
    let deleted = world.photo(&album, "Snow").await;
    store.begin_photo_deletion(deleted.id, None, world.purge_photo(deleted.id, ann.id)).await.unwrap();

    let order = store.audit_photos(None, 10).await.unwrap();
    let mut all = order.clone();
    all.sort_by_key(|photo| photo.row.id);
    let [one, two, three] = &all[..] else { panic!("three photos are audited") };
    assert_eq!((one.row.id, one.row.state, &one.facts), (pending.id, PhotoState::Pending, &None));
    assert_eq!(one.postings, Terms::default());
    assert_eq!((two.row.id, two.row.state, two.row.owner), (ready.id, PhotoState::Ready, ann.id));
    assert_eq!(two.facts.as_ref(), Some(&ready.facts));
    assert_eq!(two.postings, ready.terms());
    assert_eq!((three.row.id, three.row.state), (deleted.id, PhotoState::Deleting));
    assert_eq!(store.audit_photos(Some(order[0].row.id), 1).await.unwrap(), order[1..2]);
    assert_eq!(store.audit_photos(Some(order[2].row.id), 10).await.unwrap(), []);
}

pub async fn jobs_of_accounts_that_are_gone_are_strays(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let nobody = world.user_id();
    let orphan = world.purge_photo(world.photo_id(), nobody);
    store.enqueue(&world.purge_photo(world.photo_id(), ann.id)).await.unwrap();
    store.enqueue(&orphan).await.unwrap();
    store.enqueue(&world.job(JobKind::Sweep)).await.unwrap();
    let expected = Stray { kind: "job", about: nobody.to_string() };
    assert_eq!(store.strays(10).await.unwrap(), [expected]);
    assert_eq!(store.strays(0).await.unwrap(), []);
    world.finish(orphan.id).await;
    assert_eq!(store.strays(10).await.unwrap(), []);
}
