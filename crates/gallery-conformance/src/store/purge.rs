//! Deletion ends: rows are removed page by page and tallied, and nothing is left.

use gallery_core::model::{
    Album, Content, JobKind, Metadata, NewJob, PhotoSort, Rendition, StoredPhoto, Tally, User,
};
use gallery_core::ports::{Conflict, SharedStore, SignUpOutcome};
use gallery_core::values::{ContentHash, JobId, PhotoId};

use super::World;
use super::invariants::Whole;
use super::reading::{assert_conflict, assert_not_found, in_parallel, whole};
use super::world::{PHOTO_BYTES, RENDITION_BYTES, facts_of_size, key};

const OBJECTS: u64 = Rendition::ALL.len() as u64;

async fn tally(store: &SharedStore, job: JobId) -> Tally {
    store.job(job).await.unwrap().tally
}

async fn delete_photo(store: &SharedStore, world: &World, photo: PhotoId, album: &Album) -> JobId {
    let job = world.purge_photo(photo, album.owner);
    store.begin_photo_deletion(photo, None, job.clone()).await.unwrap();
    job.id
}

async fn delete_album(store: &SharedStore, world: &World, album: &Album) -> JobId {
    let job = world.purge_album(album);
    store.begin_album_deletion(album.id, job.clone()).await.unwrap();
    job.id
}

async fn cancel(store: &SharedStore, world: &World, user: &User) -> JobId {
    let job = world.purge_account(user);
    store.begin_account_deletion(user.id, job.clone()).await.unwrap();
    job.id
}

fn receipt(world: &World) -> NewJob {
    let content = Content::AccountCancelled { cancelled_at: world.now(), removed: Tally::default() };
    world.job(JobKind::SendMail { mail: world.outgoing_mail(None, content) })
}

pub async fn removed_photos_are_tallied_once(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let photo = world.photo_with(&album, &facts_of_size(1_234)).await;
    let other = world.photo(&album, "other").await;
    let job = delete_photo(&store, &world, photo.id, &album).await;
    delete_photo(&store, &world, other.id, &album).await;
    let usage = store.user(ann.id).await.unwrap().usage;

    let one = Tally { albums: 0, photos: 1, objects: OBJECTS, bytes: 1_234 + RENDITION_BYTES };
    for _ in 0..2 {
        store.remove_photos(&[photo.id], job).await.unwrap();
        assert_eq!(tally(&store, job).await, one);
    }
    assert_not_found(store.photo_in_any_state(photo.id).await);
    store.remove_photos(&[photo.id, other.id, world.photo_id()], job).await.unwrap();
    let two =
        Tally { photos: 2, objects: 2 * OBJECTS, bytes: one.bytes + PHOTO_BYTES + RENDITION_BYTES, ..one };
    assert_eq!(tally(&store, job).await, two);
    assert_eq!(store.user(ann.id).await.unwrap().usage, usage, "the mark had changed the usage");
    store.remove_photos(&[], job).await.unwrap();
}

pub async fn live_photos_are_not_removed(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let (ready, gone) = (world.photo(&album, "ready").await, world.photo(&album, "gone").await);
    let pending = world.upload(&album).await;
    let job = delete_photo(&store, &world, gone.id, &album).await;
    store.remove_photos(&[ready.id, gone.id, pending.id], job).await.unwrap();

    assert_eq!(tally(&store, job).await.photos, 1);
    assert_eq!(store.photo(ready.id).await.unwrap(), ready);
    assert!(store.photo_in_any_state(pending.id).await.is_ok());
    assert_not_found(store.photo_in_any_state(gone.id).await);
}

pub async fn uploads_that_were_never_published_are_not_tallied(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let (abandoned, pending) = (world.upload(&album).await, world.upload(&album).await);
    delete_photo(&store, &world, abandoned.id, &album).await;
    let job = delete_album(&store, &world, &album).await;
    store.remove_photos(&[abandoned.id, pending.id], job).await.unwrap();
    assert_eq!(store.photos_in_any_state(album.id, 10).await.unwrap(), []);
    assert_eq!(tally(&store, job).await, Tally::default());
}

