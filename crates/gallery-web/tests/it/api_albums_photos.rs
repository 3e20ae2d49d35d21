//! The JSON API of albums and photos: shapes, statuses and codes; uploads and files have their own
//! tests.

use crate::kit::Site;
use poem::http::Method;
use serde_json::{Value, json};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn albums_are_created_changed_and_deleted() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    let created = site
        .post("/api/v1/albums")
        .cookie(&cookie)
        .json(&json!({ "name": " Summer ", "description": "Sea" }))
        .await;
    let album = created.json();
    assert_eq!(created.status, 201);
    let path = format!("/api/v1/albums/{}", album["id"].as_str().unwrap());
    assert_eq!(created.header("location"), path);
    assert_eq!(
        keys(&album),
        ["cover_photo_id", "created_at", "description", "id", "name", "photo_count", "updated_at"]
    );
    assert_eq!((&album["name"], &album["cover_photo_id"]), (&json!("Summer"), &Value::Null));
    assert_eq!(site.get(&path).cookie(&cookie).send().await.json(), album);

    site.pass(1);
    let renamed =
        site.request(Method::PATCH, &path).cookie(&cookie).json(&json!({ "name": "Autumn" })).await.json();
    assert_eq!((&renamed["name"], &renamed["description"]), (&json!("Autumn"), &json!("Sea")));
    assert_ne!(renamed["updated_at"], album["updated_at"]);
    for (body, status) in [
        (json!({ "name": "" }), 422),
        (json!({ "cover_photo_id": "x" }), 422),
        (json!({ "cover_photo_id": null }), 200),
        (json!({ "owner_id": "x" }), 400),
        (json!({ "name": null }), 400),
        (json!({ "name": 7 }), 400),
    ] {
        let answer = site.request(Method::PATCH, &path).cookie(&cookie).json(&body).await;
        assert_eq!(answer.status, status, "{body}");
    }
    assert_eq!(site.request(Method::DELETE, &path).cookie(&cookie).send().await.status, 204);
    assert_eq!(
        site.request(Method::DELETE, &path).cookie(&cookie).send().await.problem(),
        (404, "not_found".to_owned())
    );
}

#[tokio::test]
async fn a_cover_is_chosen_and_given_back() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    let album = site.album(&cookie).await;
    let first = site.photo(&cookie, &album, "a.jpg", b"first").await.text_at("id");
    let second = site.photo(&cookie, &album, "b.jpg", b"second").await.text_at("id");
    let path = format!("/api/v1/albums/{album}");
    for (wish, cover) in [(json!(second), &second), (json!(first), &first)] {
        let answer =
            site.request(Method::PATCH, &path).cookie(&cookie).json(&json!({ "cover_photo_id": wish })).await;
        assert_eq!(answer.text_at("cover_photo_id"), *cover);
    }
    let foreign = site.album(&cookie).await;
    let answer = site
        .request(Method::PATCH, &format!("/api/v1/albums/{foreign}"))
        .cookie(&cookie)
        .json(&json!({ "cover_photo_id": first }))
        .await;
    assert_eq!(answer.problem(), (422, "invalid".to_owned()));
}

#[tokio::test]
async fn an_idempotency_key_gives_the_first_answer_again() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    let create = |key: &str, name: &str| {
        let request = site.post("/api/v1/albums").cookie(&cookie).header("idempotency-key", key);
        let body = json!({ "name": name });
        async move { request.json(&body).await }
    };
    let first = create("k1", "Summer").await;
    let again = create("k1", "Summer").await;
    assert_eq!((again.status.as_u16(), again.json()), (201, first.json()));
    assert_eq!(create("k1", "Winter").await.problem(), (422, "idempotency_mismatch".to_owned()));
    assert_eq!(create(&"k".repeat(101), "Summer").await.problem(), (422, "invalid".to_owned()));
}

