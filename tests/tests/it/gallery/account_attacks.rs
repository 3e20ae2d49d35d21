//! Attacks on accounts, as a client sees them. Rule numbers are those of `docs/security.md`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gallery_tests::guesses::{Guesses, guess_in_parallel};
use gallery_tests::{Answer, Client, Launch, Person, Server};
use reqwest::Method;
use serde_json::{Value, json};

/// A gallery behind a proxy on this machine, so that a request may come from anywhere.
fn behind_proxy() -> Launch {
    Launch::new().setting("GALLERY__SERVER__TRUSTED_PROXIES", "127.0.0.1")
}

async fn post_from(client: &Client, address: &str, path: &str, body: &Value) -> Answer {
    client.request(Method::POST, path).header("x-forwarded-for", address).json(body).send().await
}

fn credentials(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password})
}

/// Rule 47: 230 connections of one address, over its limit, send sign-ups; log-ins from other
/// addresses succeed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_sign_ups_keeps_nobody_from_logging_in() {
    let server = behind_proxy().setting("GALLERY__THROTTLING__MAILS_PER_CLIENT", "50").start().await;
    let ann = server.member("ann").await;
    let over = Arc::new(AtomicBool::new(false));
    let flood = (0..230).map(|connection| {
        let (client, over) = (server.client(), Arc::clone(&over));
        tokio::spawn(async move {
            let mut answers = [0, 0, 0];
            while !over.load(Ordering::Relaxed) {
                let email = format!("victim{connection}-{}@example.org", answers[1]);
                let body = json!({"email": email, "password": "a long enough one", "name": "Eve"});
                let status = post_from(&client, "203.0.113.9", "/api/v1/accounts", &body).await.status;
                match status {
                    202 => answers[0] += 1,
                    429 => answers[1] += 1,
                    // Its own queue is full.
                    503 => answers[2] += 1,
                    other => panic!("a sign-up was answered with {other}"),
                }
            }
            answers
        })
    });
    let flood: Vec<_> = flood.collect();
    for number in 0..26 {
        let address = format!("198.51.100.{number}");
        let body = credentials(&ann.person.email, &ann.person.password);
        post_from(&server.client(), &address, "/api/v1/sessions", &body).await.ok(201);
    }
    over.store(true, Ordering::Relaxed);
    let (mut taken, mut refused, mut turned_away) = (0, 0, 0);
    for connection in flood {
        let [some, more, most] = connection.await.expect("every sign-up is answered");
        (taken, refused, turned_away) = (taken + some, refused + more, turned_away + most);
    }
    assert_eq!(taken + turned_away, 50, "as many as one address may");
    assert!(refused > 230, "{refused} sign-ups were refused: there was no flood");
}

/// Rule 48: however many guesses run at once, as many are compared as the limit allows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_guesses_at_once_are_ten() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let guesses = guess_in_parallel(&[server.client()], &ann.person.email, 200).await;
    assert_eq!(guesses, Guesses { compared: 10, refused: 190, other: 0 });
}

/// Rule 48: guesses from many addresses are capped together, which the owner's own browser does not
/// notice.
#[tokio::test]
async fn guesses_from_many_addresses_are_capped_and_a_known_browser_gets_in() {
    let server = behind_proxy().start().await;
    let ann = server.member("ann").await;
    let (email, stranger) = (&ann.person.email, server.client());
    let mut compared = 0;
    for number in 0..300 {
        let address = format!("198.51.100.{}", number % 30);
        let wrong = credentials(email, "not her password");
        match post_from(&stranger, &address, "/api/v1/sessions", &wrong).await.status {
            401 => compared += 1,
            429 => {}
            other => panic!("a guess was answered with {other}"),
        }
    }
    assert_eq!(compared, 100);
    let right = credentials(email, &ann.person.password);
    post_from(&stranger, "203.0.113.9", "/api/v1/sessions", &right).await.problem(429, "too_many_attempts");
    ann.delete("/api/v1/sessions/current").await.ok(204);
    assert!(ann.cookies().contains_key("gallery_device"), "it outlives the session");
    post_from(&ann, "203.0.113.9", "/api/v1/sessions", &right).await.ok(201);
    ann.get("/api/v1/account").await.ok(200);
}

/// Rule 48: an IPv6 client is its /64, whatever addresses it takes in it; and the /48 may do four
/// times as much.
#[tokio::test]
async fn an_ipv6_network_is_one_client() {
    let server = behind_proxy().setting("GALLERY__THROTTLING__FAILURES_PER_CLIENT", "3").start().await;
    let client = server.client();
    let mut compared = Vec::new();
    for network in 0..6 {
        let mut of_network = 0;
        for host in 1..=5 {
            let address = format!("2001:db8:7:{network}::{host:x}:1");
            let wrong = credentials(&format!("user{network}{host}@example.org"), "a wrong password");
            let status = post_from(&client, &address, "/api/v1/sessions", &wrong).await.status;
            assert!(status == 401 || status == 429, "{status}");
            of_network += u32::from(status == 401);
        }
        compared.push(of_network);
    }
    assert_eq!(compared, [3, 3, 3, 3, 0, 0]);
}

