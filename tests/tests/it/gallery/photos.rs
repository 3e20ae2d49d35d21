//! Photos: what is read from them, changing, moving, removing, listing.

use gallery_tests::client::Upload;
use gallery_tests::member::{RECORD_BYTES, id_of, ids_of};
use gallery_tests::{Sample, Server};
use serde_json::json;
use sha2::{Digest, Sha256};

#[tokio::test]
async fn a_photo_says_what_its_camera_wrote() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let bytes = Sample::new(640, 400)
        .camera("NIKON CORPORATION", "NIKON D70")
        .lens("AF-S DX 18-70mm")
        .taken("2024:05:17 10:20:30")
        .orientation(6)
        .gps(-33.856_784, 151.215_297, 12)
        .jpeg();
    let file = Upload::new("IMG 0001.JPG", "image/jpeg", bytes.clone());
    let fields = [("title", "Opera"), ("description", "By the water"), ("tags", "sea, Sydney ,sea")];
    let uploaded = ann.upload(&album, &file, &fields).await.expect(201);
    let photo = uploaded.json();
    let path = format!("/api/v1/photos/{}", id_of(&photo));
    assert_eq!(uploaded.location(), path);

    assert_eq!(photo["album_id"], album.as_str());
    assert_eq!(photo["title"], "Opera");
    assert_eq!(photo["description"], "By the water");
    assert_eq!(photo["tags"], json!(["sea", "Sydney"]));
    assert_eq!(photo["file_name"], "IMG 0001.JPG");
    assert_eq!(photo["content_type"], "image/jpeg");
    assert_eq!(photo["bytes"], bytes.len());
    assert_eq!(photo["sha256"], hex::encode(Sha256::digest(&bytes)));
    assert_eq!((&photo["width"], &photo["height"]), (&json!(400), &json!(640)), "as displayed");
    let taken = json!({ "local": "2024-05-17T10:20:30", "precision": "second", "offset": null });
    assert_eq!((&photo["taken"], &photo["taken_at"]), (&taken, &json!("2024-05-17T10:20:30.000Z")));
    assert!(photo["camera"].as_str().is_some_and(|camera| camera.contains("D70")), "{photo}");
    assert_eq!(photo["lens"], "AF-S DX 18-70mm");
    let near = |value: &serde_json::Value, expected: f64| {
        value.as_f64().is_some_and(|value| (value - expected).abs() < 0.000_01)
    };
    assert!(near(&photo["gps"]["latitude"], -33.856_784), "{photo}");
    assert!(near(&photo["gps"]["longitude"], 151.215_297), "{photo}");
    assert!(near(&photo["gps"]["altitude"], 12.0), "{photo}");
    assert!(photo["placeholder"].as_str().is_some_and(|hash| hash.len() > 10), "{photo}");

    let shown = ann.get(&path).await.expect(200).json();
    let exif = shown["exif"].as_object().expect("exif");
    let printed: Vec<&str> = exif.values().filter_map(serde_json::Value::as_str).collect();
    assert!(printed.iter().any(|value| value.contains("NIKON D70")), "{exif:?}");
}

#[tokio::test]
async fn a_photo_without_metadata_says_so() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Plain").await;
    let sample = Sample::new(40, 30);
    for (name, media_type, bytes) in [
        ("a.png", "image/png", sample.png()),
        ("a.gif", "image/gif", sample.gif()),
        ("a.webp", "image/webp", sample.webp()),
        ("a.jpg", "image/jpeg", sample.jpeg()),
    ] {
        // What the sender says about the type counts for nothing.
        let photo = ann.photo(&album, &Upload::new(name, "application/octet-stream", bytes), &[]).await;
        assert_eq!(photo["content_type"], media_type);
        assert_eq!((&photo["width"], &photo["height"]), (&json!(40), &json!(30)));
        for field in ["taken", "taken_at", "camera", "lens", "gps"] {
            assert!(photo[field].is_null(), "{field} of {name}: {photo}");
        }
        assert_eq!(photo["title"], "");
        assert_eq!(photo["tags"], json!([]));
    }
}

#[tokio::test]
async fn a_photo_is_changed_field_by_field() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = ann.photo(&album, &Upload::small(1), &[("title", "Old"), ("tags", "one,two")]).await;
    let path = format!("/api/v1/photos/{}", id_of(&photo));

    let renamed = ann.patch(&path, json!({"title": "New"})).await.expect(200).json();
    assert_eq!((&renamed["title"], &renamed["tags"]), (&json!("New"), &photo["tags"]));
    assert_eq!(renamed["created_at"], photo["created_at"]);
    assert!(renamed["updated_at"].as_str() > photo["updated_at"].as_str(), "{renamed}");
    let tagged = ann.patch(&path, json!({"tags": [], "description": "d"})).await.expect(200).json();
    assert_eq!(
        (&tagged["tags"], &tagged["description"], &tagged["title"]),
        (&json!([]), &json!("d"), &json!("New"))
    );

    for (change, field, code) in [
        (json!({"title": "x".repeat(201)}), "title", "too_long"),
        (json!({"description": "x".repeat(5_001)}), "description", "too_long"),
        (json!({"tags": ["x".repeat(51)]}), "tags", "too_long"),
        (json!({"tags": (0..51).map(|n| format!("tag {n}")).collect::<Vec<_>>()}), "tags", "too_many"),
        (json!({"title": "a\u{1b}b"}), "title", "bad_character"),
    ] {
        let answer = ann.patch(&path, change).await;
        answer.problem(422, "invalid");
        assert_eq!(answer.invalid_fields(), [(field.to_owned(), code.to_owned())]);
    }
    let after = ann.get(&path).await.expect(200).json();
    assert_eq!(after["title"], "New", "a refused change changes nothing");

    ann.delete(&path).await.ok(204);
    ann.delete(&path).await.problem(404, "not_found");
    ann.get(&path).await.problem(404, "not_found");
}

