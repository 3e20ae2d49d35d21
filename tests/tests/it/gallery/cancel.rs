//! Cancelling an account leaves nothing of it (`docs/invariants.md`, I6).

use std::fs;
use std::path::{Path, PathBuf};

use gallery_tests::client::Upload;
use gallery_tests::member::id_of;
use gallery_tests::{Sample, Server, eventually};
use reqwest::Method;
use serde_json::json;

/// Every file below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .flat_map(|entry| {
            let path = entry.expect("the data folder can be read").path();
            if path.is_dir() { files_below(&path) } else { vec![path] }
        })
        .collect()
}

/// The files of the data folder that are photos.
fn pictures(folder: &Path) -> Vec<PathBuf> {
    let is_picture = |file: &PathBuf| {
        let bytes = fs::read(file).unwrap_or_default();
        bytes.starts_with(&[0xFF, 0xD8, 0xFF]) || bytes.starts_with(b"\x89PNG") || bytes.starts_with(b"RIFF")
    };
    files_below(folder).into_iter().filter(is_picture).collect()
}

#[tokio::test]
async fn nothing_is_left_of_a_cancelled_account() {
    let server = Server::start().await;
    let data = server.data_folder();
    let ann = server.member("ann").await;
    let bob = server.member("bob").await;
    let id = id_of(&ann.get("/api/v1/account").await.expect(200).json());
    let elsewhere = ann.copy();
    let kept = bob.album("Bob's").await;
    let kept = id_of(&bob.photo(&kept, &Upload::small(7), &[]).await);
    for name in ["One", "Two"] {
        let album = ann.album(name).await;
        for seed in 0..2 {
            let bytes = Sample::new(400, 300).seed(seed).jpeg();
            let file = Upload::new("a.jpg", "image/jpeg", bytes);
            ann.photo(&album, &file, &[("title", "quixotic zeppelin")]).await;
        }
    }
    assert_eq!(pictures(&data).len(), 5 * 4);

    let cancel = async |password: &str| {
        ann.request(Method::DELETE, "/api/v1/account").json(&json!({"password": password})).send().await
    };
    cancel("not her password").await.problem(403, "bad_credentials");
    let accepted = cancel(&ann.person.password).await.expect(202).json();
    assert!(accepted["job_id"].is_string(), "{accepted}");

    assert_eq!(elsewhere.get("/api/v1/account").await.status, 401);
    let credentials = json!({"email": ann.person.email, "password": ann.person.password});
    server.client().post("/api/v1/sessions", credentials).await.problem(401, "bad_credentials");

    let receipt = server.outbox().latest_to(&ann.person.email, "cancelled").await;
    let removed = |part| receipt.text.contains(part);
    assert!(removed("2 albums, 4 photos (") && removed("), 16 stored objects"), "{}", receipt.text);
    assert_eq!(pictures(&data).len(), 4, "only Bob's photo with its renditions is left");
    bob.get(&format!("/api/v1/photos/{kept}/renditions/original")).await.ok(200);

    // The address is free for somebody new, who sees nothing old.
    let log = server.log();
    assert!(!log.contains(&ann.person.email), "the log holds the address");
    server.stop().await.verify();
    let traces = [ann.person.email.clone(), id.clone(), id.replace('-', ""), "zeppelin".to_owned()];
    for file in files_below(&data).iter().filter(|file| !file.starts_with(data.join("outbox"))) {
        let bytes = fs::read(file).expect("a file of the data folder");
        for trace in &traces {
            let found =
                bytes.windows(trace.len()).any(|window| window.eq_ignore_ascii_case(trace.as_bytes()));
            assert!(!found, "{trace} is left in {}", file.display());
        }
    }
}

#[tokio::test]
async fn the_address_is_free_again_at_once() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Old").await;
    ann.photo(&album, &Upload::small(1), &[]).await;
    let body = json!({"password": ann.person.password});
    ann.request(Method::DELETE, "/api/v1/account").json(&body).send().await.ok(202);
    server.outbox().latest_to(&ann.person.email, "cancelled").await;

    let mails = server.outbox().to(&ann.person.email).len();
    let client = server.client();
    client.sign_up(&ann.person).await;
    let mail = server.outbox().nth_to(&ann.person.email, mails + 1).await;
    client.post("/api/v1/accounts/confirm", json!({"token": mail.token("/confirm/")})).await.ok(204);
    client.log_in(&ann.person).await;
    assert_eq!(client.all_ids("/api/v1/albums").await, Vec::<String>::new());
    client.get(&format!("/api/v1/albums/{album}")).await.problem(404, "not_found");
}

#[tokio::test]
async fn cancelling_during_uploads_leaves_no_orphan() {
    let server = Server::start().await;
    let data = server.data_folder();
    let ann = server.member("ann").await;
    let album = ann.album("Busy").await;
    let uploads = (0..20).map(|seed| {
        let (client, album) = (ann.copy(), album.clone());
        tokio::spawn(async move {
            let bytes = Sample::new(600, 400).seed(seed).jpeg();
            client.upload(&album, &Upload::new("a.jpg", "image/jpeg", bytes), &[]).await.status
        })
    });
    let uploads: Vec<_> = uploads.collect();
    eventually("the first photos", async || (!ann.all_ids("/api/v1/photos").await.is_empty()).then_some(()))
        .await;
    let body = json!({"password": ann.person.password});
    ann.request(Method::DELETE, "/api/v1/account").json(&body).send().await.ok(202);
    for upload in uploads {
        let status = upload.await.expect("an answer");
        assert!(matches!(status, 201 | 401 | 404 | 503), "{status}");
    }
    server.outbox().latest_to(&ann.person.email, "cancelled").await;
    eventually("the last blob's removal", async || pictures(&data).is_empty().then_some(())).await;
    server.stop().await.verify();
}

#[tokio::test]
async fn the_form_on_the_account_page_cancels_too() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let refused = ann.submit("/account/cancel", &[("password", "not her password")]).await;
    assert!(matches!(refused.status, 403 | 422), "{}", refused.status);
    let done = ann.submit("/account/cancel", &[("password", &ann.person.password)]).await;
    assert!(matches!(done.status, 200 | 202 | 303), "{}", done.status);
    assert!(!ann.cookies().contains_key("gallery_session"), "the cookie is taken away");
    server.outbox().latest_to(&ann.person.email, "cancelled").await;
}
