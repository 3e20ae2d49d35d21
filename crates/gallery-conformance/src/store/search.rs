//! Search for photos: what a query finds, in which order, and what it must not find.

use gallery_core::model::{Album, Metadata, NewAlbum, Photo, PhotoChange, PhotoFacts};
use gallery_core::ports::SharedStore;
use gallery_core::search::{MAX_POSTINGS, MAX_TERM_CHARS, MAX_TERMS, Query};
use gallery_core::values::{
    AlbumId, Cursor, Description, FileName, PhotoId, Precision, Taken, Timestamp, Title, UserId,
};

use super::World;
use super::reading::{page, walk, whole};
use super::world::{facts, tags};

/// The owner's photos that the query finds in all albums, in the list's order.
async fn found(store: &SharedStore, owner: UserId, query: &str) -> Vec<PhotoId> {
    found_in(store, owner, None, query).await
}

async fn found_in(store: &SharedStore, owner: UserId, album: Option<AlbumId>, query: &str) -> Vec<PhotoId> {
    let query = Query::parse(query).unwrap();
    let page = store.search_photos(owner, album, &query, &whole()).await.unwrap();
    page.items.into_iter().map(|photo| photo.id).collect()
}

/// A ready photo whose description is this.
async fn described(world: &World, album: &Album, text: &str) -> Photo {
    let description = Description::parse(text).unwrap();
    world.photo_with(album, &PhotoFacts { description, ..facts("") }).await
}

pub async fn every_word_of_a_query_is_a_prefix_of_some_word(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let sunset = world.photo(&album, "Sunset over the Aegean").await.id;
    let sunrise = world.photo(&album, "Sunrise").await.id;

    assert_eq!(found(&store, ann.id, "sun").await, [sunrise, sunset], "newest upload first");
    assert_eq!(found(&store, ann.id, "sunset").await, [sunset]);
    assert_eq!(found(&store, ann.id, "aeg sun").await, [sunset]);
    assert_eq!(found(&store, ann.id, "the over aegean sunset").await, [sunset]);
    for nothing in ["sun moon", "set", "sunsets", "rise", "egean", "zz", "a b"] {
        assert_eq!(found(&store, ann.id, nothing).await, [], "{nothing}");
    }
}

pub async fn case_and_accents_do_not_matter(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let photo = world.photo(&album, "CAFÉ in der Straße, Łódź").await.id;
    for query in ["cafe", "Café", "cafe\u{301}", "strasse", "STRASS", "straße", "lodz", "ŁÓDŹ cäfe"] {
        assert_eq!(found(&store, ann.id, query).await, [photo], "{query}");
    }
}

pub async fn words_of_every_script_are_found(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    for (title, query) in [
        ("שלום עולם", "שלו"),
        ("مرحبا بالعالم", "مرح"),
        ("Закат над морем", "закат мор"),
        ("ΣΊΣΥΦΟΣ", "σισυφος"),
        ("ab𐐨𐐨c", "ab𐐨"),
        ("x\u{20000}", "x"),
    ] {
        let photo = world.photo(&album, title).await.id;
        assert_eq!(found(&store, ann.id, query).await, [photo], "{query}");
    }
}

pub async fn words_that_only_look_alike_are_different(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let both = world.photo(&album, "か カ").await.id;
    let hiragana = world.photo(&album, "か").await.id;
    assert_eq!(found(&store, ann.id, "か").await, [hiragana, both]);
    assert_eq!(found(&store, ann.id, "カ").await, [both]);
    let latin = world.photo(&album, "caxap").await.id;
    let cyrillic = world.photo(&album, "сахар").await.id;
    assert_eq!(found(&store, ann.id, "cax").await, [latin]);
    assert_eq!(found(&store, ann.id, "сах").await, [cyrillic]);
}

pub async fn a_photo_is_found_by_everything_known_of_it(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    world.photo(&album, "other").await;
    let known = PhotoFacts {
        description: Description::parse("by the harbour").unwrap(),
        tags: tags("family reunion, Zürich"),
        file_name: FileName::clean("DSC_4711.jpeg"),
        ..facts("Grandmother")
    };
    let mut known = known;
    known.image.metadata = Metadata {
        camera: Some("Fujifilm X100V".to_owned()),
        lens: Some("Summicron 35mm".to_owned()),
        taken: Some(Taken::from_stored(Timestamp::from_millis(1_720_909_800_000), Precision::Second, None)),
        ..Metadata::default()
    };
    let photo = world.photo_with(&album, &known).await.id;
    for query in [
        "grandm",
        "harbour",
        "reunion",
        "zurich",
        "4711",
        "dsc jpeg",
        "x100v",
        "summicron",
        "2024",
        "2024-07",
        "2024-07-13",
        "zur x100 grand",
    ] {
        assert_eq!(found(&store, ann.id, query).await, [photo], "{query}");
    }
}

