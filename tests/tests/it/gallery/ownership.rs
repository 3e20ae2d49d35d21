//! `docs/security.md`, rule 17: two people and a visitor, and every operation of the OpenAPI
//! document.

use std::collections::BTreeMap;

use gallery_tests::client::Upload;
use gallery_tests::member::id_of;
use gallery_tests::{Answer, Client, Member, Server};
use reqwest::Method;
use serde_json::{Value, json};

/// An operation of the document.
struct Operation {
    method: Method,
    path: String,
    query: String,
    body: Body,
}

/// What an operation takes.
enum Body {
    None,
    /// The least that fits its schema.
    Json(Value),
    Form,
}

/// Operations that need no session.
const PUBLIC: &[&str] = &[
    "POST /accounts",
    "POST /accounts/resend-confirmation",
    "POST /accounts/confirm",
    "POST /accounts/forgot-password",
    "POST /accounts/reset-password",
    "POST /sessions",
];

/// Every operation of the document; its paths lie below `/api/v1`.
async fn operations(client: &Client) -> Vec<Operation> {
    let document = client.get("/api/v1/openapi.json").await.expect(200).json();
    let paths = document["paths"].as_object().expect("paths");
    let mut operations = Vec::new();
    // What has a server of its own lies elsewhere: `/hooks/ses`, which knows no session.
    for (path, item) in paths.iter().filter(|(_, item)| item["servers"].is_null()) {
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        for (method, operation) in item.as_object().expect("a path item") {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            if ["PARAMETERS", "SERVERS", "SUMMARY"].contains(&method.as_str()) {
                continue;
            }
            let content = &operation["requestBody"]["content"];
            let schema = content.as_object().and_then(|types| types.iter().next());
            let body = match schema {
                Some((media_type, content)) if media_type.starts_with("application/json") => {
                    Body::Json(least(&document, &content["schema"]))
                }
                Some(_) => Body::Form,
                None => Body::None,
            };
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let needed = parameters.iter().find(|it| it["in"] == "query" && it["required"] == true);
            let query = needed.and_then(|it| it["name"].as_str()).map(|name| format!("?{name}=word"));
            operations.push(Operation {
                method,
                path: path.to_owned(),
                query: query.unwrap_or_default(),
                body,
            });
        }
    }
    operations
}

/// An object with the required properties of a schema, each a text.
fn least(document: &Value, schema: &Value) -> Value {
    let pointer = schema["$ref"].as_str().unwrap_or_default().trim_start_matches('#');
    let schema = if pointer.is_empty() { schema } else { document.pointer(pointer).expect("a schema") };
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    required.iter().map(|name| (name.as_str().expect("a name").to_owned(), json!("some text"))).collect()
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The operation on somebody's things, by these placeholders of the path.
    async fn run(&self, client: &Client, things: &BTreeMap<&str, String>) -> Answer {
        let mut path = format!("/api/v1{}{}", self.path, self.query);
        for (placeholder, value) in things {
            path = path.replace(placeholder, value);
        }
        assert!(!path.contains('{'), "{path}: say what this placeholder stands for");
        let request = client.request(self.method.clone(), &path);
        match &self.body {
            Body::Json(body) => request.json(body),
            Body::Form => request.multipart(Upload::small(1).form(&[])),
            Body::None => request,
        }
        .send()
        .await
    }
}

/// What Ann has, by the placeholder that stands for it.
async fn things_of(ann: &Member) -> BTreeMap<&'static str, String> {
    let album = ann.album("Private").await;
    let photo = id_of(&ann.photo(&album, &Upload::small(1), &[("title", "private")]).await);
    let sessions = ann.get("/api/v1/sessions").await.expect(200).json();
    let session = id_of(&sessions["items"][0]);
    BTreeMap::from([
        ("{album_id}", album),
        ("{photo_id}", photo),
        ("{session_id}", session),
        ("{name}", "original".to_owned()),
    ])
}

