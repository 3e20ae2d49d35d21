//! Stores that the release of 2026-11-22 has written: they open, are taken over, and everything in
//! them reads as it was. The files in `tests/fixtures` were made by that release's own binary: two
//! accounts and one that waits for its confirmation, albums, photos with and without edits, a photo
//! whose deletion had only begun and an upload that was cut off. What comes of them in a whole
//! gallery, with its blobs, is tested in `tests` of the workspace.

use std::path::PathBuf;

use gallery_conformance::store::reading::whole;
use gallery_conformance::store::upgrades::upgrade_all;
use gallery_conformance::store::world::MILLISECOND;
use gallery_conformance::store::{World, invariants};
use gallery_core::model::{
    BlobKey, JobKind, NewRenditions, Photo, PhotoSort, PhotoState, Rendition, StoredPhoto,
};
use gallery_core::ports::{SharedStore, StoreError};
use gallery_core::search::Query;
use gallery_core::token::SIGN_UP_LIFETIME;
use gallery_core::values::{AlbumId, Email, Generation, PhotoId, Precision, Taken, Timestamp, UserId};
use serde::Deserialize;

/// The ids of what is in a fixture.
#[derive(Debug, Deserialize)]
pub struct Known {
    album: String,
    empty: String,
    /// Of the album, as they were uploaded.
    photos: Vec<String>,
    edited: String,
    deleted: String,
    bobs_album: String,
    bobs_photo: String,
}

pub fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/2026-11-22").join(name)
}

