//! Titles, descriptions and tags when files are read again by other rules: what came from the file
//! comes anew, what a person typed or edited stays.

use gallery_core::model::{Captions, Photo};
use gallery_core::usecases::{JobOutcome, PhotoPatch, UploadDetails};

use crate::kit::Bent;
use crate::kit::scene::{Decoder, Scene};

fn captions(title: &str, description: &str, keywords: &[&str]) -> Captions {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let keywords = keywords.iter().map(|keyword| (*keyword).to_owned()).collect();
    Captions { title: text(title), description: text(description), keywords, rating: Some(4) }
}

/// A gallery whose photos say this by the rules of before, and that by those of today.
async fn scene(before: Captions, today: Captions, rating_tags: bool) -> Scene {
    let decoder = Decoder::reading((before, today));
    Scene::decoding(decoder, Bent { rating_tags, ..Bent::default() }).await
}

/// Uploads a photo, as it was when ratings always became tags, with what a person says about it.
async fn upload(scene: &Scene, details: UploadDetails<'_>) -> Photo {
    let upload = scene.world.begin(&scene.ann, &scene.album, b"heron", None).await.unwrap();
    scene.world.gallery.finish_upload(upload, details).await.unwrap()
}

fn texts(photo: &Photo) -> [String; 3] {
    let facts = &photo.facts;
    [facts.title.to_string(), facts.description.to_string(), facts.tags.to_string()]
}

#[tokio::test]
async fn what_came_from_the_file_comes_anew() {
    let before = captions("null", "OLYMPUS DIGITAL CAMERA", &["null", "bird"]);
    let scene = scene(before, captions("", "At dusk", &["bird"]), false).await;
    let details = UploadDetails { tags: Some("null,bird,4 stars"), ..UploadDetails::default() };
    let photo = upload(&scene, details).await;
    assert_eq!(texts(&photo), ["null", "OLYMPUS DIGITAL CAMERA", "null, bird, 4 stars"]);
    assert_eq!(scene.remake(photo.id).await, [JobOutcome::Done]);
    let now = scene.read(photo.id).await;
    assert_eq!(texts(&now), ["", "At dusk", "bird"]);
    assert_eq!(now.updated_at, photo.updated_at, "nobody edited it");
    scene.world.assert_sound().await;
    assert_eq!(scene.remake(photo.id).await, [JobOutcome::Done]);
    assert_eq!(texts(&scene.read(photo.id).await), ["", "At dusk", "bird"], "once is enough");
}

#[tokio::test]
async fn what_a_person_typed_or_edited_stays() {
    let before = captions("null", "OLYMPUS DIGITAL CAMERA", &["null"]);
    let scene = scene(before, captions("Heron", "At dusk", &["bird"]), false).await;
    let typed = UploadDetails { title: Some("Mine"), description: Some("Typed"), ..UploadDetails::default() };
    let typed = upload(&scene, typed).await;
    let edited = upload(&scene, UploadDetails::default()).await;
    scene.world.pass(1);
    let patch = PhotoPatch { title: Some(""), tags: Some(vec!["null", "mine"]), ..PhotoPatch::default() };
    scene.world.gallery.update_photo(&scene.ann, edited.id, patch).await.unwrap();
    scene.remake(typed.id).await;
    scene.remake(edited.id).await;
    assert_eq!(texts(&scene.read(typed.id).await), ["Mine", "Typed", "bird"]);
    let now = texts(&scene.read(edited.id).await);
    assert_eq!(
        now,
        ["", "At dusk", "null, mine"],
        "what was cleared stays empty, what is boilerplate still goes"
    );
}

#[tokio::test]
async fn what_was_found_nowhere_before_is_taken_where_nobody_edited_the_photo() {
    let scene = scene(Captions::default(), captions("Heron", "At dusk", &["bird"]), true).await;
    let untouched = upload(&scene, UploadDetails::default()).await;
    let touched = upload(&scene, UploadDetails::default()).await;
    scene.world.pass(1);
    let patch = PhotoPatch { description: Some("Mine"), ..PhotoPatch::default() };
    scene.world.gallery.update_photo(&scene.ann, touched.id, patch).await.unwrap();
    scene.remake(untouched.id).await;
    scene.remake(touched.id).await;
    assert_eq!(texts(&scene.read(untouched.id).await), ["Heron", "At dusk", "bird, 4 stars"]);
    assert_eq!(texts(&scene.read(touched.id).await), ["", "Mine", ""]);
}

#[tokio::test]
async fn stars_come_and_go_with_the_setting() {
    for (rating_tags, given, expected) in [(true, "bird", "bird, 4 stars"), (false, "bird,4 stars", "bird")] {
        let said = captions("", "", &["bird"]);
        let scene = scene(said.clone(), said, rating_tags).await;
        let photo = upload(&scene, UploadDetails { tags: Some(given), ..UploadDetails::default() }).await;
        scene.remake(photo.id).await;
        assert_eq!(scene.read(photo.id).await.facts.tags.to_string(), expected);
    }
}

#[tokio::test]
async fn nothing_changes_where_captions_stay_in_their_files() {
    let before = captions("null", "", &[]);
    let decoder = Decoder::reading((before, Captions::default()));
    let scene = Scene::decoding(decoder, Bent { without_captions: true, ..Bent::default() }).await;
    let photo = upload(&scene, UploadDetails { title: Some("null"), ..UploadDetails::default() }).await;
    scene.remake(photo.id).await;
    assert_eq!(scene.read(photo.id).await.facts.title.as_str(), "null");
}
