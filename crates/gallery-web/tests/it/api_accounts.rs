//! The JSON API of accounts and sessions: shapes, statuses and codes; what malformed bodies are
//! answered.

use crate::kit::{PASSWORD, Site};
use poem::http::Method;
use serde_json::{Value, json};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn signing_up_is_answered_alike_for_known_and_unknown() {
    let site = Site::new();
    site.account("ann@example.org").await;
    for email in ["ann@example.org", "bea@example.org"] {
        let form = json!({ "email": email, "password": PASSWORD, "name": "Somebody" });
        let answer = site.post("/api/v1/accounts").json(&form).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (202, "{}"));
        for path in ["resend-confirmation", "forgot-password"] {
            let answer =
                site.post(&format!("/api/v1/accounts/{path}")).json(&json!({ "email": email })).await;
            assert_eq!((answer.status.as_u16(), answer.text()), (202, "{}"));
        }
    }
}

#[tokio::test]
async fn broken_rules_are_named_field_by_field() {
    let site = Site::new();
    let form = json!({ "email": "ann", "password": "short", "name": "" });
    let answer = site.post("/api/v1/accounts").json(&form).await;
    assert_eq!(answer.problem(), (422, "invalid".to_owned()));
    let document = answer.json();
    let errors: Vec<_> = document["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["field"].as_str().unwrap(), e["code"].as_str().unwrap()))
        .collect();
    assert!(errors.contains(&("email", "malformed")), "{errors:?}");
    assert!(errors.contains(&("name", "required")), "{errors:?}");
    assert_eq!(keys(&document["errors"][0]), ["code", "detail", "field"]);
}

#[tokio::test]
async fn malformed_bodies_are_400_and_other_types_415() {
    let site = Site::new();
    for body in [
        "",
        "{",
        "null",
        "[]",
        "{}",
        r#"{"email": 5, "password": "x"}"#,
        r#"{"email": null, "password": "x"}"#,
        r#"{"email": "a", "password": "x", "admin": true}"#,
        r#"{"email": "a", "email": "b", "password": "x"}"#,
        r#"{"email": "\ud800", "password": "x"}"#,
        r#"{"email": "a", "password": "x"} trailing"#,
    ] {
        let answer = site.post("/api/v1/sessions").body("application/json", body).send().await;
        assert_eq!(answer.problem(), (400, "malformed".to_owned()), "{body}");
    }
    let latin =
        site.post("/api/v1/sessions").body("application/json", &b"{\"email\": \"\xff\"}"[..]).send().await;
    assert_eq!(latin.problem(), (400, "malformed".to_owned()));
    let credentials = json!({ "email": "a", "password": "x" }).to_string();
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
        let answer = site.post("/api/v1/sessions").body(content_type, credentials.clone()).send().await;
        assert_eq!(answer.problem(), (415, "unsupported_media_type".to_owned()), "{content_type}");
    }
    let untyped = site.request(Method::POST, "/api/v1/sessions").send().await;
    assert_eq!(untyped.problem(), (415, "unsupported_media_type".to_owned()));
    let typed =
        site.post("/api/v1/sessions").body("Application/JSON; charset=utf-8", credentials).send().await;
    assert_eq!(typed.problem(), (401, "bad_credentials".to_owned()));
}

