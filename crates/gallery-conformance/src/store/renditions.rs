//! Renditions made anew: naming generations, and replacing what a photo shows.

use futures_util::future::join;
use gallery_core::model::{
    Gps, ImageFacts, JobKind, Metadata, NewJob, NewRenditions, NewUpload, Photo, PhotoChange, PhotoFacts,
    PhotoSort, PhotoState, Rendition, StoredObject, StoredPhoto, Usage,
};
use gallery_core::ports::{Conflict, SharedStore, StoreError};
use gallery_core::search::Query;
use gallery_core::values::{Generation, PhotoId, Taken, Title, UserId};

use super::World;
use super::reading::{assert_conflict, assert_not_found, in_parallel, whole};
use super::world::{QUOTA_BYTES, RECORD_BYTES, facts, object, tags};

impl World {
    /// Renditions made anew, of a generation that is named for them, with this read from the file.
    pub async fn new_renditions(&self, photo: &Photo, metadata: Metadata) -> NewRenditions {
        let generation = self.store.begin_renditions(photo.id).await.unwrap();
        let damaged = !photo.facts.image.damaged;
        let image = ImageFacts { metadata, damaged, placeholder: vec![7], ..photo.facts.image.clone() };
        let made = |rendition| StoredObject { bytes: 200, ..object(rendition, generation) };
        let facts = photo.facts.clone().with_renditions(&image, &Rendition::DERIVED.map(made));
        NewRenditions { version: photo.version, generation, image, objects: facts.objects }
    }

    /// Makes renditions the photo's, with the terms that follow from them.
    pub async fn replace(&self, photo: &Photo, new: &NewRenditions) -> Result<Photo, StoreError> {
        let job = self.remove_renditions(photo.owner, photo.id, photo.facts.generation());
        self.replace_with(photo, new, job).await
    }

    /// As [`replace`](Self::replace), with this job.
    pub async fn replace_with(
        &self,
        photo: &Photo,
        new: &NewRenditions,
        job: NewJob,
    ) -> Result<Photo, StoreError> {
        let facts = PhotoFacts { image: new.image.clone(), ..photo.facts.clone() };
        self.store.replace_renditions(photo.id, new, &facts.terms(), job).await
    }

    /// The job that removes the renditions of a generation.
    pub fn remove_renditions(&self, owner: UserId, photo: PhotoId, generation: Generation) -> NewJob {
        let objects = Rendition::DERIVED.map(|rendition| (generation, rendition)).into();
        self.job(JobKind::RemoveRenditions { photo, owner, objects })
    }
}

/// What a decoder of today finds, which the first one did not.
fn found() -> Metadata {
    Metadata {
        taken: Some(Taken::parse("2023-11-14 22:13:20.123 -03:00").unwrap()),
        camera: Some("Canon EOS 5D Mark Ⅳ".to_owned()),
        lens: Some("EF24-70mm f/2.8L II USM".to_owned()),
        gps: Some(Gps { latitude: -33.856_784_123_4, longitude: 151.215_296, altitude: Some(-0.1) }),
        exif: vec![("ExposureTime".to_owned(), "1/250".to_owned())],
    }
}

/// The photo after these renditions became its own.
fn with(photo: &Photo, new: &NewRenditions) -> Photo {
    let mut expected = photo.clone();
    expected.version += 1;
    expected.facts.image = new.image.clone();
    expected.facts.objects.clone_from(&new.objects);
    expected
}

fn numbered(number: u32) -> Generation {
    Generation::from_number(number)
}

async fn removals(world: &World) -> usize {
    let jobs = world.jobs().await;
    jobs.iter().filter(|job| matches!(job.kind, JobKind::RemoveRenditions { .. })).count()
}

async fn found_by(store: &SharedStore, owner: UserId, query: &str) -> Vec<PhotoId> {
    let query = Query::parse(query).unwrap();
    let page = store.search_photos(owner, None, &query, &whole()).await.unwrap();
    page.items.iter().map(|photo| photo.id).collect()
}

