//! Uploads that are refused, and hostile ones. Rule numbers are those of `docs/security.md`.

use std::time::{Duration, Instant};

use gallery_tests::client::Upload;
use gallery_tests::member::RECORD_BYTES;
use gallery_tests::server::Launch;
use gallery_tests::{Sample, Server};
use reqwest::{Method, multipart};
use serde_json::json;

fn file(name: &str, bytes: impl Into<Vec<u8>>) -> Upload {
    Upload::new(name, "image/jpeg", bytes.into())
}

/// Rule 22: the type is found in the bytes.
#[tokio::test]
async fn what_is_no_photo_is_refused() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    for (name, bytes) in [
        ("text.jpg", b"just some words".to_vec()),
        ("page.jpg", b"<!DOCTYPE html><script>alert(1)</script>".to_vec()),
        (
            "drawing.svg",
            br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#.to_vec(),
        ),
        ("archive.jpg", b"PK\x03\x04\x14\x00\x00\x00\x00\x00".to_vec()),
        ("program.jpg", b"\x7fELF\x02\x01\x01\x00".to_vec()),
    ] {
        ann.upload(&album, &file(name, bytes), &[]).await.problem(415, "unsupported_photo");
    }
    let whole = Sample::new(200, 100).jpeg();
    for (name, bytes) in [
        ("cut.jpg", whole[..200].to_vec()),
        ("start.jpg", b"\xff\xd8\xff\xe0".to_vec()),
        ("header.png", b"\x89PNG\r\n\x1a\n".to_vec()),
        ("riff.webp", b"RIFF\x10\x00\x00\x00WEBPVP8 ".to_vec()),
    ] {
        let answer = ann.upload(&album, &file(name, bytes), &[]).await;
        assert!(matches!(answer.status, 415 | 422), "{name}: {}", answer.text());
        assert!(answer.json()["code"].is_string(), "{name}");
    }
    let empty = ann.upload(&album, &file("empty.jpg", ""), &[]).await;
    assert!(matches!(empty.status, 415 | 422), "{}", empty.text());
    assert_eq!(ann.all_ids("/api/v1/photos").await, Vec::<String>::new());
    assert_eq!(ann.used().await, RECORD_BYTES, "the album's");
}

#[tokio::test]
async fn a_form_without_a_photo_is_refused() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let path = format!("/api/v1/albums/{album}/photos");
    let form = multipart::Form::new().text("title", "only a title");
    let answer = ann.request(Method::POST, &path).multipart(form).send().await;
    assert!(matches!(answer.status, 400 | 422), "{}", answer.text());
    let answer = ann.request(Method::POST, &path).body("image/jpeg", Sample::new(8, 8).jpeg()).send().await;
    assert!(matches!(answer.status, 400 | 415), "{}", answer.text());
    let cut = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n\u{0}\u{0}";
    let answer = ann.request(Method::POST, &path).body("multipart/form-data; boundary=b", cut).send().await;
    assert!(matches!(answer.status, 400 | 415 | 422), "{}", answer.text());
    assert_eq!(ann.all_ids("/api/v1/photos").await, Vec::<String>::new());
}

#[tokio::test]
async fn wrong_texts_of_an_upload_are_named() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let long = "x".repeat(201);
    let answer = ann.upload(&album, &Upload::small(1), &[("title", &long)]).await;
    answer.problem(422, "invalid");
    assert_eq!(answer.invalid_fields(), [("title".to_owned(), "too_long".to_owned())]);
    assert_eq!(ann.all_ids("/api/v1/photos").await, Vec::<String>::new());
}