pub async fn a_photo_with_several_matching_words_is_found_once(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let mut expected = Vec::new();
    for _ in 0..3 {
        expected.insert(0, world.photo(&album, "sun sunny sunset sunshine sundown").await.id);
    }
    let query = Query::parse("sun sunn").unwrap();
    for limit in 1..=4 {
        let walked = walk(limit, async |page| store.search_photos(ann.id, None, &query, &page).await).await;
        assert_eq!(walked.iter().map(|photo| photo.id).collect::<Vec<_>>(), expected, "limit {limit}");
    }
}

pub async fn found_photos_come_in_pages(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let (one, two) = (world.album(ann.id, "One").await, world.album(ann.id, "Two").await);
    let (mut all, mut in_one) = (Vec::new(), Vec::new());
    for n in 0..12 {
        let album = if n % 3 == 0 { &one } else { &two };
        let title = if n % 4 == 3 { "harbour".to_owned() } else { format!("beach{n} sand") };
        let photo = world.photo(album, &title).await;
        if title != "harbour" {
            all.insert(0, photo.id);
            if album.id == one.id {
                in_one.insert(0, photo.id);
            }
        }
    }
    let query = Query::parse("sand beach").unwrap();
    for limit in [1, 2, 3, 8, 9, 10] {
        for (album, expected) in [(None, &all), (Some(one.id), &in_one)] {
            let walked =
                walk(limit, async |page| store.search_photos(ann.id, album, &query, &page).await).await;
            assert_eq!(walked.iter().map(|photo| photo.id).collect::<Vec<_>>(), *expected, "limit {limit}");
        }
    }
}

pub async fn a_search_in_an_album_finds_its_photos_alone(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    let (one, two) = (world.album(ann.id, "One").await, world.album(ann.id, "Two").await);
    let bobs = world.album(bob.id, "Bob's").await;
    let (a, b) = (world.photo(&one, "sea").await, world.photo(&two, "sea").await);
    let of_bob = world.photo(&bobs, "sea").await;

    assert_eq!(found(&store, ann.id, "sea").await, [b.id, a.id]);
    assert_eq!(found_in(&store, ann.id, Some(one.id), "sea").await, [a.id]);
    assert_eq!(found_in(&store, ann.id, Some(two.id), "sea").await, [b.id]);
    for album in [bobs.id, world.album_id()] {
        assert_eq!(found_in(&store, ann.id, Some(album), "sea").await, []);
    }
    assert_eq!(found(&store, bob.id, "sea").await, [of_bob.id]);
    assert_eq!(found(&store, world.user_id(), "sea").await, []);

    let change = PhotoChange { album_id: two.id, ..world.change(&a) };
    world.update(&a, &change).await.unwrap();
    assert_eq!(found_in(&store, ann.id, Some(one.id), "sea").await, []);
    assert_eq!(found_in(&store, ann.id, Some(two.id), "sea").await, [b.id, a.id]);
}

pub async fn an_old_word_finds_nothing(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let mut known = facts("Mountain lake");
    known.tags = tags("hiking");
    let photo = world.photo_with(&album, &known).await;
    let change = PhotoChange {
        title: Title::parse("Lake at dawn").unwrap(),
        tags: tags("quiet"),
        ..world.change(&photo)
    };
    world.update(&photo, &change).await.unwrap();
    for gone in ["mountain", "hiking", "lake mountain"] {
        assert_eq!(found(&store, ann.id, gone).await, [], "{gone}");
    }
    for kept in ["lake", "dawn quiet", "img_0012"] {
        assert_eq!(found(&store, ann.id, kept).await, [photo.id], "{kept}");
    }
}

pub async fn hostile_queries_find_nothing_but_what_matches(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let literal = world.photo(&album, "100% _under_ \\back 'quote' \"double\"; --").await.id;
    world.photo(&album, "plain").await;
    for query in ["100%", "_under_", "\\back", "'quote'", "\"double\"; --", "back%' under"] {
        assert_eq!(found(&store, ann.id, query).await, [literal], "{query}");
    }
    for query in ["' OR '1'='1", "p%n", "pl_in", "x' UNION SELECT", "pla*in", "[a-z]+"] {
        assert_eq!(found(&store, ann.id, query).await, [], "{query}");
    }
}

