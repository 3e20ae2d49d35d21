//! Photos: what is kept of them, lists in both orders, changes and moves.

use gallery_core::model::{Gps, ImageType, Metadata, Photo, PhotoChange, PhotoFacts, PhotoSort, Rendition};
use gallery_core::ports::{Conflict, SharedStore};
use gallery_core::values::{
    AlbumId, Description, FileName, PageRequest, PhotoId, Precision, Taken, Timestamp, Title, UserId,
};

use super::World;
use super::reading::{assert_conflict, assert_not_found, in_parallel, page, walk, whole};
use super::world::{facts, tags};

const SORTS: [PhotoSort; 2] = [PhotoSort::Uploaded, PhotoSort::Taken];

/// Everything that can be known of a photo.
fn rich_facts() -> PhotoFacts {
    let mut facts = facts("Ζάκυνθος — \"Navagio\" %_\\ 👩🏽‍🚀");
    facts.description = Description::parse("line one\nline two\n\te\u{301} שלום").unwrap();
    facts.tags = tags("sea, Sun Set, 写真, o'neil");
    facts.file_name = FileName::clean("Ünïcode 😀.JPEG");
    facts.image.content_type = ImageType::WebP;
    facts.image.placeholder = (0..25).map(|n| n * 10).collect();
    facts.image.damaged = true;
    facts.image.metadata = Metadata {
        taken: Some(Taken::parse("2023-11-14 22:13:20.123 +05:30").unwrap()),
        camera: Some("Canon EOS 5D Mark Ⅳ".to_owned()),
        lens: Some("EF24-70mm f/2.8L II USM".to_owned()),
        gps: Some(Gps { latitude: -33.856_784_123_4, longitude: 151.215_296, altitude: Some(-0.1) }),
        exif: vec![
            ("ExposureTime".to_owned(), "1/250".to_owned()),
            ("Copyright".to_owned(), "© Ann 'Lee'; --".to_owned()),
            ("ExposureTime".to_owned(), "again".to_owned()),
        ],
    };
    facts.objects[3].content_type = ImageType::Jpeg;
    facts.objects[3].bytes = 5_000_000_000;
    facts
}

fn ids(photos: &[Photo]) -> Vec<PhotoId> {
    photos.iter().map(|photo| photo.id).collect()
}

async fn listed(store: &SharedStore, owner: UserId, album: AlbumId, sort: PhotoSort) -> Vec<PhotoId> {
    ids(&store.photos_in_album(owner, album, sort, &whole()).await.unwrap().items)
}

pub async fn everything_known_of_a_photo_comes_back_unchanged(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let facts = rich_facts();
    let published = world.photo_with(&album, &facts).await;
    assert_eq!(published.facts, PhotoFacts { fingerprint: published.facts.fingerprint, ..facts.clone() });
    assert_eq!(store.photo(published.id).await.unwrap(), published);

    let [listed] = &store.photos_of(ann.id, PhotoSort::Taken, &whole()).await.unwrap().items[..] else {
        panic!("one photo is listed");
    };
    let mut seen = published.clone();
    seen.facts.image.metadata.exif.clone_from(&listed.facts.image.metadata.exif);
    assert_eq!(*listed, seen, "EXIF alone may be missing in lists");
    assert_eq!(listed.facts.object(Rendition::Small), facts.object(Rendition::Small));
}

pub async fn texts_at_their_limits_come_back_unchanged(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let mut facts = facts(&"👨‍👩‍👧 ".repeat(33));
    facts.description = Description::parse(&"é𝒳क्षि\u{202c}".replace('\u{202c}', "").repeat(833)).unwrap();
    facts.tags = tags(&(0..50).map(|n| format!("{n:0>50}")).collect::<Vec<_>>().join(","));
    facts.file_name = FileName::clean(&format!("{}.jpg", "ß".repeat(300)));
    facts.image.metadata.exif = (0..500).map(|n| (format!("Tag{n}"), "値".repeat(40))).collect();
    let photo = world.photo_with(&album, &facts).await;
    assert_eq!(store.photo(photo.id).await.unwrap().facts, photo.facts);
    assert_eq!(photo.facts.description, facts.description);
    assert_eq!((photo.facts.tags, photo.facts.file_name), (facts.tags, facts.file_name));
}