/// Rule 21: counted as the bytes arrive, with and without a declared length.
#[tokio::test]
async fn a_photo_over_the_limit_is_refused() {
    let server = Launch::new().setting("GALLERY__LIMITS__MAX_UPLOAD_BYTES", "10000000").start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let mut bytes = Sample::new(64, 64).jpeg();
    bytes.resize(10_000_001, 0);
    let declared = ann.upload_request(&album, &file("big.jpg", bytes.clone()), &[]).try_send().await;
    // The connection may be closed before the client has sent everything.
    if let Ok(answer) = declared {
        answer.problem(413, "too_large");
    }
    let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n\r\n";
    let body = [head.as_bytes(), &bytes, b"\r\n--b--\r\n"].concat();
    let chunks: Vec<Result<Vec<u8>, std::io::Error>> =
        body.chunks(1 << 16).map(|chunk| Ok(chunk.to_vec())).collect();
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    let path = format!("/api/v1/albums/{album}/photos");
    let chunked =
        ann.request(Method::POST, &path).body("multipart/form-data; boundary=b", stream).try_send().await;
    if let Ok(answer) = chunked {
        answer.problem(413, "too_large");
    }
    assert_eq!(ann.all_ids("/api/v1/photos").await, Vec::<String>::new());
    assert_eq!(ann.used().await, RECORD_BYTES, "the album's");
}

/// Rule 23: a picture that would be huge is refused by its header.
#[tokio::test]
async fn a_bomb_of_pixels_is_refused_at_once() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let mut jpeg = Sample::new(64, 64).jpeg();
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a frame header");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xFF, 0xDC, 0xFF, 0xDC]);
    let mut png = Sample::new(64, 64).png();
    png[16..24].copy_from_slice(&[0, 0, 0xC3, 0x50, 0, 0, 0xC3, 0x50]);
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    for (name, bytes) in [("bomb.jpg", jpeg), ("bomb.png", png)] {
        let started = Instant::now();
        let answer = ann.upload(&album, &file(name, bytes), &[]).await;
        assert!(matches!(answer.status, 413 | 422), "{name}: {}", answer.text());
        assert!(started.elapsed() < Duration::from_secs(5), "{name} took {:?}", started.elapsed());
    }
}

/// The checksum of PNG's chunks (ISO 15948, annex D).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    })
}

/// Rule 28.
#[tokio::test]
async fn file_names_lose_paths_and_tricks() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    for (sent, kept) in [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\photos\\IMG 1.jpg", "IMG 1.jpg"),
        ("gpj.\u{202e}exe.jpg", "gpj.exe.jpg"),
        ("...", "photo"),
    ] {
        let upload = Upload::new(sent, "image/jpeg", Sample::new(8, 8).jpeg());
        let photo = ann.photo(&album, &upload, &[]).await;
        assert_eq!(photo["file_name"], kept, "{sent:?}");
    }
}

/// Rule 20.
#[tokio::test]
async fn the_quota_holds_under_parallel_uploads() {
    let server = Server::start().await;
    let bob = server.member("bob").await;
    let photo = bob.photo(&bob.album("Trial").await, &Upload::small(0), &[]).await;
    let counted = bob.counted(&photo).await;
    assert_eq!(bob.used().await, RECORD_BYTES + counted);
    server.stop().await;

    // A fourth one lacks one byte.
    let quota = (RECORD_BYTES + 4 * counted - 1).to_string();
    let server = Launch::new().setting("GALLERY__LIMITS__QUOTA_BYTES", &quota).start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let uploads = (0..8).map(|_| {
        let (client, album) = (ann.copy(), album.clone());
        tokio::spawn(async move { client.upload(&album, &Upload::small(0), &[]).await.status })
    });
    let mut stored = 0;
    for upload in uploads.collect::<Vec<_>>() {
        stored += usize::from(upload.await.expect("an answer") == 201);
    }
    assert!((1..=3).contains(&stored), "{stored} photos within a quota of three");
    // Alone, what still fits is taken, and nothing more.
    for _ in stored..3 {
        ann.photo(&album, &Upload::small(0), &[]).await;
    }
    let refused = ann.upload(&album, &Upload::small(0), &[]).await;
    assert_eq!(refused.json()["code"], "quota_exceeded", "{}", refused.text());
    let usage = ann.get("/api/v1/account").await.expect(200).json()["usage"].clone();
    assert_eq!((&usage["photos"], &usage["bytes"]), (&json!(3), &json!(RECORD_BYTES + 3 * counted)));
    server.stop().await.verify();
}

