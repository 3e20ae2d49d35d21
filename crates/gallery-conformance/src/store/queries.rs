//! The query language: what each of its forms finds, over every store alike. What its words mean is
//! tested in core; what follows is that stores find all of it, and nothing else.

use std::collections::BTreeSet;

use gallery_core::model::{Album, ImageType, Metadata, NewAlbum, Photo, PhotoFacts};
use gallery_core::ports::SharedStore;
use gallery_core::search::{Query, tag_query};
use gallery_core::values::{AlbumId, Description, PhotoId, Precision, Taken, Timestamp, UserId};

use super::World;
use super::reading::{walk, whole};
use super::world::{facts, tags};

/// Panics unless these queries find exactly these photos, in this order.
async fn assert_found(store: &SharedStore, owner: UserId, queries: &[&str], expected: &[PhotoId]) {
    for text in queries {
        let query = Query::parse(text).unwrap();
        let page = store.search_photos(owner, None, &query, &whole()).await.unwrap();
        let found: Vec<PhotoId> = page.items.into_iter().map(|photo| photo.id).collect();
        assert_eq!(found, expected, "{text}");
    }
}

async fn tagged(world: &World, album: &Album, list: &str) -> PhotoId {
    world.photo_with(album, &PhotoFacts { tags: tags(list), ..facts("") }).await.id
}

/// A photo with what a camera wrote.
async fn taken(world: &World, album: &Album, content_type: ImageType, metadata: Metadata) -> PhotoId {
    let mut known = facts("");
    known.image.content_type = content_type;
    known.image.metadata = metadata;
    world.photo_with(album, &known).await.id
}

pub async fn a_tag_is_found_exactly(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let (cpp, c) = (tagged(&world, &album, "C++").await, tagged(&world, &album, "C").await);
    let reunion = tagged(&world, &album, "Family Reunion").await;
    let odd = tagged(&world, &album, "say \"hi\", #1 \\ %").await;
    let title = world.photo(&album, "C++ family").await.id;

    assert_found(&store, ann.id, &["tag:\"C++\"", "TAG:\"c++\"", "tag:c++"], &[cpp]).await;
    assert_found(&store, ann.id, &["tag:\"C\""], &[c]).await;
    assert_found(&store, ann.id, &["tag:c"], &[c, cpp]).await;
    assert_found(&store, ann.id, &["c++"], &[title, c, cpp]).await;
    assert_found(&store, ann.id, &["tag:\"family  reunion\"", "tag:fam", "tag:reun", "reunion"], &[reunion])
        .await;
    assert_found(&store, ann.id, &["tag:\"family\"", "tag:\"reunion family\"", "tag:nothing"], &[]).await;
    for tag in ["say \"hi\"", "#1 \\ %"] {
        assert_found(&store, ann.id, &[&tag_query(tag)], &[odd]).await;
    }
}

pub async fn quotes_mean_whole_words_and_whole_tags(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let sun = world.photo(&album, "Sun over the harbour").await.id;
    let sunset = world.photo(&album, "Sunset").await.id;
    let tag = tagged(&world, &album, "grey heron").await;
    assert_found(&store, ann.id, &["sun"], &[sunset, sun]).await;
    assert_found(&store, ann.id, &["\"SUN\"", "“sun”", "„sun“", "\"harbour sun\"", "\"sun\" harb"], &[sun])
        .await;
    assert_found(&store, ann.id, &["\"grey heron\"", "\"heron\"", "\"heron grey\""], &[tag]).await;
    assert_found(&store, ann.id, &["\"sunse\"", "\"sun\" set", "\"grey\" sun"], &[]).await;
    assert_found(&store, ann.id, &["\"sun har"], &[sun]).await;
}

