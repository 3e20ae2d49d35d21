//! What a request leaves in the logs: one event, its route, and no secret.

use std::io::Write;
use std::sync::{Arc, Mutex};

use crate::kit::{PASSWORD, Site};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

/// Everything that is logged while this exists.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn start() -> (Self, tracing::subscriber::DefaultGuard) {
        let captured = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(captured.clone())
            .finish();
        (captured, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines of requests that were answered.
    fn answered(&self) -> Vec<String> {
        self.text().lines().filter(|line| line.contains("gallery_web::request")).map(str::to_owned).collect()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn every_request_is_one_event_with_id_route_and_status() {
    let site = Site::new();
    let (captured, _guard) = Captured::start();
    let answer = site.get("/api/v1/albums/019ac3f2-0000-7000-8000-000000000000").send().await;
    let lines = captured.answered();
    assert_eq!(lines.len(), 1, "{lines:?}");
    for part in
        [answer.header("x-request-id"), "INFO", "method=GET", "status=401", "/api/v1/albums/:", " ms="]
    {
        assert!(lines[0].contains(part), "{part}: {}", lines[0]);
    }
    assert!(!lines[0].contains("019ac3f2-0000"), "routes and not paths: {}", lines[0]);
}

#[tokio::test]
async fn probes_are_quiet() {
    let site = Site::new();
    let (captured, _guard) = Captured::start();
    for path in ["/healthz", "/readyz", "/assets/none.css"] {
        site.get(path).send().await;
    }
    assert!(captured.answered().iter().all(|line| line.contains("DEBUG")), "{}", captured.text());
    assert_eq!(captured.answered().len(), 3);
}

#[tokio::test]
async fn rule_40_no_secret_reaches_a_log() {
    let site = Site::new();
    let (captured, _guard) = Captured::start();
    let cookie = site.member("canary@example.org").await;
    let confirmation = site.last_token();
    for path in ["/confirm/", "/reset/"] {
        site.get(&format!("{path}{confirmation}")).send().await;
        site.post(&format!("{path}{confirmation}")).header("sec-fetch-site", "cross-site").send().await;
    }
    site.pass(61);
    let fresh = site.get("/api/v1/account").cookie(&cookie).send().await.cookie();
    let wrong = json!({ "email": "canary@example.org", "password": "canary password" });
    site.post("/api/v1/sessions").json(&wrong).await;
    site.post("/api/v1/sessions")
        .body("application/json", r#"{"password": "canary password", "#)
        .send()
        .await;
    let token = json!({ "token": confirmation, "password": "canary password" });
    site.post("/api/v1/accounts/reset-password").json(&token).await;
    let value = |cookie: &str| cookie.split_once('=').unwrap().1.to_owned();
    for secret in
        [PASSWORD, "canary password", &confirmation, &value(&cookie), &value(&fresh), "canary@example.org"]
    {
        assert!(!captured.text().contains(secret), "{secret} in {}", captured.text());
    }
    assert!(captured.text().contains("c…@example.org"), "addresses are masked");
}

#[tokio::test]
async fn rule_42_what_is_not_shown_is_logged_with_its_request() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    let album = site.album(&cookie).await;
    let (captured, _guard) = Captured::start();
    let answer = site.photo(&cookie, &album, "a.jpg", b"boom").await;
    assert_eq!(answer.problem(), (500, "internal".to_owned()));
    let text = captured.text();
    let line =
        text.lines().find(|line| line.contains("ERROR")).unwrap_or_else(|| panic!("no error in {text}"));
    assert!(line.contains(answer.header("x-request-id")) && line.contains("panicked"), "{line}");
}
