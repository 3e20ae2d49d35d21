//! Texts come back byte for byte, are found, and are told apart, as in SQLite.

use std::sync::Arc;

use gallery_conformance::store::World;
use gallery_conformance::store::reading::whole;
use gallery_core::model::{Album, NewAlbum, Photo};
use gallery_core::ports::SharedStore;
use gallery_core::search::{Query, Terms};
use gallery_core::values::{AlbumName, ContentHash, Description, IdempotencyKey};
use gallery_store_sql::SqliteStore;

use super::fresh::Database;

/// What databases have got wrong.
const TEXTS: [&str; 8] = [
    "👩‍👩‍👧‍👦 family 🏳️‍🌈",
    "e\u{301} and é, ﬁ and fi, Å and Å",
    "שלום עולם مرحبا بالعالم",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠮷野家 \u{10fffd}",
    "straße STRASSE İstanbul ıstanbul",
    "%_\\'\";-- \\0 \u{7f}x",
    "漢字かな交じり文",
    "Zalgo h\u{335}\u{321}\u{33f}e\u{334}\u{322}y",
];

/// Albums and photos with these texts, as read again.
async fn written(store: &SharedStore) -> (Vec<Album>, Vec<Photo>) {
    let world = World::of(store);
    let ann = world.user("ann@example.org").await;
    let (mut albums, mut photos) = (Vec::new(), Vec::new());
    for text in TEXTS {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        let name = AlbumName::parse(&text).unwrap();
        let new = NewAlbum {
            description: Description::parse(&format!("{text}\n\n{text}")).unwrap(),
            ..world.new_album(ann.id, name.as_str())
        };
        let terms = Terms::of_album(&new.name, &new.description);
        let album = store.create_album(&new, &terms).await.unwrap();
        let photo = world.photo(&album, &text).await;
        for term in terms.iter() {
            // What stands behind the field, quoted: signs are no words of the query's own.
            let (_, wanted) = term.split_once('\u{1}').unwrap();
            let query = Query::parse(&format!("\"{}\"", wanted.replace('"', "\"\""))).unwrap();
            let found = store.search_photos(ann.id, Some(album.id), &query, &whole()).await;
            assert_eq!(found.unwrap().items.len(), 1, "{wanted}");
        }
        albums.push(store.album(album.id).await.unwrap());
        photos.push(store.photo(photo.id).await.unwrap());
    }
    (albums, photos)
}

#[tokio::test]
async fn every_text_is_the_same_as_in_sqlite() {
    let database = Database::create().await;
    let server: SharedStore = Arc::new(database.open().await);
    let folder = tempfile::tempdir().unwrap();
    let file: SharedStore = Arc::new(SqliteStore::open(&folder.path().join("gallery.db")).await.unwrap());
    assert_eq!(written(&server).await, written(&file).await);
}

#[tokio::test]
async fn keys_that_differ_in_case_accents_or_spaces_are_different() {
    let database = Database::create().await;
    let store: SharedStore = Arc::new(database.open().await);
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    for key in ["key", "Key", "key ", " key"] {
        let key = IdempotencyKey::parse(key).unwrap();
        let fingerprint = ContentHash::of(key.as_str().as_bytes());
        let new = world.new_album(ann.id, "Summer");
        let new = NewAlbum { idempotency: Some((key.clone(), fingerprint, world.tomorrow())), ..new };
        world.create(&new).await.unwrap();
        assert_eq!(
            store.idempotency_record(ann.id, &key, world.now()).await.unwrap().resource,
            new.id.uuid()
        );
    }
}
