//! `docs/security.md`, rule 30: text that would like to be a script, in every place that shows it.

use gallery_tests::client::Upload;
use gallery_tests::member::id_of;
use gallery_tests::{Browser, Sample, Server};
use serde_json::json;

const PAYLOADS: &[&str] = &[
    "<script>document.title='owned'</script>",
    "\"><img src=x onerror=\"document.title='owned'\">",
    "' autofocus onfocus='document.title=1' x='",
    "</title><svg onload=document.title='owned'>",
    "javascript:document.title='owned'",
];

#[tokio::test]
async fn no_text_of_a_person_becomes_a_script() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let browser = Browser::open(&server.base_url(), true).await;
    browser.goto("/login").await;
    browser.set_cookie("gallery_session", &ann.session_token()).await;
    for payload in PAYLOADS {
        ann.patch("/api/v1/account", json!({"name": payload})).await.ok(200);
        let body = json!({"name": payload, "description": payload});
        let album = id_of(&ann.post("/api/v1/albums", body).await.expect(201).json());
        let bytes = Sample::new(64, 48).camera(payload, payload).lens(payload).jpeg();
        let file = Upload::new(&format!("{payload}.jpg"), "image/jpeg", bytes);
        let fields = [("title", *payload), ("description", payload), ("tags", payload)];
        let photo = id_of(&ann.photo(&album, &file, &fields).await);
        let query = form_encoded(payload);
        for page in [
            "/".to_owned(),
            "/photos".to_owned(),
            "/account".to_owned(),
            format!("/albums/{album}"),
            format!("/albums/{album}/edit"),
            format!("/albums/{album}/delete"),
            format!("/photos/{photo}"),
            format!("/photos/{photo}/edit"),
            format!("/photos/{photo}/delete"),
            format!("/search?q={query}"),
        ] {
            browser.goto(&page).await;
            let title = browser.title().await;
            assert!(title != "owned" && title != "1", "{payload} ran on {page}");
            assert_eq!(
                browser.count("[onerror], [onload], [onfocus], a[href^='javascript:']").await,
                0,
                "{page}"
            );
            browser.assert_quiet().await;
        }
        ann.delete(&format!("/api/v1/albums/{album}")).await.ok(204);
    }
    browser.close().await;
}

/// The text as a query carries it.
fn form_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| format!("{encoded}%{byte:02x}"))
}