pub async fn a_photo_of_three_hundred_kilobytes_comes_back_unchanged(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let mut facts = facts("large");
    facts.image.metadata.exif = (0..600).map(|n| (format!("Tag{n}"), "x".repeat(500))).collect();
    let photo = world.photo_with(&album, &facts).await;
    assert_eq!(store.photo(photo.id).await.unwrap().facts, facts);
    let change = PhotoChange { title: Title::parse("changed").unwrap(), ..world.change(&photo) };
    assert_eq!(world.update(&photo, &change).await.unwrap().facts.image, facts.image);
}

pub async fn pages_of_photos_with_long_texts_are_complete(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let mut facts = facts("long");
    // Some 30 KB a photo: fifty of them are more than the megabyte that DynamoDB reads at once.
    facts.description = Description::parse(&"𝒳".repeat(5_000)).unwrap();
    facts.tags = tags(&(0..50).map(|n| format!("{n}{}", "𝒳".repeat(48))).collect::<Vec<_>>().join(","));
    let mut photos = Vec::new();
    for _ in 0..50 {
        photos.insert(0, world.photo_with(&album, &facts).await.id);
    }
    for sort in SORTS {
        let first = PageRequest::new(Some(49), None).unwrap();
        let first = store.photos_in_album(ann.id, album.id, sort, &first).await.unwrap();
        assert_eq!(ids(&first.items), photos[..49]);
        assert_eq!(first.items[48].facts.description, facts.description);
        // The last one on the page goes, and another comes, before the next page is asked for.
        store.begin_photo_deletion(photos[48], None, world.purge_photo(photos[48], ann.id)).await.unwrap();
        let newest = world.photo_with(&album, &facts).await.id;
        let rest = PageRequest::new(Some(49), Some(&first.next.unwrap().encode())).unwrap();
        let rest = store.photos_in_album(ann.id, album.id, sort, &rest).await.unwrap();
        assert_eq!((ids(&rest.items), rest.next), (vec![photos[49]], None));
        photos.remove(48);
        photos.insert(0, newest);
    }
}

pub async fn photos_are_listed_newest_upload_first(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    let (one, two) = (world.album(ann.id, "One").await, world.album(ann.id, "Two").await);
    let bobs = world.album(bob.id, "Bob's").await;
    let a = world.photo(&one, "a").await.id;
    let b = world.photo(&two, "b").await.id;
    world.photo(&bobs, "Bob's").await;
    let c = world.photo(&one, "c").await.id;

    let all = store.photos_of(ann.id, PhotoSort::Uploaded, &whole()).await.unwrap();
    assert_eq!((ids(&all.items), all.next), (vec![c, b, a], None));
    assert_eq!(listed(&store, ann.id, one.id, PhotoSort::Uploaded).await, [c, a]);
    assert_eq!(listed(&store, ann.id, two.id, PhotoSort::Uploaded).await, [b]);
    assert_eq!(store.photos_of(world.user_id(), PhotoSort::Taken, &whole()).await.unwrap().items, []);
}

pub async fn photos_are_listed_by_the_time_they_were_taken(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let taken = async |millis: Option<i64>| {
        let mut facts = facts("taken");
        let local = millis.map(Timestamp::from_millis);
        facts.image.metadata.taken = local.map(|at| Taken::from_stored(at, Precision::Second, None));
        world.photo_with(&album, &facts).await.id
    };
    let scan = taken(Some(-2_000_000_000_000)).await;
    let recent = taken(Some(1_700_000_000_000)).await;
    let tied = taken(Some(1_700_000_000_000)).await;
    let unknown = taken(None).await;
    let ancient = taken(Some(i64::MIN)).await;
    let future = taken(Some(i64::MAX)).await;
    let epoch = taken(Some(0)).await;

    let expected = [future, unknown, tied, recent, epoch, scan, ancient];
    assert_eq!(listed(&store, ann.id, album.id, PhotoSort::Taken).await, expected);
    for limit in 1..=8 {
        let walked =
            walk(limit, async |page| store.photos_in_album(ann.id, album.id, PhotoSort::Taken, &page).await)
                .await;
        assert_eq!(ids(&walked), expected, "limit {limit}");
        let walked = walk(limit, async |page| store.photos_of(ann.id, PhotoSort::Taken, &page).await).await;
        assert_eq!(ids(&walked), expected, "limit {limit}");
    }
}