pub async fn a_photo_has_512_words_at_most(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let text = (0..600).map(|n| format!("w{n:03}")).collect::<Vec<_>>().join(" ");
    let photo = described(&world, &album, &text).await;
    let audited = store.audit_photos(None, 1).await.unwrap();
    assert_eq!(audited[0].postings.iter().count(), MAX_TERMS);
    assert_eq!(found(&store, ann.id, "w000 w507").await, [photo.id]);
    assert_eq!(
        found(&store, ann.id, "w508").await,
        [],
        "the first ones count, behind the file's name and type"
    );
    let all = (0..16).map(|n| format!("w{:03}", n * 30)).collect::<Vec<_>>().join(" ");
    assert_eq!(found(&store, ann.id, &all).await, [photo.id]);

    let change = PhotoChange { description: Description::parse("short").unwrap(), ..world.change(&photo) };
    world.update(&photo, &change).await.unwrap();
    assert_eq!(found(&store, ann.id, "w").await, [], "none of them is left behind");
    assert_eq!(found(&store, ann.id, "short").await, [photo.id]);
}

pub async fn long_words_are_found_by_their_beginning(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let latin = "y".repeat(4 * MAX_TERM_CHARS);
    let wide = "𐐨".repeat(4 * MAX_TERM_CHARS);
    let first = described(&world, &album, &latin).await.id;
    let second = described(&world, &album, &wide).await.id;
    assert_eq!(found(&store, ann.id, &latin).await, [first]);
    assert_eq!(found(&store, ann.id, &wide).await, [second]);
    assert_eq!(found(&store, ann.id, "𐐨𐐨").await, [second]);
}

/// The photos that a query finds on all pages together, which may be short.
async fn found_on_all_pages(
    store: &SharedStore,
    owner: UserId,
    album: Option<AlbumId>,
    query: &str,
) -> Vec<PhotoId> {
    let query = Query::parse(query).unwrap();
    let (mut found, mut after) = (Vec::new(), None);
    for _ in 0..1_000 {
        let page = store.search_photos(owner, album, &query, &page(5, after)).await.unwrap();
        assert!(page.items.len() <= 5);
        found.extend(page.items.into_iter().map(|photo| photo.id));
        match page.next {
            Some(next) => {
                assert!(after.is_none_or(|after: Cursor| next.id < after.id), "the search goes on");
                after = Some(next);
            }
            None => return found,
        }
    }
    panic!("the search has an end");
}

/// The attack: photos with as many words as one may have, which all begin alike.
pub async fn a_word_with_more_postings_than_are_read_finds_the_same(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    let (one, two) = (world.album(ann.id, "One").await, world.album(ann.id, "Two").await);
    let (mut all, mut in_one, mut rare) = (Vec::new(), Vec::new(), Vec::new());
    let words = |n: usize| (0..500).map(|word| format!("w{n:02}{word:03}")).collect::<Vec<_>>().join(" ");
    for n in 0..12_usize {
        let album = if n % 3 == 0 { &one } else { &two };
        let ending = if n % 4 == 1 { " rare" } else { "" };
        let photo = described(&world, album, &format!("{}{ending}", words(n))).await;
        all.insert(0, photo.id);
        if n % 3 == 0 {
            in_one.insert(0, photo.id);
        }
        if n % 4 == 1 {
            rare.insert(0, photo.id);
        }
    }
    const { assert!(12 * 500 > MAX_POSTINGS) };
    assert_eq!(found_on_all_pages(&store, ann.id, None, "w").await, all);
    assert_eq!(found_on_all_pages(&store, ann.id, Some(one.id), "w").await, in_one);
    assert_eq!(found_on_all_pages(&store, ann.id, None, "w r").await, rare);
    assert_eq!(found_on_all_pages(&store, ann.id, None, "w nothing").await, []);
    assert_eq!(found_on_all_pages(&store, ann.id, None, "w07").await, [all[4]]);
    for album in [None, Some(one.id)] {
        assert_eq!(found_on_all_pages(&store, bob.id, album, "w").await, []);
    }
    store.begin_photo_deletion(all[0], None, world.purge_photo(all[0], ann.id)).await.unwrap();
    store.begin_album_deletion(one.id, world.purge_album(&one)).await.unwrap();
    let left: Vec<_> = all[1..].iter().filter(|id| !in_one.contains(id)).copied().collect();
    assert_eq!(found_on_all_pages(&store, ann.id, None, "w").await, left);
    assert_eq!(found_on_all_pages(&store, ann.id, Some(one.id), "w").await, []);
}

/// The same for albums.
pub async fn a_word_of_more_albums_than_are_read_finds_the_same(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mut all = Vec::new();
    for n in 0..12 {
        let text = (0..500).map(|word| format!("w{n:02}{word:03}")).collect::<Vec<_>>().join(" ");
        let description = Description::parse(&text).unwrap();
        let new = NewAlbum { description, ..world.new_album(ann.id, "Summer") };
        all.insert(0, world.create(&new).await.unwrap().id);
    }
    let query = Query::parse("w summer").unwrap();
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = store.albums_of(ann.id, Some(&query), &page(5, after)).await.unwrap();
        found.extend(page.items.into_iter().map(|album| album.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, all);
}
