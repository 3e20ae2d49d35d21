//! Albums: making, listing, changing, removing.

use gallery_tests::Server;
use gallery_tests::client::Upload;
use gallery_tests::member::{id_of, ids_of};
use serde_json::json;

#[tokio::test]
async fn an_album_is_made_shown_changed_and_removed() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let body = json!({"name": " Summer  2026 ", "description": "At the sea.\nTwo weeks."});
    let made = ann.post("/api/v1/albums", body).await.expect(201);
    let album = made.json();
    let path = format!("/api/v1/albums/{}", id_of(&album));
    assert_eq!(made.location(), path);
    assert_eq!(album["name"], "Summer 2026");
    assert_eq!(album["description"], "At the sea.\nTwo weeks.");
    assert_eq!(album["photo_count"], 0);
    assert!(album["cover_photo_id"].is_null());
    assert_eq!(ann.get(&path).await.expect(200).json(), album);

    let changed = ann.patch(&path, json!({"name": "Summer"})).await.expect(200).json();
    assert_eq!(changed["name"], "Summer");
    assert_eq!(changed["description"], album["description"], "what is not named stays");
    assert_eq!(changed["created_at"], album["created_at"]);
    assert_ne!(changed["updated_at"], album["updated_at"]);
    assert_eq!(ann.get(&path).await.expect(200).json(), changed);

    ann.delete(&path).await.ok(204);
    for answer in [ann.delete(&path).await, ann.get(&path).await, ann.patch(&path, json!({})).await] {
        answer.problem(404, "not_found");
    }
    assert_eq!(ann.get("/api/v1/account").await.expect(200).json()["usage"]["albums"], 0);
}

#[tokio::test]
async fn wrong_names_are_refused() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    for (name, code) in
        [("", "required"), (" \n", "required"), (&"x".repeat(201), "too_long"), ("a\u{0}b", "bad_character")]
    {
        let answer = ann.post("/api/v1/albums", json!({"name": name})).await;
        answer.problem(422, "invalid");
        assert_eq!(answer.invalid_fields(), [("name".to_owned(), code.to_owned())]);
    }
    ann.post("/api/v1/albums", json!({"name": "😀".repeat(200)})).await.ok(201);
    ann.post("/api/v1/albums", json!({"description": "no name"})).await.problem(400, "malformed");
}

#[tokio::test]
async fn the_list_has_the_newest_first_and_pages_hold_still() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let mut made = Vec::new();
    for number in 0..7 {
        made.insert(0, ann.album(&format!("Album {number}")).await);
    }
    assert_eq!(ids_of(&ann.get("/api/v1/albums").await.expect(200).json()), made);

    let first = ann.get("/api/v1/albums?limit=3").await.expect(200).json();
    assert_eq!(ids_of(&first), made[..3]);
    // What is added and removed between two pages shifts nothing.
    ann.album("Album 7").await;
    ann.delete(&format!("/api/v1/albums/{}", made[1])).await.ok(204);
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let second = ann.get(&format!("/api/v1/albums?limit=3&cursor={cursor}")).await.expect(200).json();
    assert_eq!(ids_of(&second), made[3..6]);
    let cursor = second["next_cursor"].as_str().expect("a cursor");
    let third = ann.get(&format!("/api/v1/albums?limit=3&cursor={cursor}")).await.expect(200).json();
    assert_eq!(ids_of(&third), made[6..]);
    assert!(third["next_cursor"].is_null());
}

#[tokio::test]
async fn albums_are_found_by_name_and_description() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let sea = id_of(&ann.post("/api/v1/albums", json!({"name": "Été à la mer"})).await.expect(201).json());
    let hills = json!({"name": "Hills", "description": "no merchants there"});
    let hills = id_of(&ann.post("/api/v1/albums", hills).await.expect(201).json());
    for (query, expected) in [
        ("ete", vec![&sea]),
        ("MER", vec![&hills, &sea]),
        ("mer%20la", vec![&sea]),
        ("ills", vec![]),
        ("hil%20there", vec![&hills]),
    ] {
        let found = ann.all_ids(&format!("/api/v1/albums?q={query}")).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "q={query}");
    }
    ann.patch(&format!("/api/v1/albums/{sea}"), json!({"name": "Winter"})).await.ok(200);
    assert_eq!(ann.all_ids("/api/v1/albums?q=ete").await, Vec::<String>::new());
    assert_eq!(ann.all_ids("/api/v1/albums?q=winter").await, [sea]);
}

#[tokio::test]
async fn the_cover_is_a_photo_of_the_album() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let path = format!("/api/v1/albums/{album}");
    let first = id_of(&ann.photo(&album, &Upload::small(1), &[]).await);
    let second = id_of(&ann.photo(&album, &Upload::small(2), &[]).await);
    let shown = ann.get(&path).await.expect(200).json();
    assert_eq!(shown["cover_photo_id"], first.as_str(), "the first photo becomes the cover");
    assert_eq!(shown["photo_count"], 2);

    let chosen = ann.patch(&path, json!({"cover_photo_id": second})).await.expect(200).json();
    assert_eq!(chosen["cover_photo_id"], second.as_str());
    let elsewhere = ann.album("Other").await;
    let foreign = id_of(&ann.photo(&elsewhere, &Upload::small(3), &[]).await);
    let answer = ann.patch(&path, json!({"cover_photo_id": foreign})).await;
    answer.problem(422, "invalid");
    assert_eq!(answer.invalid_fields(), [("cover_photo_id".to_owned(), "not_in_album".to_owned())]);

    ann.delete(&format!("/api/v1/photos/{second}")).await.ok(204);
    let left = ann.get(&path).await.expect(200).json();
    assert_eq!((&left["cover_photo_id"], &left["photo_count"]), (&json!(first), &json!(1)));
}

#[tokio::test]
async fn removing_an_album_removes_its_photos() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let (doomed, kept) = (ann.album("Doomed").await, ann.album("Kept").await);
    let gone = id_of(&ann.photo(&doomed, &Upload::small(1), &[("title", "harbour")]).await);
    let stays = id_of(&ann.photo(&kept, &Upload::small(2), &[("title", "harbour")]).await);
    ann.delete(&format!("/api/v1/albums/{doomed}")).await.ok(204);

    ann.get(&format!("/api/v1/photos/{gone}")).await.problem(404, "not_found");
    ann.get(&format!("/api/v1/photos/{gone}/renditions/small")).await.problem(404, "not_found");
    ann.get(&format!("/api/v1/albums/{doomed}/photos")).await.problem(404, "not_found");
    ann.upload(&doomed, &Upload::small(3), &[]).await.problem(404, "not_found");
    assert_eq!(ann.all_ids("/api/v1/photos").await, [stays.as_str()]);
    assert_eq!(ann.all_ids("/api/v1/search?q=harbour").await, [stays]);
    let usage = ann.get("/api/v1/account").await.expect(200).json()["usage"].clone();
    assert_eq!((&usage["albums"], &usage["photos"]), (&json!(1), &json!(1)));
}
