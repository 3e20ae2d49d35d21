//! One photo, the timeline, search.

use serde_json::json;

use super::{html, location, message, page, send};
use crate::kit::Site;

const ANN: &str = "ann@example.org";

#[tokio::test]
async fn a_photo_is_shown_with_what_is_known_of_it() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    let photo = site.photo(&cookie, &album, "heron.jpg", b"heron").await.text_at("id");
    let html = page(&site, &format!("/photos/{photo}"), &cookie).await;
    for text in [
        "<h1>heron.jpg</h1>",
        "15\u{a0}November 2023, 00:13 (UTC+2)",
        "datetime=\"2023-11-15T00:13:20.123+02:00\"",
        "<dt>Camera</dt><dd>Pinhole One</dd>",
        "<dt>ISO</dt><dd>100</dd>",
        "48.13700°\u{a0}N, 11.57500°\u{a0}E",
        "<th scope=\"row\">ISO</th><td>100</td>",
        "8\u{a0}×\u{a0}6, 5\u{a0}bytes",
        &format!("/api/v1/photos/{photo}/renditions/original?v=1\""),
        &format!("href=\"/albums/{album}\""),
    ] {
        assert!(html.contains(text), "{text} in {html}");
    }
}

#[tokio::test]
async fn a_damaged_photo_is_marked_wherever_it_is_shown() {
    const SENTENCE: &str = "This photo’s file is damaged";
    const MARK: &str = ">Damaged</span>";
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    for (content, is_damaged) in [(&b"whole"[..], false), (b"cut off", true)] {
        let uploaded = site.photo(&cookie, &album, "heron.jpg", content).await;
        assert_eq!(uploaded.json()["damaged"], is_damaged);
        let photo = uploaded.text_at("id");
        let shown = page(&site, &format!("/photos/{photo}"), &cookie).await;
        assert_eq!(shown.contains(SENTENCE), is_damaged);
        for list in [format!("/albums/{album}"), "/photos".to_owned()] {
            let marks = page(&site, &list, &cookie).await.matches(MARK).count();
            assert_eq!(marks, usize::from(is_damaged), "{list}");
        }
    }
}

#[tokio::test]
async fn photos_of_an_album_lead_to_each_other() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    let mut ids = Vec::new();
    for name in ["one.jpg", "two.jpg", "three.jpg"] {
        ids.push(site.photo(&cookie, &album, name, name.as_bytes()).await.text_at("id"));
        site.pass(1);
    }
    let grid = page(&site, &format!("/albums/{album}"), &cookie).await;
    let middle = format!("/photos/{}?previous={}", ids[1], ids[2]);
    assert!(grid.contains(&format!("\"/photos/{}\"", ids[2])) && grid.contains(&middle));
    let shown = page(&site, &middle, &cookie).await;
    assert!(shown.contains(&format!("rel=\"prev\" href=\"/photos/{}\"", ids[2])));
    assert!(shown.contains(&format!("rel=\"next\" href=\"/photos/{}?previous={}\"", ids[0], ids[1])));
    let last = page(&site, &format!("/photos/{}?previous=javascript:alert(1)", ids[0]), &cookie).await;
    assert!(!last.contains("rel=\"prev\"") && !last.contains("rel=\"next\"") && !last.contains("alert"));
}

