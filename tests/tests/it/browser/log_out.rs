//! `docs/security.md`, rule 60: after log-out and cancellation the browser shows no photo from its
//! cache.

use gallery_tests::client::Upload;
use gallery_tests::member::id_of;
use gallery_tests::server::{Launch, free_port};
use gallery_tests::{Browser, Client, Person, Sample};

/// What leaves the gallery: the page and the selectors of its form.
const WAYS_OUT: [(&str, &str); 2] = [("/", "form[action='/logout']"), ("/account/cancel", "main form")];

#[tokio::test]
async fn photos_are_not_shown_from_the_cache_after_log_out_or_cancellation() {
    for name in ["127.0.0.1", "gallery.lan"] {
        for (page, form) in WAYS_OUT {
            no_photo_is_shown_after(name, page, form).await;
        }
    }
}

async fn no_photo_is_shown_after(name: &str, page: &str, form: &str) {
    let port = free_port();
    let base = format!("http://{name}:{port}");
    let server = Launch::new().port(port).setting("GALLERY__SERVER__BASE_URL", &base).start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let file = Upload::new("sea.jpg", "image/jpeg", Sample::new(640, 480).jpeg());
    let photo = id_of(&ann.photo(&album, &file, &[]).await);

    let browser = Browser::open(&base, true).await;
    log_in(&browser, &ann.person).await;
    browser.goto(&format!("/photos/{photo}")).await;
    browser.wait_for_pictures("main img", 1).await;
    let shown = browser.attribute("main img", "src").await;
    assert!(shown.contains("?v="), "it is cached for ever: {shown}");
    browser.goto(&shown).await;
    browser.wait_for_pictures("body > img", 1).await;

    browser.goto(page).await;
    if page != "/" {
        browser.fill(&format!("{form} [name=password]"), &ann.person.password).await;
    }
    browser.click(&format!("{form} button")).await;
    browser.wait_for_path("the way out", |path| path == "/login" || path == "/account/cancelled").await;
    assert!(browser_is_logged_out(&ann, page).await);

    browser.back().await;
    assert_no_photo(&browser, "back").await;
    browser.goto(&shown).await;
    assert_no_photo(&browser, "its own address").await;
    assert!(browser.text().await.contains("no_session"), "{}", browser.text().await);
    browser.goto(&format!("/photos/{photo}")).await;
    browser.wait_for_path("the log-in page", |path| path == "/login").await;
    browser.close().await;
}

/// The member's own session is another one: log-out leaves it, cancellation does not.
async fn browser_is_logged_out(ann: &Client, page: &str) -> bool {
    let status = ann.get("/api/v1/account").await.status;
    status == if page == "/" { 200 } else { 401 }
}

async fn log_in(browser: &Browser, person: &Person) {
    browser.goto("/login").await;
    browser.fill("form[action='/login'] [name=email]", &person.email).await;
    browser.fill("form[action='/login'] [name=password]", &person.password).await;
    browser.click("form[action='/login'] button").await;
    browser.wait_for_path("the albums", |path| path == "/").await;
}

async fn assert_no_photo(browser: &Browser, way: &str) {
    let pictures = browser.count("main img, body > img").await;
    assert_eq!(pictures, 0, "{pictures} pictures by {way} at {}", browser.path().await);
}
