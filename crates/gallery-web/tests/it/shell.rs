//! What every request goes through, whatever its route: headers, cookies, the cross-site guard,
//! errors, probes.

use std::sync::Arc;

use crate::kit::fakes::LinkingBlobs;
use crate::kit::{Bent, PASSWORD, Site};
use poem::endpoint::make_sync;
use poem::http::{Method, Uri};
use poem::{Endpoint, EndpointExt, Request, Response};
use serde_json::json;

/// Paths of every kind: pages, API, probes, assets, and what is nowhere.
const PATHS: &[&str] = &[
    "/",
    "/login",
    "/confirm/x",
    "/reset/x",
    "/nowhere",
    "/assets/nothing.css",
    "/healthz",
    "/readyz",
    "/api",
    "/api/docs",
    "/api/nowhere",
    "/api/v1/openapi.json",
    "/api/v1/albums",
    "/api/v1/albums/x",
    "/api/v1/nowhere",
    "/%ff",
];

#[tokio::test]
async fn rule_32_security_headers_are_on_every_answer() {
    for base_url in ["http://127.0.0.1:8080", "https://photos.example"] {
        let site = Site::bent(Bent { base_url, ..Bent::default() });
        for path in PATHS {
            for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::OPTIONS] {
                let answer = site.request(method.clone(), path).send().await;
                let about = format!("{method} {path} {}", answer.status);
                let csp = answer.header("content-security-policy");
                for part in
                    ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'"]
                {
                    assert!(csp.contains(part), "{about}: {csp}");
                }
                assert!(!csp.contains("unsafe"), "{about}: {csp}");
                assert_eq!(answer.header("x-content-type-options"), "nosniff", "{about}");
                assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{about}");
                assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{about}");
                assert_eq!(answer.header("cache-control"), "no-store", "{about}");
                assert_eq!(
                    answer.headers.contains_key("strict-transport-security"),
                    base_url.starts_with("https")
                );
                assert!(!answer.headers.contains_key("access-control-allow-origin"), "{about}");
                assert_eq!(answer.header("x-request-id").len(), 36, "{about}");
            }
        }
    }
}

#[tokio::test]
async fn rule_15_no_referrer_leaves_pages_with_tokens() {
    let site = Site::new();
    for (path, policy) in
        [("/confirm/x", "same-origin"), ("/reset/x", "same-origin"), ("/login", "same-origin")]
    {
        assert_eq!(site.get(path).send().await.header("referrer-policy"), policy, "{path}");
    }
}

#[tokio::test]
async fn request_ids_differ_and_are_not_the_clients() {
    let site = Site::new();
    let first = site.get("/healthz").header("x-request-id", "mine").send().await;
    let second = site.get("/healthz").send().await;
    assert_ne!(first.header("x-request-id"), "mine");
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}

#[tokio::test]
async fn rule_11_the_cookie_is_bound_to_host_and_site() {
    for (base_url, name, secure) in [
        ("https://photos.example", "__Host-gallery_session=", true),
        ("http://localhost:8080", "gallery_session=", false),
    ] {
        let site = Site::bent(Bent { base_url, ..Bent::default() });
        site.account("ann@example.org").await;
        let credentials = json!({ "email": "ann@example.org", "password": PASSWORD });
        let answer = site.post("/api/v1/sessions").json(&credentials).await;
        let cookie = answer.header("set-cookie");
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert!(pair.starts_with(name) && pair.len() == name.len() + 64, "{cookie}");
        let mut attributes: Vec<_> = attributes.split("; ").collect();
        attributes.sort_unstable();
        let expected = if secure {
            vec!["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]
        } else {
            vec!["HttpOnly", "Path=/", "SameSite=Lax"]
        };
        assert_eq!(attributes, expected);
    }
}

#[tokio::test]
async fn rule_8_a_preset_cookie_is_replaced() {
    let site = Site::new();
    let preset = format!("gallery_session={}", "A".repeat(64));
    site.account("ann@example.org").await;
    let credentials = json!({ "email": "ann@example.org", "password": PASSWORD });
    let answer = site.post("/api/v1/sessions").cookie(&preset).json(&credentials).await;
    assert_ne!(answer.cookie(), preset);
    assert_eq!(site.get("/api/v1/account").cookie(&answer.cookie()).send().await.status, 200);
}

#[tokio::test]
async fn rule_9_a_token_lives_five_minutes_and_is_renewed_by_use() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    site.pass(60);
    assert!(!site.get("/api/v1/account").cookie(&cookie).send().await.headers.contains_key("set-cookie"));
    site.pass(1);
    let renewed = site.get("/api/v1/account").cookie(&cookie).send().await;
    assert_eq!(renewed.header("cache-control"), "no-store");
    let fresh = renewed.cookie();
    assert_ne!(fresh, cookie);
    assert_eq!(
        site.get("/api/v1/photos").cookie(&cookie).send().await.cookie(),
        fresh,
        "one replacement per token"
    );
    site.pass(238);
    assert_eq!(site.get("/api/v1/account").cookie(&cookie).send().await.status, 200);
    site.pass(2);
    assert_eq!(
        site.get("/api/v1/account").cookie(&cookie).send().await.problem(),
        (401, "no_session".to_owned())
    );
    assert_eq!(site.get("/api/v1/account").cookie(&fresh).send().await.status, 200);
}

