//! Albums: the list, one album, making, editing, deleting, the upload form.

use super::{html, location, message, page, send};
use crate::kit::{Answer, MAX_UPLOAD_BYTES, Part, RECORD_BYTES, Site, counted};

const ANN: &str = "ann@example.org";

async fn upload(site: &Site, cookie: &str, album: &str, parts: &[Part<'_>]) -> Answer {
    site.post(&format!("/albums/{album}/photos")).cookie(cookie).form(parts).await
}

#[tokio::test]
async fn an_album_is_made_shown_edited_and_deleted() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    assert!(page(&site, "/", &cookie).await.contains("No albums yet"));
    let refused =
        send(&site, "/albums/new", &cookie, &[("name", " "), ("description", "by <the> sea")]).await;
    assert_eq!(refused.status, 422);
    assert!(html(&refused).contains("id=\"name-error\"") && refused.text().contains("by &#60;the&#62; sea"));
    let made =
        send(&site, "/albums/new", &cookie, &[("name", "Summer"), ("description", "By the sea")]).await;
    let album = location(&made).to_owned();
    assert!(page(&site, &album, &cookie).await.contains("By the sea"));
    let saved =
        send(&site, &format!("{album}/edit"), &cookie, &[("name", "Autumn"), ("description", "")]).await;
    assert_eq!(message(&site, &saved, &cookie).await, "Album saved");
    assert!(page(&site, "/", &cookie).await.contains("Autumn"));
    assert_eq!(send(&site, &format!("{album}/edit"), &cookie, &[("name", "")]).await.status, 422);
    assert!(page(&site, &format!("{album}/delete"), &cookie).await.contains("Delete the album"));
    let deleted = send(&site, &format!("{album}/delete"), &cookie, &[]).await;
    assert!(message(&site, &deleted, &cookie).await.contains("deleted"));
    assert_eq!(send(&site, &format!("{album}/delete"), &cookie, &[]).await.status, 404);
}

#[tokio::test]
async fn rule_17_somebody_elses_album_is_not_there() {
    let site = Site::new();
    let (ann, eve) = (site.member(ANN).await, site.member("eve@example.org").await);
    let album = site.album(&ann).await;
    for path in ["", "/edit", "/delete"] {
        let path = format!("/albums/{album}{path}");
        assert_eq!(site.get(&path).cookie(&eve).send().await.status, 404, "{path}");
    }
    for path in ["edit", "delete"] {
        let path = format!("/albums/{album}/{path}");
        assert_eq!(send(&site, &path, &eve, &[("name", "Eve's")]).await.status, 404, "{path}");
    }
    let refused = upload(&site, &eve, &album, &[Part::file("a.jpg", b"heron")]).await;
    assert_eq!(refused.status, 404);
    assert!(page(&site, &format!("/albums/{album}"), &ann).await.contains("no photos"));
}

#[tokio::test]
async fn several_photos_are_uploaded_at_once() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    let files = [Part::text("tags", "sea"), Part::file("one.jpg", b"heron"), Part::file("two.jpg", b"egret")];
    let done = upload(&site, &cookie, &album, &files).await;
    assert_eq!(location(&done), format!("/albums/{album}"));
    assert_eq!(message(&site, &done, &cookie).await, "Photos uploaded");
    let html = page(&site, &format!("/albums/{album}"), &cookie).await;
    assert!(html.contains("2\u{a0}photos") && html.contains("one.jpg") && html.contains("two.jpg"));
    assert_eq!(page(&site, "/search?q=sea", &cookie).await.matches("loading=\"lazy\"").count(), 2);
}