pub async fn twenty_five_photos_are_removed_at_once(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    for _ in 0..27 {
        world.photo(&album, "p").await;
    }
    let job = delete_album(&store, &world, &album).await;
    let usage = store.user(ann.id).await.unwrap().usage;
    for removed in [25, 2] {
        let rows = store.photos_in_any_state(album.id, 25).await.unwrap();
        assert_eq!(rows.len(), removed);
        let ids: Vec<_> = rows.into_iter().map(|row| row.id).collect();
        store.remove_photos(&ids, job).await.unwrap();
    }
    store.remove_album(album.id, job).await.unwrap();
    let all =
        Tally { albums: 1, photos: 27, objects: 27 * OBJECTS, bytes: 27 * (PHOTO_BYTES + RENDITION_BYTES) };
    assert_eq!(tally(&store, job).await, all);
    assert_eq!(store.user(ann.id).await.unwrap().usage, usage);
}

pub async fn workers_at_once_tally_a_photo_once(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.photo(&album, "p").await.id);
    }
    let job = delete_album(&store, &world, &album).await;
    in_parallel(6, |_| {
        let (store, ids) = (SharedStore::clone(&store), ids.clone());
        async move { store.remove_photos(&ids, job).await.unwrap() }
    })
    .await;
    assert_eq!(tally(&store, job).await.photos, 5);
}

pub async fn an_album_is_removed_when_it_is_marked_and_empty(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mut new = world.new_album(ann.id, "Summer");
    new.idempotency = Some((key("k1"), ContentHash::of(b"request"), world.tomorrow()));
    let album = world.create(&new).await.unwrap();
    let other = world.album(ann.id, "Winter").await;
    let upload = world.upload(&album).await;
    assert_not_found(store.remove_album(album.id, world.job_id()).await);

    let job = delete_album(&store, &world, &album).await;
    assert_conflict(store.remove_album(album.id, job).await, Conflict::NotEmpty);
    assert_eq!(store.albums_in_any_state(ann.id, 10).await.unwrap().len(), 2);
    store.remove_photos(&[upload.id], job).await.unwrap();
    for _ in 0..2 {
        store.remove_album(album.id, job).await.unwrap();
        assert_eq!(tally(&store, job).await, Tally { albums: 1, ..Tally::default() });
    }
    assert_not_found(store.idempotency_record(ann.id, &key("k1"), world.now()).await);
    assert_eq!(store.albums_in_any_state(ann.id, 10).await.unwrap(), [other.id]);
    store.remove_album(world.album_id(), job).await.unwrap();
    assert_eq!(tally(&store, job).await.albums, 1);
}

pub async fn an_account_is_removed_when_it_is_marked_and_empty(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let upload = world.upload(&album).await;
    assert_not_found(store.remove_user(ann.id, world.job_id(), Some(receipt(&world))).await);

    let job = cancel(&store, &world, &ann).await;
    assert_conflict(store.remove_user(ann.id, job, Some(receipt(&world))).await, Conflict::NotEmpty);
    assert_conflict(store.remove_album(album.id, job).await, Conflict::NotEmpty);
    store.remove_photos(&[upload.id], job).await.unwrap();
    assert_conflict(store.remove_user(ann.id, job, Some(receipt(&world))).await, Conflict::NotEmpty);
    store.remove_album(album.id, job).await.unwrap();
    assert_eq!(world.jobs().await.len(), 1, "a refusal records no receipt");

    let mail = receipt(&world);
    store.remove_user(ann.id, job, Some(mail.clone())).await.unwrap();
    store.remove_user(ann.id, job, Some(receipt(&world))).await.unwrap();
    store.remove_user(world.user_id(), job, Some(receipt(&world))).await.unwrap();
    let recorded: Vec<_> = world.jobs().await.into_iter().map(|job| job.id).collect();
    assert_eq!(recorded, [job, mail.id], "one receipt, and the job that runs this");
    world.finish(job).await;
}

pub async fn an_account_without_a_receipt_leaves_no_mail(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let job = cancel(&store, &world, &ann).await;
    store.remove_user(ann.id, job, None).await.unwrap();
    world.finish(job).await;
    assert_eq!(world.jobs().await, []);
    assert_eq!(store.audit_users(None, 10).await.unwrap(), []);
}

