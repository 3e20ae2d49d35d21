//! The sweeper over stores that are slow or large: it keeps its lease, and reads no more than it
//! needs.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use gallery_conformance::fakes::StoppedClock;
use gallery_conformance::model::lens::{Lens, Through};
use gallery_core::model::{BlobKey, Job, JobKind, LeasedJob, NewJob, Rendition};
use gallery_core::ports::{Store, StoreError};
use gallery_core::usecases::JobOutcome;
use gallery_core::values::{Generation, JobId, PhotoId, Timestamp};
use gallery_store_memory::MemoryStore;

use crate::kit::scene::Scene;
use crate::kit::{Bent, World};

/// What a lens has seen.
#[derive(Default)]
struct Seen {
    clock: Mutex<Option<Arc<StoppedClock>>>,
    /// Calls that are answered slowly.
    slow: AtomicU32,
    /// Jobs that another worker got meanwhile.
    taken: Mutex<Vec<JobKind>>,
    /// Pages of the queue that were read.
    pages: AtomicU32,
}

struct Watching(Arc<Seen>);

#[async_trait]
impl Lens for Watching {
    async fn remove_expired(&self, store: &dyn Store, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let Some(left) = self.0.slow.load(Ordering::SeqCst).checked_sub(1) else {
            return store.remove_expired(now, limit).await;
        };
        self.0.slow.store(left, Ordering::SeqCst);
        let clock = self.0.clock.lock().unwrap().clone().unwrap();
        clock.advance(Duration::from_secs(45));
        let later = now.plus(Duration::from_secs(45));
        if let Some(taken) = lease_next(store, later).await? {
            self.0.taken.lock().unwrap().push(taken.job.kind);
        }
        Ok(1)
    }

    async fn jobs(
        &self,
        store: &dyn Store,
        after: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<Job>, StoreError> {
        self.0.pages.fetch_add(1, Ordering::SeqCst);
        store.jobs(after, limit).await
    }
}

/// Another worker takes whatever job there is.
async fn lease_next(store: &dyn Store, now: Timestamp) -> Result<Option<LeasedJob>, StoreError> {
    let until = now.plus(Duration::from_secs(1));
    for queue in store.due_queues(now).await? {
        if let Some(leased) = store.lease_job(queue, 7, now, until).await? {
            return Ok(Some(leased));
        }
    }
    Ok(None)
}

fn watched() -> (World, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let store = Through::shared(Arc::new(MemoryStore::new()), Watching(seen.clone()));
    let world = World::bent(Bent { store: Some(store), ..Bent::default() });
    *seen.clock.lock().unwrap() = Some(world.clock.clone());
    (world, seen)
}

#[tokio::test]
async fn a_long_sweep_keeps_its_lease() {
    let (world, seen) = watched();
    seen.slow.store(6, Ordering::SeqCst);
    world.gallery.schedule_upkeep().await.unwrap();
    assert_eq!(world.gallery.run_due_job().await.unwrap(), Some(JobOutcome::Done));
    assert_eq!(seen.slow.load(Ordering::SeqCst), 0, "it went on for four minutes and a half");
    let taken = seen.taken.lock().unwrap().clone();
    assert!(!taken.contains(&JobKind::Sweep), "{taken:?}");
}

#[tokio::test]
async fn a_sweep_of_blobs_does_not_read_the_queue_for_each_photo() {
    let (world, seen) = watched();
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    for n in 0..1_200_u128 {
        let photo = PhotoId::new(world.gallery.now(), &[1; 10]);
        let kind = JobKind::PurgePhoto { photo, owner: ann.user.id };
        let id = JobId::from_uuid(uuid::Uuid::from_u128(1_000 + n));
        let job = NewJob::new(id, kind, world.gallery.now());
        world.store.enqueue(&job).await.unwrap();
    }
    world.upload(&ann, &album, b"heron", None).await.unwrap();
    let nobodys = PhotoId::new(world.gallery.now(), &[9; 10]);
    let stray = BlobKey::of(nobodys, Generation::FIRST, Rendition::Small);
    world.blobs.0.lock().unwrap().insert(stray, "lost".into());
    seen.pages.store(0, Ordering::SeqCst);
    assert_eq!(world.gallery.sweep().await.unwrap().blobs, 1);
    assert_eq!(seen.pages.load(Ordering::SeqCst), 4, "those that look for old mails");
}

#[tokio::test]
async fn blobs_that_a_job_waits_to_remove_are_left_to_it() {
    let scene = Scene::new().await;
    let photos = [scene.upload(b"heron").await, scene.upload(b"egret").await];
    for photo in &photos {
        scene.remake(photo.id).await;
    }
    assert_eq!(scene.world.gallery.sweep().await.unwrap().blobs, 0);
    assert_eq!(scene.blobs().len(), 14);
    scene.world.pass(15 * 60);
    scene.world.work().await;
    assert_eq!((scene.blobs().len(), scene.jobs().await.len()), (8, 0));
}
