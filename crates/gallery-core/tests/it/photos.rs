//! Upload, deletion and the sweeper, over the memory store and with ports that misbehave.

use std::sync::Arc;

use crate::kit::fakes::{FakeImaging, FaultyBlobs, MockBlobFaults, MockImaging};
use crate::kit::{Bent, PASSWORD, World, client, counted};
use gallery_core::model::{BlobKey, Captions, NewUpload, Rendition};
use gallery_core::ports::{BlobError, ImagingError};
use gallery_core::texts::Text;
use gallery_core::usecases::{Error, JobOutcome, UploadDetails};
use gallery_core::values::{Email, Generation};

#[tokio::test]
async fn an_upload_is_four_blobs_and_a_ready_row() {
    let world = World::new();
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let photo = world.upload(&ann, &album, b"heron", None).await.unwrap();
    assert_eq!(photo.facts.objects.len(), 4);
    assert_eq!(
        world.blobs.0.lock().unwrap()[&BlobKey::of(photo.id, Generation::FIRST, Rendition::Original)],
        "heron"
    );
    assert_eq!(world.used_bytes(&ann).await, counted(1, &[5]));
    world.assert_sound().await;
}

/// A world in which every photo says this about itself.
fn captioned(without_captions: bool, rating_tags: bool) -> World {
    let captions = Captions {
        title: Some("From\tthe \u{0}file".to_owned()),
        description: Some("é".repeat(6_000)),
        keywords: ["bird", "Bird", "x".repeat(60).as_str(), "", "lake, sea"].map(str::to_owned).to_vec(),
        rating: Some(1),
    };
    let imaging = Some(Arc::new(FakeImaging { captions }) as _);
    World::bent(Bent { imaging, without_captions, rating_tags, ..Bent::default() })
}

#[tokio::test]
async fn captions_of_the_file_are_taken_where_the_person_gives_none() {
    let world = captioned(false, true);
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let upload = world.begin(&ann, &album, b"heron", None).await.unwrap();
    let facts = world.gallery.finish_upload(upload, UploadDetails::default()).await.unwrap().facts;
    assert_eq!(facts.title.as_str(), "From the file");
    assert_eq!(facts.description.as_str(), "é".repeat(5_000));
    assert_eq!(facts.tags.to_string(), format!("bird, {}, lake sea, 1 star", "x".repeat(50)));
    let upload = world.begin(&ann, &album, b"heron", None).await.unwrap();
    let details = UploadDetails { title: Some("Mine"), tags: Some("mine"), ..UploadDetails::default() };
    let facts = world.gallery.finish_upload(upload, details).await.unwrap().facts;
    assert_eq!((facts.title.as_str(), facts.tags.to_string().as_str()), ("Mine", "mine"));
    assert_eq!(facts.description.as_str().chars().count(), 5_000);
}

#[tokio::test]
async fn a_rating_is_a_tag_only_where_the_operator_says_so() {
    let world = captioned(false, false);
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let upload = world.begin(&ann, &album, b"heron", None).await.unwrap();
    let facts = world.gallery.finish_upload(upload, UploadDetails::default()).await.unwrap().facts;
    assert_eq!(facts.tags.to_string(), format!("bird, {}, lake sea", "x".repeat(50)));
}

#[tokio::test]
async fn captions_of_the_file_are_left_where_the_operator_says_so() {
    let world = captioned(true, true);
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let upload = world.begin(&ann, &album, b"heron", None).await.unwrap();
    let facts = world.gallery.finish_upload(upload, UploadDetails::default()).await.unwrap().facts;
    assert_eq!((facts.title.as_str(), facts.description.as_str()), ("", ""));
    assert!(facts.tags.is_empty());
}

#[tokio::test]
async fn captions_of_the_file_are_no_part_of_what_the_client_sent() {
    let world = captioned(false, true);
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let first = world.begin(&ann, &album, b"heron", Some("key")).await.unwrap();
    let first = world.gallery.finish_upload(first, UploadDetails::default()).await.unwrap();
    let again = world.begin(&ann, &album, b"heron", Some("key")).await.unwrap();
    assert_eq!(world.gallery.finish_upload(again, UploadDetails::default()).await.unwrap(), first);
}

