//! What only a look at the engine's calls can tell: how much is read, and what a process that is
//! killed between two of them leaves. The engine is the embedded one, seen through [`Watched`],
//! with units as small as DynamoDB's.

mod queues;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use gallery_conformance::store::World;
use gallery_conformance::store::invariants;
use gallery_conformance::store::world::facts;
use gallery_core::model::{NewUpload, Photo, PhotoFacts};
use gallery_core::ports::{Photos as _, SharedStore, Store as _, StoreError};
use gallery_core::search::{MAX_POSTINGS, Query};
use gallery_core::values::{Description, PageRequest, Timestamp, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::EmbeddedStore;
use crate::embedded::Embedded;
use crate::keys;
use crate::records::Marker;
use crate::store::ItemStore;
use crate::table::{Engine, Item, Key, Outcome, Range, Scan, Write};
use crate::unit::Unit;

/// An engine that counts what is read, and dies on demand.
struct Watched {
    engine: Arc<Embedded>,
    /// Items that were read by key or by range.
    read: AtomicUsize,
    /// Calls that read.
    reads: AtomicUsize,
    /// When the process dies.
    death: Mutex<Option<Death>>,
}

#[derive(Clone, Copy)]
enum Death {
    /// At the commit after this many.
    Commit(usize),
    /// Within a removal of any number of items: after so many removals, and so many of its items.
    Removal { removals: usize, items: usize },
}

fn dead() -> StoreError {
    StoreError::Unavailable("the process is dead".into())
}

impl Watched {
    fn count<T>(&self, items: &[T]) {
        self.read.fetch_add(items.len(), Ordering::Relaxed);
        self.reads.fetch_add(1, Ordering::Relaxed);
    }

    fn dies_at(&self, death: Option<Death>) {
        *self.death.lock().unwrap() = death;
    }
}

impl Engine for Watched {
    type Body = <Embedded as Engine>::Body;
    /// As on DynamoDB.
    const MAX_WRITES: usize = 100;
    const SHARED: bool = true;

    fn encode<T: Serialize>(record: &T) -> Result<Self::Body, StoreError> {
        Embedded::encode(record)
    }

    fn decode<T: DeserializeOwned>(body: &Self::Body) -> Result<T, StoreError> {
        Embedded::decode(body)
    }

    async fn get(&self, keys: &[Key]) -> Result<Vec<Item<Self::Body>>, StoreError> {
        let items = self.engine.get(keys).await?;
        self.count(&items);
        Ok(items)
    }

    async fn query(&self, range: &Range) -> Result<Vec<Item<Self::Body>>, StoreError> {
        let items = self.engine.query(range).await?;
        self.count(&items);
        Ok(items)
    }

    async fn commit(&self, writes: Vec<Write<Self::Body>>) -> Result<Outcome, StoreError> {
        if let Some(Death::Commit(left)) = &mut *self.death.lock().unwrap() {
            *left = left.checked_sub(1).ok_or_else(dead)?;
        }
        self.engine.commit(writes).await
    }

    async fn delete(&self, keys: &[Key]) -> Result<(), StoreError> {
        let last = match &mut *self.death.lock().unwrap() {
            Some(Death::Removal { removals: 0, items }) => Some(*items),
            Some(Death::Removal { removals, .. }) => {
                *removals -= 1;
                None
            }
            _ => None,
        };
        match last {
            Some(items) => {
                self.engine.delete(&keys[..items]).await?;
                Err(dead())
            }
            None => self.engine.delete(keys).await,
        }
    }

    async fn scan(&self, scan: &Scan) -> Result<Vec<Item<Self::Body>>, StoreError> {
        self.engine.scan(scan).await
    }

    async fn expired(
        &self,
        class: &'static str,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<Key>, StoreError> {
        self.engine.expired(class, before, limit).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.engine.ready().await
    }
}

/// A store over a watched engine, and a world around it.
struct Bench {
    store: ItemStore<Watched>,
    shared: SharedStore,
    world: World,
    _folder: TempDir,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = EmbeddedStore::open(&folder.path().join("gallery.redb")).await.unwrap();
        let (read, reads, death) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(None));
        let store = ItemStore::over(Watched { engine: store.engine, read, reads, death });
        let shared: SharedStore = Arc::new(store.clone());
        let world = World::of(&shared);
        Self { store, shared, world, _folder: folder }
    }

    /// A photo with 512 words, all of which begin alike.
    async fn crafted(&self, album: &gallery_core::model::Album) -> Photo {
        self.world.photo_with(album, &crafted()).await
    }

    /// How many items a search reads, and what it finds.
    async fn search(&self, owner: UserId, query: &str) -> (usize, usize) {
        self.store.engine.read.store(0, Ordering::Relaxed);
        let page = PageRequest::new(Some(10), None).unwrap();
        let query = Query::parse(query).unwrap();
        let found = self.store.search_photos(owner, None, &query, &page).await.unwrap();
        (self.store.engine.read.load(Ordering::Relaxed), found.items.len())
    }
}