#[tokio::test]
async fn refused_files_are_named_and_the_others_stay() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    let large = vec![7; usize::try_from(MAX_UPLOAD_BYTES).unwrap() * 3];
    let files = [
        Part::file("first.jpg", b"heron"),
        Part::file("huge.jpg", &large),
        Part::file("<b>notes.zip", b"zip archive"),
        Part::file("torn.jpg", b"bad photo"),
        Part::file("last.jpg", b"egret"),
    ];
    let answer = upload(&site, &cookie, &album, &files).await;
    assert_eq!(answer.status, 413);
    let html = html(&answer);
    assert!(html.contains("2\u{a0}photos were added.</p>\n  <p>These 3\u{a0}files weren’t added:"));
    for (file, reason) in [
        ("huge.jpg", "The file is too large; the limit is 300\u{a0}kB"),
        ("&#60;b&#62;notes.zip", "isn’t a JPEG"),
        ("torn.jpg", "it is cut off"),
    ] {
        let line = html.lines().find(|line| line.contains(&format!("<strong>{file}</strong>"))).unwrap();
        assert!(line.contains(reason), "{line}");
    }
    assert!(html.contains("first.jpg") && html.contains("last.jpg") && html.contains(">2\u{a0}photos ·"));
    site.work().await;
    assert!(page(&site, "/account", &cookie).await.contains("<p>6\u{a0}kB of"), "nothing else is counted");
}

#[tokio::test]
async fn rule_20_the_quota_ends_an_upload_file_by_file() {
    let quota_bytes = RECORD_BYTES + counted(8) + counted(4);
    let site = Site::bent(crate::kit::Bent { quota_bytes, ..Default::default() });
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    let files =
        [Part::file("a.jpg", b"12345678"), Part::file("b.jpg", b"12345678"), Part::file("c.jpg", b"1234")];
    let answer = upload(&site, &cookie, &album, &files).await;
    assert_eq!(answer.status, 413);
    assert!(html(&answer).contains("2\u{a0}photos were added.</p>\n  <p>This file wasn’t added:"));
    assert!(answer.text().contains("<strong>b.jpg</strong>: Not enough storage left."), "{}", answer.text());
}

/// The attack: photos that are larger than what a form may have besides them.
#[tokio::test]
async fn a_form_takes_any_number_of_photos() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    let photo = vec![b'x'; 100_000];
    let names: Vec<String> = (0..60).map(|number| format!("photo-{number}.jpg")).collect();
    let files: Vec<Part<'_>> = names.iter().map(|name| Part::file(name, &photo)).collect();
    let answer = upload(&site, &cookie, &album, &files).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(page(&site, &format!("/albums/{album}"), &cookie).await.contains(">60\u{a0}photos ·"));
}

#[tokio::test]
async fn a_form_that_fails_half_way_says_which_photos_are_in() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    let long = "x".repeat(200_000);
    let files = [
        Part::file("<b>one.jpg", b"first"),
        Part::file("two.jpg", b"second"),
        Part::file("notes.zip", b"zip"),
        Part { disposition: format!("name=\"file\"; filename=\"{long}\""), content: b"third" },
        Part::file("never.jpg", b"fourth"),
    ];
    let answer = upload(&site, &cookie, &album, &files).await;
    assert_eq!(answer.status, 413);
    let html = html(&answer);
    let reason = "A file’s name and headers may have at most 131,072\u{a0}bytes.";
    assert!(html.contains(&format!("The upload was interrupted. {reason}")), "{html}");
    assert!(html.contains("2\u{a0}photos were added.</p>\n  <p>This file wasn’t added:"), "{html}");
    assert!(html.contains("<li>&#60;b&#62;one.jpg</li>") && html.contains("<li>two.jpg</li>"), "{html}");
    assert!(html.contains("<strong>notes.zip</strong>") && !html.contains("never.jpg"));
    assert!(page(&site, &format!("/albums/{album}"), &cookie).await.contains(">2\u{a0}photos ·"));
}

/// The attack: a form without an end, of files that are none.
#[tokio::test]
async fn rule_21_a_form_of_nothing_but_refused_files_ends() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    let names: Vec<String> = (0..5_000).map(|number| format!("notes-{number}.zip")).collect();
    let mut files: Vec<Part<'_>> = names.iter().map(|name| Part::file(name, b"zip")).collect();
    files.insert(1, Part::file("heron.jpg", b"heron"));
    let answer = upload(&site, &cookie, &album, &files).await;
    assert_eq!(answer.status, 413);
    let html = html(&answer);
    assert_eq!(html.matches(".zip</strong>").count(), 1_000);
    let rule = "Too many files can’t be added: a form may contain 1,000\u{a0}files of that kind. “notes-1000.zip” and";
    assert!(html.contains(&format!("The upload was interrupted. {rule}")), "{}", &html[..3_000]);
    assert!(html.contains("1\u{a0}photo was added.") && html.contains("<li>heron.jpg</li>"));
}