#[tokio::test]
async fn the_upload_form_of_a_page_takes_several_photos() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let part = |seed| multipart::Part::bytes(Upload::small(seed).bytes).file_name(format!("{seed}.jpg"));
    let form = multipart::Form::new().part("file", part(1)).part("file", part(2));
    let request = ann.request(Method::POST, &format!("/albums/{album}/photos")).header("accept", "text/html");
    let answer = request.header("sec-fetch-site", "same-origin").multipart(form).send().await.expect(303);
    assert_eq!(answer.location().split(['?', '#']).next(), Some(format!("/albums/{album}").as_str()));
    assert_eq!(ann.all_ids("/api/v1/photos").await.len(), 2);
}

/// The form without JavaScript: five ordinary photos were too many.
#[tokio::test]
async fn the_upload_form_of_a_page_takes_any_number_of_photos() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let mut form = multipart::Form::new();
    for seed in 0..12 {
        let bytes = Sample::new(1_200, 900).seed(seed).jpeg();
        form = form.part("file", multipart::Part::bytes(bytes).file_name(format!("{seed}.jpg")));
    }
    let request = ann.request(Method::POST, &format!("/albums/{album}/photos")).header("accept", "text/html");
    request.header("sec-fetch-site", "same-origin").multipart(form).send().await.ok(303);
    assert_eq!(ann.all_ids("/api/v1/photos").await.len(), 12);
}

#[tokio::test]
async fn a_form_that_fails_half_way_says_which_photos_are_in() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let part = |name: String, seed| multipart::Part::bytes(Upload::small(seed).bytes).file_name(name);
    let form = multipart::Form::new()
        .part("file", part("first.jpg".to_owned(), 1))
        .part("file", part("second.jpg".to_owned(), 2))
        .part("file", part("x".repeat(500_000), 3));
    let request = ann.request(Method::POST, &format!("/albums/{album}/photos")).header("accept", "text/html");
    let page =
        request.header("sec-fetch-site", "same-origin").multipart(form).send().await.expect(413).text();
    assert!(
        page.contains("was interrupted") && page.contains("first.jpg") && page.contains("second.jpg"),
        "{page}"
    );
    assert_eq!(ann.all_ids("/api/v1/photos").await.len(), 2);
}

/// As browsers write names into a form, and as people paste texts.
#[tokio::test]
async fn names_and_texts_lose_only_what_nobody_sees() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("\u{2067}Sun\u{2069}\u{ad}mer\u{200f}\u{b}2026\u{b}").await;
    assert_eq!(ann.get(&format!("/api/v1/albums/{album}")).await.expect(200).json()["name"], "Sunmer 2026");
    let blank = json!({"name": "\u{3164}\u{2060}\u{fe0f}"});
    ann.post("/api/v1/albums", blank).await.problem(422, "invalid");
    let form = |name: &str, title: &str| {
        let text = |name: &str, text: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
        };
        let file =
            format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        let texts = [text("title", title), text("description", title), text("tags", title)].concat();
        [texts.as_bytes(), file.as_bytes(), &Upload::small(1).bytes, b"\r\n--b--\r\n"].concat()
    };
    let path = format!("/api/v1/albums/{album}/photos");
    for (name, kept) in [("5%22 print.jpg", "5\" print.jpg"), ("a%0D%0A%41.jpg", "a%41.jpg")] {
        let body = form(name, "\u{200e}خانه\u{200c}ها\u{2066} \u{200d}👩\u{200d}🚀\u{200d}\u{b}\u{feff}");
        let request = ann.request(Method::POST, &path).body("multipart/form-data; boundary=b", body);
        let photo = request.send().await.expect(201).json();
        let text = "خانه\u{200c}ها 👩\u{200d}🚀";
        assert_eq!((&photo["file_name"], &photo["title"]), (&json!(kept), &json!(text)));
        assert_eq!((&photo["description"], &photo["tags"]), (&json!(text), &json!([text])));
    }
}