pub async fn renditions_of_a_new_generation_replace_the_old_ones(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let mut before = facts("Sea");
    before.tags = tags("sun, sea");
    let (photo, other) = (world.photo_with(&album, &before).await, world.photo(&album, "other").await);
    let album = store.album(album.id).await.unwrap();
    let usage = store.user(ann.id).await.unwrap().usage;

    let new = world.new_renditions(&photo, found()).await;
    assert_eq!(new.generation, numbered(2));
    let job = world.remove_renditions(ann.id, photo.id, Generation::FIRST);
    let replaced = world.replace_with(&photo, &new, job.clone()).await.unwrap();

    assert_eq!(replaced, with(&photo, &new));
    assert_eq!(store.photo(photo.id).await.unwrap(), replaced);
    let row = store.photo_in_any_state(photo.id).await.unwrap();
    assert_eq!((row.state, row.bytes), (PhotoState::Ready, replaced.facts.counted_bytes()));
    assert_eq!((row.generation, &row.objects), (numbered(2), &new.objects));
    let recorded = store.job(job.id).await.unwrap();
    assert_eq!((recorded.kind, recorded.due_at), (job.kind, job.due_at));
    assert_eq!(store.photo(other.id).await.unwrap(), other);
    assert_eq!(store.album(album.id).await.unwrap(), album);
    let grown = replaced.facts.counted_bytes() - photo.facts.counted_bytes();
    assert!(grown > 0);
    let expected = Usage { bytes: usage.bytes + grown, ..usage };
    assert_eq!(store.user(ann.id).await.unwrap().usage, expected, "usage counts what is stored");
}

pub async fn usage_follows_renditions_beyond_the_quota(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let photo = world.photo(&album, "Sea").await;
    let rest = NewUpload { wanted_bytes: QUOTA_BYTES, ..world.new_upload(&album) };
    store.begin_upload(&rest).await.unwrap();
    assert_eq!(store.user(ann.id).await.unwrap().usage.bytes, QUOTA_BYTES);

    let new = world.new_renditions(&photo, found()).await;
    let job = world.remove_renditions(ann.id, photo.id, Generation::FIRST);
    let replaced = world.replace_with(&photo, &new, job).await.unwrap();
    let grown = replaced.facts.counted_bytes() - photo.facts.counted_bytes();
    assert_eq!(store.user(ann.id).await.unwrap().usage.bytes, QUOTA_BYTES + grown);
    let refused = store.begin_upload(&world.new_upload(&album)).await;
    assert_conflict(refused, Conflict::QuotaExceeded);
    let job = world.purge_photo(rest.id, ann.id);
    store.begin_photo_deletion(rest.id, None, job).await.unwrap();
    let expected = RECORD_BYTES + replaced.facts.counted_bytes();
    assert_eq!(store.user(ann.id).await.unwrap().usage.bytes, expected);
}

pub async fn a_generation_is_named_once(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let photo = world.photo(&world.album(ann.id, "Summer").await, "Sea").await;
    let mut named = in_parallel(10, |_| {
        let store = SharedStore::clone(&store);
        async move { store.begin_renditions(photo.id).await.unwrap().number() }
    })
    .await;
    named.sort_unstable();
    assert_eq!(named, (2..=11).collect::<Vec<_>>());
    assert_eq!(store.photo_in_any_state(photo.id).await.unwrap().generation, numbered(11));
}

pub async fn naming_a_generation_changes_nothing_that_an_owner_sees(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let photo = world.photo(&album, "Sea").await;
    let before = store.photo_in_any_state(photo.id).await.unwrap();
    assert_eq!((before.generation, &before.objects), (Generation::FIRST, &photo.facts.objects));

    store.begin_renditions(photo.id).await.unwrap();
    assert_eq!(store.photo(photo.id).await.unwrap(), photo);
    let expected = StoredPhoto { generation: numbered(2), ..before };
    assert_eq!(store.photo_in_any_state(photo.id).await.unwrap(), expected);
    assert_eq!(store.photos_in_any_state(album.id, 10).await.unwrap(), [expected]);
    let title = Title::parse("edited").unwrap();
    let change = PhotoChange { title, ..world.change(&photo) };
    let edited = world.update(&photo, &change).await.unwrap();
    assert_eq!(edited.facts.objects, photo.facts.objects);
    assert_eq!(store.photo_in_any_state(photo.id).await.unwrap().generation, numbered(2));
}

pub async fn renditions_are_replaced_again_and_again(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mut photo = world.photo(&world.album(ann.id, "Summer").await, "Sea").await;
    for round in 2..6 {
        // Every other attempt is given up.
        store.begin_renditions(photo.id).await.unwrap();
        let new = world.new_renditions(&photo, found()).await;
        assert_eq!(new.generation, numbered(2 * round - 1));
        let replaced = world.replace(&photo, &new).await.unwrap();
        assert_eq!(replaced, with(&photo, &new));
        let original = replaced.facts.object(Rendition::Original).unwrap();
        assert_eq!(original.generation, Generation::FIRST, "the original stays where it is");
        photo = replaced;
    }
    assert_eq!(removals(&world).await, 4);
}