/// `docs/security.md`, rule 18.
#[tokio::test]
async fn what_only_the_gallery_may_set_cannot_be_set() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = ann.photo(&album, &Upload::small(1), &[]).await;
    let path = format!("/api/v1/photos/{}", id_of(&photo));
    for field in ["id", "owner", "owner_id", "state", "bytes", "sha256", "objects", "created_at", "version"] {
        ann.patch(&path, json!({"title": "changed", field: "x"})).await.problem(400, "malformed");
    }
    assert_eq!(ann.get(&path).await.expect(200).json()["title"], "");
    ann.post("/api/v1/albums", json!({"name": "a", "owner_id": "x"})).await.problem(400, "malformed");
    ann.patch("/api/v1/account", json!({"usage": {"quota_bytes": 1}})).await.problem(400, "malformed");
}

#[tokio::test]
async fn a_photo_moves_to_another_album_of_its_owner() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let bob = server.member("bob").await;
    let (from, to) = (ann.album("From").await, ann.album("To").await);
    let photo = id_of(&ann.photo(&from, &Upload::small(1), &[]).await);
    let path = format!("/api/v1/photos/{photo}");

    let foreign = bob.album("Bob's").await;
    for nowhere in [foreign.as_str(), "0190b0a8-0000-7000-8000-000000000000"] {
        let answer = ann.patch(&path, json!({"album_id": nowhere})).await;
        assert!(matches!(answer.status, 404 | 422), "{}", answer.text());
    }
    let moved = ann.patch(&path, json!({"album_id": to})).await.expect(200).json();
    assert_eq!(moved["album_id"], to.as_str());
    assert_eq!(ann.all_ids(&format!("/api/v1/albums/{from}/photos")).await, Vec::<String>::new());
    assert_eq!(ann.all_ids(&format!("/api/v1/albums/{to}/photos")).await, [photo]);
    let count = async |album: &str| {
        ann.get(&format!("/api/v1/albums/{album}")).await.expect(200).json()["photo_count"].clone()
    };
    assert_eq!((count(&from).await, count(&to).await), (json!(0), json!(1)));
    ann.get(&format!("{path}/renditions/small")).await.ok(200);
}

#[tokio::test]
async fn lists_are_paged_by_upload_and_by_time_taken() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let years = [2021, 2025, 2020, 2024, 2023];
    let mut uploaded = Vec::new();
    let mut taken = Vec::new();
    for (seed, year) in (1..).zip(years) {
        let bytes = Sample::new(32, 24).seed(seed).taken(&format!("{year}:01:01 12:00:00")).jpeg();
        let file = Upload::new("a.jpg", "image/jpeg", bytes);
        let id = id_of(&ann.photo(&album, &file, &[]).await);
        uploaded.insert(0, id.clone());
        taken.push((year, id));
    }
    taken.sort_by_key(|(year, _)| std::cmp::Reverse(*year));
    let taken: Vec<String> = taken.into_iter().map(|(_, id)| id).collect();
    for list in ["/api/v1/photos".to_owned(), format!("/api/v1/albums/{album}/photos")] {
        for limit in [1, 2, 5, 200] {
            assert_eq!(ann.all_ids(&format!("{list}?limit={limit}")).await, uploaded, "{list} by {limit}");
            assert_eq!(
                ann.all_ids(&format!("{list}?limit={limit}&sort=taken")).await,
                taken,
                "{list} by {limit}"
            );
        }
    }
    let items = ann.get("/api/v1/photos?limit=2").await.expect(200).json();
    assert_eq!(ids_of(&items).len(), 2);
    ann.get("/api/v1/photos?sort=size").await.problem(400, "malformed");
}

#[tokio::test]
async fn usage_follows_what_is_stored() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let file = Upload::small(1);
    let photo = ann.photo(&album, &file, &[]).await;
    let other = ann.photo(&album, &Upload::small(2), &[]).await;
    let usage = async || ann.get("/api/v1/account").await.expect(200).json()["usage"].clone();
    let one = RECORD_BYTES + ann.counted(&photo).await;
    let before = usage().await;
    let both = one + ann.counted(&other).await;
    assert_eq!((&before["photos"], &before["bytes"]), (&json!(2), &json!(both)));
    ann.delete(&format!("/api/v1/photos/{}", id_of(&other))).await.ok(204);
    let after = usage().await;
    assert_eq!((&after["photos"], &after["bytes"]), (&json!(1), &json!(one)));
}