impl Known {
    pub fn of(engine: &str) -> Self {
        let text = std::fs::read(fixture(engine).join("known.json")).unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    fn photos(&self) -> Vec<PhotoId> {
        self.photos.iter().map(|id| id.parse().unwrap()).collect()
    }
}

async fn account(store: &SharedStore, address: &str) -> UserId {
    store.user_by_email(Email::parse(address).unwrap().key()).await.unwrap().id
}

/// Everything is as the release before has left it.
pub async fn assert_all_is_there(store: &SharedStore, known: &Known) {
    let whole_store = invariants::Whole::read(&**store).await;
    let counts = (whole_store.users.len(), whole_store.albums.len(), whole_store.photos.len());
    assert_eq!(counts, (2, 3, 7), "accounts, albums, photos");
    upgrade_all(store).await;
    invariants::check(&**store).await;
    assert_eq!(store.strays(10).await.unwrap(), []);

    assert_pending_account_is_a_registration(store).await;
    let (ann, bob) = (account(store, "ann@example.org").await, account(store, "bob@example.org").await);
    let album: AlbumId = known.album.parse().unwrap();
    let summer = store.album(album).await.unwrap();
    assert_eq!((summer.name.as_str(), summer.photo_count), ("Summer 2024", 4));
    assert_eq!(summer.cover, Some(known.photos()[1]));
    assert_eq!(store.album(known.empty.parse().unwrap()).await.unwrap().photo_count, 0);

    let ids = known.photos();
    let night = assert_first_form(store, ids[0]).await;
    assert_eq!(night.facts.title.as_str(), "Night walk");
    let at = Timestamp::from_millis(1_720_909_800_000);
    assert_eq!(night.taken(), Some(Taken::from_stored(at, Precision::Second, None)));
    for id in &ids[1..] {
        assert_first_form(store, *id).await;
    }
    let edited = assert_first_form(store, known.edited.parse().unwrap()).await;
    assert_eq!((edited.facts.title.as_str(), edited.version), ("Edited by its owner", 2));
    let bobs = assert_first_form(store, known.bobs_photo.parse().unwrap()).await;
    assert_eq!((bobs.owner, bobs.album_id.to_string()), (bob, known.bobs_album.clone()));

    let listed = store.photos_in_album(ann, album, PhotoSort::Uploaded, &whole()).await.unwrap().items;
    let newest_first: Vec<PhotoId> = ids.iter().rev().copied().collect();
    assert_eq!(listed.iter().map(|photo| photo.id).collect::<Vec<_>>(), newest_first);
    assert!(listed.iter().all(|photo| photo.facts.generation() == Generation::UNNUMBERED));
    let by_time = store.photos_of(ann, PhotoSort::Taken, &whole()).await.unwrap().items;
    assert_eq!(by_time.last().map(|photo| photo.id), Some(ids[0]), "the one with a date comes last");
    let found =
        store.search_photos(ann, None, &Query::parse("night shore").unwrap(), &whole()).await.unwrap();
    assert_eq!(found.items.len(), 1);
    store.upgrade_photo(ids[0]).await.unwrap();
    let query = Query::parse("tag:\"sea shore\" after:2024-07").unwrap();
    assert_eq!(store.search_photos(ann, None, &query, &whole()).await.unwrap().items.len(), 1);
    assert_interrupted(store, known).await;
}

/// The account that waited for its confirmation is the registration of its id.
async fn assert_pending_account_is_a_registration(store: &SharedStore) {
    let address = Email::parse("waiting@example.org").unwrap();
    assert!(matches!(store.user_by_email(address.key()).await, Err(StoreError::NotFound)));
    let waiting = store.registrations_of(address.key(), 10).await.unwrap();
    let [registration] = &waiting[..] else { panic!("one registration waits: {waiting:?}") };
    assert_eq!(
        (registration.name.as_str(), registration.email.typed()),
        ("Waiting Example", address.typed())
    );
    assert!(registration.password_hash.as_str().starts_with("$argon2id$"));
    assert_eq!(store.registration(registration.id).await.unwrap(), *registration);
}

/// It can be confirmed like any other, or is forgotten after its day.
async fn assert_registration_goes_on(store: &SharedStore) {
    let address = Email::parse("waiting@example.org").unwrap();
    let registration = store.registrations_of(address.key(), 10).await.unwrap().remove(0);
    let at = registration.created_at.plus(MILLISECOND);
    store.remove_expired(registration.created_at.plus(SIGN_UP_LIFETIME), 10).await.unwrap();
    store.confirm_registration(registration.id, at).await.unwrap();
    assert_eq!(store.user_by_email(address.key()).await.unwrap(), registration.confirmed(at));
    assert_eq!(store.registrations_of(address.key(), 10).await.unwrap(), [], "nothing is left of it");
}

/// A ready photo's keys are those of before, in what shows it and in what purges it.
async fn assert_first_form(store: &SharedStore, id: PhotoId) -> Photo {
    let photo = store.photo(id).await.unwrap();
    assert_eq!(photo.facts.generation(), Generation::UNNUMBERED);
    let row = store.photo_in_any_state(id).await.unwrap();
    assert_eq!((row.state, row.generation), (PhotoState::Ready, Generation::UNNUMBERED));
    assert_eq!(row.objects, photo.facts.objects);
    assert_eq!(row.blob_keys().collect::<Vec<_>>(), first_keys(id));
    assert!(row.blob_keys().all(|key| row.owns(&key)));
    let in_album = store.photos_in_any_state(photo.album_id, 100).await.unwrap();
    assert_eq!(in_album.into_iter().find(|other| other.id == id), Some(row));
    photo
}

fn first_keys(id: PhotoId) -> Vec<BlobKey> {
    Rendition::ALL.map(|rendition| BlobKey::of(id, Generation::UNNUMBERED, rendition)).into()
}

/// A deletion that had begun and an upload that was cut off: both still own the blobs that may be
/// there.
async fn assert_interrupted(store: &SharedStore, known: &Known) {
    let deleted: PhotoId = known.deleted.parse().unwrap();
    assert!(matches!(store.photo(deleted).await, Err(StoreError::NotFound)));
    let row = store.photo_in_any_state(deleted).await.unwrap();
    assert_eq!(row.state, PhotoState::Deleting);
    assert_eq!(row.blob_keys().collect::<Vec<_>>(), first_keys(deleted));
    let jobs = store.jobs(None, 100).await.unwrap();
    let purges = |kind: &JobKind| matches!(kind, JobKind::PurgePhoto { photo, .. } if *photo == deleted);
    assert_eq!(jobs.iter().filter(|job| purges(&job.kind)).count(), 1);

    let overdue = store.overdue_uploads(Timestamp::from_millis(i64::MAX), 10).await.unwrap();
    let [StoredPhoto { id, state: PhotoState::Pending, generation, .. }] = overdue[..] else {
        panic!("one upload was cut off: {overdue:?}");
    };
    assert_eq!(generation, Generation::UNNUMBERED);
    assert_eq!(overdue[0].blob_keys().collect::<Vec<_>>(), first_keys(id));
}

/// What is old takes everything that is new: renditions made anew, edits, moves, deletion.
pub async fn assert_it_goes_on(store: &SharedStore, known: &Known) {
    assert_registration_goes_on(store).await;
    let world = World::of(store);
    let photo = store.photo(known.photos()[0]).await.unwrap();
    let generation = store.begin_renditions(photo.id).await.unwrap();
    assert_eq!(generation, Generation::FIRST);
    let mut objects = photo.facts.objects.clone();
    let derived = objects.iter_mut().filter(|object| object.rendition != Rendition::Original);
    derived.for_each(|object| object.generation = generation);
    let new = NewRenditions { version: photo.version, generation, image: photo.facts.image.clone(), objects };
    let replaced = Rendition::DERIVED.map(|rendition| (Generation::UNNUMBERED, rendition)).into();
    let kind = JobKind::RemoveRenditions { photo: photo.id, owner: photo.owner, objects: replaced };
    let renewed = store.replace_renditions(photo.id, &new, &photo.terms(), world.job(kind)).await.unwrap();
    assert_eq!(renewed.facts.objects, new.objects);
    let row = store.photo_in_any_state(photo.id).await.unwrap();
    assert!(row.owns(&BlobKey::of(photo.id, Generation::UNNUMBERED, Rendition::Original)));
    assert!(!row.owns(&BlobKey::of(photo.id, Generation::UNNUMBERED, Rendition::Small)));

    let edited = world.update(&renewed, &world.change(&renewed)).await.unwrap();
    assert_eq!(edited.facts.objects, new.objects, "an edit leaves them");
    let ann = store.user(photo.owner).await.unwrap();
    let purge = world.purge_account(&ann);
    store.begin_account_deletion(ann.id, purge).await.unwrap();
    let rows = store.photos_in_any_state(photo.album_id, 100).await.unwrap();
    let all_keys: Vec<BlobKey> = rows.iter().flat_map(StoredPhoto::blob_keys).collect();
    assert!(all_keys.contains(&BlobKey::of(photo.id, Generation::FIRST, Rendition::Small)));
    assert_eq!((rows.len(), all_keys.len()), (6, 7 * Rendition::ALL.len()));
    invariants::check(&**store).await;
}

#[cfg(feature = "embedded")]
mod embedded {
    use std::fs::File;
    use std::io;
    use std::sync::Arc;

    use flate2::read::GzDecoder;
    use gallery_store_nosql::EmbeddedStore;

    use super::*;
    use crate::embedded_opening::version;

    #[tokio::test]
    async fn a_file_of_the_release_before_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gallery.redb");
        let packed = File::open(fixture("redb/gallery.redb.gz")).unwrap();
        io::copy(&mut GzDecoder::new(packed), &mut File::create(&path).unwrap()).unwrap();
        assert_eq!(version(&path), 1);
        let known = Known::of("redb");
        for _ in 0..2 {
            let store = EmbeddedStore::open(&path).await.unwrap();
            assert_all_is_there(&(Arc::new(store.clone()) as SharedStore), &known).await;
            store.close().await;
            assert_eq!(version(&path), 4);
        }
        let store: SharedStore = Arc::new(EmbeddedStore::open(&path).await.unwrap());
        assert_it_goes_on(&store, &known).await;
    }
}