#[tokio::test]
async fn a_confirmed_account_logs_in_and_out() {
    let site = Site::new();
    let form = json!({ "email": "Ann@Example.org", "password": PASSWORD, "name": "Ann" });
    assert_eq!(site.post("/api/v1/accounts").json(&form).await.status, 202);
    site.work().await;
    let credentials = json!({ "email": "ann@example.org", "password": PASSWORD });
    assert_eq!(
        site.post("/api/v1/sessions").json(&credentials).await.problem(),
        (401, "bad_credentials".to_owned())
    );
    let wrong = json!({ "email": "ann@example.org", "password": "another password" });
    assert_eq!(
        site.post("/api/v1/sessions").json(&wrong).await.problem(),
        (401, "bad_credentials".to_owned())
    );

    let token = json!({ "token": site.last_token() });
    assert_eq!(site.post("/api/v1/accounts/confirm").json(&token).await.status, 204);
    assert_eq!(site.post("/api/v1/accounts/confirm").json(&token).await.status, 204, "again is harmless");
    let bad = site.post("/api/v1/accounts/confirm").json(&json!({ "token": "x" })).await;
    assert_eq!(bad.problem(), (422, "token_invalid".to_owned()));
    site.pass(601);
    assert_eq!(
        site.post("/api/v1/accounts/confirm").json(&token).await.problem(),
        (422, "token_expired".to_owned())
    );

    let begun = site.post("/api/v1/sessions").json(&credentials).await;
    assert_eq!(begun.status, 201);
    assert_eq!(keys(&begun.json()), ["expires_at", "user"]);
    assert_eq!(keys(&begun.json()["user"]), ["created_at", "email", "id", "name"]);
    assert_eq!(begun.json()["user"]["email"], "Ann@Example.org");
    assert_eq!(begun.json()["expires_at"], "2026-11-22T08:30:31.000Z");
    let cookie = begun.cookie();

    let out = site.request(Method::DELETE, "/api/v1/sessions/current").cookie(&cookie).send().await;
    assert_eq!((out.status.as_u16(), out.body.len()), (204, 0));
    assert_eq!(out.header("set-cookie"), "gallery_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    assert_eq!(
        site.get("/api/v1/account").cookie(&cookie).send().await.problem(),
        (401, "no_session".to_owned())
    );
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let site = Site::new();
    site.account("ann@example.org").await;
    let wrong = json!({ "email": "ann@example.org", "password": "another password" });
    for _ in 0..10 {
        assert_eq!(site.post("/api/v1/sessions").json(&wrong).await.status, 401);
    }
    let answer = site.post("/api/v1/sessions").json(&wrong).await;
    assert_eq!(answer.problem(), (429, "too_many_attempts".to_owned()));
    assert_eq!(answer.header("retry-after"), "600");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    let credentials = json!({ "email": "ann@example.org", "password": PASSWORD });
    let other =
        site.post("/api/v1/sessions").header("user-agent", "Other/1.0").json(&credentials).await.cookie();
    let list = site.get("/api/v1/sessions").cookie(&cookie).send().await.json();
    assert_eq!(list["next_cursor"], Value::Null);
    let items = list["items"].as_array().unwrap();
    assert_eq!(keys(&items[0]), ["created_at", "current", "expires_at", "id", "last_seen_at", "user_agent"]);
    let theirs = items.iter().find(|item| item["current"] == false).unwrap();
    assert_eq!((items.len(), &theirs["user_agent"]), (2, &json!("Other/1.0")));

    let path = format!("/api/v1/sessions/{}", theirs["id"].as_str().unwrap());
    let stranger = site.member("bea@example.org").await;
    assert_eq!(site.request(Method::DELETE, &path).cookie(&stranger).send().await.status, 404);
    assert_eq!(site.request(Method::DELETE, &path).cookie(&cookie).send().await.status, 204);
    assert_eq!(site.get("/api/v1/account").cookie(&other).send().await.status, 401);
    assert_eq!(site.request(Method::DELETE, &path).cookie(&cookie).send().await.status, 404);
}

