//! A store of the release of 2026-11-22 is opened, brought up to date and read: everything is as
//! that release left it, and goes on. It was killed in the middle of work: of three accounts one
//! waits to be confirmed, of seven photos one is marked as deleting, and one upload never ended.
//! The fixtures are in `tests/fixtures/2026-11-22`; `mysql/release.rs` has the test on a server.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gallery_conformance::store::World;
use gallery_conformance::store::invariants::{self, Whole};
use gallery_conformance::store::reading::whole;
use gallery_conformance::store::upgrades::upgrade_all;
use gallery_conformance::store::world::{MILLISECOND, email, key};
use gallery_core::model::{
    BlobKey, JobClass, JobKind, JobQueue, NewRenditions, Photo, PhotoSort, PhotoState, Rendition,
    StoredObject,
};
use gallery_core::ports::{SharedStore, StoreError};
use gallery_core::search::Query;
use gallery_core::values::{Generation, Precision, Shard, Tag, Taken, Timestamp, UserId};
use gallery_store_sql::{SqliteOpenError, SqliteStore};

/// File name, title, tags and bytes of Ann's photos, oldest first.
const PHOTOS: [(&str, &str, &[&str], u64); 4] = [
    ("taken-after-midnight-offset-+02-00.jpg", "Night walk", &["night", "Sea Shore"], 4_639),
    ("png-exif-as-raw-profile.png", "", &[], 1_220),
    ("tiff-fill-order-1-same-picture.tif", "", &[], 378),
    ("gps-0-0.jpg", "Edited by its owner", &["edited"], 4_684),
];

/// The file as that release left it, in this folder.
pub fn copied(folder: &Path) -> PathBuf {
    let path = folder.join("gallery.db");
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/2026-11-22/gallery.db"), &path).unwrap();
    path
}

#[tokio::test]
async fn a_store_of_2026_11_22_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = copied(folder.path());
    let early = SqliteStore::open_shared(&path).await.unwrap_err();
    assert!(matches!(early, SqliteOpenError::Outdated { missing: 1.., .. }), "{early:?}");
    let store: SharedStore = Arc::new(SqliteStore::open(&path).await.unwrap());
    assert_goes_on(&store).await;
}

/// Everything is there, and can be worked with.
pub async fn assert_goes_on(store: &SharedStore) {
    let ann = assert_accounts(store).await;
    upgrade_all(store).await;
    invariants::check(&**store).await;
    let photos = assert_photos(store, ann).await;
    assert_rows(store, &photos).await;
    let jobs: Vec<_> = store.jobs(None, 10).await.unwrap().iter().map(|job| job.kind.name()).collect();
    assert_eq!(jobs, ["sweep", "sweep_blobs", "purge_photo"]);
    assert_jobs_are_found(store).await;
    assert_renditions_are_replaced(store, &photos[3]).await;
    invariants::check(&**store).await;
}

async fn assert_accounts(store: &SharedStore) -> UserId {
    for (address, name, albums, photos, bytes) in
        [("ann@example.org", "Ann Example", 2, 4, 110_921), ("bob@example.org", "Bob Example", 1, 1, 4_969)]
    {
        let user = store.user_by_email(email(address).key()).await.unwrap();
        assert_eq!(user.name.as_str(), name);
        assert_eq!((user.usage.albums, user.usage.photos, user.usage.bytes), (albums, photos, bytes));
        assert!(user.confirmed_at > user.created_at);
    }
    assert_pending_account_is_a_registration(store).await;
    store.user_by_email(email("ann@example.org").key()).await.unwrap().id
}

/// The account that waited for its confirmation is the registration of its id, and can be
/// confirmed.
async fn assert_pending_account_is_a_registration(store: &SharedStore) {
    let address = email("waiting@example.org");
    assert!(matches!(store.user_by_email(address.key()).await, Err(StoreError::NotFound)));
    let waiting = store.registrations_of(address.key(), 10).await.unwrap();
    let [registration] = &waiting[..] else { panic!("one registration waits: {waiting:?}") };
    assert_eq!(
        (registration.name.as_str(), registration.email.typed()),
        ("Waiting Example", address.typed())
    );
    assert!(registration.password_hash.as_str().starts_with("$argon2id$"));
    assert_eq!(store.registration(registration.id).await.unwrap(), *registration);
    let at = registration.created_at.plus(MILLISECOND);
    store.confirm_registration(registration.id, at).await.unwrap();
    assert_eq!(store.user_by_email(address.key()).await.unwrap(), registration.clone().confirmed(at));
}

