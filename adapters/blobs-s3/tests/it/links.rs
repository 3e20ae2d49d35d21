//! Presigned addresses: fetched over plain HTTP, with fixed header fields, for a time; nothing
//! without one.

use std::time::Duration;

use gallery_blobs_s3::{Delivery, S3Options};
use gallery_core::model::ImageType;
use gallery_core::ports::{Blobs as _, LinkRequest};

use crate::fixture::{Bucket, SERVERS, Server, content, key, open, put};

const LIFETIME: Duration = Duration::from_mins(5);

fn presigned(bucket: &Bucket, lifetime: Duration) -> S3Options {
    S3Options { delivery: Delivery::Presigned { lifetime }, ..bucket.options() }
}

fn request(lifetime: Duration) -> LinkRequest {
    LinkRequest {
        key: key(0),
        content_type: ImageType::Png,
        disposition: "attachment; filename=\"Fj\u{f8}rd 1.png\"; filename*=UTF-8''Fj%C3%B8rd%201.png"
            .replace('\u{f8}', "o"),
        lifetime,
    }
}

#[tokio::test]
async fn a_link_delivers_the_blob_with_fixed_header_fields() {
    for server in SERVERS {
        let bucket = server.bucket().await;
        let blobs = open(presigned(&bucket, LIFETIME)).await;
        let bytes = content(100_000);
        put(&blobs, &key(0), &bytes).await.unwrap();
        let request = request(LIFETIME);
        let url = blobs.link(&request).await.unwrap().expect("a link");
        assert!(url.contains("X-Amz-Expires=300&"), "{url}");
        // Whoever opens it sends no header field of its own.
        assert!(url.contains("X-Amz-SignedHeaders=host&"), "{url}");
        let answer = reqwest::get(&url).await.unwrap();
        assert_eq!(answer.status(), 200, "{server:?}");
        assert_eq!(answer.headers()["content-type"], "image/png");
        assert_eq!(answer.headers()["content-disposition"], request.disposition);
        assert!(answer.bytes().await.unwrap() == bytes);
        // The header fields are signed with the rest.
        let forged = url.replace("image%2Fpng", "text%2Fhtml");
        assert_ne!(forged, url);
        assert_eq!(reqwest::get(&forged).await.unwrap().status(), 403, "{server:?}");
        let other = url.replace(key(0).as_str(), key(1).as_str());
        assert_eq!(reqwest::get(&other).await.unwrap().status(), 403, "{server:?}");
    }
}

#[tokio::test]
async fn a_link_ends() {
    for server in SERVERS {
        let bucket = server.bucket().await;
        let blobs = open(presigned(&bucket, LIFETIME)).await;
        put(&blobs, &key(0), &content(10)).await.unwrap();
        let url = blobs.link(&request(Duration::from_secs(1))).await.unwrap().unwrap();
        // Until it is refused, it is good; a lifetime that were not kept would be good for minutes.
        let mut answers = 0;
        while reqwest::get(&url).await.unwrap().status() == 200 {
            answers += 1;
            tokio::time::sleep(Duration::from_millis(200)).await;
            assert!(answers < 50, "{server:?}: it is still good");
        }
        assert_eq!(reqwest::get(&url).await.unwrap().status(), 403, "{server:?}");
    }
}

#[tokio::test]
async fn no_link_is_good_for_longer_than_the_setting() {
    let bucket = Server::S3sFs.bucket().await;
    for (setting, wish, expected) in [(300, 3600, 300), (60, 300, 60), (300, 30, 30), (300, 0, 1)] {
        let blobs = open(presigned(&bucket, Duration::from_secs(setting))).await;
        let url = blobs.link(&request(Duration::from_secs(wish))).await.unwrap().unwrap();
        assert!(url.contains(&format!("X-Amz-Expires={expected}&")), "{url}");
    }
    let blobs = open(bucket.options()).await;
    assert_eq!(blobs.link(&request(LIFETIME)).await.unwrap(), None, "the gallery delivers");
}

/// What browsers ask besides: whether it has changed, and for parts.
#[tokio::test]
async fn a_link_takes_conditions_and_ranges() {
    let bucket = Server::RadosGw.bucket().await;
    let blobs = open(presigned(&bucket, LIFETIME)).await;
    let bytes = content(1000);
    put(&blobs, &key(0), &bytes).await.unwrap();
    let url = blobs.link(&request(LIFETIME)).await.unwrap().unwrap();
    let etag = reqwest::get(&url).await.unwrap().headers()["etag"].to_str().unwrap().to_owned();
    let asked = async |name: &str, value: &str| {
        let answer = reqwest::Client::new().get(&url).header(name, value).send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap())
    };
    assert_eq!(asked("if-none-match", &etag).await, (304, "".into()));
    assert_eq!(asked("range", "bytes=5-9").await, (206, bytes.slice(5..10)));
    assert_eq!(asked("range", "bytes=1000-").await.0, 416);
}

#[tokio::test]
async fn objects_are_private() {
    for server in SERVERS {
        let bucket = server.bucket().await;
        let blobs = open(bucket.options()).await;
        put(&blobs, &key(0), &content(10)).await.unwrap();
        for path in [key(0).as_str(), "", "?list-type=2"] {
            let url = format!("{}/{}/{path}", bucket.url, bucket.name);
            assert_eq!(reqwest::get(&url).await.unwrap().status(), 403, "{server:?}: {path}");
        }
    }
}