pub async fn what_is_excluded_is_not_found(store: SharedStore) {
    let world = World::of(&store);
    let (ann, bob) = (world.user("ann@example.org").await, world.user("bob@example.org").await);
    let album = world.album(ann.id, "Summer").await;
    let sea = world.photo(&album, "Sea and sun").await.id;
    let night = world.photo(&album, "Sea at night").await.id;
    let tag = tagged(&world, &album, "grey heron").await;
    world.photo(&world.album(bob.id, "Bob's").await, "Sea").await;

    assert_found(&store, ann.id, &["sea -night", "-nig sea", "sea -\"night\"", "sea -night -heron"], &[sea])
        .await;
    assert_found(&store, ann.id, &["sea -nig -sun", "sea -\"night\" -\"sun\""], &[]).await;
    assert_found(&store, ann.id, &["-sea", "-tag:nothing -sea", "-sea -camera:x"], &[tag]).await;
    assert_found(&store, ann.id, &["-tag:\"grey heron\"", "-tag:heron", "-\"heron\""], &[night, sea]).await;
    assert_found(&store, ann.id, &["sea - night", "sea -- night"], &[night]).await;
    let query = Query::parse("-nothing").unwrap();
    for limit in 1..=4 {
        let all = walk(limit, async |page| store.search_photos(ann.id, None, &query, &page).await).await;
        assert_eq!(all.iter().map(|photo: &Photo| photo.id).collect::<Vec<_>>(), [tag, night, sea]);
    }
    let inside = store.search_photos(ann.id, Some(album.id), &query, &whole()).await.unwrap();
    assert_eq!(inside.items.len(), 3);
}

pub async fn operators_narrow_a_search(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let metadata = |camera: &str, lens: &str, at: i64| Metadata {
        taken: Some(Taken::from_stored(Timestamp::from_millis(at), Precision::Second, None)),
        camera: Some(camera.to_owned()),
        lens: Some(lens.to_owned()),
        ..Metadata::default()
    };
    // 2024-07-13 and 2023-01-01.
    let canon = metadata("Canon EOS 40D", "EF 35mm f/2", 1_720_909_800_000);
    let nikon = metadata("NIKON Z 6", "Canon adapter", 1_672_531_200_000);
    let summer = taken(&world, &album, ImageType::Jpeg, canon).await;
    let winter = taken(&world, &album, ImageType::Png, nikon).await;
    let undated = world.photo(&album, "Canon").await.id;

    assert_found(&store, ann.id, &["canon"], &[undated, winter, summer]).await;
    for only_summer in
        ["camera:canon", "camera:\"40d eos\"", "lens:35mm", "type:jpg 40d", "2024-07", "2024-07-13"]
    {
        assert_found(&store, ann.id, &[only_summer], &[summer]).await;
    }
    assert_found(
        &store,
        ann.id,
        &["lens:canon", "type:png", "TYPE:PNG", "camera:nik", "2023", "2023-01-01"],
        &[winter],
    )
    .await;
    assert_found(
        &store,
        ann.id,
        &["after:2023", "before:2025", "after:2023-01-01 before:2024-07-14"],
        &[winter, summer],
    )
    .await;
    assert_found(&store, ann.id, &["after:2024", "after:2024-07-13", "after:2023-01-02 canon"], &[summer])
        .await;
    assert_found(&store, ann.id, &["before:2024", "before:2024-07-13", "-after:2024 type:png"], &[winter])
        .await;
    assert_found(&store, ann.id, &["before:2023", "after:2024-08", "camera:\"can\"", "label:canon"], &[])
        .await;
    assert_found(&store, ann.id, &["-type:png -before:2025"], &[undated]).await;
    assert_found(&store, ann.id, &["before:soon canon type:? 40d tag:"], &[summer]).await;
    assert_found(&store, ann.id, &["canon:eos canon"], &[summer]).await;
}

