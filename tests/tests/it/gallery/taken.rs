//! When a photo was taken: by the camera's clock in the API and on pages, and as its owner sets it.

use gallery_tests::client::Upload;
use gallery_tests::member::id_of;
use gallery_tests::{Member, Sample, Server, eventually};
use serde_json::{Value, json};

/// A photo of half past midnight, two hours ahead of UTC.
fn night_walk() -> Upload {
    let bytes = Sample::new(64, 48).taken("2024:07:14 00:30:00").offset("+02:00").jpeg();
    Upload::new("night.jpg", "image/jpeg", bytes)
}

async fn page(ann: &Member, path: &str) -> String {
    let answer = ann.get(path).await.expect(200);
    answer.text().replace('\u{a0}', " ")
}

fn time(local: &str, precision: &str, offset: Option<&str>) -> Value {
    json!({ "local": local, "precision": precision, "offset": offset })
}

#[tokio::test]
async fn a_photo_of_after_midnight_is_of_its_own_day() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = ann.photo(&album, &night_walk(), &[]).await;
    assert_eq!(photo["taken"], time("2024-07-14T00:30:00", "second", Some("+02:00")));
    assert_eq!(photo["taken_at"], "2024-07-13T22:30:00.000Z");

    let timeline = page(&ann, "/photos").await;
    assert!(timeline.contains("<h2>July 2024</h2>"), "{timeline}");
    assert!(timeline.contains("<time datetime=\"2024-07-14\">Sunday, 14 July</time>"), "{timeline}");
    let shown = page(&ann, &format!("/photos/{}", id_of(&photo))).await;
    assert!(shown.contains(">14 July 2024, 00:30 (UTC+2)</time>"), "{shown}");
    let german = ann.request(reqwest::Method::GET, "/photos").header("accept-language", "de").send().await;
    assert!(german.text().replace('\u{a0}', " ").contains(">Sonntag, 14. Juli</time>"));

    // The clock without an offset is taken for what it is.
    let sample = Sample::new(64, 48).seed(2).taken("2024:07:14 00:30:00");
    let other = ann.photo(&album, &Upload::new("b.jpg", "image/jpeg", sample.jpeg()), &[]).await;
    assert_eq!(other["taken"], time("2024-07-14T00:30:00", "second", None));
    let shown = page(&ann, &format!("/photos/{}", id_of(&other))).await;
    assert!(shown.contains(">14 July 2024, 00:30</time>"), "{shown}");
    let timeline = page(&ann, "/photos").await;
    assert_eq!(timeline.matches("<h3>").count(), 1, "one day: {timeline}");
}

#[tokio::test]
async fn an_owner_sets_the_time_taken_and_restores_the_files() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = ann.photo(&album, &night_walk(), &[]).await;
    let undated = ann.photo(&album, &Upload::small(1), &[]).await;
    let (photo, undated) = (id_of(&photo), id_of(&undated));
    let path = format!("/api/v1/photos/{photo}");
    let of_file = ann.get(&path).await.expect(200).json()["taken"].clone();
    let by_time = async || {
        let all = ann.all_ids("/api/v1/photos?sort=taken&limit=1").await;
        assert_eq!(ann.all_ids(&format!("/api/v1/albums/{album}/photos?sort=taken&limit=1")).await, all);
        all
    };
    assert_eq!(by_time().await, [undated.clone(), photo.clone()], "an upload is of today");

    let month = time("2099-07-01T00:00:00", "month", None);
    let set = ann.patch(&path, json!({ "taken": month })).await.expect(200).json();
    assert_eq!((&set["taken"], &set["taken_at"]), (&month, &json!("2099-07-01T00:00:00.000Z")));
    assert_eq!(by_time().await, [photo.clone(), undated.clone()]);
    let timeline = page(&ann, "/photos").await;
    assert!(timeline.contains("<h3><time datetime=\"2099-07\">July 2099</time></h3>"), "{timeline}");
    assert_eq!(timeline.matches(">No date</span>").count(), 1, "{timeline}");

    // Reading the file again leaves it.
    let output = server.launch().run(&["admin", "reprocess", "--photo", &photo]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = async || ann.get(&path).await.expect(200).json();
    eventually("renditions", async || (read().await["generation"] == 2).then_some(())).await;
    assert_eq!(read().await["taken"], month);
    for (taken, code) in [
        (time("1825-01-01T00:00:00", "year", None), "year_out_of_range"),
        (time("2023-02-29T00:00:00", "day", None), "no_such_date"),
        (time("July", "month", None), "bad_date"),
    ] {
        let answer = ann.patch(&path, json!({ "taken": taken })).await;
        answer.problem(422, "invalid");
        assert_eq!(answer.invalid_fields(), [("taken".to_owned(), code.to_owned())]);
    }
    assert_eq!(ann.patch(&path, json!({ "title": "x" })).await.expect(200).json()["taken"], month);

    let restored = ann.patch(&path, json!({ "taken": null })).await.expect(200).json();
    assert_eq!(restored["taken"], of_file);
    assert_eq!(by_time().await, [undated, photo]);
    server.stop().await.verify();
}

#[tokio::test]
async fn the_form_sets_a_date_without_javascript() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = id_of(&ann.photo(&album, &night_walk(), &[]).await);
    let (path, edit) = (format!("/api/v1/photos/{photo}"), format!("/photos/{photo}/edit"));
    let of_file = "2024-07-14 00:30:00 +02:00";
    let form = page(&ann, &edit).await;
    assert!(form.contains(&format!("name=\"taken\" type=\"text\" value=\"{of_file}\"")), "{form}");
    let taken = async || ann.get(&path).await.expect(200).json()["taken"].clone();
    for (typed, expected) in [
        ("2024", time("2024-01-01T00:00:00", "year", None)),
        ("2024-07-14 21:30 -09:30", time("2024-07-14T21:30:00", "minute", Some("-09:30"))),
        ("", time("2024-07-14T00:30:00", "second", Some("+02:00"))),
    ] {
        ann.submit(&edit, &[("taken", typed), ("taken_shown", "?")]).await.ok(303);
        assert_eq!(taken().await, expected, "{typed}");
    }
    let refused = ann.submit(&edit, &[("taken", "14.7.2024")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("id=\"taken-error\""), "{}", refused.text());
    ann.submit(&edit, &[("title", "Night"), ("taken", of_file), ("taken_shown", of_file)]).await.ok(303);
    assert_eq!(taken().await, time("2024-07-14T00:30:00", "second", Some("+02:00")));
}
