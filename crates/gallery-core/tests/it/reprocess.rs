//! Renditions made anew: what changes, what stays, and which photos are left as they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gallery_core::model::{BlobKey, JobKind, NewJob, Rendition};
use gallery_core::ports::BlobError;
use gallery_core::usecases::{Error, JobOutcome, PhotoPatch, ReprocessScope};
use gallery_core::values::{Generation, JobId, PageRequest, PhotoId};

use crate::kit::fakes::{FaultyBlobs, MockBlobFaults};
use crate::kit::scene::{Scene, only};
use crate::kit::{Bent, PASSWORD, client};

#[tokio::test]
async fn what_the_file_gives_is_made_anew_and_what_the_owner_typed_stays() {
    let scene = Scene::new().await;
    let (gallery, uploaded) = (&scene.world.gallery, scene.upload(b"heron").await);
    let patch = PhotoPatch { title: Some("Edited"), tags: Some(vec!["bird"]), ..PhotoPatch::default() };
    let edited = gallery.update_photo(&scene.ann, uploaded.id, patch).await.unwrap();
    let others = scene.world.used_bytes(&scene.ann).await - edited.facts.counted_bytes();
    scene.world.pass(60);
    assert_eq!(scene.remake(uploaded.id).await, [JobOutcome::Done]);

    let now = scene.read(uploaded.id).await;
    assert_eq!(now.facts.image.metadata.camera.as_deref(), Some("Pinhole mark1"));
    assert_eq!((now.facts.image.width, now.version), (9, edited.version + 1));
    let mut expected = edited.clone();
    expected.version += 1;
    expected.facts.image = now.facts.image.clone();
    expected.facts.objects = now.facts.objects.clone();
    assert_eq!(now, expected, "nothing else changes");
    assert_eq!(scene.world.used_bytes(&scene.ann).await, others + now.facts.counted_bytes());
    for object in &now.facts.objects {
        let generation = if object.rendition == Rendition::Original { 1 } else { 2 };
        assert_eq!(object.generation.number(), generation);
        assert_eq!(object.width, 9);
    }
    let page = PageRequest::new(None, None).unwrap();
    for (query, found) in [("mark1 bird", 1), ("mark0", 0), ("edited", 1)] {
        let hits = gallery.search(&scene.ann, query, None, &page).await.unwrap().items;
        assert_eq!(hits.len(), found, "{query}");
    }
}

#[tokio::test]
async fn the_mark_of_damage_is_set_and_cleared() {
    for (content, before, after) in [(&b"worn"[..], true, false), (b"frayed", false, true)] {
        let scene = Scene::new().await;
        let photo = scene.upload(content).await;
        assert_eq!(photo.facts.image.damaged, before);
        assert_eq!(scene.remake(photo.id).await, [JobOutcome::Done]);
        assert_eq!(scene.read(photo.id).await.facts.image.damaged, after);
    }
}

#[tokio::test]
async fn what_was_replaced_goes_after_fifteen_minutes() {
    let scene = Scene::new().await;
    let photo = scene.upload(b"heron").await;
    scene.remake(photo.id).await;
    assert_eq!(scene.blobs().len(), 7, "somebody may be fetching the old ones");
    assert_eq!(scene.world.gallery.sweep().await.unwrap().blobs, 0);
    scene.world.assert_sound().await;

    scene.world.pass(14 * 60 + 59);
    assert_eq!(scene.world.work().await, []);
    scene.world.pass(1);
    assert_eq!(scene.world.work().await, [JobOutcome::Done]);
    assert_eq!(scene.blobs(), only(2));
    assert!(scene.jobs().await.is_empty());
    scene.world.assert_sound().await;
}

#[tokio::test]
async fn what_is_shown_is_never_removed_by_a_job() {
    let scene = Scene::new().await;
    let photo = scene.upload(b"heron").await;
    let objects = photo.facts.objects.iter().map(|object| (object.generation, object.rendition)).collect();
    let kind = JobKind::RemoveRenditions { photo: photo.id, owner: photo.owner, objects };
    let id = JobId::new(scene.world.gallery.now(), &[7; 10]);
    scene.world.store.enqueue(&NewJob::new(id, kind, scene.world.gallery.now())).await.unwrap();
    assert_eq!(scene.world.work().await, [JobOutcome::Done]);
    assert_eq!(scene.blobs(), only(1));
}

#[tokio::test]
async fn a_photo_that_cannot_be_decoded_keeps_what_it_has_and_is_told_of() {
    let scene = Scene::new().await;
    let photo = scene.upload(b"torn").await;
    assert_eq!(scene.remake(photo.id).await, [JobOutcome::Parked], "trying again would not help");
    assert_eq!(scene.read(photo.id).await, photo);
    assert_eq!(scene.blobs(), only(1));
    let jobs = scene.jobs().await;
    assert_eq!(jobs[0].kind, JobKind::Reprocess { owner: photo.owner, photo: photo.id });
    let told = jobs[0].last_error.as_deref().unwrap();
    assert_eq!(told, "the photo keeps its renditions: the photo cannot be decoded: it is cut off");
    scene.world.assert_sound().await;
}

#[tokio::test]
async fn an_original_that_is_not_what_was_put_is_never_made_anything_of() {
    for (content, reason) in [
        (None, "its original is missing"),
        (Some("heroN"), "its original is not what was put"),
        (Some("heron and more"), "its original is not what was put"),
        (Some("h"), "its original is not what was put"),
    ] {
        let scene = Scene::new().await;
        let photo = scene.upload(b"heron").await;
        let key = BlobKey::of(photo.id, Generation::FIRST, Rendition::Original);
        {
            let mut blobs = scene.world.blobs.0.lock().unwrap();
            blobs.remove(&key);
            blobs.extend(content.map(|content| (key, content.into())));
        }
        assert_eq!(scene.remake(photo.id).await, [JobOutcome::Parked]);
        assert!(scene.jobs().await[0].last_error.as_deref().unwrap().ends_with(reason), "{reason}");
        assert_eq!(scene.read(photo.id).await, photo);
    }
}

