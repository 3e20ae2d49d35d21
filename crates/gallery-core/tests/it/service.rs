//! What services use that know themselves who calls, over the memory store.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use gallery_core::model::NewUpload;
use gallery_core::ports::Clock as _;
use gallery_core::usecases::{Error, UploadDetails};

use crate::kit::{PASSWORD, World, client, counted};

#[tokio::test]
async fn a_service_has_an_account_without_a_sign_up() {
    let world = World::new();
    let gallery = &world.gallery;
    let service = gallery.service_account("directory@example.org", "Directory").await.unwrap();
    let again = gallery.service_account("Directory@example.org", "Another name").await.unwrap();
    assert_eq!(again.user, service.user, "it is there already");
    world.work().await;
    assert!(world.mails.all().is_empty(), "nobody is mailed");
    let guess = gallery.log_in("directory@example.org", PASSWORD, &client()).await;
    assert!(matches!(guess, Err(Error::BadCredentials)));

    let album = gallery.create_album(&service, "Employees", "", None).await.unwrap();
    let file = Box::pin(stream::iter([Ok(Bytes::from_static(b"heron"))]));
    let details = UploadDetails { title: Some("Ann"), ..UploadDetails::default() };
    let photo = gallery.upload_photo(&service, album.id, Some(5), file, details).await.unwrap();
    assert_eq!(photo.facts.title.as_str(), "Ann");
    world.assert_sound().await;
}

#[tokio::test]
async fn bad_addresses_and_names_of_a_service_are_told() {
    let world = World::new();
    let refused = world.gallery.service_account("directory", " ").await;
    let Err(Error::Invalid(fields)) = refused else { panic!("{refused:?}") };
    assert_eq!(fields.iter().map(|field| field.field).collect::<Vec<_>>(), ["email", "name"]);
}

#[tokio::test]
async fn an_upload_that_arrives_slowly_stays_alive_and_a_refused_one_leaves_nothing() {
    let world = World::new();
    let service = world.gallery.service_account("directory@example.org", "Directory").await.unwrap();
    let album = world.gallery.create_album(&service, "Employees", "", None).await.unwrap().id;
    // Each piece lets something else go on first; the clock goes on by a quarter of a minute then.
    let slow = stream::iter(0..30).then(async |_| {
        tokio::task::yield_now().await;
        Ok(Bytes::from_static(b"x"))
    });
    let begun = world.clock.now();
    world
        .gallery
        .upload_photo(&service, album, None, Box::pin(slow), UploadDetails::default())
        .await
        .unwrap();
    assert!(world.clock.now().since(begun) > 2 * NewUpload::LIFETIME, "it took long");

    let torn = stream::iter([Ok(Bytes::from_static(b"x")), Err(std::io::Error::other("torn"))]);
    let torn =
        world.gallery.upload_photo(&service, album, None, Box::pin(torn), UploadDetails::default()).await;
    assert!(matches!(torn, Err(Error::Interrupted)), "{torn:?}");
    assert_eq!(world.used_bytes(&service).await, counted(1, &[30]));
    world.clock.advance(Duration::from_secs(1));
    world.assert_sound().await;
}
