//! `docs/security.md`, rules 40 and 41: what must never be in a log.

use gallery_tests::client::Upload;
use gallery_tests::member::id_of;
use gallery_tests::server::Launch;
use gallery_tests::{Person, Server};
use reqwest::Method;
use serde_json::json;

/// Uses everything that is secret, and returns it all.
async fn use_every_secret(server: &Server) -> Vec<String> {
    let ann = server.member("ann").await;
    let client = server.client();
    let confirmation = server.outbox().nth_to(&ann.person.email, 1).await.token("/confirm/");
    client.get(&format!("/confirm/{confirmation}")).await.ok(303);
    client.post("/api/v1/accounts/forgot-password", json!({"email": ann.person.email})).await.ok(202);
    let reset = server.outbox().latest_to(&ann.person.email, "Choose a new").await.token("/reset/");
    client.get(&format!("/reset/{reset}")).await.ok(200);
    let wrong = "canary-wrong-password-0815";
    let body = json!({"email": ann.person.email, "password": wrong});
    client.post("/api/v1/sessions", body).await.ok(401);
    let malformed = "{\"email\": \"ann@example.org\", \"password\": \"canary-in-broken-json\"";
    client.request(Method::POST, "/api/v1/sessions").body("application/json", malformed).send().await.ok(400);
    let new = "canary-new-password-4711";
    client.submit(&format!("/reset/{reset}"), &[("password", new)]).await.ok(303);
    let first = ann.session_token();
    client.log_in(&Person { password: new.to_owned(), ..ann.person.clone() }).await;
    let second = client.session_token();
    let album = client.album("canary-album-name").await;
    let photo =
        client.photo(&album, &Upload::small(1), &[("title", "canary-title"), ("tags", "canary-tag")]).await;
    client.get("/api/v1/search?q=canary-query").await.ok(200);
    client.get("/search?q=canary-query").await.ok(200);
    client.get(&format!("/api/v1/photos/{}/renditions/small", id_of(&photo))).await.ok(200);
    client.delete("/api/v1/sessions/current").await.ok(204);
    let secret = std::fs::read_to_string(server.data_folder().join("secret")).expect("the secret");
    vec![
        ann.person.email.clone(),
        ann.person.password.clone(),
        confirmation,
        reset,
        wrong.to_owned(),
        "canary-in-broken-json".to_owned(),
        new.to_owned(),
        first,
        second,
        secret.trim().to_owned(),
        "canary-title".to_owned(),
        "canary-query".to_owned(),
        "canary-album-name".to_owned(),
    ]
}

#[tokio::test]
async fn no_secret_reaches_the_log() {
    for (format, level) in [("readable", "info"), ("json", "debug")] {
        let launch =
            Launch::new().setting("GALLERY__LOG__FORMAT", format).setting("GALLERY__LOG__FILTER", level);
        let server = launch.start().await;
        let secrets = use_every_secret(&server).await;
        let log = server.log();
        assert!(log.lines().count() > 5, "nothing is logged: {log}");
        for secret in secrets {
            let line = log.lines().find(|line| line.contains(&secret));
            assert_eq!(line, None, "{format}: {secret} is in the log");
        }
        if format == "json" {
            for line in log.lines() {
                serde_json::from_str::<serde_json::Value>(line)
                    .unwrap_or_else(|error| panic!("{error}: {line}"));
            }
        }
    }
}

#[tokio::test]
async fn nobody_writes_lines_of_their_own_into_the_log() {
    let server = Server::start().await;
    let client = server.client();
    let forged = "x\r\n2026-01-01T00:00:00Z  INFO forged line\u{1b}[31m";
    for field in ["email", "name", "password"] {
        let mut body = json!({"email": "ann@example.org", "password": "violet-harbour-7!", "name": "Ann"});
        body[field] = json!(forged);
        client.post("/api/v1/accounts", body).await;
    }
    client.post("/api/v1/sessions", json!({"email": forged, "password": forged})).await;
    client.get("/x%0d%0aforged%20line%1b[31m").await;
    let agent = client.request(Method::GET, "/login").header("user-agent", "agent\tforged line");
    agent.send().await.ok(200);
    let log = server.log();
    assert!(
        !log.lines().any(|line| line.contains("forged line") && line.starts_with("2026-01-01T00:00:00Z")),
        "{log}"
    );
    assert!(!log.contains("\u{1b}[31m"), "{log}");
}

/// The embedded default prints confirmation links for the person at the terminal; the log does not
/// have them.
#[tokio::test]
async fn confirmation_links_are_printed_for_the_operator() {
    let server = Server::start().await;
    server.member("ann").await;
    let link = server.outbox().nth_to("ann@example.org", 1).await.link("/confirm/");
    assert!(server.printed().contains(&link), "{}", server.printed());
    assert!(!server.log().contains(&link));
}