#[tokio::test]
async fn a_photo_is_edited_moved_and_deleted() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let (album, other) = (site.album(&cookie).await, site.album(&cookie).await);
    let photo = site.photo(&cookie, &album, "heron.jpg", b"heron").await.text_at("id");
    let address = format!("/photos/{photo}");
    let edit = format!("{address}/edit");
    let tags = "sea, <i>, sea";
    let typed =
        [("title", "A heron"), ("description", "grey\r\nand still"), ("tags", tags), ("album_id", &*other)];
    let saved = send(&site, &edit, &cookie, &typed).await;
    assert_eq!(message(&site, &saved, &cookie).await, "Photo saved");
    let shown = page(&site, &address, &cookie).await;
    assert!(shown.contains("<h1>A heron</h1>") && shown.contains("grey\nand still"));
    assert!(shown.contains("href=\"/search?q=tag%3A%22%3Ci%3E%22\">&#60;i&#62;</a>"));
    assert!(shown.contains(&format!("href=\"/albums/{other}\"")));
    let form = page(&site, &edit, &cookie).await;
    assert!(form.contains("value=\"sea, &#60;i&#62;\"") && form.contains(&format!("\"{other}\" selected")));
    let long = "x".repeat(201);
    for (field, value) in [("title", &*long), ("tags", &*long), ("album_id", "7"), ("album_id", &*photo)] {
        let refused = send(&site, &edit, &cookie, &[(field, value)]).await;
        assert_eq!(refused.status, 422, "{field}");
        assert!(html(&refused).contains(&format!("id=\"{field}-error\"")), "{field}");
    }
    assert!(page(&site, &format!("{address}/delete"), &cookie).await.contains("A heron"));
    let deleted = send(&site, &format!("{address}/delete"), &cookie, &[]).await;
    assert_eq!(location(&deleted), format!("/albums/{other}"));
    assert_eq!(site.get(&address).cookie(&cookie).send().await.status, 404);
}

#[tokio::test]
async fn rule_17_somebody_elses_photo_is_not_there() {
    let site = Site::new();
    let (ann, eve) = (site.member(ANN).await, site.member("eve@example.org").await);
    let album = site.album(&ann).await;
    let photo = site.photo(&ann, &album, "heron.jpg", b"heron").await.text_at("id");
    for path in ["", "/edit", "/delete"] {
        assert_eq!(
            site.get(&format!("/photos/{photo}{path}")).cookie(&eve).send().await.status,
            404,
            "{path}"
        );
    }
    for path in ["edit", "delete"] {
        assert_eq!(
            send(&site, &format!("/photos/{photo}/{path}"), &eve, &[("title", "x")]).await.status,
            404
        );
    }
    assert!(page(&site, "/photos", &eve).await.contains("No photos yet"));
    assert!(page(&site, "/search?q=heron", &eve).await.contains("Nothing found"));
    // Somebody else's album is no place to move a photo to.
    let own = site.album(&eve).await;
    let moved = send(&site, &format!("/photos/{photo}/edit"), &ann, &[("album_id", &own)]).await;
    assert_eq!(moved.status, 422);
}

#[tokio::test]
async fn the_timeline_is_grouped_by_day() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let album = site.album(&cookie).await;
    for name in ["one.jpg", "two.jpg"] {
        site.photo(&cookie, &album, name, name.as_bytes()).await;
    }
    let html = page(&site, "/photos", &cookie).await;
    assert_eq!((html.matches("<h2>November 2023</h2>").count(), html.matches("<h3>").count()), (1, 1));
    assert!(html.contains("<time datetime=\"2023-11-15\">Wednesday, 15\u{a0}November</time>"));
    assert_eq!(html.matches("loading=\"lazy\"").count(), 2);
}

#[tokio::test]
async fn search_finds_photos_and_albums_and_takes_any_text() {
    let site = Site::new();
    let cookie = site.member(ANN).await;
    let body = json!({ "name": "Herons of the delta" });
    let album = site.post("/api/v1/albums").cookie(&cookie).json(&body).await.text_at("id");
    site.photo(&cookie, &album, "heron-7.jpg", b"heron").await;
    let html = page(&site, "/search?q=HERON", &cookie).await;
    assert!(html.contains("heron-7.jpg") && html.contains("Herons of the delta"));
    assert!(html.contains("name=\"q\" value=\"HERON\""));
    assert!(page(&site, "/search?q=", &cookie).await.contains("<h1>Search</h1>"));
    let html = page(&site, "/search?q=heron%20album%3Adelta%20before%3Asoon", &cookie).await;
    assert!(html.contains("heron-7.jpg") && html.contains("before:soon” was left out"));
    let html = page(&site, "/search?q=-nothing", &cookie).await;
    assert!(html.contains("heron-7.jpg") && !html.contains("Herons of the delta"), "no album is asked for");
    for text in ["%25_%5C%27%22%3B--", "%00", "%ED%A0%80", "%3Cscript%3E", &"x".repeat(5_000)] {
        let html = page(&site, &format!("/search?q={text}"), &cookie).await;
        assert!(html.contains("Nothing found"), "{text}");
    }
}