#[tokio::test]
async fn a_form_is_read_to_its_end_behind_a_thousand_refused_files() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    let long = format!("{}.zip", "n".repeat(300));
    let mut files: Vec<Part<'_>> = (0..1_000).map(|_| Part::file(&long, b"zip")).collect();
    files.push(Part::file("heron.jpg", b"heron"));
    let answer = upload(&site, &cookie, &album, &files).await;
    assert_eq!(answer.status, 415);
    let html = html(&answer);
    assert!(
        !html.contains("interrupted")
            && html.contains("1\u{a0}photo was added.</p>\n  <p>These 1,000\u{a0}files")
    );
}

#[tokio::test]
async fn an_upload_without_a_file_says_so() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    let answer = upload(&site, &cookie, &album, &[Part::file("", b"")]).await;
    assert_eq!(answer.status, 422);
    assert!(
        html(&answer).contains("id=\"file-error\"") && answer.text().contains("Choose a photo to upload.")
    );
    let odd = [Part::text("owner_id", "7"), Part::file("a.jpg", b"heron")];
    assert_eq!(upload(&site, &cookie, &album, &odd).await.status, 400);
    let torn = site.post(&format!("/albums/{album}/photos")).cookie(&cookie);
    assert_eq!(torn.body("multipart/form-data; boundary=edge", "--edge\r\nConte").send().await.status, 400);
    assert!(page(&site, &format!("/albums/{album}"), &cookie).await.contains("no photos"));
}

#[tokio::test]
async fn a_cover_is_chosen_and_kept() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    let mut ids = Vec::new();
    for name in ["one.jpg", "two.jpg", "three.jpg"] {
        ids.push(site.photo(&cookie, &album, name, name.as_bytes()).await.text_at("id"));
        site.pass(1);
    }
    let edit = format!("/albums/{album}/edit");
    let checked = async || {
        let html = page(&site, &edit, &cookie).await;
        let line = html.lines().find(|line| line.contains(" checked")).unwrap().to_owned();
        ids.iter().position(|id| line.contains(id))
    };
    let save = async |cover: &str| {
        let typed = [("name", "Summer"), ("description", ""), ("cover_photo_id", cover)];
        assert_eq!(send(&site, &edit, &cookie, &typed).await.status, 303);
    };
    assert_eq!(checked().await, Some(0));
    save(&ids[1]).await;
    assert_eq!(checked().await, Some(1));
    assert!(page(&site, "/", &cookie).await.contains(&format!("/api/v1/photos/{}/renditions/small", ids[1])));
    save("").await;
    assert_eq!(checked().await, Some(2), "the newest");
    assert_eq!(send(&site, &edit, &cookie, &[("name", "Autumn")]).await.status, 303);
    assert_eq!(checked().await, Some(2), "what was not sent stays");
    let elsewhere = [("name", "Summer"), ("cover_photo_id", "01890000-0000-7000-8000-000000000000")];
    let refused = send(&site, &edit, &cookie, &elsewhere).await;
    assert_eq!(refused.status, 422);
    assert!(html(&refused).contains("id=\"cover_photo_id-error\""));
}

#[tokio::test]
async fn long_albums_have_pages() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    for number in 0..101 {
        let name = format!("photo-{number:03}.jpg");
        assert_eq!(site.photo(&cookie, &album, &name, name.as_bytes()).await.status, 201);
        site.pass(1);
    }
    let cookie = super::session(
        &send(&site, "/login", "", &[("email", ANN), ("password", crate::kit::PASSWORD)]).await,
    );
    let first = page(&site, &format!("/albums/{album}"), &cookie).await;
    assert!(
        first.contains("photo-100.jpg")
            && first.contains("photo-001.jpg")
            && !first.contains("photo-000.jpg")
    );
    let next = first.split('"').find(|text| text.contains("?cursor=")).unwrap();
    let second = page(&site, next, &cookie).await;
    assert!(second.contains("photo-000.jpg") && !second.contains("photo-001.jpg"));
    assert!(second.contains("Back to newest") && !second.contains("rel=\"next\""));
}
