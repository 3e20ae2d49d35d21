//! Logging in and out, and the list of sessions. Rule numbers are those of `docs/security.md`.

use gallery_tests::member::id_of;
use gallery_tests::{Client, Person, Server};
use reqwest::Method;
use serde_json::{Value, json};

async fn log_in_as(client: &Client, person: &Person, user_agent: &str) {
    let body = json!({"email": person.email, "password": person.password});
    client
        .request(Method::POST, "/api/v1/sessions")
        .header("user-agent", user_agent)
        .json(&body)
        .send()
        .await
        .ok(201);
}

async fn sessions(client: &Client) -> Vec<Value> {
    let list = client.get("/api/v1/sessions").await.expect(200).json();
    list["items"].as_array().expect("items").clone()
}

#[tokio::test]
async fn a_person_sees_and_ends_their_sessions() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let phone = server.client();
    log_in_as(&phone, &ann.person, "Phone/1.0").await;

    let all = sessions(&ann).await;
    assert_eq!(all.len(), 2);
    let other = all.iter().find(|session| session["current"] == false).expect("the phone's session");
    assert_eq!(other["user_agent"], "Phone/1.0");
    for field in ["created_at", "last_seen_at"] {
        assert!(other[field].as_str().is_some_and(|at| at.ends_with('Z')), "{field} in {other}");
    }

    ann.delete(&format!("/api/v1/sessions/{}", id_of(other))).await.ok(204);
    assert_eq!(phone.get("/api/v1/account").await.status, 401);
    assert_eq!(sessions(&ann).await.len(), 1);
}

/// Rule 10.
#[tokio::test]
async fn logging_out_ends_the_session_for_every_copy_of_its_cookie() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let stolen = ann.copy();
    ann.delete("/api/v1/sessions/current").await.ok(204);
    assert!(!ann.cookies().contains_key("gallery_session"), "the cookie is taken away");
    let replays = (0..20).map(|_| {
        let thief = stolen.copy();
        tokio::spawn(async move { thief.get("/api/v1/account").await.status })
    });
    for replay in replays.collect::<Vec<_>>() {
        assert_eq!(replay.await.expect("the replay is answered"), 401);
    }
}

#[tokio::test]
async fn the_log_in_page_leads_back_to_where_one_wanted_to_go() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let visitor = server.client();
    let sent = visitor.get("/albums/new").await.expect(303).location();
    assert!(sent.starts_with("/login?next="), "{sent}");
    let page = visitor.get(&sent).await.expect(200).text();
    assert!(page.contains("/albums/new"), "{page}");
    let next = [("email", &*ann.person.email), ("password", &*ann.person.password), ("next", "/albums/new")];
    let landed = visitor.submit("/login", &next).await.expect(303).location();
    assert_eq!(landed, "/albums/new");
    visitor.get("/albums/new").await.ok(200);

    for evil in ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"] {
        let fields = [("email", &*ann.person.email), ("password", &*ann.person.password), ("next", evil)];
        let landed = server.client().submit("/login", &fields).await.expect(303);
        assert_eq!(landed.header("location"), "/", "next={evil}");
    }
}

#[tokio::test]
async fn the_log_out_form_works() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let stolen = ann.copy();
    let answer = ann.submit("/logout", &[]).await.expect(303);
    assert!(answer.location().starts_with("/login"), "{}", answer.location());
    assert_eq!(stolen.get("/api/v1/account").await.status, 401);
}

/// Rule 8.
#[tokio::test]
async fn a_preset_cookie_is_replaced_at_log_in() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let first = ann.session_token();
    ann.log_in(&ann.person).await;
    assert_ne!(ann.session_token(), first);

    let visitor = server.client();
    visitor.cookies().insert("gallery_session".to_owned(), "set-by-somebody-else".to_owned());
    visitor.log_in(&ann.person).await;
    assert_ne!(visitor.session_token(), "set-by-somebody-else");
}

#[tokio::test]
async fn cookies_that_were_not_issued_are_no_session() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let good = ann.session_token();
    let mut changed = good.clone().into_bytes();
    let middle = changed.len() * 3 / 4;
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).expect("ASCII");
    for forged in ["", "x", "a.b.c", &good[..good.len() - 2], &good[1..], &changed, &"A".repeat(6_000)] {
        let thief = server.client();
        thief.cookies().insert("gallery_session".to_owned(), forged.to_owned());
        let answer = thief.get("/api/v1/account").await;
        assert!(matches!(answer.status, 401 | 431), "{forged}: {}", answer.status);
    }
    ann.get("/api/v1/account").await.ok(200);
}

/// Rule 37.
#[tokio::test]
async fn guessing_passwords_is_slowed_down() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let guesser = server.client();
    let mut refused = None;
    for number in 0..30 {
        let body = json!({"email": ann.person.email, "password": format!("guess number {number}")});
        let answer = guesser.post("/api/v1/sessions", body).await;
        if answer.status == 429 {
            refused = Some((number, answer));
            break;
        }
        answer.problem(401, "bad_credentials");
    }
    let (after, answer) = refused.expect("guessing goes on for ever");
    assert!(after >= 5, "a person who mistypes is not locked out after {after}");
    assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0));
    // The right password does not help the guesser now, and nobody else is slowed down.
    let body = json!({"email": ann.person.email, "password": ann.person.password});
    assert_eq!(guesser.post("/api/v1/sessions", body).await.status, 429);
    server.member("bob").await;
}

/// Rule 43: nobody who is no configured proxy says where a request comes from.
#[tokio::test]
async fn a_guesser_cannot_claim_to_be_many() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let mut last = 0;
    for number in 0..30 {
        let body = json!({"email": ann.person.email, "password": format!("guess number {number}")});
        let request = server.client();
        let request = request.request(Method::POST, "/api/v1/sessions");
        let request = request.header("x-forwarded-for", &format!("198.51.100.{number}"));
        last =
            request.header("forwarded", &format!("for=198.51.100.{number}")).json(&body).send().await.status;
    }
    assert_eq!(last, 429);
}

/// Rule 36.
#[tokio::test]
async fn logging_in_tells_nobody_which_addresses_are_known() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let try_with = async |email: &str| {
        let body = json!({"email": email, "password": "not the password"});
        let mut answer = server.client().post("/api/v1/sessions", body).await.expect(401);
        answer.headers.remove("x-request-id");
        answer.headers.remove("date");
        (answer.json(), answer.headers)
    };
    assert_eq!(try_with(&ann.person.email).await, try_with("nobody@example.org").await);
}

#[tokio::test]
async fn a_member_of_one_gallery_is_a_stranger_in_another() {
    let one = Server::start().await;
    let other = Server::start().await;
    let ann = one.member("ann").await;
    let visitor = other.client();
    visitor.cookies().clone_from(&ann.cookies());
    assert_eq!(visitor.get("/api/v1/account").await.status, 401);
}
