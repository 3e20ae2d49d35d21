//! Uploads that are sent again after the first one was cut off, and changes whose time goes on.

use std::time::Duration;

use gallery_core::usecases::{AlbumPatch, Error, PhotoPatch, UploadDetails};

use crate::kit::{Bent, World, counted};

const DETAILS: UploadDetails<'static> =
    UploadDetails { file_name: Some("heron.jpg"), title: None, description: None, tags: None };

#[tokio::test]
async fn a_repetition_takes_the_place_of_an_upload_that_shows_no_life() {
    let world = World::new();
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let cut_off = world.begin(&ann, &album, b"heron", Some("key")).await.unwrap();
    world.pass(61);
    let photo = world.upload(&ann, &album, b"heron", Some("key")).await.unwrap();
    assert_eq!(world.upload(&ann, &album, b"heron", Some("key")).await.unwrap(), photo);
    assert!(matches!(
        world.upload(&ann, &album, b"egret", Some("key")).await,
        Err(Error::IdempotencyMismatch)
    ));
    let late = world.gallery.finish_upload(cut_off, DETAILS).await;
    assert!(matches!(late, Err(Error::NotFound)), "whoever was taken for dead has lost its place");
    world.work().await;
    assert_eq!(world.used_bytes(&ann).await, counted(1, &[5]));
    assert_eq!(world.blobs.0.lock().unwrap().len(), 4);
    world.assert_sound().await;
}

#[tokio::test]
async fn a_repetition_that_has_arrived_waits_for_the_first_ones_end() {
    let world = World::new();
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    world.begin(&ann, &album, b"heron", Some("key")).await.unwrap();
    world.pass(50);
    let again = world.begin(&ann, &album, b"heron", Some("key")).await.unwrap();
    // It waits for 20 seconds at most; the first one is dead after 10 of them.
    world.gallery.finish_upload(again, DETAILS).await.unwrap();
    world.work().await;
    assert_eq!(world.used_bytes(&ann).await, counted(1, &[5]));
    world.assert_sound().await;
}

#[tokio::test]
async fn an_upload_that_shows_life_keeps_its_place() {
    let world = World::new();
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let slow = world.begin(&ann, &album, b"heron", Some("key")).await.unwrap();
    for _ in 0..30 {
        world.pass(15);
        world.gallery.keep_alive(&slow.pulse()).await.unwrap();
        assert_eq!(world.gallery.sweep().await.unwrap().uploads, 0);
    }
    let early = world.upload(&ann, &album, b"heron", Some("key")).await;
    assert!(matches!(early, Err(Error::IdempotencyUnresolved)), "{early:?}");
    let pulse = slow.pulse();
    let photo = world.gallery.finish_upload(slow, DETAILS).await.unwrap();
    assert!(matches!(world.gallery.keep_alive(&pulse).await, Err(Error::NotFound)));
    let again = world.begin(&ann, &album, b"heron", Some("key")).await.unwrap();
    world.gallery.keep_alive(&again.pulse()).await.unwrap();
    assert_eq!(world.gallery.finish_upload(again, DETAILS).await.unwrap(), photo);
}

#[tokio::test]
async fn a_repetition_takes_over_the_quota_of_the_first_one() {
    let quota = counted(1, &[5, 5]);
    let world = World::bent(Bent { quota_bytes: Some(quota), ..Bent::default() });
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    world.begin(&ann, &album, b"heron", Some("key")).await.unwrap();
    world.pass(50);
    let again = world.begin(&ann, &album, b"heron", Some("key")).await.unwrap();
    world.upload(&ann, &album, b"egret", None).await.unwrap();
    world.pass(11);
    world.upload(&ann, &album, b"e", Some("other")).await.unwrap_err();
    world.gallery.finish_upload(again, DETAILS).await.unwrap();
    world.work().await;
    assert_eq!(world.used_bytes(&ann).await, quota);
    world.assert_sound().await;
}

#[tokio::test]
async fn what_was_changed_last_is_the_latest_also_when_the_clock_was_set_back() {
    let world = World::new();
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let photo = world.upload(&ann, &album, b"heron", None).await.unwrap();
    let (mut of_album, mut of_photo) = (album.updated_at, photo.updated_at);
    for back in [Duration::ZERO, Duration::from_hours(1), Duration::ZERO] {
        world.clock.set_back(back);
        let name = AlbumPatch { name: Some("Lake"), ..AlbumPatch::default() };
        let changed = world.gallery.update_album(&ann, album.id, name).await.unwrap().updated_at;
        assert!(changed > of_album, "{changed} {of_album}");
        of_album = changed;
        let title = PhotoPatch { title: Some("Lake"), ..PhotoPatch::default() };
        let changed = world.gallery.update_photo(&ann, photo.id, title).await.unwrap().updated_at;
        assert!(changed > of_photo, "{changed} {of_photo}");
        of_photo = changed;
    }
}