/// Ann's albums and photos are what they were, and are found; returns the photos, oldest first.
async fn assert_photos(store: &SharedStore, ann: UserId) -> Vec<Photo> {
    let albums = store.albums_of(ann, None, &whole()).await.unwrap().items;
    let [empty, summer] = &albums[..] else { panic!("{albums:?}") };
    assert_eq!((empty.name.as_str(), empty.photo_count), ("Empty album", 0));
    assert_eq!((summer.name.as_str(), summer.photo_count), ("Summer 2024", 4));
    let listed = store.photos_in_album(ann, summer.id, PhotoSort::Uploaded, &whole()).await.unwrap();
    let mut photos = Vec::new();
    for photo in listed.items.iter().rev() {
        photos.push(store.photo(photo.id).await.unwrap());
    }
    let told = photos.iter().map(|Photo { facts, .. }| {
        let tags: Vec<&str> = facts.tags.iter().map(Tag::as_str).collect();
        (facts.file_name.as_str(), facts.title.as_str(), tags, facts.bytes())
    });
    let expected = PHOTOS.map(|(file, title, tags, bytes)| (file, title, tags.to_vec(), bytes));
    assert_eq!(told.collect::<Vec<_>>(), expected);
    let night = &photos[0];
    let exif = &night.facts.image.metadata.exif;
    assert_eq!(exif[0], ("DateTimeOriginal".to_owned(), "2024:07:14 00:30:00".to_owned()));
    // That release kept the instant alone.
    let at = Timestamp::from_millis(1_720_909_800_000);
    assert_eq!(night.taken(), Some(Taken::from_stored(at, Precision::Second, None)));
    assert_eq!(photos[3].version, 2, "it was edited");
    assert_eq!(summer.cover, Some(photos[1].id));
    let found = store.search_photos(ann, None, &Query::parse("shore").unwrap(), &whole()).await.unwrap();
    assert_eq!(found.items.iter().map(|photo| photo.id).collect::<Vec<_>>(), [photos[0].id]);
    for photo in &photos {
        store.upgrade_photo(photo.id).await.unwrap();
    }
    let query = Query::parse("tag:\"sea shore\" after:2024-07").unwrap();
    let found = store.search_photos(ann, None, &query, &whole()).await.unwrap();
    assert_eq!(found.items.iter().map(|photo| photo.id).collect::<Vec<_>>(), [photos[0].id]);
    let record = store.idempotency_record(ann, &key("key-1"), Timestamp::from_millis(0)).await.unwrap();
    assert_eq!(record.resource, photos[0].id.uuid());
    photos
}

/// Blobs keep the keys that they had.
async fn assert_rows(store: &SharedStore, photos: &[Photo]) {
    let rows = Whole::read(&**store).await.photos;
    let in_state = |state| rows.iter().filter(move |photo| photo.row.state == state);
    assert_eq!(in_state(PhotoState::Ready).count(), 5);
    for state in [PhotoState::Pending, PhotoState::Deleting] {
        assert_eq!(in_state(state).count(), 1, "{state:?}");
    }
    for audited in &rows {
        assert_eq!(audited.row.generation, Generation::UNNUMBERED);
        let keys: Vec<String> = audited.row.blob_keys().map(|key| key.as_str().to_owned()).collect();
        let forms = ["original", "large", "medium", "small"];
        assert_eq!(keys, forms.map(|form| format!("photos/{}/{form}", audited.row.id)));
    }
    for audited in in_state(PhotoState::Ready) {
        let facts = audited.facts.as_ref().unwrap();
        assert_eq!((&audited.row.objects, facts.objects.len()), (&facts.objects, 4));
        assert_eq!(facts.generation(), Generation::UNNUMBERED);
        assert!(facts.objects.iter().all(|object| audited.row.owns(&object.key(audited.row.id))));
    }
    for photo in photos {
        assert_eq!(store.photo_in_any_state(photo.id).await.unwrap().objects, photo.facts.objects);
    }
}

/// Jobs of before there were queues are in those of their classes.
async fn assert_jobs_are_found(store: &SharedStore) {
    let late = Timestamp::from_millis(4_000_000_000_000);
    let queue = |class| JobQueue { class, shard: Shard::default() };
    let due = store.due_queues(late).await.unwrap();
    let expected = [(JobClass::Deletion, "purge_photo"), (JobClass::Upkeep, "sweep")];
    assert_eq!(due, expected.map(|(class, _)| queue(class)).into());
    for (class, kind) in expected {
        let leased = store.lease_job(queue(class), 1, late, late.plus(MILLISECOND)).await.unwrap().unwrap();
        assert_eq!(leased.job.kind.name(), kind);
    }
}

/// A photo of before generations gets renditions of the first one. Its original stays where it is.
async fn assert_renditions_are_replaced(store: &SharedStore, photo: &Photo) {
    let generation = store.begin_renditions(photo.id).await.unwrap();
    assert_eq!(generation, Generation::FIRST);
    let made: Vec<StoredObject> = photo.facts.objects[1..]
        .iter()
        .map(|object| StoredObject { generation, bytes: object.bytes + 1, ..object.clone() })
        .collect();
    let facts = photo.facts.clone().with_renditions(&photo.facts.image, &made);
    let new = NewRenditions {
        version: photo.version,
        generation,
        image: facts.image.clone(),
        objects: facts.objects.clone(),
    };
    let job = World::of(store).job(JobKind::RemoveRenditions {
        photo: photo.id,
        owner: photo.owner,
        objects: Rendition::DERIVED.map(|rendition| (Generation::UNNUMBERED, rendition)).to_vec(),
    });
    let replaced = store.replace_renditions(photo.id, &new, &facts.terms(), job.clone()).await.unwrap();
    assert_eq!(replaced.facts, facts);
    assert_eq!((replaced.version, replaced.updated_at), (photo.version + 1, photo.updated_at));
    let row = store.photo_in_any_state(photo.id).await.unwrap();
    assert_eq!((row.generation, &row.objects), (generation, &facts.objects));
    assert!(row.owns(&BlobKey::of(photo.id, Generation::UNNUMBERED, Rendition::Original)));
    assert!(!row.owns(&BlobKey::of(photo.id, Generation::UNNUMBERED, Rendition::Small)));
    assert_eq!(store.job(job.id).await.unwrap().kind, job.kind);
}