pub async fn renditions_of_a_photo_that_is_not_live_are_not_replaced(store: SharedStore) {
    let world = World::of(&store);
    let (ann, eve) = (world.user("ann@example.org").await, world.user("eve@example.org").await);
    let (album, gone) = (world.album(ann.id, "Summer").await, world.album(ann.id, "Gone").await);
    let pending = world.upload(&album).await;
    let deleted = world.photo(&album, "deleted").await;
    let under = world.photo(&gone, "under a mark").await;
    let cancelled = world.photo(&world.album(eve.id, "Eve's").await, "cancelled").await;
    let new = world.new_renditions(&deleted, found()).await;
    for photo in [&under, &cancelled] {
        assert_eq!(store.begin_renditions(photo.id).await.unwrap(), new.generation);
    }
    store.begin_photo_deletion(deleted.id, None, world.purge_photo(deleted.id, ann.id)).await.unwrap();
    store.begin_album_deletion(gone.id, world.purge_album(&gone)).await.unwrap();
    store.begin_account_deletion(eve.id, world.purge_account(&eve)).await.unwrap();

    for id in [pending.id, deleted.id, under.id, cancelled.id, world.photo_id()] {
        let before = store.photo_in_any_state(id).await.ok();
        assert_not_found(store.begin_renditions(id).await);
        let job = world.remove_renditions(ann.id, id, Generation::FIRST);
        assert_not_found(store.replace_renditions(id, &new, &deleted.terms(), job).await);
        assert_eq!(store.photo_in_any_state(id).await.ok(), before);
    }
    assert_eq!(removals(&world).await, 0);
}

pub async fn renditions_based_on_another_version_are_stale(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let photo = world.photo(&world.album(ann.id, "Summer").await, "Sea").await;
    let new = world.new_renditions(&photo, found()).await;
    let title = Title::parse("edited").unwrap();
    let edited = world.update(&photo, &PhotoChange { title, ..world.change(&photo) }).await.unwrap();
    for version in [photo.version, edited.version + 1] {
        let stale = NewRenditions { version, ..new.clone() };
        assert_conflict(world.replace(&photo, &stale).await, Conflict::Stale);
        assert_eq!(store.photo(photo.id).await.unwrap(), edited);
    }
    assert_eq!(removals(&world).await, 0);

    let again = NewRenditions { version: edited.version, ..new };
    assert_eq!(world.replace(&edited, &again).await.unwrap(), with(&edited, &again));
}

pub async fn renditions_of_a_generation_that_is_not_the_newest_are_stale(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let photo = world.photo(&world.album(ann.id, "Summer").await, "Sea").await;
    let superseded = world.new_renditions(&photo, found()).await;
    let new = world.new_renditions(&photo, found()).await;
    let unnamed = NewRenditions { generation: new.generation.next(), ..new.clone() };
    for stale in [&superseded, &unnamed] {
        assert_conflict(world.replace(&photo, stale).await, Conflict::Stale);
        assert_eq!(store.photo(photo.id).await.unwrap(), photo);
    }
    assert_eq!(removals(&world).await, 0);
    assert_eq!(world.replace(&photo, &new).await.unwrap(), with(&photo, &new));
}