/// Rule 49: somebody who signs up with a stranger's address and logs in learns nothing of it.
#[tokio::test]
async fn a_log_in_tells_nothing_of_an_address() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let own = "the stranger's own password";
    let mut answers = Vec::new();
    for email in [ann.person.email.as_str(), "nobody@example.org"] {
        let client = server.client();
        let person = Person { email: email.to_owned(), password: own.to_owned(), name: "Eve".to_owned() };
        client.sign_up(&person).await;
        let unconfirmed = client.post("/api/v1/sessions", credentials(email, own)).await;
        let wrong = client.post("/api/v1/sessions", credentials(email, "a wrong password")).await;
        answers.extend([unconfirmed, wrong]);
    }
    answers.push(server.client().post("/api/v1/sessions", credentials("unknown@example.org", own)).await);
    for answer in &answers {
        answer.problem(401, "bad_credentials");
        assert_eq!(answer.json(), answers[0].json());
        let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(answer), names(&answers[0]));
        assert_eq!(answer.set_cookies().len(), 0);
    }
    let detail = answers[0].json()["detail"].as_str().expect("a sentence").to_owned();
    assert!(detail.contains("address or password") && detail.contains("link in the e-mail"), "{detail}");
    ann.get("/api/v1/account").await.ok(200);
}

/// Rule 50: the owner of an address opens the link of her own sign-up, which somebody else has
/// followed by another.
#[tokio::test]
async fn a_link_confirms_the_sign_up_that_caused_it_and_no_other() {
    let server = Server::start().await;
    let ann = Person::named("ann");
    let intruder = Person { password: "an intruder's choice".to_owned(), ..ann.clone() };
    server.client().sign_up(&ann).await;
    let hers = server.outbox().nth_to(&ann.email, 1).await;
    server.client().sign_up(&intruder).await;
    let other = server.outbox().nth_to(&ann.email, 2).await.token("/confirm/");
    let client = server.client();
    client.get(&hers.link("/confirm/")).await.ok(303);

    client.log_in(&ann).await;
    let refused = credentials(&intruder.email, &intruder.password);
    server.client().post("/api/v1/sessions", refused.clone()).await.problem(401, "bad_credentials");
    let late = json!({"token": other});
    client.post("/api/v1/accounts/confirm", late).await.problem(422, "token_invalid");
    server.client().post("/api/v1/sessions", refused).await.problem(401, "bad_credentials");
    client.get(&hers.link("/confirm/")).await.ok(303);
    server.stop().await.verify();
}

/// Rule 51: ten foreign sign-ups do not use up the mails that the owner asks for.
#[tokio::test]
async fn foreign_sign_ups_do_not_keep_the_owner_from_a_new_password() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let eve = Person { password: "a password of Eve's".to_owned(), ..ann.person.clone() };
    for _ in 0..12 {
        server.client().sign_up(&eve).await;
    }
    let again = json!({"email": eve.email});
    for _ in 0..12 {
        server.client().post("/api/v1/accounts/resend-confirmation", again.clone()).await.ok(202);
    }
    server.client().post("/api/v1/accounts/forgot-password", again).await.ok(202);
    server.outbox().latest_to(&ann.person.email, "Choose a new password").await.token("/reset/");
}

/// Rule 52: what a stranger types as a name is not mailed to somebody else.
#[tokio::test]
async fn a_strangers_words_are_not_mailed_on() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let lure = "Win 1000 at https://evil.example/now";
    let long = format!("Dear customer {}", "of ours ".repeat(10).trim_end());
    for name in [lure, "Visit evil.example today", &long] {
        let known = Person { name: name.to_owned(), ..ann.person.clone() };
        server.client().sign_up(&known).await;
        let mail = server.outbox().latest_to(&ann.person.email, "already have an account").await;
        assert!(mail.text.starts_with("Hello ann,"), "{}", mail.text);
        assert!(!mail.raw.contains("evil.example") && !mail.raw.contains("Dear customer"), "{}", mail.raw);
    }
    for (number, name) in [lure, "Visit evil.example today", &long].into_iter().enumerate() {
        let new = Person { name: name.to_owned(), ..Person::named(&format!("new{number}")) };
        server.client().sign_up(&new).await;
        let mail = server.outbox().nth_to(&new.email, 1).await;
        assert!(mail.text.starts_with("Hello,"), "{}", mail.text);
        assert!(!mail.raw.contains("evil.example") && !mail.raw.contains("Dear customer"), "{}", mail.raw);
    }
}

/// Rule 59: nothing of Django's list passes, and what is only emoji does when it is long.
#[tokio::test]
async fn listed_passwords_are_refused_and_long_emoji_are_not() {
    let server = Server::start().await;
    let client = server.client();
    let listed: Vec<&str> = include_str!("django-common-passwords.txt").lines().collect();
    assert!(listed.len() >= 190);
    for password in listed {
        let body = json!({"email": "eve@example.org", "password": password, "name": "Eve"});
        let answer = client.post("/api/v1/accounts", body).await;
        answer.problem(422, "invalid");
        let fields = answer.invalid_fields();
        assert_eq!(fields, [("password".to_owned(), "too_common".to_owned())], "{password}");
    }
    let ann = Person {
        password: "🐚🌊🦀🐙🏖🌞🚤🎣🪁🍉🕶🧴".to_owned(), ..Person::named("ann")
    };
    client.sign_up(&ann).await;
    let token = server.outbox().nth_to(&ann.email, 1).await.token("/confirm/");
    client.post("/api/v1/accounts/confirm", json!({"token": token})).await.ok(204);
    client.log_in(&ann).await;
}
