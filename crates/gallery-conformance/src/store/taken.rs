//! The time taken: what is kept of it, what its owner sets in place of the file's, and the lists
//! that it orders.

use gallery_core::model::{Album, Metadata, Photo, PhotoChange, PhotoSort};
use gallery_core::ports::SharedStore;
use gallery_core::values::{PhotoId, Precision, Taken, Timestamp, UserId};

use super::World;
use super::reading::{walk, whole};
use super::world::facts;

/// The date and time that is displayed so.
fn time(text: &str) -> Taken {
    Taken::parse(text).unwrap()
}

impl World {
    /// A photo whose file says that it was taken then.
    pub async fn photo_taken(&self, album: &Album, taken: Option<Taken>) -> Photo {
        let mut facts = facts("taken");
        facts.image.metadata.taken = taken;
        self.photo_with(album, &facts).await
    }

    /// Sets the photo's time as its owner does, or restores the file's.
    async fn set_taken(&self, photo: &Photo, taken_override: Option<Taken>) -> Photo {
        let change = PhotoChange { taken_override, ..self.change(photo) };
        self.update(photo, &change).await.unwrap()
    }

    /// Makes renditions of the photo anew, whose file now says that it was taken then.
    async fn read_again(&self, photo: &Photo, taken: Option<Taken>) -> Photo {
        let new = self.new_renditions(photo, Metadata { taken, ..Metadata::default() }).await;
        self.replace(photo, &new).await.unwrap()
    }

    /// The photos of an album by the time they were taken, which are all that the owner has. Pages
    /// of every size give them in this order.
    async fn by_time(&self, owner: UserId, album: &Album) -> Vec<PhotoId> {
        let (store, sort) = (&self.store, PhotoSort::Taken);
        let ids = |photos: &[Photo]| photos.iter().map(|photo| photo.id).collect::<Vec<_>>();
        let all = ids(&store.photos_of(owner, sort, &whole()).await.unwrap().items);
        for limit in [1, 2] {
            let walked = walk(limit, async |page| store.photos_of(owner, sort, &page).await).await;
            assert_eq!(ids(&walked), all, "pages of {limit}");
            let album = album.id;
            let inside = async |page| store.photos_in_album(owner, album, sort, &page).await;
            assert_eq!(ids(&walk(limit, inside).await), all, "pages of {limit} of the album");
        }
        all
    }
}

pub async fn a_time_taken_keeps_its_precision_and_offset(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let of_before = Taken::from_stored(Timestamp::from_millis(i64::MIN), Precision::Second, None);
    let times = [
        "1826",
        "2024-07",
        "2024-07-14",
        "2024-07-14 00:30",
        "2024-07-14 00:30 +02:00",
        "1969-12-31 23:59:59.999",
        "2024-07-14 00:30:15.042 -09:30",
        "2099-12-31 23:59:59 +00:00",
    ];
    for taken in times.map(time).into_iter().chain([of_before]).map(Some).chain([None]) {
        let photo = world.photo_taken(&album, taken).await;
        assert_eq!((photo.facts.image.metadata.taken, photo.facts.taken_override), (taken, None));
        assert_eq!(store.photo(photo.id).await.unwrap(), photo);
        let listed = store.photos_of(ann.id, PhotoSort::Uploaded, &whole()).await.unwrap().items;
        assert_eq!(listed[0].facts.image.metadata.taken, taken, "in lists, too");
    }
    let photo = world.photo(&album, "undated").await;
    let mut known = photo;
    for taken in times.map(time) {
        known = world.set_taken(&known, Some(taken)).await;
        assert_eq!((known.facts.taken_override, known.taken()), (Some(taken), Some(taken)));
        assert_eq!(store.photo(known.id).await.unwrap(), known);
        let listed = store.photos_of(ann.id, PhotoSort::Uploaded, &whole()).await.unwrap().items;
        assert_eq!(listed[0].facts.taken_override, Some(taken), "in lists, too");
    }
}

pub async fn what_an_owner_sets_counts_until_it_is_restored(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let of_file = Some(time("2024-07-14 00:30:00 +02:00"));
    let photo = world.photo_taken(&album, of_file).await;
    let other = world.photo_taken(&album, of_file).await;
    let set = world.set_taken(&photo, Some(time("1985-07"))).await;
    assert_eq!((set.taken(), set.facts.image.metadata.taken), (Some(time("1985-07")), of_file));
    assert_eq!((set.version, set.taken_order()), (photo.version + 1, time("1985-07").local()));

    let restored = world.set_taken(&set, None).await;
    let expected = Photo { version: photo.version + 2, updated_at: restored.updated_at, ..photo };
    assert_eq!(restored, expected);
    assert_eq!(store.photo(restored.id).await.unwrap(), expected);
    assert_eq!(store.photo(other.id).await.unwrap(), other);
}

