//! Signing up, confirming, and what an account says about itself.

use gallery_tests::{Person, Server};
use serde_json::json;

#[tokio::test]
async fn a_person_signs_up_confirms_and_logs_in() {
    let server = Server::start().await;
    let client = server.client();
    let ann = Person::named("ann");
    client.sign_up(&ann).await;

    let credentials = json!({"email": ann.email, "password": ann.password});
    client.post("/api/v1/sessions", credentials.clone()).await.problem(401, "bad_credentials");

    let mail = server.outbox().nth_to(&ann.email, 1).await;
    let link = mail.link("/confirm/");
    assert!(link.starts_with(&server.base_url()), "{link}");
    assert!(mail.html.contains(&link), "the HTML part has the link, too");
    for _ in 0..2 {
        let opened = client.get(&link).await.expect(303);
        assert!(opened.location().starts_with("/login"), "{}", opened.location());
    }

    let answer = client.post("/api/v1/sessions", credentials).await.expect(201);
    assert_eq!(answer.json()["user"]["email"], ann.email.as_str());
    assert!(answer.json()["expires_at"].as_str().is_some_and(|at| at.ends_with('Z')));
    let account = client.get("/api/v1/account").await.expect(200).json();
    assert_eq!(account["name"], "ann");
    assert_eq!(account["usage"]["albums"], 0);
    assert_eq!(account["usage"]["bytes"], 0);
    assert!(account["usage"]["quota_bytes"].as_u64().is_some_and(|quota| quota >= 1 << 30));
}

#[tokio::test]
async fn signing_up_tells_nobody_which_addresses_are_known() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let again = Person { email: "ANN@example.org".to_owned(), ..Person::named("mallory") };
    let unknown = Person::named("bob");
    let stranger = server.client();
    let body =
        |person: &Person| json!({"email": person.email, "password": person.password, "name": "Mallory"});
    let known = stranger.post("/api/v1/accounts", body(&again)).await.expect(202);
    let new = stranger.post("/api/v1/accounts", body(&unknown)).await.expect(202);
    assert_eq!(known.json(), new.json());
    assert_eq!(known.json(), json!({}));

    let mail = server.outbox().latest_to("ann@example.org", "already have an account").await;
    assert!(!mail.text.contains("/confirm/"), "{}", mail.text);
    // Neither her name nor her password has changed.
    assert_eq!(ann.get("/api/v1/account").await.expect(200).json()["name"], "ann");
    stranger.log_in(&ann.person).await;
}

#[tokio::test]
async fn every_wrong_field_of_a_sign_up_is_named() {
    let server = Server::start().await;
    let body = json!({"email": "not an address", "password": "short", "name": " "});
    let answer = server.client().post("/api/v1/accounts", body).await;
    answer.problem(422, "invalid");
    let fields: Vec<String> = answer.invalid_fields().into_iter().map(|(field, _)| field).collect();
    assert!(fields.contains(&"email".to_owned()) && fields.contains(&"name".to_owned()), "{fields:?}");
}

#[tokio::test]
async fn a_new_confirmation_link_is_sent_to_pending_accounts_only() {
    let server = Server::start().await;
    let bob = server.member("bob").await;
    let client = server.client();
    let ann = Person::named("ann");
    client.sign_up(&ann).await;
    server.outbox().nth_to(&ann.email, 1).await;

    for email in ["nobody@example.org", &bob.person.email, &ann.email] {
        let answer = client.post("/api/v1/accounts/resend-confirmation", json!({"email": email})).await;
        assert_eq!(answer.expect(202).json(), json!({}));
    }
    let second = server.outbox().nth_to(&ann.email, 2).await;
    let token = second.token("/confirm/");
    client.post("/api/v1/accounts/confirm", json!({"token": token})).await.ok(204);
    client.log_in(&ann).await;
    assert_eq!(server.outbox().to("nobody@example.org").len(), 0);
    assert_eq!(server.outbox().to(&bob.person.email).len(), 1, "only his own confirmation");
}

#[tokio::test]
async fn whoever_has_not_confirmed_can_sign_up_again() {
    let server = Server::start().await;
    let client = server.client();
    let ann = Person::named("ann");
    let earlier = Person { password: "an earlier choice of hers".to_owned(), ..ann.clone() };
    client.sign_up(&earlier).await;
    server.outbox().nth_to(&ann.email, 1).await;
    client.sign_up(&ann).await;
    let mail = server.outbox().nth_to(&ann.email, 2).await;
    client.post("/api/v1/accounts/confirm", json!({"token": mail.token("/confirm/")})).await.ok(204);

    let body = json!({"email": earlier.email, "password": earlier.password});
    client.post("/api/v1/sessions", body).await.problem(401, "bad_credentials");
    client.log_in(&ann).await;
}