pub async fn pages_of_photos_break_between_ties(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let mut facts = facts("burst");
    facts.image.metadata.taken = Some(Taken::from_stored(world.now(), Precision::Second, Some(120)));
    let mut expected = Vec::new();
    for _ in 0..6 {
        expected.insert(0, world.photo_with(&album, &facts).await.id);
    }
    for sort in SORTS {
        for limit in [1, 2, 5, 6, 7] {
            let walked =
                walk(limit, async |page| store.photos_in_album(ann.id, album.id, sort, &page).await).await;
            assert_eq!(ids(&walked), expected, "{sort:?}, limit {limit}");
            let walked = walk(limit, async |page| store.photos_of(ann.id, sort, &page).await).await;
            assert_eq!(ids(&walked), expected, "{sort:?}, limit {limit}");
        }
    }
}

pub async fn pages_of_photos_stand_while_photos_come_and_go(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let mut photos = Vec::new();
    for _ in 0..6 {
        photos.push(world.photo(&album, "p").await.id);
    }
    for sort in SORTS {
        let first = store.photos_in_album(ann.id, album.id, sort, &page(2, None)).await.unwrap();
        let newcomer = world.photo(&album, "newcomer").await.id;
        for gone in [first.items[1].id, newcomer] {
            store.begin_photo_deletion(gone, None, world.purge_photo(gone, ann.id)).await.unwrap();
        }
        let rest = store.photos_in_album(ann.id, album.id, sort, &page(200, first.next)).await.unwrap();
        let expected: Vec<_> = photos.iter().rev().copied().filter(|id| *id < first.items[1].id).collect();
        assert_eq!(ids(&rest.items), expected, "{sort:?}");
        photos.retain(|id| *id != first.items[1].id);
    }
}

pub async fn an_album_shows_its_photos_to_its_owner_alone(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    let album = world.album(ann.id, "Summer").await;
    world.photo(&album, "Sea").await;
    for sort in SORTS {
        assert_not_found(store.photos_in_album(bob.id, album.id, sort, &whole()).await);
        assert_not_found(store.photos_in_album(ann.id, world.album_id(), sort, &whole()).await);
    }
}

pub async fn a_photo_is_changed(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let photo = world.photo_with(&album, &rich_facts()).await;
    let other = world.photo(&album, "other").await;
    let change = PhotoChange {
        title: Title::parse("").unwrap(),
        description: Description::parse("new").unwrap(),
        tags: tags("b, a"),
        ..world.change(&photo)
    };
    let changed = world.update(&photo, &change).await.unwrap();

    let mut expected = photo.clone();
    expected.version += 1;
    expected.updated_at = change.updated_at;
    expected.facts.title = change.title.clone();
    expected.facts.description = change.description.clone();
    expected.facts.tags = change.tags.clone();
    assert_eq!(changed, expected);
    assert_eq!(store.photo(photo.id).await.unwrap(), expected);
    assert_eq!(store.photo(other.id).await.unwrap(), other);
    assert_eq!(store.album(album.id).await.unwrap().version, album.version);
}

