//! The upgrade of records: its job comes back until all are upgraded, and goes on where it was.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use gallery_conformance::model::lens::{Lens, Through};
use gallery_core::model::JobKind;
use gallery_core::ports::{Store, StoreError};
use gallery_core::usecases::JobOutcome;
use gallery_core::values::{AlbumId, PhotoId};
use gallery_store_memory::MemoryStore;

use crate::kit::{Bent, World};

const ALBUMS: usize = 60;
const PHOTOS: usize = 120;

/// What was upgraded, in order, and after how many the store is away once.
#[derive(Default)]
struct Seen {
    upgraded: Mutex<Vec<String>>,
    away_after: Mutex<Option<usize>>,
}

struct Watching(Arc<Seen>);

impl Watching {
    fn note(&self, what: String) -> Result<(), StoreError> {
        let mut upgraded = self.0.upgraded.lock().unwrap();
        if self.0.away_after.lock().unwrap().take_if(|after| *after == upgraded.len()).is_some() {
            return Err(StoreError::Unavailable("away".into()));
        }
        upgraded.push(what);
        Ok(())
    }
}

#[async_trait]
impl Lens for Watching {
    async fn upgrade_album(&self, _: &dyn Store, id: AlbumId) -> Result<(), StoreError> {
        self.note(format!("album {id}"))
    }

    async fn upgrade_photo(&self, _: &dyn Store, id: PhotoId) -> Result<(), StoreError> {
        self.note(format!("photo {id}"))
    }
}

/// A gallery with albums and photos; what is to be upgraded, in order.
async fn filled(seen: &Arc<Seen>) -> (World, Vec<String>) {
    let store = Through::shared(Arc::new(MemoryStore::new()), Watching(seen.clone()));
    let world = World::bent(Bent { store: Some(store), ..Bent::default() });
    let ann = world.member("ann@example.org").await;
    let mut wanted = Vec::new();
    let mut album = None;
    for _ in 0..ALBUMS {
        let made = world.album(&ann).await;
        wanted.push(format!("album {}", made.id));
        album = Some(made);
    }
    let album = album.unwrap();
    for _ in 0..PHOTOS {
        let photo = world.upload(&ann, &album, b"heron", None).await.unwrap();
        wanted.push(format!("photo {}", photo.id));
    }
    (world, wanted)
}

/// Runs the jobs that are due until none is; whether one of them failed.
async fn work(world: &World) -> bool {
    let mut failed = false;
    while let Some(outcome) = world.gallery.run_due_job().await.unwrap() {
        failed |= outcome != JobOutcome::Done;
    }
    failed
}

async fn waits(world: &World) -> bool {
    world.gallery.jobs(None, 1_000).await.unwrap().iter().any(|job| job.kind == JobKind::Upgrade)
}

#[tokio::test]
async fn every_record_is_upgraded_once() {
    let seen = Arc::new(Seen::default());
    let (world, wanted) = filled(&seen).await;
    assert!(!world.gallery.is_upgraded().await.unwrap());
    world.gallery.schedule_upkeep().await.unwrap();
    assert!(waits(&world).await, "an operator sees the job");
    assert!(!work(&world).await);
    assert!(world.gallery.is_upgraded().await.unwrap());
    assert_eq!(*seen.upgraded.lock().unwrap(), wanted);

    world.gallery.schedule_upkeep().await.unwrap();
    assert!(!waits(&world).await, "once is enough");
}

#[tokio::test]
async fn an_upgrade_goes_on_where_it_was() {
    let seen = Arc::new(Seen::default());
    let (world, wanted) = filled(&seen).await;
    *seen.away_after.lock().unwrap() = Some(ALBUMS + 75);
    world.gallery.schedule_upkeep().await.unwrap();
    assert!(work(&world).await, "the store was away");
    assert!(!world.gallery.is_upgraded().await.unwrap());
    world.pass(60);
    assert!(!work(&world).await);
    assert!(world.gallery.is_upgraded().await.unwrap());
    let upgraded = seen.upgraded.lock().unwrap().clone();
    let again = upgraded.len() - wanted.len();
    assert_eq!(again, 25, "what came after the last record of progress");
    assert_eq!(upgraded[..ALBUMS + 75], wanted[..ALBUMS + 75]);
    assert_eq!(upgraded[ALBUMS + 75..], wanted[ALBUMS + 50..]);
}