/// An account with something of everything.
async fn full_account(store: &SharedStore, world: &World, address: &str) -> User {
    let user = world.user(address).await;
    let (mut albums, mut photos) = (Vec::new(), Vec::new());
    for n in 0..3 {
        let mut new = world.new_album(user.id, &format!("Album {n}"));
        new.idempotency = Some((key(&format!("album {n}")), ContentHash::of(b"request"), world.tomorrow()));
        let album = world.create(&new).await.unwrap();
        photos.push(world.photo(&album, "Sea").await);
        photos.push(world.photo(&album, "Snow").await);
        let mut upload = world.new_upload(&album);
        upload.idempotency = Some((key(&format!("upload {n}")), world.tomorrow()));
        store.begin_upload(&upload).await.unwrap();
        albums.push(album);
    }
    delete_photo(store, world, photos[0].id, &albums[0]).await;
    delete_album(store, world, &albums[2]).await;
    let session = world.session(user.id).await;
    store.renew_session(user.id, &session.token.hash, &world.token()).await.unwrap();
    store.enqueue(&world.mail(user.id, Content::PasswordChanged)).await.unwrap();
    let new = world.new_renditions(&photos[2], Metadata::default()).await;
    world.replace(&photos[2], &new).await.unwrap();
    store.enqueue(&world.job(JobKind::ReprocessAccount { owner: user.id, after: None })).await.unwrap();
    store.user(user.id).await.unwrap()
}

/// Removes everything under an account that is marked as deleting, page by page, as its worker
/// does.
async fn purge(store: &SharedStore, user: &User, job: JobId) {
    for album in store.albums_in_any_state(user.id, 100).await.unwrap() {
        // More pages than needed: a page that is not removed shows when the album is not empty.
        for _ in 0..10 {
            let rows = store.photos_in_any_state(album, 2).await.unwrap();
            let ids: Vec<_> = rows.into_iter().map(|row| row.id).collect();
            store.remove_photos(&ids, job).await.unwrap();
        }
        store.remove_album(album, job).await.unwrap();
    }
}

pub async fn a_purged_account_leaves_nothing(store: SharedStore) {
    let world = World::of(&store);
    let ann = full_account(&store, &world, "ann@example.org").await;
    let job = cancel(&store, &world, &ann).await;
    purge(&store, &ann, job).await;
    // One of the photos has renditions made anew, of twice the size.
    let bytes = 6 * PHOTO_BYTES + 7 * RENDITION_BYTES;
    let all = Tally { albums: 3, photos: 6, objects: 6 * OBJECTS, bytes };
    assert_eq!(tally(&store, job).await, all);

    let mail = receipt(&world);
    store.remove_user(ann.id, job, Some(mail.clone())).await.unwrap();
    world.finish(job).await;
    let left = Whole::read(&*store).await;
    assert_eq!((left.users, left.albums, left.photos), (vec![], vec![], vec![]));
    assert_eq!(store.strays(10).await.unwrap(), []);
    let jobs: Vec<_> = world.jobs().await.into_iter().map(|job| (job.id, job.kind)).collect();
    assert_eq!(jobs, [(mail.id, mail.kind)], "the receipt alone is left");
    assert_eq!(store.remove_expired(world.tomorrow(), 100).await.unwrap(), 0);
}

pub async fn a_purge_touches_nobody_else(store: SharedStore) {
    let world = World::of(&store);
    let ann = full_account(&store, &world, "ann@example.org").await;
    let bob = full_account(&store, &world, "bob@example.org").await;
    let albums = store.albums_of(bob.id, None, &whole()).await.unwrap();
    let photos = store.photos_of(bob.id, PhotoSort::Uploaded, &whole()).await.unwrap();
    assert_eq!((albums.items.len(), photos.items.len()), (2, 3));
    let before = rows_of(&store, &bob).await;

    let job = cancel(&store, &world, &ann).await;
    assert_eq!(world.register(&world.sign_up("ann@example.org")).await, SignUpOutcome::Registered);
    purge(&store, &ann, job).await;
    store.remove_user(ann.id, job, None).await.unwrap();
    world.finish(job).await;

    assert_eq!(rows_of(&store, &bob).await, before);
    assert_eq!(store.user(bob.id).await.unwrap(), bob);
    assert_eq!(store.albums_of(bob.id, None, &whole()).await.unwrap(), albums);
    assert_eq!(store.photos_of(bob.id, PhotoSort::Uploaded, &whole()).await.unwrap(), photos);
    assert_eq!(world.mails_to(bob.id).await, [Content::PasswordChanged]);
    assert_eq!(store.sessions_of(bob.id, world.now()).await.unwrap().len(), 1);
    assert!(store.idempotency_record(bob.id, &key("album 1"), world.now()).await.is_ok());
}

async fn rows_of(store: &SharedStore, user: &User) -> Vec<StoredPhoto> {
    let photos = Whole::read(&**store).await.photos;
    photos.into_iter().map(|photo| photo.row).filter(|row| row.owner == user.id).collect()
}
