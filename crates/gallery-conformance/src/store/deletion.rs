//! Deletion begins: one mark hides everything under it at once, before any worker has run.

use gallery_core::model::{Content, JobKind, PhotoSort, PhotoState, User};
use gallery_core::ports::SharedStore;
use gallery_core::search::{Query, Terms};
use gallery_core::values::{JobId, PersonName};

use super::World;
use super::reading::{assert_not_found, in_parallel, whole};
use super::world::{MILLISECOND, PHOTO_COUNTS, RECORD_BYTES, facts};

const SORTS: [PhotoSort; 2] = [PhotoSort::Uploaded, PhotoSort::Taken];

async fn recorded(world: &World) -> Vec<JobId> {
    world.jobs().await.into_iter().map(|job| job.id).collect()
}

/// Panics if any list or search of this account shows a photo.
async fn assert_shows_no_photo(store: &SharedStore, user: &User, word: &str) {
    for sort in SORTS {
        assert_eq!(store.photos_of(user.id, sort, &whole()).await.unwrap().items, []);
    }
    let query = Query::parse(word).unwrap();
    assert_eq!(store.search_photos(user.id, None, &query, &whole()).await.unwrap().items, []);
}

pub async fn a_deleted_photo_is_gone_at_once(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let photo = world.photo(&album, "Sea").await;
    let job = world.purge_photo(photo.id, ann.id);
    store.begin_photo_deletion(photo.id, None, job.clone()).await.unwrap();

    assert_not_found(store.photo(photo.id).await);
    assert_not_found(world.update(&photo, &world.change(&photo)).await);
    assert_shows_no_photo(&store, &ann, "sea").await;
    for sort in SORTS {
        assert_eq!(store.photos_in_album(ann.id, album.id, sort, &whole()).await.unwrap().items, []);
    }
    assert_eq!(store.album(album.id).await.unwrap(), album);
    let usage = store.user(ann.id).await.unwrap().usage;
    assert_eq!((usage.albums, usage.photos, usage.bytes), (1, 0, RECORD_BYTES));
    let row = store.photo_in_any_state(photo.id).await.unwrap();
    assert_eq!((row.state, row.bytes), (PhotoState::Deleting, PHOTO_COUNTS));
    assert_eq!(store.job(job.id).await.unwrap().kind, job.kind);
}

pub async fn deleting_a_photo_again_is_ok_and_records_nothing(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let photo = world.photo(&album, "Sea").await;
    let jobs: Vec<_> = (0..20).map(|_| world.purge_photo(photo.id, ann.id)).collect();
    in_parallel(20, |n| {
        let (store, job) = (SharedStore::clone(&store), jobs[n as usize].clone());
        async move { store.begin_photo_deletion(photo.id, None, job).await.unwrap() }
    })
    .await;
    assert_eq!(recorded(&world).await.len(), 1);
    assert_eq!(store.user(ann.id).await.unwrap().usage.bytes, RECORD_BYTES);

    for id in [photo.id, world.photo_id()] {
        store.begin_photo_deletion(id, None, world.purge_photo(id, ann.id)).await.unwrap();
    }
    store.remove_photos(&[photo.id], world.job_id()).await.unwrap();
    store.begin_photo_deletion(photo.id, None, world.purge_photo(photo.id, ann.id)).await.unwrap();
    assert_eq!(recorded(&world).await.len(), 1);
}

pub async fn a_deleted_upload_gives_its_reservation_back(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    world.photo(&album, "Sea").await;
    let upload = world.upload(&album).await;
    store.begin_photo_deletion(upload.id, None, world.purge_photo(upload.id, ann.id)).await.unwrap();
    let usage = store.user(ann.id).await.unwrap().usage;
    assert_eq!((usage.photos, usage.bytes), (1, RECORD_BYTES + PHOTO_COUNTS));
    assert_eq!(store.album(album.id).await.unwrap().photo_count, 1);
}