async fn state_of(ann: &Member, things: &BTreeMap<&str, String>) -> Vec<Value> {
    let mut state = Vec::new();
    for path in [
        format!("/api/v1/albums/{}", things["{album_id}"]),
        format!("/api/v1/photos/{}", things["{photo_id}"]),
        "/api/v1/albums".to_owned(),
        "/api/v1/photos".to_owned(),
        "/api/v1/account".to_owned(),
    ] {
        state.push(ann.get(&path).await.expect(200).json());
    }
    state
}

#[tokio::test]
async fn nobody_reaches_the_things_of_others_by_any_operation() {
    let server = Server::start().await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let things = things_of(&ann).await;
    let before = state_of(&ann, &things).await;
    let mut checked = 0;
    for operation in operations(&bob).await {
        if !operation.path.contains('{') {
            continue;
        }
        if operation.method == Method::GET {
            operation.run(&ann, &things).await.ok(200);
        }
        let answer = operation.run(&bob, &things).await;
        let document = answer.problem(404, "not_found");
        // Not yours and not there are the same, to the letter.
        let nowhere = things.iter().map(|(key, value)| {
            let absent = if value == "original" {
                value.clone()
            } else {
                "0190b0a8-0000-7000-8000-000000000000".to_owned()
            };
            (*key, absent)
        });
        let absent = operation.run(&bob, &nowhere.collect()).await.problem(404, "not_found");
        assert_eq!(document, absent, "{}", operation.name());
        checked += 1;
    }
    assert!(checked >= 10, "only {checked} operations have an id in their path");
    assert_eq!(state_of(&ann, &things).await, before);
}

#[tokio::test]
async fn a_visitor_without_a_session_gets_401_from_every_operation_but_the_public_ones() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let things = things_of(&ann).await;
    let before = state_of(&ann, &things).await;
    let visitor = server.client();
    let operations = operations(&visitor).await;
    for public in PUBLIC {
        assert!(operations.iter().any(|operation| operation.name() == *public), "{public} is not documented");
    }
    assert!(operations.len() >= 24, "only {} operations are documented", operations.len());
    for operation in operations {
        let answer = operation.run(&visitor, &things).await;
        if PUBLIC.contains(&operation.name().as_str()) {
            assert!(matches!(answer.status, 202 | 401 | 422), "{}: {}", operation.name(), answer.text());
            assert_ne!(answer.json()["code"], "no_session", "{}", operation.name());
        } else {
            answer.problem(401, "no_session");
        }
    }
    assert_eq!(state_of(&ann, &things).await, before);
}

/// The pages show nothing of others, either.
#[tokio::test]
async fn nobody_reaches_the_things_of_others_by_any_page() {
    let server = Server::start().await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let things = things_of(&ann).await;
    let before = state_of(&ann, &things).await;
    let (album, photo) = (&things["{album_id}"], &things["{photo_id}"]);
    for (method, path) in [
        ("GET", format!("/albums/{album}")),
        ("GET", format!("/albums/{album}/edit")),
        ("POST", format!("/albums/{album}/edit")),
        ("GET", format!("/albums/{album}/delete")),
        ("POST", format!("/albums/{album}/delete")),
        ("GET", format!("/photos/{photo}")),
        ("GET", format!("/photos/{photo}/edit")),
        ("POST", format!("/photos/{photo}/edit")),
        ("GET", format!("/photos/{photo}/delete")),
        ("POST", format!("/photos/{photo}/delete")),
    ] {
        let fields = [("name", "taken over"), ("title", "taken over"), ("album_id", album.as_str())];
        let answer = if method == "GET" { bob.get(&path).await } else { bob.submit(&path, &fields).await };
        assert_eq!(answer.status, 404, "{method} {path}");
        assert!(!answer.text().contains("rivate"), "{method} {path}");
    }
    let form = Upload::small(9).form(&[]);
    bob.request(Method::POST, &format!("/albums/{album}/photos")).multipart(form).send().await.ok(404);
    assert_eq!(state_of(&ann, &things).await, before);
}
