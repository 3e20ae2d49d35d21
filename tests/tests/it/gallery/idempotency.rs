//! `Idempotency-Key`: a repeated request does nothing twice.

use gallery_tests::client::Upload;
use gallery_tests::member::id_of;
use gallery_tests::{Answer, Client, Server};
use reqwest::Method;
use serde_json::json;

async fn make_album(client: &Client, key: &str, name: &str) -> Answer {
    let request = client.request(Method::POST, "/api/v1/albums").header("idempotency-key", key);
    request.json(&json!({"name": name})).send().await
}

async fn upload(client: &Client, album: &str, key: &str, seed: u8) -> Answer {
    client.upload_request(album, &Upload::small(seed), &[]).header("idempotency-key", key).send().await
}

#[tokio::test]
async fn making_an_album_again_answers_the_same_album() {
    let server = Server::start().await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let first = make_album(&ann, "key-1", "Summer").await.expect(201);
    let again = make_album(&ann, "key-1", "Summer").await.expect(201);
    assert_eq!((again.json(), again.location()), (first.json(), first.location()));
    make_album(&ann, "key-1", "Winter").await.problem(422, "idempotency_mismatch");
    let bobs = make_album(&bob, "key-1", "Summer").await.expect(201);
    assert_ne!(id_of(&bobs.json()), id_of(&first.json()));
    assert_eq!(ann.all_ids("/api/v1/albums").await.len(), 1);

    let answer = make_album(&ann, &"k".repeat(101), "Summer").await;
    assert!(matches!(answer.status, 400 | 422), "{}", answer.text());
}

#[tokio::test]
async fn uploading_again_answers_the_same_photo() {
    let server = Server::start().await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let album = ann.album("Summer").await;
    let first = upload(&ann, &album, "key-1", 1).await.expect(201).json();
    for _ in 0..3 {
        assert_eq!(upload(&ann, &album, "key-1", 1).await.expect(201).json(), first);
    }
    upload(&ann, &album, "key-1", 2).await.problem(422, "idempotency_mismatch");
    let theirs = bob.album("Bob's").await;
    upload(&bob, &theirs, "key-1", 3).await.ok(201);
    assert_eq!(ann.all_ids("/api/v1/photos").await, [id_of(&first)]);
    // Without a key the same photo is another one.
    ann.upload(&album, &Upload::small(1), &[]).await.ok(201);
    assert_eq!(ann.all_ids("/api/v1/photos").await.len(), 2);
}

#[tokio::test]
async fn parallel_requests_with_one_key_make_one_photo_and_one_album() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let uploads = (0..20).map(|_| {
        let (client, album) = (ann.copy(), album.clone());
        tokio::spawn(async move { upload(&client, &album, "key-1", 1).await })
    });
    let albums = (0..20).map(|_| {
        let client = ann.copy();
        tokio::spawn(async move { make_album(&client, "key-2", "Winter").await })
    });
    let mut made = 0;
    for request in uploads.chain(albums).collect::<Vec<_>>() {
        let answer = request.await.expect("an answer");
        // While the first is still running, the others may be told so.
        assert!(matches!(answer.status, 201 | 409), "{}: {}", answer.asked, answer.text());
        made += usize::from(answer.status == 201);
    }
    assert!(made >= 2);
    assert_eq!(ann.all_ids("/api/v1/photos").await.len(), 1);
    assert_eq!(ann.all_ids("/api/v1/albums").await.len(), 2);
    server.stop().await.verify();
}