pub async fn lists_by_time_follow_what_an_owner_sets(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let dated = world.photo_taken(&album, Some(time("2020-01-01 12:00"))).await;
    let undated = world.photo(&album, "undated").await;
    let (old, new) = (dated.id, undated.id);
    assert_eq!(world.by_time(ann.id, &album).await, [new, old], "an upload is of today");

    // A year is its first moment, and an offset does not count.
    let undated = world.set_taken(&undated, Some(time("2020"))).await;
    assert_eq!(world.by_time(ann.id, &album).await, [old, new]);
    let undated = world.set_taken(&undated, Some(time("2020-01-01 12:00:00.001 +14:00"))).await;
    assert_eq!(world.by_time(ann.id, &album).await, [new, old]);
    let dated = world.set_taken(&dated, Some(time("2099-12-31 23:59"))).await;
    assert_eq!(world.by_time(ann.id, &album).await, [old, new]);
    // At one time, the newest upload comes first.
    let undated = world.set_taken(&undated, dated.taken()).await;
    assert_eq!(world.by_time(ann.id, &album).await, [new, old]);

    let undated = world.set_taken(&undated, None).await;
    assert_eq!(world.by_time(ann.id, &album).await, [old, new]);
    world.set_taken(&dated, None).await;
    assert_eq!(world.by_time(ann.id, &album).await, [new, old]);
    let uploaded = store.photos_of(ann.id, PhotoSort::Uploaded, &whole()).await.unwrap().items;
    assert_eq!(uploaded.iter().map(|photo| photo.id).collect::<Vec<_>>(), [new, old]);
    let job = world.purge_photo(undated.id, ann.id);
    store.begin_photo_deletion(undated.id, None, job).await.unwrap();
    assert_eq!(world.by_time(ann.id, &album).await, [old]);
}

pub async fn reading_a_file_again_leaves_what_its_owner_set(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let photo = world.photo_taken(&album, Some(time("2019"))).await;
    let other = world.photo_taken(&album, Some(time("2020"))).await;
    let (id, set) = (photo.id, Some(time("2021-05-01")));
    let photo = world.set_taken(&photo, set).await;
    assert_eq!(world.by_time(ann.id, &album).await, [id, other.id]);

    for of_file in [Some(time("2018-03-04 05:06")), None] {
        let again = world.read_again(&photo_of(&store, id).await, of_file).await;
        assert_eq!((again.facts.taken_override, again.taken()), (set, set));
        assert_eq!(again.facts.image.metadata.taken, of_file);
        assert_eq!(again.updated_at, photo.updated_at);
        assert_eq!(photo_of(&store, id).await, again);
        assert_eq!(world.by_time(ann.id, &album).await, [id, other.id]);
    }
    let again = world.read_again(&photo_of(&store, id).await, Some(time("2018"))).await;
    let restored = world.set_taken(&again, None).await;
    assert_eq!(restored.taken(), Some(time("2018")), "what was read last");
    assert_eq!(world.by_time(ann.id, &album).await, [other.id, id]);
    world.read_again(&restored, Some(time("2022"))).await;
    assert_eq!(world.by_time(ann.id, &album).await, [id, other.id]);
}

async fn photo_of(store: &SharedStore, id: PhotoId) -> Photo {
    store.photo(id).await.unwrap()
}

pub async fn a_moved_photo_takes_the_time_that_its_owner_set_along(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let (from, to) = (world.album(ann.id, "From").await, world.album(ann.id, "To").await);
    let there = world.photo_taken(&to, Some(time("2015"))).await;
    let photo = world.photo_taken(&from, Some(time("2010"))).await;
    let set = world.set_taken(&photo, Some(time("2016"))).await;
    let moving = PhotoChange { album_id: to.id, ..world.change(&set) };
    let moved = world.update(&set, &moving).await.unwrap();
    assert_eq!(moved.taken(), Some(time("2016")));
    assert_eq!(world.by_time(ann.id, &to).await, [photo.id, there.id]);

    // Moving and setting at once.
    let back =
        PhotoChange { album_id: from.id, taken_override: Some(time("2014-12")), ..world.change(&moved) };
    let moved = world.update(&moved, &back).await.unwrap();
    assert_eq!((moved.album_id, moved.taken()), (from.id, Some(time("2014-12"))));
    let all = store.photos_of(ann.id, PhotoSort::Taken, &whole()).await.unwrap().items;
    assert_eq!(all.iter().map(|photo| photo.id).collect::<Vec<_>>(), [there.id, photo.id]);
    for (album, id) in [(&from, photo.id), (&to, there.id)] {
        let inside = store.photos_in_album(ann.id, album.id, PhotoSort::Taken, &whole()).await.unwrap();
        assert_eq!(inside.items.iter().map(|photo| photo.id).collect::<Vec<_>>(), [id]);
    }
}