#[tokio::test]
async fn lists_are_read_page_by_page() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    for name in ["One", "Two", "Three"] {
        site.post("/api/v1/albums").cookie(&cookie).json(&json!({ "name": name })).await;
    }
    let page = site.get("/api/v1/albums?limit=2").cookie(&cookie).send().await.json();
    let names = |page: &Value| {
        page["items"].as_array().unwrap().iter().map(|item| item["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&page), ["Three", "Two"]);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest =
        site.get(&format!("/api/v1/albums?limit=2&cursor={cursor}")).cookie(&cookie).send().await.json();
    assert_eq!((names(&rest), &rest["next_cursor"]), (vec![json!("One")], &Value::Null));
    assert_eq!(names(&site.get("/api/v1/albums?q=tw").cookie(&cookie).send().await.json()), ["Two"]);
    for (query, code) in [
        ("limit=0", "malformed"),
        ("limit=201", "malformed"),
        ("limit=x", "malformed"),
        ("limit=-1", "malformed"),
        ("cursor=x", "invalid_cursor"),
    ] {
        let answer = site.get(&format!("/api/v1/albums?{query}")).cookie(&cookie).send().await;
        assert_eq!(answer.problem(), (400, code.to_owned()), "{query}");
    }
    let sort = site.get("/api/v1/photos?sort=random").cookie(&cookie).send().await;
    assert_eq!(sort.problem(), (400, "malformed".to_owned()));
}

#[tokio::test]
async fn rule_17_what_belongs_to_others_is_as_absent_as_what_is_absent() {
    let site = Site::new();
    let (ann, bea) = (site.member("ann@example.org").await, site.member("bea@example.org").await);
    let album = site.album(&ann).await;
    let photo = site.photo(&ann, &album, "a.jpg", b"first").await.text_at("id");
    let paths = |album: &str, photo: &str| {
        [
            format!("/api/v1/albums/{album}"),
            format!("/api/v1/albums/{album}/photos"),
            format!("/api/v1/photos/{photo}"),
            format!("/api/v1/photos/{photo}/renditions/small"),
            format!("/api/v1/search?q=a&album_id={album}"),
        ]
    };
    let absent = "019ac3f2-0000-7000-8000-000000000000";
    for (theirs, nobodys) in paths(&album, &photo).iter().zip(paths(absent, absent)) {
        let (theirs, nobodys) =
            (site.get(theirs).cookie(&bea).send().await, site.get(&nobodys).cookie(&bea).send().await);
        assert_eq!((theirs.problem(), &theirs.body), (nobodys.problem(), &nobodys.body));
        assert_eq!(theirs.status, 404);
    }
    for path in
        paths("x", "x").iter().take(4).chain(&paths(&album.to_uppercase(), &photo.to_uppercase())[..4])
    {
        assert_eq!(
            site.get(path).cookie(&ann).send().await.problem(),
            (404, "not_found".to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn photos_are_read_searched_changed_and_deleted() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    let (album, other) = (site.album(&cookie).await, site.album(&cookie).await);
    let id = site.photo(&cookie, &album, "heron.jpg", b"first").await.text_at("id");
    let path = format!("/api/v1/photos/{id}");
    site.pass(1);
    let change = json!({ "title": "Heron", "tags": ["bird", "Bird", "lake"], "album_id": other });
    let changed = site.request(Method::PATCH, &path).cookie(&cookie).json(&change).await.json();
    assert_eq!(
        (&changed["title"], &changed["tags"], &changed["album_id"]),
        (&json!("Heron"), &json!(["bird", "lake"]), &json!(other))
    );
    assert_ne!(changed["updated_at"], changed["created_at"]);
    for (body, status) in [
        (json!({ "album_id": "x" }), 422),
        (json!({ "album_id": "019ac3f2-0000-7000-8000-000000000000" }), 422),
        (json!({ "tags": "a,b" }), 400),
        (json!({ "title": "x".repeat(201) }), 422),
        (json!({ "state": "ready" }), 400),
    ] {
        let answer = site.request(Method::PATCH, &path).cookie(&cookie).json(&body).await;
        assert_eq!(answer.status, status, "{body}");
    }
    for query in ["q=her", "q=PINHOLE", "q=bird%20lake"] {
        let found =
            site.get(&format!("/api/v1/search?{query}&album_id={other}")).cookie(&cookie).send().await.json();
        assert_eq!(found["items"][0]["id"], json!(id), "{query}");
        assert!(found["items"][0].get("exif").is_none());
    }
    let found = site.get("/api/v1/search?q=tag:%22Lake%22%20type:?").cookie(&cookie).send().await.json();
    assert_eq!((&found["items"][0]["id"], found["hints"].as_array().map(Vec::len)), (&json!(id), Some(1)));
    for nothing in ["tag:%22lak%22", "album:nowhere%20her", "her%20-bird"] {
        let found = site.get(&format!("/api/v1/search?q={nothing}")).cookie(&cookie).send().await.json();
        assert_eq!((&found["items"], &found["hints"]), (&json!([]), &json!([])), "{nothing}");
    }
    assert_eq!(site.get("/api/v1/search?q=fox").cookie(&cookie).send().await.json()["items"], json!([]));
    assert_eq!(
        site.get("/api/v1/search").cookie(&cookie).send().await.problem(),
        (400, "malformed".to_owned())
    );
    assert_eq!(
        site.get("/api/v1/search?q=a&album_id=x").cookie(&cookie).send().await.problem(),
        (400, "malformed".to_owned())
    );
    for list in
        [format!("/api/v1/albums/{other}/photos?sort=taken"), "/api/v1/photos?sort=uploaded".to_owned()]
    {
        assert_eq!(
            site.get(&list).cookie(&cookie).send().await.json()["items"][0]["id"],
            json!(id),
            "{list}"
        );
    }
    assert_eq!(site.request(Method::DELETE, &path).cookie(&cookie).send().await.status, 204);
    assert_eq!(site.request(Method::DELETE, &path).cookie(&cookie).send().await.status, 404);
    assert_eq!(site.get(&path).cookie(&cookie).send().await.problem(), (404, "not_found".to_owned()));
}
