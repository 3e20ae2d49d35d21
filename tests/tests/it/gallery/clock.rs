//! What time does: tokens, sessions, links, pending accounts and unfinished uploads end. Rule
//! numbers are those of `docs/security.md`.

use std::collections::BTreeSet;
use std::time::Duration;

use gallery_tests::client::Upload;
use gallery_tests::member::{Member, RECORD_BYTES, id_of};
use gallery_tests::server::Launch;
use gallery_tests::{Client, Clock, Person, Sample, Server, eventually};
use reqwest::Method;
use serde_json::json;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A gallery that goes by a clock of ours.
async fn start(clock: &Clock) -> Server {
    Launch::new().clock(clock).start().await
}

/// Somebody who shows this token and no other.
fn bearer(server: &Server, token: &str) -> Client {
    let client = server.client();
    client.cookies().insert("gallery_session".to_owned(), token.to_owned());
    client
}

/// Rule 9.
#[tokio::test]
async fn a_token_lives_five_minutes() {
    let clock = Clock::new();
    let server = start(&clock).await;
    let ann = server.member("ann").await;
    let token = ann.session_token();
    // The real clock runs on while the test does, a few seconds at most.
    clock.set(seconds(285));
    bearer(&server, &token).get("/api/v1/account").await.ok(200);
    clock.set(seconds(301));
    bearer(&server, &token).get("/api/v1/account").await.problem(401, "no_session");
    let sent = bearer(&server, &token).get("/albums/new").await.expect(303).location();
    assert!(sent.starts_with("/login?next="), "{sent}");
}