#[tokio::test]
async fn what_cannot_be_decoded_leaves_nothing() {
    let mut imaging = MockImaging::new();
    imaging.expect_process().returning(|_| Err(ImagingError::Undecodable(Text::new("photo-cut-off"))));
    let world = World::bent(Bent { imaging: Some(Arc::new(imaging)), ..Bent::default() });
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let refused = world.upload(&ann, &album, b"heron", None).await;
    assert!(matches!(refused, Err(Error::UndecodablePhoto(_))));
    assert_eq!(world.used_bytes(&ann).await, counted(1, &[]));
    world.work().await;
    assert!(world.store.audit_photos(None, 10).await.unwrap().is_empty());
    world.assert_sound().await;
}

#[tokio::test]
async fn a_put_that_fails_gives_everything_back() {
    let mut blobs = MockBlobFaults::new();
    blobs.expect_put().returning(|key| {
        let small = key.as_str().ends_with("small");
        if small { Err(BlobError::Unavailable("reset by peer".into())) } else { Ok(()) }
    });
    let are_those_put = |keys: &[BlobKey]| {
        let first = keys.iter().filter(|key| key.generation() == Generation::FIRST).count();
        (first, keys.len()) == (Rendition::ALL.len(), 2 * Rendition::ALL.len())
    };
    blobs.expect_delete().withf(are_those_put).times(1).returning(|_| Ok(()));
    let world = World::bent(Bent { blobs: Some(Arc::new(FaultyBlobs::new(blobs))), ..Bent::default() });
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    assert!(matches!(world.upload(&ann, &album, b"heron", None).await, Err(Error::Unavailable(_))));
    assert_eq!(world.used_bytes(&ann).await, counted(1, &[]));
    world.work().await;
    assert!(world.store.audit_photos(None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_upload_that_outlives_its_album_leaves_no_blob() {
    let world = World::new();
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let upload = world.begin(&ann, &album, b"heron", None).await.unwrap();
    world.gallery.delete_album(&ann, album.id).await.unwrap();
    world.work().await;
    let late = world.gallery.finish_upload(upload, UploadDetails::default()).await;
    assert!(matches!(late, Err(Error::NotFound)));
    assert!(world.blobs.0.lock().unwrap().is_empty());
    world.work().await;
    world.assert_sound().await;
}

#[tokio::test]
async fn one_key_makes_one_photo_and_other_content_is_refused() {
    let world = World::new();
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let first = world.upload(&ann, &album, b"heron", Some("key")).await.unwrap();
    let again = world.upload(&ann, &album, b"heron", Some("key")).await.unwrap();
    assert_eq!(first, again);
    let other = world.upload(&ann, &album, b"egret", Some("key")).await;
    assert!(matches!(other, Err(Error::IdempotencyMismatch)));
    world.gallery.delete_photo(&ann, first.id).await.unwrap();
    world.work().await;
    world.upload(&ann, &album, b"egret", Some("key")).await.unwrap();
    world.work().await;
    assert_eq!(world.used_bytes(&ann).await, counted(1, &[5]));
}

#[tokio::test]
async fn a_key_is_free_again_after_a_day_and_not_before() {
    let world = World::new();
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    world.upload(&ann, &album, b"heron", Some("key")).await.unwrap();
    world.gallery.create_album(&ann, "Lake", "", Some("other")).await.unwrap();
    world.pass(24 * 60 * 60);
    let early = world.upload(&ann, &album, b"egret", Some("key")).await;
    assert!(matches!(early, Err(Error::IdempotencyMismatch)));
    world.pass(1);
    world.upload(&ann, &album, b"egret", Some("key")).await.unwrap();
    world.gallery.create_album(&ann, "Sea", "", Some("other")).await.unwrap();
    assert_eq!(world.used_bytes(&ann).await, counted(3, &[5, 5]));
}

#[tokio::test]
async fn a_failed_first_upload_frees_its_key() {
    let mut imaging = MockImaging::new();
    imaging.expect_process().returning(|_| Err(ImagingError::Unsupported));
    let world = World::bent(Bent { imaging: Some(Arc::new(imaging)), ..Bent::default() });
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    for _ in 0..2 {
        let refused = world.upload(&ann, &album, b"zip", Some("key")).await;
        assert!(matches!(refused, Err(Error::UnsupportedPhoto)));
    }
}

#[tokio::test]
async fn the_quota_and_the_size_limit_are_told_apart() {
    let quota = counted(1, &[1_000, 500]);
    let world = World::bent(Bent { quota_bytes: Some(quota), ..Bent::default() });
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    assert!(matches!(
        world.upload(&ann, &album, &[7; 1_001], None).await,
        Err(Error::TooLarge { limit: 1_000 })
    ));
    world.upload(&ann, &album, &[7; 1_000], None).await.unwrap();
    assert!(matches!(world.upload(&ann, &album, &[7; 501], None).await, Err(Error::QuotaExceeded)));
    world.upload(&ann, &album, &[7; 500], None).await.unwrap();
    assert!(matches!(world.upload(&ann, &album, &[7; 1], None).await, Err(Error::QuotaExceeded)));
    assert_eq!(world.used_bytes(&ann).await, quota);
}

#[tokio::test]
async fn cancelling_removes_everything_and_the_receipt_counts_it() {
    let world = World::new();
    let ann = world.member("ann@example.org").await;
    for bytes in [b"heron".as_slice(), b"egret!"] {
        let album = world.album(&ann).await;
        world.upload(&ann, &album, bytes, None).await.unwrap();
    }
    let wrong = world.gallery.cancel_account(&ann, "not my password", &client()).await;
    assert!(matches!(wrong, Err(Error::BadCredentials)));
    world.gallery.cancel_account(&ann, PASSWORD, &client()).await.unwrap();
    assert!(matches!(
        world.gallery.log_in("ann@example.org", PASSWORD, &client()).await,
        Err(Error::BadCredentials)
    ));
    world.sign_up("ann@example.org").await.unwrap();
    world.work().await;
    let receipt = world.mails.all().into_iter().find(|mail| mail.subject.contains("is cancelled")).unwrap();
    assert!(receipt.text.contains("2 albums, 2 photos (43 bytes), 8 stored objects"), "{}", receipt.text);
    assert!(world.blobs.0.lock().unwrap().is_empty());
    assert_eq!(world.store.audit_users(None, 10).await.unwrap(), []);
    let waiting = world.store.registrations_of(ann.user.email.key(), 10).await.unwrap();
    assert_eq!(waiting.len(), 1, "the new sign-up");
    world.assert_sound().await;
}

#[tokio::test]
async fn a_deletion_whose_blobs_cannot_be_removed_is_tried_again_and_never_dropped() {
    let mut blobs = MockBlobFaults::new();
    blobs.expect_put().returning(|_| Ok(()));
    blobs.expect_delete().times(12).returning(|_| Err(BlobError::Unavailable("away".into())));
    blobs.expect_delete().times(1).returning(|_| Ok(()));
    let world = World::bent(Bent { blobs: Some(Arc::new(FaultyBlobs::new(blobs))), ..Bent::default() });
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let photo = world.upload(&ann, &album, b"heron", None).await.unwrap();
    world.gallery.delete_photo(&ann, photo.id).await.unwrap();
    assert!(matches!(world.gallery.delete_photo(&ann, photo.id).await, Err(Error::NotFound)));
    let mut outcomes = Vec::new();
    while outcomes.last() != Some(&JobOutcome::Done) {
        outcomes.extend(world.work().await);
        world.pass(3_600);
    }
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == JobOutcome::Failed).count(), 9);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == JobOutcome::Parked).count(), 3);
    assert!(world.store.audit_photos(None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_sweeper_takes_overdue_uploads_unconfirmed_sign_ups_and_blobs_without_a_row() {
    let world = World::new();
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let kept = world.upload(&ann, &album, b"heron", None).await.unwrap();
    let crashed = world.begin(&ann, &album, b"egret", None).await.unwrap();
    world.sign_up("bob@example.org").await.unwrap();
    let stray = gallery_core::values::PhotoId::new(world.gallery.now(), &[9; 10]);
    world
        .blobs
        .0
        .lock()
        .unwrap()
        .insert(BlobKey::of(stray, Generation::FIRST, Rendition::Large), "lost".into());
    let early = world.gallery.sweep().await.unwrap();
    assert_eq!((early.uploads, early.expired, early.blobs), (0, 0, 1));
    world.pass((NewUpload::LIFETIME + NewUpload::SWEPT_AFTER).as_secs());
    assert_eq!(world.gallery.sweep().await.unwrap().uploads, 0, "clocks differ");
    world.pass(1);
    assert_eq!(world.gallery.sweep().await.unwrap().uploads, 1);
    world.pass(24 * 60 * 60);
    let bob = Email::parse("bob@example.org").unwrap();
    assert_eq!(world.store.registrations_of(bob.key(), 2).await.unwrap().len(), 1);
    assert!(world.gallery.sweep().await.unwrap().expired > 0);
    assert_eq!(world.store.registrations_of(bob.key(), 1).await.unwrap(), []);
    world.work().await;
    assert!(matches!(
        world.gallery.finish_upload(crashed, UploadDetails::default()).await,
        Err(Error::NotFound)
    ));
    world.work().await;
    assert_eq!(world.blobs.0.lock().unwrap().keys().filter(|key| key.photo() == kept.id).count(), 4);
    assert_eq!(world.blobs.0.lock().unwrap().len(), 4);
    assert_eq!(world.store.audit_users(None, 10).await.unwrap().len(), 1);
    world.assert_sound().await;
}

#[tokio::test]
async fn the_integrity_check_finds_missing_changed_and_stray_blobs() {
    let world = World::new();
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let photo = world.upload(&ann, &album, b"heron", None).await.unwrap();
    world.assert_sound().await;
    {
        let mut blobs = world.blobs.0.lock().unwrap();
        blobs.remove(&BlobKey::of(photo.id, Generation::FIRST, Rendition::Small));
        blobs.insert(BlobKey::of(photo.id, Generation::FIRST, Rendition::Original), "heroN".into());
        let stray = gallery_core::values::PhotoId::new(world.gallery.now(), &[9; 10]);
        blobs.insert(BlobKey::of(stray, Generation::FIRST, Rendition::Large), "lost".into());
    }
    let report = world.gallery.verify().await.unwrap();
    let found: Vec<_> = report.violations.iter().map(|violation| violation.invariant).collect();
    assert_eq!(found, ["I1", "I1", "I2"], "{report}");
}

#[tokio::test]
async fn nobody_reaches_what_is_somebody_elses() {
    let world = World::new();
    let ann = world.member("ann@example.org").await;
    let album = world.album(&ann).await;
    let photo = world.upload(&ann, &album, b"heron", None).await.unwrap();
    let eve = world.member("eve@example.org").await;
    let gallery = &world.gallery;
    assert!(matches!(gallery.album(&eve, album.id).await, Err(Error::NotFound)));
    assert!(matches!(gallery.delete_album(&eve, album.id).await, Err(Error::NotFound)));
    assert!(matches!(world.begin(&eve, &album, b"x", None).await, Err(Error::NotFound)));
    assert!(matches!(gallery.photo(&eve, photo.id).await, Err(Error::NotFound)));
    assert!(matches!(gallery.open_rendition(&eve, photo.id, Rendition::Small).await, Err(Error::NotFound)));
    assert!(matches!(gallery.delete_photo(&eve, photo.id).await, Err(Error::NotFound)));
    assert!(matches!(gallery.end_session(&eve, ann.session.id).await, Err(Error::NotFound)));
    let page = gallery_core::values::PageRequest::new(None, None).unwrap();
    assert!(gallery.search(&eve, "heron", None, &page).await.unwrap().items.is_empty());
    assert_eq!(gallery.search(&ann, "héron pin", None, &page).await.unwrap().items.len(), 1);
}