pub async fn only_overdue_uploads_are_swept(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let (published, pending) = (world.upload(&album).await, world.upload(&album).await);
    store.publish_photo(published.id, &facts("at the last moment")).await.unwrap();
    let sweep = async |id, before| {
        store.begin_photo_deletion(id, Some(before), world.purge_photo(id, ann.id)).await.unwrap();
    };

    sweep(published.id, published.deadline.plus(MILLISECOND)).await;
    assert!(store.photo(published.id).await.is_ok(), "a ready photo is left alone");
    sweep(pending.id, pending.deadline).await;
    assert_eq!(store.photo_in_any_state(pending.id).await.unwrap().state, PhotoState::Pending);
    assert_eq!(recorded(&world).await, []);
    sweep(pending.id, pending.deadline.plus(MILLISECOND)).await;
    assert_eq!(store.photo_in_any_state(pending.id).await.unwrap().state, PhotoState::Deleting);
    sweep(pending.id, pending.deadline.plus(MILLISECOND)).await;
    sweep(world.photo_id(), pending.deadline).await;
    assert_eq!(recorded(&world).await.len(), 1);
}

pub async fn a_deleted_album_is_gone_at_once(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let (album, kept) = (world.album(ann.id, "Summer").await, world.album(ann.id, "Winter").await);
    let photo = world.photo(&album, "Sea").await;
    let other = world.photo(&kept, "Snow").await;
    let job = world.purge_album(&album);
    store.begin_album_deletion(album.id, job.clone()).await.unwrap();

    assert_not_found(store.album(album.id).await);
    assert_not_found(store.photo(photo.id).await);
    assert_not_found(world.update(&photo, &world.change(&photo)).await);
    let query = Query::parse("summer").unwrap();
    assert_eq!(store.albums_of(ann.id, Some(&query), &whole()).await.unwrap().items, []);
    let listed = store.albums_of(ann.id, None, &whole()).await.unwrap().items;
    assert_eq!(listed.iter().map(|album| album.id).collect::<Vec<_>>(), [kept.id]);
    for sort in SORTS {
        assert_not_found(store.photos_in_album(ann.id, album.id, sort, &whole()).await);
        let all = store.photos_of(ann.id, sort, &whole()).await.unwrap().items;
        assert_eq!(all.iter().map(|photo| photo.id).collect::<Vec<_>>(), [other.id]);
    }
    for scope in [None, Some(album.id)] {
        let query = Query::parse("sea").unwrap();
        assert_eq!(store.search_photos(ann.id, scope, &query, &whole()).await.unwrap().items, []);
    }
    assert_eq!(recorded(&world).await, [job.id]);
    let rows = store.photos_in_any_state(album.id, 10).await.unwrap();
    assert_eq!(
        rows.iter().map(|row| (row.id, row.state)).collect::<Vec<_>>(),
        [(photo.id, PhotoState::Ready)]
    );
    assert_eq!(store.albums_in_any_state(ann.id, 10).await.unwrap().len(), 2);
}

pub async fn a_deleted_album_takes_what_it_holds_off_the_usage(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let (album, kept) = (world.album(ann.id, "Summer").await, world.album(ann.id, "Winter").await);
    world.photo(&kept, "kept").await;
    world.upload(&kept).await;
    let before = store.user(ann.id).await.unwrap().usage;
    let gone = world.photo(&album, "deleted before").await;
    world.photo(&album, "ready").await;
    let moved = world.photo(&album, "moved").await;
    let abandoned = world.upload(&album).await;
    world.upload(&album).await;
    for id in [gone.id, abandoned.id] {
        store.begin_photo_deletion(id, None, world.purge_photo(id, ann.id)).await.unwrap();
    }
    let mut change = world.change(&moved);
    change.album_id = kept.id;
    world.update(&moved, &change).await.unwrap();
    store.begin_album_deletion(album.id, world.purge_album(&album)).await.unwrap();

    let usage = store.user(ann.id).await.unwrap().usage;
    assert_eq!(usage.albums, 1);
    let bytes = before.bytes + PHOTO_COUNTS - RECORD_BYTES;
    assert_eq!((usage.photos, usage.bytes), (before.photos + 1, bytes), "a photo more, an album less");
}