#[tokio::test]
async fn of_several_cookies_the_first_with_the_form_of_a_token_counts() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    let several = format!("theme=dark; gallery_session=; gallery_session=junk; {cookie}; gallery_session=x");
    assert_eq!(site.get("/api/v1/account").cookie(&several).send().await.status, 200);
    let split = site.get("/api/v1/account").cookie("theme=dark").cookie(&cookie).send().await;
    assert_eq!(split.status, 200);
    let https_name = format!("__Host-{cookie}");
    assert_eq!(site.get("/api/v1/account").cookie(&https_name).send().await.status, 401);
}

#[tokio::test]
async fn rule_35_requests_from_other_sites_change_nothing() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    let album = json!({ "name": "Theirs" });
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "null"),
        ("origin", "https://evil.example"),
    ] {
        let answer = site.post("/api/v1/albums").cookie(&cookie).header(name, value).json(&album).await;
        assert_eq!(answer.problem(), (403, "cross_site".to_owned()));
        let page = site.post("/logout").cookie(&cookie).header(name, value).send().await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (403, "text/html; charset=utf-8"));
        assert_eq!(site.get("/api/v1/albums").cookie(&cookie).header(name, value).send().await.status, 200);
    }
    assert_eq!(site.get("/api/v1/albums").cookie(&cookie).send().await.json()["items"], json!([]));
    let own = site
        .post("/api/v1/albums")
        .cookie(&cookie)
        .header("sec-fetch-site", "same-origin")
        .json(&album)
        .await;
    assert_eq!(own.status, 201);
}

#[tokio::test]
async fn errors_are_documents_for_programs_and_pages_for_people() {
    let site = Site::new();
    for path in ["/api", "/api/nowhere", "/api/v1/nowhere", "/api/v1/albums/x/y/z"] {
        assert_eq!(site.get(path).send().await.problem(), (404, "not_found".to_owned()), "{path}");
    }
    for path in ["/nowhere", "/photos/x/y/z"] {
        let answer = site.get(path).send().await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (404, "text/html; charset=utf-8")
        );
    }
    let document = site.get("/api/v1/nowhere").send().await.json();
    let mut members: Vec<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["code", "detail", "status", "title", "type"]);
    assert_eq!(document["type"], "/api/docs#not_found");
}

#[tokio::test]
async fn other_methods_are_refused_with_those_that_are_allowed() {
    let site = Site::new();
    for (path, allowed) in [
        ("/api/v1/albums", "GET, HEAD, POST"),
        ("/api/v1/albums/x", "DELETE, GET, HEAD, PATCH"),
        ("/api/v1/sessions/current", "DELETE"),
        ("/api/v1/openapi.json", "GET, HEAD"),
        ("/healthz", "GET, HEAD"),
        ("/logout", "POST"),
    ] {
        let answer = site.request(Method::PUT, path).send().await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, allowed), "{path}");
    }
    assert_eq!(site.request(Method::PUT, "/api/v1/albums").send().await.code(), "method_not_allowed");
}

#[tokio::test]
async fn heads_are_answered_like_gets_without_the_body() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    for path in
        ["/api/v1/account", "/api/v1/albums", "/api/docs", "/api/v1/openapi.json", "/healthz", "/login"]
    {
        let head = site.request(Method::HEAD, path).cookie(&cookie).send().await;
        let get = site.get(path).cookie(&cookie).send().await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}

