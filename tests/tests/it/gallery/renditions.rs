//! The bytes: renditions, their headers, ranges, caching, and what they do not carry.

use std::process::Command;

use gallery_tests::client::Upload;
use gallery_tests::member::id_of;
use gallery_tests::photos::{red_corner, size_of};
use gallery_tests::{Answer, Member, Sample, Server};
use reqwest::Method;

/// A member with one photo; returns the path of its renditions.
async fn with_photo(server: &Server, bytes: Vec<u8>) -> (Member, String) {
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let photo = ann.photo(&album, &Upload::new("Ann's \"best\" – été.jpg", "image/jpeg", bytes), &[]).await;
    let path = format!("/api/v1/photos/{}/renditions", id_of(&photo));
    (ann, path)
}

async fn with_header(member: &Member, path: &str, name: &str, value: &str) -> Answer {
    member.request(Method::GET, path).header(name, value).send().await
}

#[tokio::test]
async fn every_rendition_has_its_size_and_none_is_enlarged() {
    let server = Server::start().await;
    let bytes = Sample::new(1600, 1200).jpeg();
    let (ann, path) = with_photo(&server, bytes.clone()).await;
    let original = ann.get(&format!("{path}/original")).await.expect(200);
    assert_eq!(original.body, bytes);
    for (name, size) in [("large", (1600, 1200)), ("medium", (1024, 768)), ("small", (320, 240))] {
        let rendition = ann.get(&format!("{path}/{name}")).await.expect(200);
        assert_eq!(size_of(&rendition.body), size, "{name}");
        assert!(rendition.header("content-type").starts_with("image/"), "{name}");
    }
    ann.get(&format!("{path}/huge")).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_damaged_photo_is_shown_as_far_as_it_goes_and_says_so() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Summer").await;
    let whole = Sample::new(400, 300).jpeg();
    for (name, bytes, is_damaged) in [
        ("whole.jpg", whole.clone(), false),
        ("without-its-end.jpg", whole[..whole.len() - 2].to_vec(), false),
        ("cut.jpg", whole[..whole.len() / 2].to_vec(), true),
    ] {
        let photo = ann.photo(&album, &Upload::new(name, "image/jpeg", bytes.clone()), &[]).await;
        assert_eq!(photo["damaged"], is_damaged, "{name}");
        let address = format!("/api/v1/photos/{}", id_of(&photo));
        assert_eq!(ann.get(&address).await.expect(200).json()["damaged"], is_damaged, "{name}");
        let large = ann.get(&format!("{address}/renditions/large")).await.expect(200);
        assert_eq!(size_of(&large.body), (400, 300), "{name}");
        let original = ann.get(&format!("{address}/renditions/original")).await.expect(200);
        assert_eq!(original.body, bytes, "{name}");
        let page = ann.get(&format!("/photos/{}", id_of(&photo))).await.expect(200).text();
        assert_eq!(page.contains("file is damaged"), is_damaged, "{name}");
    }
    let page = ann.get(&format!("/albums/{album}")).await.expect(200).text();
    assert_eq!(page.matches(">Damaged</span>").count(), 1, "{page}");
}

#[tokio::test]
async fn renditions_are_turned_upright() {
    let server = Server::start().await;
    let ann = server.member("ann").await;
    let album = ann.album("Turned").await;
    // Where EXIF's eight orientations put the picture's top left corner.
    let corners = [
        (1, ("left", "top")),
        (2, ("right", "top")),
        (3, ("right", "bottom")),
        (4, ("left", "bottom")),
        (5, ("left", "top")),
        (6, ("right", "top")),
        (7, ("right", "bottom")),
        (8, ("left", "bottom")),
    ];
    for (orientation, corner) in corners {
        let bytes = Sample::new(60, 40).orientation(orientation).jpeg();
        let photo = ann.photo(&album, &Upload::new("a.jpg", "image/jpeg", bytes), &[]).await;
        let size = if orientation < 5 { (60, 40) } else { (40, 60) };
        assert_eq!((&photo["width"], &photo["height"]), (&size.0.into(), &size.1.into()), "{orientation}");
        for name in ["small", "large"] {
            let path = format!("/api/v1/photos/{}/renditions/{name}", id_of(&photo));
            let rendition = ann.get(&path).await.expect(200).body;
            assert_eq!(size_of(&rendition), size, "orientation {orientation}");
            assert_eq!(red_corner(&rendition), corner, "orientation {orientation}");
        }
    }
}