#[tokio::test]
async fn an_account_is_gone_through_in_batches() {
    let scene = Scene::new().await;
    for _ in 0..21 {
        scene.upload(b"heron").await;
        scene.world.pass(1);
    }
    scene.decoder.mend();
    let by_address = ReprocessScope::Account("Ann@Example.org");
    assert_eq!(scene.world.gallery.reprocess(by_address).await.unwrap(), 1);
    for done in [10, 20, 21] {
        assert_eq!(scene.world.gallery.run_due_job().await.unwrap(), Some(JobOutcome::Done));
        let newest_first = (0..21).map(|place| if place < done { 2 } else { 1 });
        assert_eq!(scene.generations().await, newest_first.collect::<Vec<_>>());
        // Uploads of today need nothing.
        scene.world.pass(1);
    }
    assert_eq!(scene.world.work().await, []);
    let by_id = scene.ann.user.id.to_string();
    assert_eq!(scene.world.gallery.reprocess(ReprocessScope::Account(&by_id)).await.unwrap(), 1);
    scene.world.work().await;
    assert_eq!(scene.generations().await, [3; 21]);
}

#[tokio::test]
async fn one_photo_that_fails_does_not_stop_the_others() {
    let scene = Scene::new().await;
    for bytes in [&b"one"[..], b"torn", b"two", b"slow", b"three"] {
        scene.upload(bytes).await;
        scene.world.pass(1);
    }
    scene.decoder.mend();
    scene.world.gallery.reprocess(ReprocessScope::All).await.unwrap();
    for _ in 0..200 {
        scene.world.work().await;
        scene.world.pass(60);
    }
    assert_eq!(scene.generations().await, [2, 1, 2, 1, 2]);
    let jobs = scene.jobs().await;
    assert!(jobs.iter().all(|job| job.parked && matches!(job.kind, JobKind::Reprocess { .. })), "{jobs:?}");
    let mut told: Vec<_> = jobs.iter().filter_map(|job| job.last_error.as_deref()).collect();
    told.sort_unstable();
    assert!(told[0].contains("it is cut off") && told[1].contains("too many photos"), "{told:?}");
    scene.world.assert_sound().await;
}

#[tokio::test]
async fn everybody_with_photos_gets_a_job() {
    let scene = Scene::new().await;
    scene.upload(b"heron").await;
    let bob = scene.world.member("bob@example.org").await;
    let eve = scene.world.member("eve@example.org").await;
    let album = scene.world.album(&eve).await;
    scene.world.upload(&eve, &album, b"egret", None).await.unwrap();
    assert_eq!(scene.world.gallery.reprocess(ReprocessScope::All).await.unwrap(), 2, "Bob has none");
    scene.world.gallery.cancel_account(&eve, PASSWORD, &client()).await.unwrap();
    assert_eq!(scene.world.gallery.reprocess(ReprocessScope::All).await.unwrap(), 1);
    assert!(scene.world.work().await.iter().all(|outcome| *outcome == JobOutcome::Done));
    assert_eq!(scene.world.store.user(bob.user.id).await.unwrap().usage.photos, 0);
    scene.world.assert_sound().await;
}

#[tokio::test]
async fn what_is_not_there_is_not_made_anew() {
    let scene = Scene::new().await;
    let photo = scene.upload(b"heron").await;
    scene.world.gallery.delete_photo(&scene.ann, photo.id).await.unwrap();
    let nobody = PhotoId::new(scene.world.gallery.now(), &[9; 10]).to_string();
    for scope in [
        ReprocessScope::Photo(&photo.id.to_string()),
        ReprocessScope::Photo(&nobody),
        ReprocessScope::Account(&nobody),
        ReprocessScope::Account("bob@example.org"),
    ] {
        let refused = scene.world.gallery.reprocess(scope).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    }
    for (scope, field) in
        [(ReprocessScope::Photo("7"), "photo"), (ReprocessScope::Account("no address"), "account")]
    {
        let Err(Error::Invalid(fields)) = scene.world.gallery.reprocess(scope).await else { panic!() };
        assert_eq!(fields[0].field, field);
    }
}

#[tokio::test]
async fn a_put_that_fails_leaves_nothing_and_is_tried_again() {
    let mut faults = MockBlobFaults::new();
    let broken = Arc::new(AtomicBool::new(true));
    let is_broken = broken.clone();
    faults.expect_put().returning(move |key| {
        let away = key.generation() > Generation::FIRST && key.rendition() == Rendition::Small;
        if away && is_broken.load(Ordering::SeqCst) { Err(BlobError::Full) } else { Ok(()) }
    });
    faults.expect_delete().returning(|_| Ok(()));
    let blobs = Arc::new(FaultyBlobs::new(faults));
    let scene = Scene::bent(Bent { blobs: Some(blobs.clone()), ..Bent::default() }).await;
    let photo = scene.upload(b"heron").await;
    assert_eq!(scene.remake(photo.id).await, [JobOutcome::Failed]);
    assert_eq!(blobs.inner.0.lock().unwrap().len(), 4);
    assert_eq!(scene.read(photo.id).await, photo);
    scene.world.assert_sound().await;

    broken.store(false, Ordering::SeqCst);
    scene.world.pass(10);
    assert_eq!(scene.world.work().await, [JobOutcome::Done]);
    assert_eq!(scene.read(photo.id).await.facts.generation().number(), 3, "the second attempt's own");
    scene.world.assert_sound().await;
}
