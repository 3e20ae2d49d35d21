//! Security headers and cookies. Rule numbers are those of `docs/security.md`.

use gallery_tests::client::Upload;
use gallery_tests::member::id_of;
use gallery_tests::server::Launch;
use gallery_tests::{Person, Server};
use reqwest::Method;
use serde_json::json;

/// Rules 30, 32 and 33: on every answer, errors too.
#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = id_of(&ann.photo(&album, &Upload::small(1), &[]).await);
    let mut paths = vec![
        "/".to_owned(),
        "/signup".to_owned(),
        "/login".to_owned(),
        "/forgot".to_owned(),
        "/reset/x.y.z".to_owned(),
        "/confirm/x.y.z".to_owned(),
        "/albums/new".to_owned(),
        "/photos".to_owned(),
        "/search?q=a".to_owned(),
        "/account".to_owned(),
        "/nothing".to_owned(),
        "/api/v1/nothing".to_owned(),
        "/api/v1/account".to_owned(),
        "/api/v1/openapi.json".to_owned(),
        "/api/docs".to_owned(),
        "/healthz".to_owned(),
        "/readyz".to_owned(),
    ];
    paths.extend(["", "/edit"].map(|page| format!("/albums/{album}{page}")));
    paths.extend(["", "/edit"].map(|page| format!("/photos/{photo}{page}")));
    for client in [&*ann, &server.client()] {
        for path in &paths {
            let answer = client.get(path).await;
            assert!(answer.status < 500, "{path}: {}", answer.status);
            let policy = answer.header("content-security-policy");
            for directive in
                ["default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]
            {
                assert!(policy.contains(directive), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe-inline") && !policy.contains("unsafe-eval"), "{path}: {policy}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
            assert!(!answer.header("referrer-policy").is_empty(), "{path}");
            assert!(!answer.header("x-request-id").is_empty(), "{path}");
            assert!(answer.header("access-control-allow-origin").is_empty(), "{path}");
            assert!(answer.header("server").is_empty(), "{path} names its server");
            if !path.contains("openapi") && !path.contains("docs") {
                assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            }
        }
    }
    for path in ["/confirm/x.y.z", "/reset/x.y.z"] {
        assert_eq!(ann.get(path).await.header("referrer-policy"), "same-origin", "{path}");
    }
}

/// Rule 11, on plain http.
#[tokio::test]
async fn the_session_cookie_is_bound_to_the_site() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let body = json!({"email": ann.person.email, "password": ann.person.password});
    let answer = ann.post("/api/v1/sessions", body).await.expect(201);
    let cookies = answer.set_cookies();
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    for cookie in &cookies {
        let attributes: Vec<String> =
            cookie.split(';').skip(1).map(|part| part.trim().to_lowercase()).collect();
        for expected in ["httponly", "samesite=lax", "path=/"] {
            assert!(attributes.iter().any(|attribute| attribute == expected), "{attributes:?}");
        }
        assert!(!attributes.iter().any(|attribute| attribute.starts_with("domain")), "{attributes:?}");
    }
    assert!(cookies[0].starts_with("gallery_session="), "{cookies:?}");
    assert!(cookies[1].starts_with("gallery_device="), "{cookies:?}");
    assert!(ann.session_token().len() >= 43, "256 random bits have at least 43 characters");
    assert_eq!(answer.header("cache-control"), "no-store");
}

/// Rules 11 and 32, on https (that is, behind a proxy that speaks it).
#[tokio::test]
async fn on_https_cookies_are_secure_and_the_browser_is_told_to_stay() {
    let server =
        Launch::new().setting("GALLERY__SERVER__BASE_URL", "https://photos.example.org").start().await;
    let client = server.client();
    let ann = Person::named("ann");
    client.sign_up(&ann).await;
    let mail = server.outbox().nth_to(&ann.email, 1).await;
    assert!(mail.link("/confirm/").starts_with("https://photos.example.org/confirm/"));
    client.post("/api/v1/accounts/confirm", json!({"token": mail.token("/confirm/")})).await.ok(204);
    let body = json!({"email": ann.email, "password": ann.password});
    let answer = client.post("/api/v1/sessions", body).await.expect(201);
    let cookies = answer.set_cookies();
    assert!(cookies[0].starts_with("__Host-gallery_session="), "{cookies:?}");
    assert!(cookies.iter().all(|cookie| cookie.starts_with("__Host-")), "{cookies:?}");
    assert!(cookies.iter().all(|cookie| cookie.to_lowercase().contains("; secure")), "{cookies:?}");
    assert!(answer.header("strict-transport-security").contains("max-age="));
    assert!(client.get("/nothing").await.header("strict-transport-security").contains("max-age="));
    client.get("/api/v1/account").await.ok(200);
}

/// Rule 34.
#[tokio::test]
async fn no_other_origin_may_read() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    for origin in ["null", "https://evil.example", "http://127.0.0.1.evil.example"] {
        let answer = ann.request(Method::GET, "/api/v1/account").header("origin", origin).send().await;
        assert!(answer.header("access-control-allow-origin").is_empty(), "{origin}");
        let asked = ann.request(Method::OPTIONS, "/api/v1/albums").header("origin", origin);
        let asked = asked.header("access-control-request-method", "POST").send().await;
        assert!(asked.header("access-control-allow-origin").is_empty(), "{origin}");
    }
}

#[tokio::test]
async fn assets_are_cached_and_pages_are_not() {
    let server = Server::start().await;
    let page = server.client().get("/login").await.expect(200);
    assert!(
        page.header("content-type").starts_with("text/html; charset=utf-8"),
        "{}",
        page.header("content-type")
    );
    let html = page.text();
    let is_asset = |part: &&str| matches!(part.rsplit_once('.'), Some((_, "css" | "js" | "svg")));
    let assets: Vec<&str> = html.split('"').filter(is_asset).collect();
    assert!(assets.len() >= 3, "{assets:?}");
    for asset in assets {
        let answer = server.client().get(asset).await.expect(200);
        assert!(answer.header("cache-control").contains("max-age"), "{asset}");
        assert!(!answer.body.is_empty());
    }
}