#[tokio::test]
async fn a_request_names_exactly_one_host() {
    let site = Site::new();
    for path in ["/api/v1/albums", "/login", "/healthz"] {
        let none = site.get(path).without_host().send().await;
        let two = site.get(path).header("host", "photos.example").header("host", "evil.example").send().await;
        let list = site.get(path).header("host", "photos.example, evil.example").send().await;
        let odd = site.get(path).header("host", "a b/c@d").send().await;
        for answer in [none, two, list, odd] {
            assert_eq!(answer.status, 400, "{path}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("x-request-id").len(), 36, "{path}");
        }
    }
    let answer = site.get("/api/v1/albums").without_host().send().await;
    assert_eq!(answer.problem(), (400, "malformed".to_owned()));
    for host in ["anything.example", "[2001:db8::1]:8080"] {
        assert_eq!(site.get("/login").header("host", host).send().await.status, 200);
    }
}

#[tokio::test]
async fn a_path_with_a_slash_too_many_leads_to_its_page() {
    let site = Site::new();
    for (path, location) in [
        ("/albums", "/"),
        ("/albums?cursor=x&y=%2F", "/?cursor=x&y=%2F"),
        ("/albums/", "/albums"),
        ("/albums/?x=1", "/albums?x=1"),
        ("/login/", "/login"),
        ("/login//?next=%2F", "/login?next=%2F"),
        ("//photos///", "/photos"),
        ("//evil.example/", "/evil.example"),
        ("/confirm/x/", "/confirm/x"),
    ] {
        let answer = site.get(path).send().await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (308, location), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
    for path in ["/api/v1/albums/", "/assets/x/", "/hooks/ses/", "/\\evil.example/"] {
        assert_ne!(site.get(path).send().await.status, 308, "{path}");
    }
}

#[tokio::test]
async fn a_json_body_is_an_object() {
    let site = Site::new();
    for body in ["[\"ann@example.org\"]", " \n[\"ann@example.org\"]", "\"ann@example.org\"", "null", "7", ""]
    {
        let answer =
            site.post("/api/v1/accounts/forgot-password").body("application/json", body).send().await;
        assert_eq!(answer.problem(), (400, "malformed".to_owned()), "{body}");
    }
    let object = site.post("/api/v1/accounts/forgot-password");
    let object = object.body("application/json", "\r\n\t {\"email\": \"ann@example.org\"}").send().await;
    assert_eq!(object.status, 202);
}

#[tokio::test]
async fn rule_42_a_panic_is_an_answer() {
    let site = Site::new();
    let broken = make_sync(|request: Request| -> Response { panic!("secret {}", request.uri()) });
    let shell = gallery_web::shell(site.web.clone(), broken.boxed());
    for (path, content_type) in
        [("/api/v1/albums", "application/problem+json"), ("/albums/1", "text/html; charset=utf-8")]
    {
        let uri = path.parse::<Uri>().unwrap();
        let request = Request::builder().uri(uri).header("host", "gallery.test").finish();
        let response = shell.call(request).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.content_type(), Some(content_type));
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert!(!response.into_body().into_string().await.unwrap().contains("secret"));
    }
}

#[tokio::test]
async fn readiness_follows_the_dependencies_and_the_drain() {
    let site = Site::new();
    assert_eq!(site.get("/readyz").send().await.status, 200);
    site.web.drain();
    assert_eq!(site.get("/readyz").send().await.status, 503);
    assert_eq!(site.get("/healthz").send().await.status, 200);
    assert_eq!(site.get("/login").send().await.status, 200, "requests that come are still served");

    let away = Site::bent(Bent { blobs: Some(Arc::new(LinkingBlobs)), ..Bent::default() });
    let answer = away.get("/readyz").send().await;
    assert_eq!(answer.status, 503);
    assert!(!answer.text().contains("10.0.0.7"), "no driver text: {}", answer.text());
    assert_eq!(away.get("/healthz").send().await.status, 200);
}

#[tokio::test]
async fn bodies_are_bounded() {
    let site = Site::new();
    let long = "x".repeat(gallery_web::MAX_BODY_BYTES);
    let body = json!({ "email": "ann@example.org", "password": long }).to_string();
    let declared = body.len().to_string();
    let answer = site
        .post("/api/v1/sessions")
        .header("content-length", &declared)
        .body("application/json", body.clone())
        .send()
        .await;
    assert_eq!(answer.problem(), (413, "too_large".to_owned()));
    let undeclared = site.post("/api/v1/sessions").body("application/json", body).send().await;
    assert_eq!(undeclared.problem(), (413, "too_large".to_owned()));
    let form = site
        .post("/login")
        .body("application/x-www-form-urlencoded", format!("email={long}{long}"))
        .send()
        .await;
    assert_eq!(form.status, 413);
}
