//! When a photo was taken: what its owner sets and restores, and what is refused.

use gallery_core::model::{Photo, PhotoSort};
use gallery_core::usecases::{Error, JobOutcome, PhotoPatch, TakenPatch};
use gallery_core::values::{PageRequest, PhotoId};

use crate::kit::scene::Scene;

async fn patched(scene: &Scene, id: PhotoId, taken: TakenPatch<'_>) -> Result<Photo, Error> {
    let patch = PhotoPatch { taken, ..PhotoPatch::default() };
    scene.world.gallery.update_photo(&scene.ann, id, patch).await
}

fn shown(photo: &Photo) -> Option<String> {
    photo.taken().map(|taken| taken.to_string())
}

#[tokio::test]
async fn an_owner_sets_and_restores_the_time_taken() {
    let scene = Scene::new().await;
    let photo = scene.upload(b"heron").await;
    assert_eq!((shown(&photo), photo.taken_order()), (None, photo.created_at));
    scene.world.pass(1);

    let parts =
        TakenPatch::Parts { local: "1985-07-14T21:30:15", precision: "month", offset: Some("+02:00") };
    let set = patched(&scene, photo.id, parts).await.unwrap();
    assert_eq!(shown(&set).as_deref(), Some("1985-07"));
    assert!(set.updated_at > photo.updated_at);
    let set = patched(&scene, photo.id, TakenPatch::Typed("1985-07-14 21:30 +02:00")).await.unwrap();
    let renamed = PhotoPatch { title: Some("Heron"), ..PhotoPatch::default() };
    let renamed = scene.world.gallery.update_photo(&scene.ann, photo.id, renamed).await.unwrap();
    assert_eq!((shown(&renamed), renamed.version), (shown(&set), photo.version + 3));

    let restored = patched(&scene, photo.id, TakenPatch::Restored).await.unwrap();
    assert_eq!((shown(&restored), restored.taken_order()), (None, photo.created_at));
    scene.world.assert_sound().await;
}

#[tokio::test]
async fn what_is_no_time_is_refused_and_changes_nothing() {
    let scene = Scene::new().await;
    let photo = scene.upload(b"heron").await;
    let parts = |local, precision, offset| TakenPatch::Parts { local, precision, offset };
    for (taken, code) in [
        (TakenPatch::Typed("yesterday"), "bad_date"),
        (TakenPatch::Typed(""), "bad_date"),
        (TakenPatch::Typed("1825"), "year_out_of_range"),
        (TakenPatch::Typed("2100-01-01"), "year_out_of_range"),
        (TakenPatch::Typed("2023-02-29"), "no_such_date"),
        (TakenPatch::Typed("2024-07-14 21:30 +19:00"), "bad_offset"),
        (parts("2024-07-14", "day", None), "bad_date"),
        (parts("2024-07-14T21:30:00", "week", None), "bad_precision"),
    ] {
        match patched(&scene, photo.id, taken).await {
            Err(Error::Invalid(fields)) => {
                assert_eq!((fields[0].field, fields[0].invalid.code), ("taken", code), "{taken:?}");
            }
            other => panic!("{taken:?}: {other:?}"),
        }
    }
    assert_eq!(scene.read(photo.id).await, photo);
}

#[tokio::test]
async fn reading_a_file_again_leaves_what_its_owner_set() {
    let scene = Scene::new().await;
    let (old, new) = (scene.upload(b"heron").await, scene.upload(b"egret").await);
    patched(&scene, old.id, TakenPatch::Typed("2099")).await.unwrap();
    assert_eq!(scene.remake(old.id).await, [JobOutcome::Done]);
    let again = scene.read(old.id).await;
    assert_eq!((shown(&again).as_deref(), again.facts.generation().number()), (Some("2099"), 2));
    let page = PageRequest::new(None, None).unwrap();
    let listed = scene.world.gallery.photos(&scene.ann, PhotoSort::Taken, &page).await.unwrap();
    assert_eq!(listed.items.iter().map(|photo| photo.id).collect::<Vec<_>>(), [old.id, new.id]);
}