#[tokio::test]
async fn known_renditions_are_not_sent_again() {
    let server = Server::start().await;
    let (ann, path) = with_photo(&server, Sample::new(400, 300).jpeg()).await;
    for name in ["original", "small"] {
        let bare = ann.get(&format!("{path}/{name}")).await.expect(200).header("cache-control");
        assert_eq!(bare, "private, max-age=600");
        let path = format!("{path}/{name}?v=1");
        let first = ann.get(&path).await.expect(200);
        let tag = first.header("etag");
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10, "{tag}");
        let caching = first.header("cache-control");
        assert!(caching.contains("private") && caching.contains("immutable"), "{caching}");
        for condition in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = with_header(&ann, &path, "if-none-match", &condition).await.expect(304);
            assert!(again.body.is_empty());
            assert_eq!(again.header("etag"), tag);
        }
        let other = with_header(&ann, &path, "if-none-match", "\"other\"").await.expect(200);
        assert_eq!(other.body, first.body);
    }
}

#[tokio::test]
async fn parts_of_the_bytes_are_sent_on_request() {
    let server = Server::start().await;
    let bytes = Sample::new(400, 300).jpeg();
    let (ann, path) = with_photo(&server, bytes.clone()).await;
    let path = format!("{path}/original");
    let length = bytes.len();
    assert_eq!(ann.get(&path).await.expect(200).header("accept-ranges"), "bytes");
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=100-", 100, length),
        ("bytes=-50", length - 50, length),
        ("bytes=5-99999999", 5, length),
    ] {
        let part = with_header(&ann, &path, "range", range).await.expect(206);
        assert_eq!(part.body, bytes[from..to], "{range}");
        assert_eq!(part.header("content-range"), format!("bytes {from}-{}/{length}", to - 1));
        assert_eq!(part.header("content-length"), (to - from).to_string());
    }
    let beyond = with_header(&ann, &path, "range", &format!("bytes={length}-")).await.expect(416);
    assert_eq!(beyond.header("content-range"), format!("bytes */{length}"));
    for nonsense in ["bytes=9-3", "bytes=abc", "lines=1-2", "bytes="] {
        let whole = with_header(&ann, &path, "range", nonsense).await;
        assert!(matches!(whole.status, 200 | 416), "{nonsense}: {}", whole.status);
    }
    // If-Range with another tag asks for the whole.
    let changed =
        ann.request(Method::GET, &path).header("range", "bytes=0-9").header("if-range", "\"other\"");
    assert_eq!(changed.send().await.expect(200).body, bytes);
}

#[tokio::test]
async fn head_answers_like_get_without_the_bytes() {
    let server = Server::start().await;
    let (ann, path) = with_photo(&server, Sample::new(400, 300).jpeg()).await;
    let path = format!("{path}/small");
    let get = ann.get(&path).await.expect(200);
    let head = ann.request(Method::HEAD, &path).send().await.expect(200);
    assert!(head.body.is_empty());
    for name in ["content-type", "content-length", "etag"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
}

/// `docs/security.md`, rule 31.
#[tokio::test]
async fn user_bytes_can_do_nothing_in_a_browser() {
    let server = Server::start().await;
    let (ann, path) = with_photo(&server, Sample::new(400, 300).jpeg()).await;
    for name in ["original", "large", "medium", "small"] {
        let answer = ann.get(&format!("{path}/{name}")).await.expect(200);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{name}: {policy}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    }
    let disposition = ann.get(&format!("{path}/original")).await.expect(200).header("content-disposition");
    assert!(disposition.starts_with("attachment"), "{disposition}");
    // RFC 6266: the name for old clients is quoted, the true one percent-encoded.
    assert!(
        disposition.contains("filename*=UTF-8''") && disposition.contains("%C3%A9t%C3%A9.jpg"),
        "{disposition}"
    );
}

/// `docs/security.md`, rule 29.
#[tokio::test]
async fn renditions_carry_no_metadata() {
    let server = Server::start().await;
    let bytes =
        Sample::new(800, 600).camera("Canon", "EOS").gps(48.85, 2.35, 35).taken("2024:05:17 10:20:30").jpeg();
    let (ann, path) = with_photo(&server, bytes).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let tags = async |name: &str| {
        let file = folder.path().join(name);
        let bytes = ann.get(&format!("{path}/{name}")).await.expect(200).body;
        std::fs::write(&file, bytes).expect("a file");
        let read = Command::new("exiftool")
            .args(["-G1", "-s", "-EXIF:all", "-GPS:all", "-XMP:all"])
            .arg(&file)
            .output();
        let read = read.expect("exiftool runs; `cargo xtask test` installs it");
        String::from_utf8_lossy(&read.stdout).into_owned()
    };
    assert!(tags("original").await.contains("GPSLatitude"), "the original keeps everything");
    for name in ["large", "medium", "small"] {
        assert_eq!(tags(name).await, "", "{name}");
    }
}
