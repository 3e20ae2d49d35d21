//! What is wrong is said in one form: problem documents under `/api`, pages elsewhere, never an
//! inner detail.

use gallery_tests::client::Upload;
use gallery_tests::member::id_of;
use gallery_tests::{Answer, Server};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const NOBODY: &str = "0190b0a8-0000-7000-8000-000000000000";

/// An answer never shows what the gallery is made of.
#[track_caller]
fn assert_discreet(answer: &Answer) {
    let text = answer.text().to_lowercase();
    for inner in ["panicked", "sqlx", "sqlite", "poem", "src/", ".rs:", "stack", "/tmp", "database error"] {
        assert!(!text.contains(inner), "{} shows {inner:?}: {text}", answer.asked);
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_understood_is_malformed() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"name\"",
        "{\"name\": 7}",
        "{\"name\": \"a\", \"nmae\": \"b\"}",
        "{\"name\":\"\\ud800\"}",
        "{\"name\":\"a\"}{}",
    ] {
        let answer = ann.request(Method::POST, "/api/v1/albums").body("application/json", body).send().await;
        answer.problem(400, "malformed");
        assert_discreet(&answer);
    }
    let bytes: &[u8] = b"{\"name\": \"\xff\xfe\"}";
    let answer = ann.request(Method::POST, "/api/v1/albums").body("application/json", bytes).send().await;
    answer.problem(400, "malformed");
    let nested = format!("{{\"name\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let answer = ann.request(Method::POST, "/api/v1/albums").body("application/json", nested).send().await;
    assert!(matches!(answer.status, 400 | 413), "{}", answer.status);
    let form =
        ann.request(Method::POST, "/api/v1/albums").body("text/plain", "{\"name\": \"a\"}").send().await;
    assert!(matches!(form.status, 400 | 415), "{}", form.text());
    assert_eq!(ann.all_ids("/api/v1/albums").await, Vec::<String>::new());
}

#[tokio::test]
async fn every_body_refuses_fields_it_does_not_know() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = id_of(&ann.photo(&album, &Upload::small(1), &[]).await);
    let (email, password) = ("bob@example.org", "violet-harbour-bob-7!");
    for (method, path, body) in [
        (
            Method::POST,
            "/api/v1/accounts".to_owned(),
            json!({"email": email, "password": password, "name": "Bob"}),
        ),
        (Method::POST, "/api/v1/accounts/resend-confirmation".to_owned(), json!({"email": email})),
        (Method::POST, "/api/v1/accounts/confirm".to_owned(), json!({"token": "a.b.c"})),
        (Method::POST, "/api/v1/accounts/forgot-password".to_owned(), json!({"email": email})),
        (
            Method::POST,
            "/api/v1/accounts/reset-password".to_owned(),
            json!({"token": "a", "password": password}),
        ),
        (Method::POST, "/api/v1/sessions".to_owned(), json!({"email": email, "password": password})),
        (Method::PATCH, "/api/v1/account".to_owned(), json!({"name": "Ann"})),
        (
            Method::POST,
            "/api/v1/account/password".to_owned(),
            json!({"current_password": "a", "new_password": "b"}),
        ),
        (Method::DELETE, "/api/v1/account".to_owned(), json!({"password": ann.person.password})),
        (Method::POST, "/api/v1/albums".to_owned(), json!({"name": "a"})),
        (Method::PATCH, format!("/api/v1/albums/{album}"), json!({"name": "a"})),
        (Method::PATCH, format!("/api/v1/photos/{photo}"), json!({"title": "a"})),
    ] {
        let mut body = body;
        body["unknown_field"] = json!(true);
        ann.request(method, &path).json(&body).send().await.problem(400, "malformed");
    }
    ann.get("/api/v1/account").await.ok(200);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    for id in [NOBODY, "1", "not-an-id", "%00", "..%2f..%2fetc%2fpasswd", "%F0%9F%98%80"] {
        for (method, path) in [
            (Method::GET, format!("/api/v1/albums/{id}")),
            (Method::PATCH, format!("/api/v1/albums/{id}")),
            (Method::DELETE, format!("/api/v1/albums/{id}")),
            (Method::GET, format!("/api/v1/albums/{id}/photos")),
            (Method::GET, format!("/api/v1/photos/{id}")),
            (Method::PATCH, format!("/api/v1/photos/{id}")),
            (Method::DELETE, format!("/api/v1/photos/{id}")),
            (Method::GET, format!("/api/v1/photos/{id}/renditions/small")),
            (Method::DELETE, format!("/api/v1/sessions/{id}")),
        ] {
            let request = ann.request(method.clone(), &path);
            let request = if method == Method::PATCH { request.json(&json!({})) } else { request };
            let answer = request.send().await;
            answer.problem(404, "not_found");
            assert_discreet(&answer);
        }
    }
    ann.get("/api/v1/nothing").await.problem(404, "not_found");
    ann.get("/api/v2/albums").await.problem(404, "not_found");
    for page in ["/nothing", "/albums/not-an-id", "/photos/not-an-id/edit", &format!("/albums/{NOBODY}")] {
        let answer = ann.request(Method::GET, page).header("accept", "text/html").send().await.expect(404);
        assert!(answer.header("content-type").starts_with("text/html"), "{page}");
        assert!(answer.text().contains("<html"), "{page}");
        assert_discreet(&answer);
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_know_is_refused() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    for (method, path) in [
        (Method::PUT, "/api/v1/albums"),
        (Method::DELETE, "/api/v1/albums"),
        (Method::POST, "/api/v1/photos"),
        (Method::PATCH, "/api/v1/sessions"),
        (Method::GET, "/api/v1/accounts"),
    ] {
        let answer = ann.request(method, path).send().await;
        answer.problem(405, "method_not_allowed");
        assert!(!answer.header("allow").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn pages_are_bounded_and_cursors_are_ours() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let lists =
        ["/api/v1/albums", "/api/v1/photos", "/api/v1/search?q=a", &format!("/api/v1/albums/{album}/photos")];
    for list in lists {
        let joint = if list.contains('?') { '&' } else { '?' };
        for limit in ["0", "201", "-1", "abc", "1e3", "99999999999999999999", ""] {
            let answer = ann.get(&format!("{list}{joint}limit={limit}")).await;
            assert!(matches!(answer.status, 400 | 422), "{list} limit={limit}: {}", answer.text());
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert_discreet(&answer);
        }
        for cursor in ["x", "%00", "0", "AAAA", "%27%20OR%201%3D1", &"A".repeat(4_000)] {
            let answer = ann.get(&format!("{list}{joint}cursor={cursor}")).await;
            answer.problem(400, "invalid_cursor");
            assert_discreet(&answer);
        }
    }
}

#[tokio::test]
async fn without_a_session_the_answer_is_401_or_the_log_in_page() {
    let server = Server::start().await;
    let visitor = server.client();
    for path in
        ["/api/v1/account", "/api/v1/albums", "/api/v1/photos", "/api/v1/search?q=a", "/api/v1/sessions"]
    {
        visitor.get(path).await.problem(401, "no_session");
    }
    for page in ["/albums/new", "/photos", "/search?q=a", "/account", &format!("/albums/{NOBODY}")] {
        let sent = visitor.get(page).await.expect(303).location();
        assert!(sent.starts_with("/login?next="), "{page}: {sent}");
    }
    let home = visitor.get("/").await;
    if home.status == 303 {
        assert!(home.location().starts_with("/login"));
    } else {
        assert!(home.expect(200).text().contains("action=\"/login\""));
    }
}

/// `docs/security.md`, rule 19: text is data, on the way in and on the way out.
#[tokio::test]
async fn hostile_text_is_kept_as_it_is_and_shown_as_text() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    for text in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'; DROP TABLE Photo; --",
        "%s%n{{7*7}}${7*7}",
        "javascript:alert(1)",
        "😀 é ﷽ 漢字",
    ] {
        let album =
            ann.post("/api/v1/albums", json!({"name": text, "description": text})).await.expect(201).json();
        assert_eq!((&album["name"], &album["description"]), (&json!(text), &json!(text)));
        let fields = [("title", text), ("description", text), ("tags", text)];
        let photo = ann.photo(&id_of(&album), &Upload::small(1), &fields).await;
        assert_eq!(photo["title"], text);
        for page in
            [format!("/albums/{}", id_of(&album)), format!("/photos/{}", id_of(&photo)), "/".to_owned()]
        {
            let html = ann.get(&page).await.expect(200).text();
            assert!(!html.contains("<script>alert"), "{page}");
            assert!(!html.contains("<img src=x"), "{page}");
            assert!(!html.contains("{{7*7}}49"), "{page}");
        }
    }
    assert_eq!(ann.all_ids("/api/v1/photos").await.len(), 6);
}

#[tokio::test]
async fn a_path_with_a_slash_too_many_leads_to_its_page() {
    let server = Server::start().await;
    let visitor = server.client();
    for (path, location) in [
        ("/albums", "/"),
        ("/login/", "/login"),
        ("/photos/?cursor=x", "/photos?cursor=x"),
        ("//login", "/login"),
    ] {
        assert_eq!(visitor.get(path).await.expect(308).location(), location, "{path}");
    }
    visitor.get("/api/v1/albums/").await.problem(404, "not_found");
}

#[tokio::test]
async fn an_array_is_no_json_object() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    ann.post("/api/v1/albums", json!(["a"])).await.problem(400, "malformed");
    ann.post("/api/v1/albums", json!(["a", "b"])).await.problem(400, "malformed");
    let album = ann.album("Summer").await;
    ann.patch(&format!("/api/v1/albums/{album}"), json!(["a"])).await.problem(400, "malformed");
    assert_eq!(ann.all_ids("/api/v1/albums").await.len(), 1);
}

