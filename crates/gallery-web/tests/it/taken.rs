//! The time taken: in the API, in the form and on pages.

use poem::http::Method;
use serde_json::{Value, json};

use crate::kit::{Answer, Site};
use crate::pages::{html, message, page, send};

/// What the fake decoder finds in every file.
const OF_FILE: &str = "2023-11-15 00:13:20 +02:00";

/// A person's photo in an album, and how to change it.
struct Scene {
    site: Site,
    cookie: String,
    photo: String,
}

impl Scene {
    async fn new() -> Self {
        let site = Site::new();
        let cookie = site.member("ann@example.org").await;
        let album = site.album(&cookie).await;
        let photo = site.photo(&cookie, &album, "heron.jpg", b"heron").await.text_at("id");
        Self { site, cookie, photo }
    }

    async fn patch(&self, taken: Value) -> Answer {
        let path = format!("/api/v1/photos/{}", self.photo);
        let body = json!({ "taken": taken });
        self.site.request(Method::PATCH, &path).cookie(&self.cookie).json(&body).await
    }

    async fn page(&self, path: &str) -> String {
        page(&self.site, path, &self.cookie).await
    }

    /// Sends the form with this date, and what it was when the form was shown.
    async fn edit(&self, taken: &str, shown: Option<&str>) -> Answer {
        let shown = shown.map(|shown| ("taken_shown", shown));
        let typed: Vec<_> = [("taken", taken)].into_iter().chain(shown).collect();
        send(&self.site, &format!("/photos/{}/edit", self.photo), &self.cookie, &typed).await
    }

