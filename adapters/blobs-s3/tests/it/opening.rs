//! Opening: what stands against using a bucket is said in one line, with what to do. And being
//! ready.

use std::time::{Duration, Instant};

use gallery_blobs_s3::{S3Blobs, S3Options, TimeLimits};
use gallery_core::ports::{BlobError, Blobs as _};
use gallery_faults::{Fault, Rule, s3};

use crate::fixture::{SERVERS, Server, open, unavailable};

async fn refusal(options: S3Options) -> String {
    let line = S3Blobs::open(options).await.unwrap_err().to_string();
    assert!(!line.contains('\n'), "{line}");
    line
}

#[tokio::test]
async fn an_endpoint_that_is_no_address_is_refused() {
    let line = refusal(S3Options { endpoint: Some("minio:9000".into()), ..S3Options::new("photos") }).await;
    assert!(line.contains("minio:9000") && line.contains("https://"), "{line}");
}

#[tokio::test]
async fn a_missing_bucket_is_named_with_what_to_do() {
    for server in SERVERS {
        let bucket = server.bucket().await;
        let options = S3Options { bucket: "no-such-bucket-here".to_owned(), ..bucket.options() };
        let line = refusal(options).await;
        let expected =
            format!("bucket no-such-bucket-here in S3 at {} (region us-east-1) does not exist", bucket.url);
        assert!(line.starts_with(&expected), "{line}");
        assert!(line.contains("create it"), "{line}");
    }
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let bucket = Server::S3sFs.bucket().await;
    let wrong_region = s3::error(
        400,
        "AuthorizationHeaderMalformed",
        "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'",
    );
    for (fault, expected) in [
        (s3::denied(), "allow s3:ListBucket ("),
        (s3::moved("eu-west-3"), "is in another region: set the region to eu-west-3"),
        (Fault::answer(wrong_region), "expecting 'eu-central-1'"),
        (
            Fault::answer(s3::error(403, "InvalidAccessKeyId", "not in our records")),
            "does not accept the AWS credentials",
        ),
        (Fault::answer(s3::error(400, "ExpiredToken", "The provided token has expired.")), "have expired"),
        (Fault::answer(s3::error(418, "Teapot", "short and stout")), "failed at ListObjectsV2: "),
    ] {
        let proxy = bucket.proxy();
        proxy.add(Rule::any(fault));
        let line = refusal(bucket.behind(&proxy)).await;
        assert!(line.contains(expected), "{line}");
        assert!(line.contains(&bucket.name), "{line}");
        assert_eq!(proxy.count("ListObjectsV2"), 1, "it is not asked again");
    }
}

#[tokio::test]
async fn a_service_that_is_away_is_named() {
    let bucket = Server::S3sFs.bucket().await;
    let gone = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let options = S3Options { endpoint: Some(format!("http://{gone}")), ..bucket.options() };
    let line = refusal(options).await;
    assert!(
        line.contains(&format!("in S3 at http://{gone}")) && line.contains("cannot be reached"),
        "{line}"
    );
    // So is one that hangs, in time.
    let proxy = bucket.proxy();
    proxy.stall();
    let limits = TimeLimits {
        answer: Duration::from_millis(300),
        whole: Duration::from_millis(700),
        ..TimeLimits::default()
    };
    let began = Instant::now();
    let line = refusal(S3Options { limits, ..bucket.behind(&proxy) }).await;
    assert!(line.contains("cannot be reached") && line.contains("no answer in time"), "{line}");
    assert!(began.elapsed() < Duration::from_secs(5), "it took {:?}", began.elapsed());
}

#[tokio::test]
async fn being_ready_is_answered_within_about_a_second() {
    let bucket = Server::S3sFs.bucket().await;
    let proxy = bucket.proxy();
    let blobs = open(bucket.behind(&proxy)).await;
    blobs.ready().await.unwrap();
    proxy.stall();
    let began = Instant::now();
    unavailable(&blobs.ready().await);
    assert!(began.elapsed() < Duration::from_secs(2), "it took {:?}", began.elapsed());
    proxy.restore();
    blobs.ready().await.unwrap();
    proxy.add(Rule::on("ListObjectsV2", s3::internal_error()));
    proxy.reset_counts();
    unavailable(&blobs.ready().await);
    assert_eq!(proxy.count("ListObjectsV2"), 1, "whoever asks, asks again");
    proxy.clear();
    proxy.add(Rule::on("ListObjectsV2", s3::denied()));
    let denied = blobs.ready().await;
    assert!(matches!(denied, Err(BlobError::Backend(_))), "{denied:?}");
}