pub async fn a_stale_change_of_a_photo_is_refused(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let (album, other) = (world.album(ann.id, "Summer").await, world.album(ann.id, "Winter").await);
    let photo = world.photo(&album, "Sea").await;
    let proposals: Vec<_> = (0..20)
        .map(|n| PhotoChange { title: Title::parse(&n.to_string()).unwrap(), ..world.change(&photo) })
        .collect();
    let results = in_parallel(20, |n| {
        let (store, change) = (SharedStore::clone(&store), proposals[n as usize].clone());
        let terms = PhotoFacts { title: change.title.clone(), ..photo.facts.clone() }.terms();
        async move { store.update_photo(photo.id, &change, &terms).await }
    })
    .await;

    let winners: Vec<_> = (0..20).filter(|n| results[*n].is_ok()).collect();
    let [winner] = winners[..] else { panic!("one change succeeds: {results:?}") };
    for result in results.into_iter().filter(Result::is_err) {
        assert_conflict(result, Conflict::Stale);
    }
    let changed = store.photo(photo.id).await.unwrap();
    assert_eq!((&changed.facts.title, changed.version), (&proposals[winner].title, photo.version + 1));
    let stale = PhotoChange { album_id: other.id, ..world.change(&photo) };
    assert_conflict(world.update(&photo, &stale).await, Conflict::Stale);
    assert_eq!(store.photo(photo.id).await.unwrap(), changed);
}

pub async fn a_photo_moves_between_albums(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let (from, to) = (world.album(ann.id, "From").await, world.album(ann.id, "To").await);
    let (stays, photo) = (world.photo(&from, "stays").await, world.photo(&from, "moves").await);
    let there = world.photo(&to, "there").await;
    let before = store.user(ann.id).await.unwrap().usage;
    let change = PhotoChange { album_id: to.id, ..world.change(&photo) };
    let moved = world.update(&photo, &change).await.unwrap();

    assert_eq!((moved.album_id, moved.version), (to.id, photo.version + 1));
    assert_eq!(store.photo_in_any_state(photo.id).await.unwrap().album_id, to.id);
    for sort in SORTS {
        assert_eq!(listed(&store, ann.id, from.id, sort).await, [stays.id]);
        assert_eq!(listed(&store, ann.id, to.id, sort).await, [there.id, photo.id]);
        assert_eq!(store.photos_of(ann.id, sort, &whole()).await.unwrap().items.len(), 3);
    }
    let count = async |album: AlbumId| store.album(album).await.unwrap().photo_count;
    assert_eq!((count(from.id).await, count(to.id).await), (1, 2));
    assert_eq!(store.user(ann.id).await.unwrap().usage, before);
    assert_eq!(store.photos_in_any_state(from.id, 10).await.unwrap().len(), 1);
}

pub async fn a_photo_moves_to_a_live_album_of_its_owner_alone(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    let (album, gone) = (world.album(ann.id, "Summer").await, world.album(ann.id, "Gone").await);
    let bobs = world.album(bob.id, "Bob's").await;
    store.begin_album_deletion(gone.id, world.purge_album(&gone)).await.unwrap();
    let photo = world.photo(&album, "Sea").await;
    for target in [bobs.id, gone.id, world.album_id()] {
        let change = PhotoChange { album_id: target, ..world.change(&photo) };
        assert_not_found(world.update(&photo, &change).await);
    }
    assert_eq!(store.photo(photo.id).await.unwrap(), photo);
    let nowhere = Photo { id: world.photo_id(), ..photo.clone() };
    assert_not_found(world.update(&nowhere, &world.change(&photo)).await);
}

pub async fn parallel_moves_are_all_counted(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let (from, to) = (world.album(ann.id, "From").await, world.album(ann.id, "To").await);
    let mut changes = Vec::new();
    for n in 0..12 {
        let (here, there) = if n % 2 == 0 { (&from, &to) } else { (&to, &from) };
        let photo = world.photo(here, "p").await;
        let change = PhotoChange { album_id: there.id, ..world.change(&photo) };
        changes.push((photo, change));
    }
    in_parallel(12, |n| {
        let (store, (photo, change)) = (SharedStore::clone(&store), changes[n as usize].clone());
        async move { store.update_photo(photo.id, &change, &photo.terms()).await.unwrap() }
    })
    .await;
    for album in [from.id, to.id] {
        assert_eq!(store.album(album).await.unwrap().photo_count, 6);
        assert_eq!(listed(&store, ann.id, album, PhotoSort::Uploaded).await.len(), 6);
    }
}