pub async fn deleting_an_album_again_is_ok_and_records_nothing(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let photo = world.photo(&album, "Sea").await;
    let jobs: Vec<_> = (0..20).map(|_| world.purge_album(&album)).collect();
    in_parallel(20, |n| {
        let (store, job) = (SharedStore::clone(&store), jobs[n as usize].clone());
        async move { store.begin_album_deletion(album.id, job).await.unwrap() }
    })
    .await;
    assert_eq!(recorded(&world).await.len(), 1);
    let usage = store.user(ann.id).await.unwrap().usage;
    assert_eq!((usage.albums, usage.photos, usage.bytes), (0, 0, 0));

    store.begin_photo_deletion(photo.id, None, world.purge_photo(photo.id, ann.id)).await.unwrap();
    assert_eq!(store.user(ann.id).await.unwrap().usage, usage, "what lies under the mark is counted already");
    store.begin_album_deletion(world.album_id(), world.purge_album(&album)).await.unwrap();
    assert_eq!(recorded(&world).await.len(), 1);
}

pub async fn uploads_that_race_with_their_albums_deletion_leave_nothing(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let uploads: Vec<_> = (0..20).map(|_| world.new_upload(&album)).collect();
    let job = world.purge_album(&album);
    in_parallel(20, |n| {
        let (store, upload, job) = (SharedStore::clone(&store), uploads[n as usize].clone(), job.clone());
        async move {
            if n == 10 {
                store.begin_album_deletion(upload.album_id, job).await.unwrap();
            } else if store.begin_upload(&upload).await.is_ok() {
                // Ok and NotFound are both right: the invariants tell whether the usage followed.
                let _ = store.publish_photo(upload.id, &facts("Sea")).await;
            }
        }
    })
    .await;
    let usage = store.user(ann.id).await.unwrap().usage;
    assert_eq!((usage.albums, usage.photos, usage.bytes), (0, 0, 0));
    assert_shows_no_photo(&store, &ann, "sea").await;
}

pub async fn a_cancelled_account_is_gone_at_once(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    let album = world.album(ann.id, "Summer").await;
    let photo = world.photo(&album, "Sea").await;
    let session = world.session(ann.id).await;
    let (bobs_session, job) = (world.session(bob.id).await, world.purge_account(&ann));
    store.begin_account_deletion(ann.id, job.clone()).await.unwrap();

    assert_not_found(store.user(ann.id).await);
    assert_not_found(store.user_by_email(ann.email.key()).await);
    assert_not_found(store.authenticate(ann.id, &session.token.hash).await);
    assert_not_found(store.renew_session(ann.id, &session.token.hash, &world.token()).await);
    assert_eq!(store.sessions_of(ann.id, world.now()).await.unwrap(), []);
    assert_not_found(store.album(album.id).await);
    assert_not_found(store.photo(photo.id).await);
    assert_eq!(store.albums_of(ann.id, None, &whole()).await.unwrap().items, []);
    assert_not_found(store.photos_in_album(ann.id, album.id, PhotoSort::Uploaded, &whole()).await);
    assert_shows_no_photo(&store, &ann, "sea").await;
    assert_eq!(recorded(&world).await, [job.id]);
    assert_eq!(store.job(job.id).await.unwrap().kind, job.kind, "the receipt's address is in the job alone");
    let audited = store.audit_users(None, 1).await.unwrap();
    assert_eq!((audited[0].id, audited[0].deleting, &audited[0].email), (ann.id, true, &None));
    assert!(store.authenticate(bob.id, &bobs_session.token.hash).await.is_ok());
}