    /// What the form is filled in with.
    async fn shown(&self) -> String {
        let form = self.page(&format!("/photos/{}/edit", self.photo)).await;
        let value = form.split("name=\"taken\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1));
        let value = value.and_then(|rest| rest.split('"').next()).expect("a field");
        assert!(form.contains(&format!("name=\"taken_shown\" value=\"{value}\"")), "{form}");
        value.to_owned()
    }

    async fn taken(&self) -> Value {
        let path = format!("/api/v1/photos/{}", self.photo);
        self.site.get(&path).cookie(&self.cookie).send().await.json()["taken"].clone()
    }
}

#[tokio::test]
async fn a_change_sets_and_restores_the_time() {
    let scene = Scene::new().await;
    let of_file = scene.taken().await;
    let set = scene
        .patch(json!({ "local": "1985-07-14T21:30:00", "precision": "minute", "offset": "-05:30" }))
        .await
        .json();
    assert_eq!(
        set["taken"],
        json!({ "local": "1985-07-14T21:30:00", "precision": "minute", "offset": "-05:30" })
    );
    assert_eq!(set["taken_at"], "1985-07-15T03:00:00.000Z");
    let month = scene.patch(json!({ "local": "1985-07-14T21:30:00", "precision": "month" })).await.json();
    assert_eq!(
        (&month["taken"], &month["taken_at"]),
        (
            &json!({ "local": "1985-07-01T00:00:00", "precision": "month", "offset": null }),
            &json!("1985-07-01T00:00:00.000Z")
        )
    );
    let path = format!("/api/v1/photos/{}", scene.photo);
    let titled = scene.site.request(Method::PATCH, &path).cookie(&scene.cookie);
    assert_eq!(titled.json(&json!({ "title": "Heron" })).await.json()["taken"], month["taken"]);
    assert_eq!(scene.patch(Value::Null).await.json()["taken"], of_file);
}

#[tokio::test]
async fn a_change_that_is_no_time_is_refused() {
    let scene = Scene::new().await;
    let of_file = scene.taken().await;
    for (local, precision, offset, code) in [
        ("1825-12-31T23:59:59", "second", json!(null), "year_out_of_range"),
        ("2100-01-01T00:00:00", "year", json!(null), "year_out_of_range"),
        ("2023-02-29T00:00:00", "day", json!(null), "no_such_date"),
        ("2024-07-14", "day", json!(null), "bad_date"),
        ("2024-07-14T00:00:00Z", "day", json!(null), "bad_date"),
        ("2024-07-14T00:00:00", "hour", json!(null), "bad_precision"),
        ("2024-07-14T00:00:00", "second", json!("Z"), "bad_offset"),
        ("2024-07-14T00:00:00", "second", json!("+18:01"), "bad_offset"),
    ] {
        let answer = scene.patch(json!({ "local": local, "precision": precision, "offset": offset })).await;
        assert_eq!(answer.problem(), (422, "invalid".to_owned()), "{local}");
        let errors = &answer.json()["errors"];
        assert_eq!((&errors[0]["field"], &errors[0]["code"]), (&json!("taken"), &json!(code)), "{errors}");
    }
    for malformed in [
        json!("2024-07-14"),
        json!({ "local": "2024-07-14T00:00:00" }),
        json!({ "local": 7, "precision": "day", "offset": null }),
        json!({ "local": "2024-07-14T00:00:00", "precision": "day", "offset": 120 }),
        json!({ "local": "2024-07-14T00:00:00", "precision": "day", "zone": "Europe/Berlin" }),
    ] {
        assert_eq!(scene.patch(malformed).await.problem(), (400, "malformed".to_owned()));
    }
    assert_eq!(scene.taken().await, of_file);
}

#[tokio::test]
async fn the_form_sets_and_restores_the_time() {
    let scene = Scene::new().await;
    let of_file = scene.taken().await;
    assert_eq!(scene.shown().await, OF_FILE);
    let saved = scene.edit("1985-07", Some(OF_FILE)).await;
    assert_eq!(message(&scene.site, &saved, &scene.cookie).await, "Photo saved");
    assert_eq!(scene.shown().await, "1985-07");
    let refused = scene.edit("July 1985", Some("1985-07")).await;
    assert_eq!(refused.status, 422);
    let again = html(&refused);
    for part in ["id=\"taken-error\"", "value=\"July 1985\"", "name=\"taken_shown\" value=\"1985-07\""] {
        assert!(again.contains(part), "{part} in {again}");
    }
    assert!(html(&scene.edit("1700", None).await).contains("between 1826 and 2099"));
    // Empty restores what the file says.
    scene.edit(" ", Some("1985-07")).await;
    assert_eq!(scene.taken().await, of_file);
}

#[tokio::test]
async fn a_form_that_is_sent_as_it_was_shown_changes_no_time() {
    let scene = Scene::new().await;
    let of_file = scene.taken().await;
    assert_eq!(of_file["local"], "2023-11-15T00:13:20.123", "which is finer than the form");
    scene.edit(OF_FILE, Some(OF_FILE)).await;
    assert_eq!(scene.taken().await, of_file);
    // It was changed elsewhere since the form was shown.
    let elsewhere = json!({ "local": "1999-01-01T00:00:00", "precision": "year", "offset": null });
    scene.patch(elsewhere.clone()).await;
    scene.edit(OF_FILE, Some(OF_FILE)).await;
    assert_eq!(scene.taken().await, elsewhere);
    scene.edit(OF_FILE, Some("1999")).await;
    assert_eq!(scene.taken().await["local"], "2023-11-15T00:13:20");
}

#[tokio::test]
async fn pages_say_as_much_as_is_known() {
    let scene = Scene::new().await;
    let address = format!("/photos/{}", scene.photo);
    for (typed, iso, said) in [
        ("1985", "1985", "1985"),
        ("1985-07", "1985-07", "July 1985"),
        ("1985-07-14", "1985-07-14", "14\u{a0}July 1985"),
        ("1985-07-14 00:30", "1985-07-14T00:30", "14\u{a0}July 1985, 00:30"),
        ("1985-07-14 00:30:15", "1985-07-14T00:30:15", "14\u{a0}July 1985, 00:30"),
        ("1985-07-14 00:30 +02:00", "1985-07-14T00:30+02:00", "14\u{a0}July 1985, 00:30 (UTC+2)"),
    ] {
        scene.edit(typed, None).await;
        let shown = scene.page(&address).await;
        let expected = format!("<dt>Taken</dt><dd><time datetime=\"{iso}\">{said}</time></dd>");
        assert!(shown.contains(&expected), "{expected} in {shown}");
    }
}

#[tokio::test]
async fn the_timeline_has_the_days_of_the_cameras() {
    let scene = Scene::new().await;
    // Half past midnight, which is the day before on UTC.
    scene.edit("2024-07-14 00:30 +02:00", None).await;
    let timeline = scene.page("/photos").await;
    assert!(timeline.contains("<time datetime=\"2024-07-14\">Sunday, 14\u{a0}July</time>"), "{timeline}");
    assert!(!timeline.contains("No date"));
    for (typed, month, iso, heading) in [
        ("2024-07", "July 2024", "2024-07", "July 2024"),
        ("2024", "January 2024", "2024", "2024"),
        ("2024-01-01", "January 2024", "2024-01-01", "Monday, 1 January"),
    ] {
        scene.edit(typed, None).await;
        let timeline = scene.page("/photos").await.replace('\u{a0}', " ");
        assert!(timeline.contains(&format!("<h2>{month}</h2>")), "{timeline}");
        assert!(
            timeline.contains(&format!("<h3><time datetime=\"{iso}\">{heading}</time></h3>")),
            "{timeline}"
        );
    }
}

#[tokio::test]
async fn a_photo_without_a_date_says_so() {
    let scene = Scene::new().await;
    let album = scene.site.album(&scene.cookie).await;
    let undated = scene.site.photo(&scene.cookie, &album, "scan.jpg", b"undated").await;
    assert_eq!((&undated.json()["taken"], &undated.json()["taken_at"]), (&Value::Null, &Value::Null));
    let id = undated.text_at("id");
    assert!(scene.page(&format!("/photos/{id}")).await.contains("<dt>Taken</dt><dd>No date</dd>"));
    // It stands under the day of its upload.
    let timeline = scene.page("/photos").await;
    assert_eq!(timeline.matches("<span class=\"mark mark-date\">No date</span>").count(), 1);
    let day = timeline.split("<section class=\"day\">").nth(1).expect("a day");
    assert!(day.contains("<time datetime=\"2026-11-22\">") && day.contains(&id), "{timeline}");
    assert!(!scene.page(&format!("/albums/{album}")).await.contains("No date"), "no dates are there");
}
