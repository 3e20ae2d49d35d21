//! Passwords: which are taken, how they are changed and reset. Rule numbers are those of
//! `docs/security.md`.

use gallery_tests::{Member, Person, Server};
use serde_json::json;

/// Rules 1 and 3.
#[tokio::test]
async fn weak_passwords_are_refused() {
    let server = Server::start().await;
    let client = server.client();
    let long = "l".repeat(1_100_000);
    for (password, code) in [
        ("", "required"),
        ("eleven-char", "too_short"),
        ("Ann.Lee@Example.org", "too_personal"),
        ("password1234", "too_common"),
        ("p@ssw0rd1234", "too_common"),
        ("4nn.l33@example.0rg", "too_personal"),
        (long.as_str(), "too_long"),
    ] {
        let body = json!({"email": "ann.lee@example.org", "password": password, "name": "Ann"});
        let answer = client.post("/api/v1/accounts", body).await;
        if password.len() > 100_000 && answer.status == 413 {
            continue; // The body as a whole may be refused first.
        }
        answer.problem(422, "invalid");
        assert_eq!(answer.invalid_fields(), [("password".to_owned(), code.to_owned())]);
    }
}

/// Rule 2: every character counts.
#[tokio::test]
async fn long_passwords_are_neither_cut_nor_folded() {
    let server = Server::start().await;
    let client = server.client();
    let password = format!("{}Tail of the password, é", "correct horse battery staple ".repeat(3));
    let ann = Person { password: password.clone(), ..Person::named("ann") };
    client.sign_up(&ann).await;
    let mail = server.outbox().nth_to(&ann.email, 1).await;
    client.post("/api/v1/accounts/confirm", json!({"token": mail.token("/confirm/")})).await.ok(204);
    let cut: String = password.chars().take(72).collect();
    for other in [cut, password.to_lowercase(), password.replace("Tail", "Tale")] {
        let body = json!({"email": ann.email, "password": other});
        client.post("/api/v1/sessions", body).await.problem(401, "bad_credentials");
    }
    client.log_in(&ann).await;
}

/// Rule 6.
#[tokio::test]
async fn changing_the_password_asks_for_the_current_one_and_ends_other_sessions() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let elsewhere = server.client();
    elsewhere.log_in(&ann.person).await;

    let new = "a completely different one";
    let change = |current: &str| json!({"current_password": current, "new_password": new});
    ann.post("/api/v1/account/password", change("not the current")).await.problem(403, "bad_credentials");
    elsewhere.get("/api/v1/account").await.ok(200);

    ann.post("/api/v1/account/password", change(&ann.person.password)).await.ok(204);
    ann.get("/api/v1/account").await.ok(200);
    assert_eq!(elsewhere.get("/api/v1/account").await.status, 401);
    let mail = server.outbox().latest_to(&ann.person.email, "password").await;
    assert!(mail.text.contains("was changed"), "{}", mail.text);

    let old = json!({"email": ann.person.email, "password": ann.person.password});
    elsewhere.post("/api/v1/sessions", old).await.problem(401, "bad_credentials");
    elsewhere.log_in(&Person { password: new.to_owned(), ..ann.person.clone() }).await;
}

async fn reset_token(server: &Server, member: &Member) -> String {
    let body = json!({"email": member.person.email});
    let answer = member.stranger().post("/api/v1/accounts/forgot-password", body).await;
    assert_eq!(answer.expect(202).json(), json!({}));
    server.outbox().latest_to(&member.person.email, "Choose a new password").await.token("/reset/")
}

/// Rule 13.
#[tokio::test]
async fn a_forgotten_password_is_replaced_once() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let token = reset_token(&server, &ann).await;
    let stranger = server.client();

    let weak = json!({"token": token, "password": "short"});
    stranger.post("/api/v1/accounts/reset-password", weak).await.problem(422, "invalid");
    let new = Person { password: "chosen after forgetting".to_owned(), ..ann.person.clone() };
    let reset = json!({"token": token, "password": new.password});
    stranger.post("/api/v1/accounts/reset-password", reset.clone()).await.ok(204);

    assert_eq!(ann.get("/api/v1/account").await.status, 401, "all sessions have ended");
    stranger.log_in(&new).await;
    stranger.post("/api/v1/accounts/reset-password", reset).await.problem(422, "token_invalid");
}

/// Rule 13: of any number of redemptions one succeeds.
#[tokio::test]
async fn a_reset_link_works_once_however_many_try_at_once() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let token = reset_token(&server, &ann).await;
    let attempts = (0..20).map(|number| {
        let client = server.client();
        let body = json!({"token": token, "password": format!("parallel attempt {number}")});
        tokio::spawn(async move { client.post("/api/v1/accounts/reset-password", body).await.status })
    });
    let mut succeeded = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        match attempt.await.expect("the attempt is answered") {
            204 => succeeded += 1,
            status => assert!(status == 422 || status == 503, "{status}"),
        }
    }
    assert_eq!(succeeded, 1);
}

#[tokio::test]
async fn asking_for_a_reset_tells_nobody_which_addresses_are_known() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let unknown = json!({"email": "nobody@example.org"});
    let answer = server.client().post("/api/v1/accounts/forgot-password", unknown).await.expect(202);
    assert_eq!(answer.json(), json!({}));
    reset_token(&server, &ann).await;
    assert_eq!(server.outbox().to("nobody@example.org").len(), 0);
}

/// Rule 14: a token is good for its purpose only.
#[tokio::test]
async fn links_cannot_be_exchanged() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let confirmation = server.outbox().latest_to(&ann.person.email, "Confirm").await.token("/confirm/");
    let reset = reset_token(&server, &ann).await;
    let stranger = server.client();
    let body = json!({"token": confirmation, "password": "a password of somebody else"});
    stranger.post("/api/v1/accounts/reset-password", body).await.problem(422, "token_invalid");
    let body = json!({"token": reset});
    stranger.post("/api/v1/accounts/confirm", body).await.problem(422, "token_invalid");
    stranger.log_in(&ann.person).await;
}

/// Rule 15: a mail's link leads to the configured address, whatever the request claims.
#[tokio::test]
async fn links_ignore_forged_hosts() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let client = server.client();
    client
        .request(reqwest::Method::POST, "/api/v1/accounts/forgot-password")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example")
        .header("host", "evil.example")
        .json(&json!({"email": ann.person.email}))
        .send()
        .await
        .ok(202);
    let mail = server.outbox().latest_to(&ann.person.email, "Choose a new password").await;
    assert!(mail.link("/reset/").starts_with(&server.base_url()));
    assert!(!mail.raw.contains("evil.example"));
}