#[tokio::test]
async fn an_expired_link_or_the_browser_of_the_sign_up_names_it() {
    let server = Server::start().await;
    let (client, ann) = (server.client(), Person::named("ann"));
    client.sign_up(&ann).await;
    let link = server.outbox().nth_to(&ann.email, 1).await.token("/confirm/");
    let intruder = Person { password: "an intruder's choice".to_owned(), ..ann.clone() };
    server.client().sign_up(&intruder).await;
    server.outbox().nth_to(&ann.email, 2).await;

    let again = "/api/v1/accounts/resend-confirmation";
    let by_address = json!({"email": ann.email});
    server.client().post(again, by_address.clone()).await.ok(202);
    let mail = server.outbox().nth_to(&ann.email, 3).await;
    assert!(mail.subject.contains("again") && !mail.text.contains("/confirm/"), "{}", mail.text);
    client.post(again, by_address).await.ok(202);
    server.outbox().nth_to(&ann.email, 4).await.token("/confirm/");
    server.client().post(again, json!({"token": link})).await.ok(202);
    let token = server.outbox().nth_to(&ann.email, 5).await.token("/confirm/");
    client.post("/api/v1/accounts/confirm", json!({"token": token})).await.ok(204);
    client.log_in(&ann).await;

    client.post(again, json!({"token": format!("{link}x")})).await.problem(422, "token_invalid");
    for neither in [json!({}), json!({"email": ann.email, "token": link})] {
        client.post(again, neither).await.problem(422, "invalid");
    }
}

#[tokio::test]
async fn of_many_sign_ups_with_one_address_one_account_results() {
    let server = Server::start().await;
    let client = server.client();
    let ann = Person::named("ann");
    let sign_ups = (0..10).map(|_| {
        let (client, ann) = (client.clone(), ann.clone());
        tokio::spawn(async move { client.sign_up(&ann).await })
    });
    for sign_up in sign_ups.collect::<Vec<_>>() {
        sign_up.await.expect("every sign-up is answered with 202");
    }
    let mail = server.outbox().nth_to(&ann.email, 10).await;
    client.post("/api/v1/accounts/confirm", json!({"token": mail.token("/confirm/")})).await.ok(204);
    client.log_in(&ann).await;
    client.delete("/api/v1/sessions/current").await.ok(204);
    server.stop().await.verify();
}

#[tokio::test]
async fn a_person_changes_their_name() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let renamed = ann.patch("/api/v1/account", json!({"name": "  Ann   Lee "})).await.expect(200).json();
    assert_eq!(renamed["name"], "Ann Lee");
    assert_eq!(ann.get("/api/v1/account").await.expect(200).json()["name"], "Ann Lee");
    let answer = ann.patch("/api/v1/account", json!({"name": "x".repeat(101)})).await;
    answer.problem(422, "invalid");
    assert_eq!(answer.invalid_fields(), [("name".to_owned(), "too_long".to_owned())]);
    ann.patch("/api/v1/account", json!({"email": "new@example.org"})).await.problem(400, "malformed");
}

#[tokio::test]
async fn names_are_text_in_mails_and_never_header_fields() {
    let server = Server::start().await;
    let client = server.client();
    let tricky = Person {
        name: "Ann <script>alert(1)</script> \"Lee\", Ünïcode".to_owned(),
        ..Person::named("ann")
    };
    client.sign_up(&tricky).await;
    let mail = server.outbox().nth_to(&tricky.email, 1).await;
    assert!(!mail.html.contains("<script>"), "{}", mail.html);
    assert!(mail.text.contains(&tricky.name), "{}", mail.text);

    let injected = json!({"email": "eve@example.org\r\nBcc: all@example.org", "password": tricky.password, "name": "Eve"});
    client.post("/api/v1/accounts", injected).await.problem(422, "invalid");
    let injected = json!({"email": "eve@example.org", "password": tricky.password, "name": "Eve\r\nBcc: all@example.org"});
    let status = client.post("/api/v1/accounts", injected).await.status;
    if status == 202 {
        let mail = server.outbox().nth_to("eve@example.org", 1).await;
        assert!(!mail.raw.lines().any(|line| line.starts_with("Bcc:")), "{}", mail.raw);
    } else {
        assert_eq!(status, 422);
    }
}