pub async fn albums_narrow_a_search(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let (one, two) = (world.album(ann.id, "Summer one").await, world.album(ann.id, "Summer two").await);
    let (first, second) = (world.photo(&one, "sea").await.id, world.photo(&two, "sea").await.id);
    let found = async |text: &str, albums: &[AlbumId], within: Option<AlbumId>| {
        let query =
            Query::parse(text).unwrap().with_albums([albums.iter().copied().collect::<BTreeSet<_>>()]);
        let page = store.search_photos(ann.id, within, &query, &whole()).await.unwrap();
        page.items.into_iter().map(|photo| photo.id).collect::<Vec<_>>()
    };
    assert_eq!(found("album:summer sea", &[one.id, two.id], None).await, [second, first]);
    assert_eq!(found("album:one", &[one.id], None).await, [first]);
    assert_eq!(found("album:one sea", &[one.id], Some(two.id)).await, []);
    assert_eq!(found("-album:one", &[one.id], None).await, [second]);
    assert_eq!(found("-album:one sea", &[], Some(one.id)).await, [first]);
    assert_eq!(found("album:nothing sea", &[], None).await, []);

    let names = Query::parse("album:two tag:x").unwrap();
    let names = names.album_names().next().unwrap();
    let listed = store.albums_of(ann.id, Some(names), &whole()).await.unwrap().items;
    assert_eq!(listed.iter().map(|album| album.id).collect::<Vec<_>>(), [two.id]);
}

pub async fn albums_are_found_by_the_forms_that_fit_them(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let description = Description::parse("Sea 🎉 and sun").unwrap();
    let summer = world.create(&NewAlbum { description, ..world.new_album(ann.id, "Summer") }).await.unwrap();
    let winter = world.album(ann.id, "Winter").await;
    for (text, expected) in [
        ("\"sea\"", vec![summer.id]),
        ("\"se\"", vec![]),
        ("🎉", vec![summer.id]),
        ("-winter", vec![summer.id]),
        ("-tag:sea", vec![winter.id, summer.id]),
        ("album:sum sea", vec![summer.id]),
        ("album:sea", vec![]),
        ("-album:sum", vec![winter.id]),
        ("tag:sea", vec![]),
        ("sea type:jpg", vec![]),
        ("before:2030", vec![]),
    ] {
        let query = Query::parse(text).unwrap();
        let found = store.albums_of(ann.id, Some(&query), &whole()).await.unwrap().items;
        assert_eq!(found.iter().map(|album| album.id).collect::<Vec<_>>(), expected, "{text}");
    }
}

pub async fn symbols_and_letters_of_every_kind_are_found(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    for (title, queries) in [
        ("Party 🎉♥\u{fe0f}", &["🎉", "♥", "party 🎉"][..]),
        ("👩🏽\u{200d}🚀 lift-off", &["👩🏽\u{200d}🚀", "\"👩🏽\u{200d}🚀\""]),
        ("🇩🇪 1\u{fe0f}\u{20e3}", &["🇩🇪", "1\u{20e3}"]),
        ("Ħal Għaxaq", &["hal ghax", "ħAL"]),
        ("Þórður Øyvind", &["thordur oyv"]),
        ("Iğdır", &["igdir"]),
        ("???", &["???", "\"???\""]),
    ] {
        let photo = world.photo(&album, title).await.id;
        assert_found(&store, ann.id, queries, &[photo]).await;
    }
    let tag = tagged(&world, &album, "🏴,???").await;
    assert_found(&store, ann.id, &["tag:🏴", "tag:\"???\"", "tag:?"], &[tag]).await;
    assert_found(&store, ann.id, &["🇩", "👩", "🚀", "🇫🇷"], &[]).await;
}

pub async fn what_a_camera_writes_besides_finds_nothing(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let exif =
        vec![("Flash".to_owned(), "No, did not fire".to_owned()), ("ISO".to_owned(), "12800".to_owned())];
    taken(&world, &album, ImageType::Jpeg, Metadata { exif, ..Metadata::default() }).await;
    assert_found(&store, ann.id, &["fire", "12800", "flash"], &[]).await;
}

pub async fn sixteen_words_count(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let album = world.album(ann.id, "Summer").await;
    let title = (10..26).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
    let photo = world.photo(&album, &title).await.id;
    assert_found(&store, ann.id, &[&title, &format!("{title} nothing -w10")], &[photo]).await;
    assert_found(&store, ann.id, &[&format!("nothing {title}")], &[]).await;
}
