//! `docs/security.md`, rule 61: every form works on plain http in a local network, too, where a
//! browser says nothing of `Sec-Fetch-Site`, and of the origin only what the page's referrer policy
//! lets it.

use std::time::Duration;

use gallery_tests::browser::LOCAL_NAME;
use gallery_tests::server::{Launch, free_port};
use gallery_tests::{Browser, Clock, Person};

#[tokio::test]
async fn the_forms_of_token_pages_work_on_a_name_of_the_local_network() {
    for javascript in [true, false] {
        sign_up_and_reset(async |base| Browser::open(base, javascript).await).await;
    }
}

#[tokio::test]
async fn the_forms_of_token_pages_work_on_a_name_of_the_local_network_in_firefox() {
    sign_up_and_reset(async |base| Browser::open_firefox(base).await).await;
}

/// Goes through every page that a token opens. The server's clock is moved on, so that a link is an
/// old one.
async fn sign_up_and_reset(open: impl AsyncFnOnce(&str) -> Browser) {
    let (clock, port) = (Clock::new(), free_port());
    let base = format!("http://{LOCAL_NAME}:{port}");
    let launch = Launch::new().clock(&clock).port(port).setting("GALLERY__SERVER__BASE_URL", &base);
    let server = launch.start().await;
    let (browser, ann) = (open(&base).await, Person::named("ann"));

    browser.goto("/signup").await;
    browser.fill("form[action='/signup'] [name=name]", &ann.name).await;
    browser.fill("form[action='/signup'] [name=email]", &ann.email).await;
    browser.fill("form[action='/signup'] [name=password]", "an earlier choice of hers").await;
    browser.click("form[action='/signup'] button").await;
    browser.wait_for_text("Check your e-mail").await;
    let expired = server.outbox().nth_to(&ann.email, 1).await.link("/confirm/");
    assert!(expired.starts_with(&base), "{expired}");
    clock.set(Duration::from_secs(601));
    browser.goto(&expired).await;
    browser.click("form[action='/resend'] button").await;
    browser.wait_for_path("the mailbox", |path| path == "/resend/sent").await;
    browser.goto(&server.outbox().nth_to(&ann.email, 2).await.link("/confirm/")).await;
    browser.wait_for_path("the log-in page", |path| path == "/login").await;

    browser.goto("/forgot").await;
    browser.fill("form[action='/forgot'] [name=email]", &ann.email).await;
    browser.click("form[action='/forgot'] button").await;
    browser.wait_for_path("the mailbox", |path| path == "/forgot/sent").await;
    browser.goto(&server.outbox().latest_to(&ann.email, "Choose a new").await.link("/reset/")).await;
    browser.fill("form [name=password]", &ann.password).await;
    browser.click("form button.button-primary").await;
    browser.wait_for_path("the log-in page", |path| path == "/login").await;
    browser.fill("form[action='/login'] [name=email]", &ann.email).await;
    browser.fill("form[action='/login'] [name=password]", &ann.password).await;
    browser.click("form[action='/login'] button").await;
    browser.wait_for_path("the albums", |path| path == "/").await;
    browser.close().await;
    server.stop().await.verify();
}