#[tokio::test]
async fn an_account_is_read_renamed_and_cancelled() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    let account = site.get("/api/v1/account").cookie(&cookie).send().await.json();
    assert_eq!(keys(&account), ["created_at", "email", "id", "name", "usage"]);
    assert_eq!(account["usage"], json!({ "albums": 0, "photos": 0, "bytes": 0, "quota_bytes": 10_000_000 }));
    let patch = |body: Value| {
        let request = site.request(Method::PATCH, "/api/v1/account").cookie(&cookie);
        async move { request.json(&body).await }
    };
    assert_eq!(patch(json!({ "name": "Anna" })).await.json()["name"], "Anna");
    assert_eq!(patch(json!({})).await.json()["name"], "Anna");
    assert_eq!(patch(json!({ "name": null })).await.problem(), (400, "malformed".to_owned()));
    assert_eq!(patch(json!({ "email": "eve@example.org" })).await.problem(), (400, "malformed".to_owned()));

    let cancel = |password: &str| {
        let request = site.request(Method::DELETE, "/api/v1/account").cookie(&cookie);
        let body = json!({ "password": password });
        async move { request.json(&body).await }
    };
    assert_eq!(cancel("another password").await.problem(), (403, "bad_credentials".to_owned()));
    let gone = cancel(PASSWORD).await;
    assert_eq!((gone.status.as_u16(), keys(&gone.json())), (202, vec!["job_id"]));
    assert!(gone.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(site.get("/api/v1/account").cookie(&cookie).send().await.status, 401);
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it_and_reset_by_mail() {
    let site = Site::new();
    let cookie = site.member("ann@example.org").await;
    let change = |current: &str, new: &str| {
        let request = site.post("/api/v1/account/password").cookie(&cookie);
        let body = json!({ "current_password": current, "new_password": new });
        async move { request.json(&body).await }
    };
    assert_eq!(
        change("another password", "grey heron at dawn").await.problem(),
        (403, "bad_credentials".to_owned())
    );
    assert_eq!(change(PASSWORD, "short").await.problem(), (422, "invalid".to_owned()));
    assert_eq!(change(PASSWORD, "grey heron at dawn").await.status, 204);
    assert_eq!(
        site.get("/api/v1/account").cookie(&cookie).send().await.status,
        200,
        "its own session goes on"
    );

    site.post("/api/v1/accounts/forgot-password").json(&json!({ "email": "ann@example.org" })).await;
    site.work().await;
    let body = json!({ "token": site.last_token(), "password": "white heron at noon" });
    assert_eq!(site.post("/api/v1/accounts/reset-password").json(&body).await.status, 204);
    assert_eq!(site.get("/api/v1/account").cookie(&cookie).send().await.status, 401);
    let again = site.post("/api/v1/accounts/reset-password").json(&body).await;
    assert_eq!(again.problem(), (422, "token_invalid".to_owned()));
}

#[tokio::test]
async fn every_operation_but_the_open_ones_needs_a_session() {
    let site = Site::new();
    let id = "019ac3f2-0000-7000-8000-000000000000";
    for (path, methods) in crate::kit::document::DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation.get("security").is_none() {
                continue;
            }
            let path = path.replace("{name}", "small");
            let path = path
                .split('/')
                .map(|part| if part.starts_with('{') { id } else { part })
                .collect::<Vec<_>>()
                .join("/");
            let content_type =
                operation["requestBody"]["content"].as_object().and_then(|content| content.keys().next());
            let mut request =
                site.request(method.to_uppercase().parse().unwrap(), &format!("/api/v1{path}?q=a"));
            if let Some(content_type) = content_type.filter(|content_type| content_type.contains("multipart"))
            {
                request = request.body(&format!("{content_type}; boundary=edge"), crate::kit::multipart(&[]));
            } else if let Some(content_type) = content_type {
                let everything = body_of(operation);
                request = request.body(content_type, everything.to_string());
            }
            let answer = request.send().await;
            assert_eq!(answer.problem(), (401, "no_session".to_owned()), "{method} {path}");
        }
    }
}

/// A body with every required field of the operation's schema.
fn body_of(operation: &Value) -> Value {
    let reference =
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
    let schema =
        &crate::kit::document::DOCUMENT["components"]["schemas"][reference.rsplit('/').next().unwrap()];
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    required
        .iter()
        .map(|field| (field.as_str().unwrap().to_owned(), json!("x")))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
