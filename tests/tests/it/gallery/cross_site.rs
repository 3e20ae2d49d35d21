//! `docs/security.md`, rule 35: requests that another site made a browser send.

use gallery_tests::Server;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn unsafe_requests_from_other_sites_are_refused() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let own = server.base_url();
    let own = own.as_str();
    // Sec-Fetch-Site, Origin, and whether the request passes.
    let matrix = [
        (None, None, true),
        (Some("same-origin"), Some(own), true),
        (Some("none"), None, true),
        (None, Some(own), true),
        (Some("cross-site"), None, false),
        (Some("cross-site"), Some(own), false),
        (Some("same-site"), Some(own), false),
        (Some("same-site"), None, false),
        (None, Some("null"), false),
        (None, Some("https://evil.example"), false),
        (None, Some("http://127.0.0.1"), false),
        (None, Some("http://127.0.0.1.evil.example"), false),
    ];
    for (site, origin, passes) in matrix {
        let with = |method: Method, path: &str| {
            let mut request = ann.request(method, path);
            if let Some(site) = site {
                request = request.header("sec-fetch-site", site);
            }
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            request
        };
        let path = format!("/api/v1/albums/{album}");
        let changed = with(Method::PATCH, &path).json(&json!({"description": "changed"})).send().await;
        if passes {
            changed.ok(200);
        } else {
            changed.problem(403, "cross_site");
            let deleted = with(Method::DELETE, &path).send().await;
            deleted.problem(403, "cross_site");
            let made = with(Method::POST, "/api/v1/albums").json(&json!({"name": "forged"})).send().await;
            made.problem(403, "cross_site");
            for page in
                ["/logout".to_owned(), format!("/albums/{album}/delete"), "/account/cancel".to_owned()]
            {
                let form = with(Method::POST, &page).body("application/x-www-form-urlencoded", "password=x");
                form.send().await.ok(403);
            }
        }
        // Reading is safe, whoever leads a browser here.
        with(Method::GET, &path).send().await.ok(200);
    }
    assert_eq!(ann.all_ids("/api/v1/albums").await, [album]);
}

/// A GET changes nothing (opening a confirmation link excepted): a crawler may follow every link.
#[tokio::test]
async fn following_every_link_changes_nothing() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    ann.photo(&album, &gallery_tests::client::Upload::small(1), &[("tags", "sea")]).await;
    let state = async || {
        let mut state = Vec::new();
        for path in ["/api/v1/albums", "/api/v1/photos", "/api/v1/account"] {
            state.push(ann.get(path).await.expect(200).json());
        }
        state
    };
    let before = state().await;
    let mut open = vec!["/".to_owned()];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let answer = ann.get(&path).await;
        assert!(answer.status < 400, "{path}: {}", answer.status);
        if answer.header("content-type").starts_with("text/html") {
            let html = answer.text();
            let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
            open.extend(
                links
                    .filter(|link| link.starts_with('/'))
                    .map(|link| link.replace("&#38;", "&").replace("&amp;", "&")),
            );
        }
        assert!(seen.len() < 200, "the pages never end");
    }
    assert!(seen.len() >= 10, "only {seen:?}");
    assert_eq!(state().await, before);
}
