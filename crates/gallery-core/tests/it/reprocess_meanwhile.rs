//! Renditions made anew while something else happens to the photo, or to the process.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use gallery_conformance::model::lens::Lens;
use gallery_core::model::{JobKind, NewJob, NewRenditions, Photo, PhotoChange};
use gallery_core::ports::{Store, StoreError};
use gallery_core::search::Terms;
use gallery_core::usecases::JobOutcome;
use gallery_core::values::{PhotoId, Title};

use crate::kit::scene::{Scene, only};

/// What happens to the photo just before, or instead of, its renditions are replaced.
#[derive(Clone, Copy, PartialEq)]
enum Meddling {
    EditOnce,
    EditAlways,
    Supersede,
    Delete,
    LoseReply,
    Crash,
}

struct Meddler(Meddling, AtomicBool);

impl Meddler {
    fn first_time(&self) -> bool {
        !self.1.swap(true, Ordering::SeqCst)
    }
}

#[async_trait]
impl Lens for Meddler {
    async fn replace_renditions(
        &self,
        store: &dyn Store,
        id: PhotoId,
        new: &NewRenditions,
        terms: &Terms,
        job: NewJob,
    ) -> Result<Photo, StoreError> {
        let first = self.first_time();
        match self.0 {
            Meddling::EditOnce | Meddling::EditAlways if first || self.0 == Meddling::EditAlways => {
                edit(store, id).await;
            }
            Meddling::Supersede if first => {
                store.begin_renditions(id).await?;
            }
            Meddling::Delete => {
                let kind = JobKind::PurgePhoto { photo: id, owner: store.photo(id).await?.owner };
                // Due as late as the other one: what the attempt itself removes is seen before.
                store.begin_photo_deletion(id, None, NewJob { kind, ..job.clone() }).await?;
            }
            Meddling::LoseReply if first => {
                store.replace_renditions(id, new, terms, job).await?;
                return Err(StoreError::Unavailable("the reply was lost".into()));
            }
            Meddling::Crash if first => return Err(StoreError::Unavailable("nobody knows".into())),
            _ => {}
        }
        store.replace_renditions(id, new, terms, job).await
    }
}

async fn edit(store: &dyn Store, id: PhotoId) {
    let photo = store.photo(id).await.unwrap();
    let mut facts = photo.facts.clone();
    facts.title = Title::parse(&format!("Edited {}", photo.version)).unwrap();
    let change = PhotoChange {
        version: photo.version,
        title: facts.title.clone(),
        description: facts.description.clone(),
        tags: facts.tags.clone(),
        taken_override: facts.taken_override,
        album_id: photo.album_id,
        updated_at: photo.updated_at,
    };
    store.update_photo(id, &change, &facts.terms()).await.unwrap();
}

/// A photo whose renditions are made anew while this happens.
async fn meddled(meddling: Meddling) -> (Scene, Photo, Vec<JobOutcome>) {
    let scene = Scene::through(Meddler(meddling, AtomicBool::new(false))).await;
    let photo = scene.upload(b"heron").await;
    let ran = scene.remake(photo.id).await;
    (scene, photo, ran)
}

#[tokio::test]
async fn an_edit_meanwhile_stays_and_the_renditions_are_new() {
    let (scene, photo, ran) = meddled(Meddling::EditOnce).await;
    assert_eq!(ran, [JobOutcome::Done]);
    let now = scene.read(photo.id).await;
    assert_eq!((now.facts.title.as_str(), now.facts.generation().number()), ("Edited 1", 2));
    assert_eq!(scene.jobs().await.len(), 1, "one job removes what was replaced");
    scene.world.assert_sound().await;
}

#[tokio::test]
async fn a_photo_that_is_edited_all_the_time_is_left_for_later() {
    let (scene, photo, ran) = meddled(Meddling::EditAlways).await;
    assert_eq!(ran, [JobOutcome::Failed]);
    assert_eq!(scene.read(photo.id).await.facts.objects, photo.facts.objects);
    assert_eq!(scene.blobs(), only(1), "nothing is left of the attempt");
    scene.world.assert_sound().await;
}

#[tokio::test]
async fn an_attempt_that_another_one_overtook_leaves_nothing() {
    let (scene, photo, ran) = meddled(Meddling::Supersede).await;
    assert_eq!(ran, [JobOutcome::Done], "whoever began after it will finish");
    assert_eq!(scene.read(photo.id).await, photo);
    assert_eq!(scene.blobs(), only(1));
}

#[tokio::test]
async fn a_photo_that_is_deleted_meanwhile_leaves_nothing() {
    let (scene, _, ran) = meddled(Meddling::Delete).await;
    assert_eq!(ran, [JobOutcome::Done]);
    assert_eq!(scene.blobs(), only(1), "nothing is left of the attempt");
    scene.world.pass(15 * 60);
    assert_eq!(scene.world.work().await, [JobOutcome::Done], "the photo is removed");
    assert_eq!(scene.blobs(), []);
    assert!(scene.jobs().await.is_empty());
    scene.world.assert_sound().await;
}

#[tokio::test]
async fn renditions_that_may_be_shown_are_not_removed() {
    let (scene, photo, ran) = meddled(Meddling::LoseReply).await;
    assert_eq!(ran, [JobOutcome::Failed]);
    assert_eq!(scene.read(photo.id).await.facts.generation().number(), 2);
    scene.world.assert_sound().await;
    scene.world.pass(15 * 60);
    scene.world.work().await;
    scene.world.pass(15 * 60);
    scene.world.work().await;
    assert_eq!(scene.blobs(), only(3), "it is done again, and nothing is left of the first time");
    scene.world.assert_sound().await;
}

#[tokio::test]
async fn the_sweeper_finds_what_an_interrupted_attempt_left() {
    let (scene, photo, ran) = meddled(Meddling::Crash).await;
    assert_eq!(ran, [JobOutcome::Failed]);
    assert_eq!(scene.blobs().len(), 7);
    assert_eq!(scene.world.gallery.sweep().await.unwrap().blobs, 0, "it may still be under way");
    scene.world.pass(60);
    assert_eq!(scene.world.work().await, [JobOutcome::Done]);
    assert_eq!(scene.read(photo.id).await.facts.generation().number(), 3);
    assert_eq!(scene.world.gallery.sweep().await.unwrap().blobs, 3, "the newer one has overtaken it");
    scene.world.pass(15 * 60);
    scene.world.work().await;
    assert_eq!(scene.blobs(), only(3));
    scene.world.assert_sound().await;
}