#[tokio::test]
async fn a_token_in_use_is_replaced_once_however_many_requests_run() {
    let clock = Clock::new();
    let server = start(&clock).await;
    let ann = server.member("ann").await;
    let first = ann.session_token();
    clock.set(seconds(30));
    assert!(ann.get("/api/v1/account").await.expect(200).set_cookies().is_empty(), "not yet");

    clock.set(seconds(90));
    // libfaketime takes a new time without a lock: the first to ask sees to it, alone.
    server.client().get("/login").await.ok(200);
    let requests = (0..10).map(|_| {
        let client = bearer(&server, &first);
        tokio::spawn(async move {
            client.get("/api/v1/account").await.ok(200);
            client.session_token()
        })
    });
    let mut replacements = BTreeSet::new();
    for request in requests.collect::<Vec<_>>() {
        replacements.insert(request.await.expect("an answer"));
    }
    assert_eq!(replacements.len(), 1, "{replacements:?}");
    let second = replacements.pop_first().expect("a replacement");
    assert_ne!(second, first);

    clock.set(seconds(280));
    bearer(&server, &first).get("/api/v1/account").await.ok(200);
    clock.set(seconds(350));
    bearer(&server, &first).get("/api/v1/account").await.problem(401, "no_session");
    bearer(&server, &second).get("/api/v1/account").await.ok(200);
    assert_eq!(
        bearer(&server, &second).get("/api/v1/sessions").await.expect(200).json()["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    clock.set(seconds(420));
    bearer(&server, &second).get("/api/v1/account").await.problem(401, "no_session");
}

/// Rule 9.
#[tokio::test]
async fn a_session_ends_after_eight_hours_however_busy_it_is() {
    let clock = Clock::new();
    let server = start(&clock).await;
    let ann = server.member("ann").await;
    for step in 1..=119 {
        clock.set(seconds(240 * step));
        ann.get("/api/v1/account").await.ok(200);
    }
    clock.set(seconds(8 * 3600 + 1));
    ann.get("/api/v1/account").await.problem(401, "no_session");
}

#[tokio::test]
async fn without_renewal_a_session_ends_with_its_token() {
    let clock = Clock::new();
    let server = Launch::new().clock(&clock).setting("GALLERY__AUTH__SESSION_RENEWAL", "false").start().await;
    let ann = server.member("ann").await;
    clock.set(seconds(200));
    assert!(ann.get("/api/v1/account").await.expect(200).set_cookies().is_empty());
    clock.set(seconds(301));
    ann.get("/api/v1/account").await.problem(401, "no_session");
}

/// Rule 13.
#[tokio::test]
async fn links_are_good_for_ten_minutes() {
    let clock = Clock::new();
    let server = start(&clock).await;
    let client = server.client();
    let ann = Person::named("ann");
    client.sign_up(&ann).await;
    let confirmation = server.outbox().nth_to(&ann.email, 1).await.token("/confirm/");
    clock.set(seconds(602));
    client
        .post("/api/v1/accounts/confirm", json!({"token": confirmation}))
        .await
        .problem(422, "token_expired");
    let page = client.get(&format!("/confirm/{confirmation}")).await;
    assert!(page.status >= 400 && page.text().contains("new link"), "{}: {}", page.status, page.text());

    client.post("/api/v1/accounts/resend-confirmation", json!({"email": ann.email})).await.ok(202);
    let confirmation = server.outbox().nth_to(&ann.email, 2).await.token("/confirm/");
    clock.set(seconds(602 + 590));
    client.post("/api/v1/accounts/confirm", json!({"token": confirmation})).await.ok(204);

    client.post("/api/v1/accounts/forgot-password", json!({"email": ann.email})).await.ok(202);
    let reset = server.outbox().latest_to(&ann.email, "Choose a new").await.token("/reset/");
    clock.set(seconds(602 + 590 + 602));
    let body = json!({"token": reset, "password": "a password chosen too late"});
    client.post("/api/v1/accounts/reset-password", body).await.problem(422, "token_expired");
    client.log_in(&ann).await;
}

#[tokio::test]
async fn a_sign_up_that_is_not_confirmed_disappears_after_a_day() {
    let clock = Clock::new();
    let server = start(&clock).await;
    let ann = server.member("ann").await;
    let bob = Person::named("bob");
    server.client().sign_up(&bob).await;
    let token = server.outbox().nth_to(&bob.email, 1).await.token("/confirm/");
    let launch = server.stop().await;
    let swept = || {
        let output = launch.run(&["admin", "sweep"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    clock.set(seconds(23 * 3600));
    // What ended with the sessions and counters of the first minutes goes here.
    swept();
    assert!(swept().contains("expired records 0,"));
    clock.set(seconds(24 * 3600 + 60));
    assert!(swept().contains("expired records 1,"));
    let users = launch.run(&["admin", "users", "--json"]);
    assert_eq!(String::from_utf8_lossy(&users.stdout).lines().count(), 1);
    let server = launch.start().await;
    let confirm = server.client().post("/api/v1/accounts/confirm", json!({"token": token})).await;
    assert_eq!(confirm.status, 422);
    server.client().log_in(&ann.person).await;
    server.stop().await.verify();
}

/// A server that was killed in the middle of an upload with this key, and started again.
async fn killed_in_an_upload(server: Server, ann: &Member, album: &str, key: &'static str) -> Server {
    let upload = {
        let ann = ann.copy();
        let path = format!("/api/v1/albums/{album}/photos");
        tokio::spawn(async move {
            let head = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n";
            let start = [head.as_slice(), &Sample::new(2000, 1000).jpeg()].concat();
            let parts = futures_util::stream::unfold(Some(start), |part| async {
                match part {
                    Some(bytes) => Some((Ok::<_, std::io::Error>(bytes), None)),
                    None => std::future::pending().await,
                }
            });
            let body = reqwest::Body::wrap_stream(parts);
            let request = ann.request(Method::POST, &path).header("idempotency-key", key);
            request.body("multipart/form-data; boundary=b", body).try_send().await.is_ok()
        })
    };
    eventually("the reservation", async || (ann.used().await > RECORD_BYTES).then_some(())).await;
    let server = server.kill().start().await;
    assert!(!upload.await.expect("the task ends"), "the upload was answered");
    server
}

/// An upload that a crash cut off holds its key for a minute, and then gives it to its repetition.
#[tokio::test]
async fn an_upload_that_a_crash_cut_off_is_repeated_after_a_minute() {
    let clock = Clock::new();
    let server = start(&clock).await;
    let ann = server.member("ann").await;
    let album = ann.album("Cut").await;
    let server = killed_in_an_upload(server, &ann, &album, "key-1").await;
    let client = server.client();
    client.log_in(&ann.person).await;
    let again = async |seed| {
        let request = client.upload_request(&album, &Upload::small(seed), &[]);
        request.header("idempotency-key", "key-1").send().await
    };
    clock.set(seconds(61));
    let photo = again(1).await.expect(201).json();
    assert_eq!(again(1).await.expect(201).json(), photo);
    again(2).await.problem(422, "idempotency_mismatch");
    assert_eq!(client.all_ids("/api/v1/photos").await, [id_of(&photo)]);
    assert_eq!(client.used().await, RECORD_BYTES + client.counted(&photo).await);
    server.stop().await.verify();
}

/// An upload that a crash cut off holds quota for some minutes, and nothing after them.
#[tokio::test]
async fn what_a_crash_leaves_of_an_upload_is_swept() {
    let clock = Clock::new();
    let server = start(&clock).await;
    let ann = server.member("ann").await;
    let album = ann.album("Cut").await;
    let server = killed_in_an_upload(server, &ann, &album, "key-1").await;
    let client = server.client();
    client.log_in(&ann.person).await;
    assert!(client.used().await > RECORD_BYTES, "the deadline has not passed");
    clock.set(seconds(12 * 60));
    client.log_in(&ann.person).await;
    eventually("the sweep", async || (client.used().await == RECORD_BYTES).then_some(())).await;
    assert_eq!(client.all_ids("/api/v1/photos").await, Vec::<String>::new());
    server.stop().await.verify();
}