pub async fn nothing_is_changed_or_added_under_a_cancelled_account(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let photo = world.photo(&album, "Sea").await;
    store.begin_account_deletion(ann.id, world.purge_account(&ann)).await.unwrap();

    let hash = &ann.password_hash;
    let mail = world.mail(ann.id, Content::PasswordChanged);
    assert_not_found(store.confirm_registration(ann.id, world.now()).await);
    assert_not_found(store.update_user(ann.id, &PersonName::parse("Eve").unwrap(), None).await);
    assert_not_found(store.change_password(ann.id, hash, hash, None, mail).await);
    assert_not_found(store.start_session(&world.log_in(ann.id)).await);
    assert_not_found(world.create(&world.new_album(ann.id, "More")).await);
    assert_not_found(store.begin_upload(&world.new_upload(&album)).await);
    assert_not_found(world.update(&photo, &world.change(&photo)).await);
    let change = gallery_core::model::AlbumChange {
        version: album.version,
        name: album.name.clone(),
        description: album.description.clone(),
        cover: None,
        updated_at: world.now(),
    };
    assert_not_found(store.update_album(album.id, &change, &Terms::default()).await);
    store.begin_album_deletion(album.id, world.purge_album(&album)).await.unwrap();
    store.begin_photo_deletion(photo.id, None, world.purge_photo(photo.id, ann.id)).await.unwrap();
    assert_eq!(recorded(&world).await.len(), 1, "the account's own job removes what lies under it");
}

pub async fn an_address_is_free_again_at_once(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let session = world.session(ann.id).await;
    store.begin_account_deletion(ann.id, world.purge_account(&ann)).await.unwrap();

    let again = world.user("Ann@Example.org").await;
    let user = store.user_by_email(ann.email.key()).await.unwrap();
    assert_eq!((user.id, user.usage.albums), (again.id, 0));
    assert_not_found(store.authenticate(again.id, &session.token.hash).await);
    assert_not_found(store.photos_in_album(again.id, album.id, PhotoSort::Uploaded, &whole()).await);
    store.begin_account_deletion(ann.id, world.purge_account(&ann)).await.unwrap();
    assert_eq!(store.user(again.id).await.unwrap(), user, "the former account's deletion is another's");
}

pub async fn a_cancelled_accounts_waiting_mails_are_dropped(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    let album = world.album(ann.id, "Summer").await;
    let purge = world.purge_album(&album);
    store.begin_album_deletion(album.id, purge.clone()).await.unwrap();
    for content in [Content::PasswordChanged, Content::AlreadyRegistered] {
        store.enqueue(&world.mail(ann.id, content)).await.unwrap();
    }
    let bobs = world.mail(bob.id, Content::PasswordChanged);
    let receipt = world.job(JobKind::SendMail { mail: world.outgoing_mail(None, Content::PasswordChanged) });
    for job in [&bobs, &receipt] {
        store.enqueue(job).await.unwrap();
    }
    let job = world.purge_account(&ann);
    store.begin_account_deletion(ann.id, job.clone()).await.unwrap();
    assert_eq!(recorded(&world).await, [purge.id, bobs.id, receipt.id, job.id]);
}

pub async fn cancelling_an_account_again_is_ok_and_records_nothing(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let jobs: Vec<_> = (0..20).map(|_| world.purge_account(&ann)).collect();
    in_parallel(20, |n| {
        let (store, job) = (SharedStore::clone(&store), jobs[n as usize].clone());
        async move { store.begin_account_deletion(ann.id, job).await.unwrap() }
    })
    .await;
    assert_eq!(recorded(&world).await.len(), 1);
    let (again, nobody) = (world.purge_account(&ann), world.purge_account(&ann));
    store.begin_account_deletion(ann.id, again).await.unwrap();
    store.begin_account_deletion(world.user_id(), nobody).await.unwrap();
    assert_eq!(recorded(&world).await.len(), 1);
}

pub async fn a_registration_is_no_account_to_be_deleted(store: SharedStore) {
    let world = World::of(&store);
    let waiting = world.registration("ann@example.org").await;
    let job = world.purge_account(&waiting.clone().confirmed(waiting.created_at));
    store.begin_account_deletion(waiting.id, job.clone()).await.unwrap();
    assert_eq!(store.registration(waiting.id).await.unwrap(), waiting);
    assert_not_found(store.job(job.id).await);
}