/// What the server answers to these bytes on a connection of their own.
async fn answer_to(server: &Server, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).await.expect("a connection");
    stream.write_all(bytes).await.expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn a_request_names_exactly_one_host() {
    let server = Server::start().await;
    for (hosts, status) in [
        ("", 400),
        ("Host: a\r\nHost: a\r\n", 400),
        ("Host: a\r\nhost: b\r\n", 400),
        ("Host: a, b\r\n", 400),
        ("Host: a b/c@d\r\n", 400),
        ("Host: a:b\r\n", 400),
        ("Host: [::1\r\n", 400),
        ("Host: a\r\n", 200),
        ("Host: photos.example:8443\r\n", 200),
        ("Host: [::1]:8080\r\n", 200),
    ] {
        let request = format!("GET /login HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
        let answer = answer_to(&server, request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{hosts:?}: {answer}");
        let headers = answer.to_lowercase();
        for ours in ["x-content-type-options: nosniff", "content-security-policy: ", "x-request-id: "] {
            assert!(headers.contains(ours), "{hosts:?}: {answer}");
        }
    }
}

/// `docs/security.md`, rule 32: no handler of ours sees these.
#[tokio::test]
async fn what_is_no_request_is_answered_with_the_security_headers() {
    let server = Server::start().await;
    let path = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(65_535));
    let header = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(1_000_000));
    for (bytes, statuses) in [
        ("GARBAGE\r\n\r\n", [400, 400]),
        ("GET / HTTP/1.1\r\nHost: a\r\nX Y: z\r\n\r\n", [400, 400]),
        (path.as_str(), [414, 431]),
        (header.as_str(), [431, 431]),
    ] {
        let answer = answer_to(&server, bytes.as_bytes()).await;
        let status = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        assert!(statuses.contains(&status), "{statuses:?}: {answer}");
        for ours in [
            "x-content-type-options: nosniff",
            "content-security-policy: default-src 'none'; ",
            "cross-origin-opener-policy: same-origin",
            "referrer-policy: same-origin",
            "cache-control: no-store",
        ] {
            assert_eq!(answer.matches(ours).count(), 1, "{ours} in {answer}");
        }
    }
}