pub async fn replacing_again_is_stale_and_records_no_other_job(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let photo = world.photo(&world.album(ann.id, "Summer").await, "Sea").await;
    let new = world.new_renditions(&photo, found()).await;
    let terms = PhotoFacts { image: new.image.clone(), ..photo.facts.clone() }.terms();
    let results = in_parallel(10, |_| {
        let (store, new, terms) = (SharedStore::clone(&store), new.clone(), terms.clone());
        let job = world.remove_renditions(ann.id, photo.id, Generation::FIRST);
        async move { store.replace_renditions(photo.id, &new, &terms, job).await }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    for result in results.into_iter().filter(Result::is_err) {
        assert_conflict(result, Conflict::Stale);
    }
    assert_eq!(removals(&world).await, 1);
    assert_eq!(store.photo(photo.id).await.unwrap(), with(&photo, &new));
}

pub async fn postings_follow_new_renditions(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mut before = facts("Sea");
    before.image.metadata.camera = Some("Pinhole One".to_owned());
    let photo = world.photo_with(&world.album(ann.id, "Summer").await, &before).await;
    assert_eq!(found_by(&store, ann.id, "pinhole").await, [photo.id]);

    let new = world.new_renditions(&photo, found()).await;
    assert_eq!(found_by(&store, ann.id, "canon").await, []);
    world.replace(&photo, &new).await.unwrap();
    assert_eq!(found_by(&store, ann.id, "pinhole").await, []);
    for words in ["canon", "sea canon", "ef24", "sea"] {
        assert_eq!(found_by(&store, ann.id, words).await, [photo.id], "{words}");
    }
}

pub async fn the_place_by_time_taken_follows_new_renditions(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let mut early = facts("early");
    early.image.metadata.taken = Taken::on(1970, None, None);
    let (early, late) = (world.photo_with(&album, &early).await, world.photo(&album, "late").await);
    let lists = async |sort| {
        let all = store.photos_of(ann.id, sort, &whole()).await.unwrap().items;
        let inside = store.photos_in_album(ann.id, album.id, sort, &whole()).await.unwrap().items;
        let ids = |photos: &[Photo]| photos.iter().map(|photo| photo.id).collect::<Vec<_>>();
        assert_eq!(ids(&all), ids(&inside));
        ids(&all)
    };
    assert_eq!(lists(PhotoSort::Taken).await, [late.id, early.id]);

    let taken = Taken::on(2030, Some(3), Some(17));
    let new = world.new_renditions(&early, Metadata { taken, ..Metadata::default() }).await;
    let moved = world.replace(&early, &new).await.unwrap();
    assert_eq!(lists(PhotoSort::Taken).await, [early.id, late.id]);
    assert_eq!(lists(PhotoSort::Uploaded).await, [late.id, early.id]);

    // Without a time its upload counts, which was before the other's.
    let new = world.new_renditions(&moved, Metadata::default()).await;
    world.replace(&moved, &new).await.unwrap();
    assert_eq!(lists(PhotoSort::Taken).await, [late.id, early.id]);
}

pub async fn large_metadata_come_and_go_with_new_renditions(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mut photo = world.photo(&world.album(ann.id, "Summer").await, "Sea").await;
    // Some 300 KB, then nothing, then as much of something else.
    for (count, text) in [(600, "x"), (0, ""), (500, "値")] {
        let exif = (0..count).map(|n| (format!("Tag{n}"), text.repeat(500 / text.len().max(1))));
        let new = world.new_renditions(&photo, Metadata { exif: exif.collect(), ..found() }).await;
        let replaced = world.replace(&photo, &new).await.unwrap();
        assert_eq!(replaced, with(&photo, &new));
        assert_eq!(store.photo(photo.id).await.unwrap(), replaced);
        photo = replaced;
    }
}

pub async fn an_edit_and_new_renditions_exclude_each_other(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    for _ in 0..10 {
        let photo = world.photo(&album, "Sea").await;
        let new = world.new_renditions(&photo, found()).await;
        let change = PhotoChange { title: Title::parse("edited").unwrap(), ..world.change(&photo) };
        let (replaced, edited) = join(world.replace(&photo, &new), world.update(&photo, &change)).await;
        let now = store.photo(photo.id).await.unwrap();
        match (replaced, edited) {
            (Ok(replaced), edited) => {
                assert_conflict(edited, Conflict::Stale);
                assert_eq!(now, replaced);
            }
            (replaced, Ok(edited)) => {
                assert_conflict(replaced, Conflict::Stale);
                assert_eq!(now, edited);
            }
            neither => panic!("one succeeds: {neither:?}"),
        }
    }
}

pub async fn a_deletion_and_new_renditions_exclude_each_other(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    for round in 1..=10 {
        let photo = world.photo(&album, "Sea").await;
        let new = world.new_renditions(&photo, found()).await;
        let deletion = store.begin_photo_deletion(photo.id, None, world.purge_photo(photo.id, ann.id));
        let (replaced, deleted) = join(world.replace(&photo, &new), deletion).await;
        deleted.unwrap();
        if replaced.is_err() {
            assert_not_found(replaced);
        }
        assert_not_found(store.photo(photo.id).await);
        assert_eq!(found_by(&store, ann.id, "sea").await, [], "round {round}");
    }
}

pub async fn a_deleted_photo_still_names_its_generations(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let photo = world.photo(&world.album(ann.id, "Summer").await, "Sea").await;
    let new = world.new_renditions(&photo, found()).await;
    world.replace(&photo, &new).await.unwrap();
    store.begin_renditions(photo.id).await.unwrap();
    let job = world.purge_photo(photo.id, ann.id);
    store.begin_photo_deletion(photo.id, None, job.clone()).await.unwrap();

    // Whatever was put is removed, the attempt that was under way, too.
    let row = store.photo_in_any_state(photo.id).await.unwrap();
    assert_eq!((row.state, row.generation), (PhotoState::Deleting, numbered(3)));
    assert_eq!(row.blob_keys().count(), 4 * Rendition::ALL.len());
    store.remove_photos(&[photo.id], job.id).await.unwrap();
    let tally = store.job(job.id).await.unwrap().tally;
    assert_eq!((tally.photos, tally.objects), (1, Rendition::ALL.len() as u64));
    assert_not_found(store.photo_in_any_state(photo.id).await);
}