fn crafted() -> PhotoFacts {
    let text = (0..600).map(|n| format!("w{n:03}")).collect::<Vec<_>>().join(" ");
    PhotoFacts { description: Description::parse(&text).unwrap(), ..facts("") }
}

#[tokio::test]
async fn what_a_search_reads_does_not_grow_with_the_library() {
    let bench = Bench::new().await;
    let ann = bench.world.user("ann@example.org").await;
    let album = bench.world.album(ann.id, "Summer").await;
    for _ in 0..9 {
        bench.crafted(&album).await;
    }
    let (few, found) = bench.search(ann.id, "w").await;
    assert!(few > 9 * 500 && found == 9, "below the bound every posting is read: {few}, {found}");
    for _ in 0..31 {
        bench.crafted(&album).await;
    }
    // 20,000 postings; the candidates are the 40 photos, each with its record, card, album and
    // owner.
    let (many, found) = bench.search(ann.id, "w").await;
    assert_eq!(found, 10);
    assert!(many <= MAX_POSTINGS + 1 + 5 * 40, "{many} items were read");
    assert_eq!(bench.search(ann.id, "w511 nowhere").await.1, 0);
}

#[tokio::test]
async fn a_mark_without_an_index_does_not_keep_the_sweep() {
    let bench = Bench::new().await;
    let mut unit = Unit::new(&*bench.store.engine);
    for n in 0..3 {
        unit.put(&keys::unsettled(uuid::Uuid::from_u128(n)), &Marker {}).unwrap();
    }
    assert_eq!(unit.commit().await.unwrap(), Outcome::Done);
    for finished in [2, 1, 0] {
        assert_eq!(bench.store.finish_interrupted(2).await.unwrap(), finished);
    }
}

/// The attack: an upload dies before its postings are written, its photo is deleted, and the purge
/// dies between two batches of what it removes, wherever that is.
#[tokio::test]
async fn a_purge_that_is_killed_between_batches_does_not_keep_the_sweep() {
    let postings = (0..3).map(|n| (0, 200 * n));
    for (removals, items) in postings.chain((0..=6).map(|items| (1, items))) {
        let bench = Bench::new().await;
        let (world, engine) = (&bench.world, &bench.store.engine);
        let ann = world.user("ann@example.org").await;
        let album = world.album(ann.id, "Summer").await;
        let upload: NewUpload = world.upload(&album).await;
        engine.dies_at(Some(Death::Commit(1)));
        assert!(bench.store.publish_photo(upload.id, &crafted()).await.is_err());
        engine.dies_at(None);
        let job = world.purge_photo(upload.id, ann.id);
        bench.store.begin_photo_deletion(upload.id, None, job.clone()).await.unwrap();
        engine.dies_at(Some(Death::Removal { removals, items }));
        assert!(bench.store.remove_photos(&[upload.id], job.id).await.is_err(), "{removals} {items}");
        engine.dies_at(None);

        let mut finished = 0;
        for _ in 0..10 {
            finished += bench.store.finish_interrupted(10).await.unwrap();
        }
        assert!(finished <= 1, "{removals} {items}: {finished} times");
        bench.store.remove_photos(&[upload.id], job.id).await.unwrap();
        assert_eq!(bench.store.finish_interrupted(10).await.unwrap(), 0);
        world.finish(job.id).await;
        invariants::check(&*bench.shared).await;
    }
}
