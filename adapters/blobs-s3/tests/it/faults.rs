//! S3 in trouble, played by a proxy: what is tried again, how often, in what time, and what is
//! answered in the end.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use gallery_blobs_s3::{OPERATIONS, S3Blobs, S3Options, TimeLimits};
use gallery_core::ports::{BlobError, Blobs as _};
use gallery_faults::{Fault, HttpProxy, Reply, Rule, s3};

use crate::fixture::{Bucket, MIB, SERVERS, Server, content, get, key, open, put, unavailable};

/// Uploaded in parts.
const LARGE: usize = 16 * MIB;

/// A service that did it, and whose answer is lost or worthless.
fn lost() -> [Fault; 3] {
    [
        Fault::ResetAfter,
        Fault::answer_after(Reply::text(502, "bad gateway")),
        Fault::answer_after(s3::error(500, "InternalError", "We encountered an internal error.")),
    ]
}

async fn behind_proxy(bucket: &Bucket) -> (S3Blobs, HttpProxy) {
    let proxy = bucket.proxy();
    (open(bucket.behind(&proxy)).await, proxy)
}

/// In time, as in production but faster, so that the tests are.
async fn impatient(bucket: &Bucket) -> (S3Blobs, HttpProxy) {
    let proxy = bucket.proxy();
    let limits =
        TimeLimits { answer: Duration::from_secs(1), whole: Duration::from_secs(3), ..TimeLimits::default() };
    (open(S3Options { limits, ..bucket.behind(&proxy) }).await, proxy)
}

#[tokio::test]
async fn what_was_not_answered_is_asked_again() {
    let bucket = Server::S3sFs.bucket().await;
    for fault in [Fault::Reset, s3::internal_error(), s3::slow_down(), Fault::ResetAfter] {
        let (blobs, proxy) = behind_proxy(&bucket).await;
        for operation in
            ["PutObject", "GetObject", "HeadObject", "ListObjectsV2", "DeleteObjects", "UploadPart"]
        {
            proxy.add(Rule::on(operation, fault.clone()).once());
        }
        put(&blobs, &key(0), &content(10)).await.unwrap();
        put(&blobs, &key(1), &content(LARGE)).await.unwrap();
        assert_eq!(get(&blobs, &key(0)).await.unwrap(), content(10));
        assert_eq!(blobs.stat(&key(0)).await.unwrap().bytes, 10);
        assert_eq!(blobs.list(None, 10).await.unwrap().len(), 2);
        blobs.delete(&[key(0), key(1)]).await.unwrap();
        assert_eq!(proxy.faulted().len(), 6, "{:?}", proxy.faulted());
        assert!(bucket.objects().await.is_empty());
    }
}

#[tokio::test]
async fn a_put_whose_reply_was_lost_is_made_again() {
    for server in SERVERS {
        let bucket = server.bucket().await;
        for fault in lost() {
            let (blobs, proxy) = behind_proxy(&bucket).await;
            for (number, operation, size) in [(0, "PutObject", 10), (1, "CompleteMultipartUpload", LARGE)] {
                let bytes = content(size);
                proxy.add(Rule::on(operation, fault.clone()).once());
                put(&blobs, &key(number), &bytes).await.unwrap();
                assert!(proxy.count(operation) > 1, "{server:?}: {fault:?}");
                assert_eq!(proxy.count("HeadObject"), 0, "nothing is asked between");
                assert!(get(&blobs, &key(number)).await.unwrap() == bytes, "{server:?}: {fault:?}");
                proxy.reset_counts();
            }
            if server == Server::RadosGw {
                assert_eq!(bucket.uploads().await, 0, "{fault:?}");
            }
            blobs.delete(&[key(0), key(1)]).await.unwrap();
        }
    }
}

/// It was completed before, or somebody has aborted it.
#[tokio::test]
async fn an_upload_that_is_gone_is_made_again() {
    let bucket = Server::RadosGw.bucket().await;
    let (blobs, proxy) = behind_proxy(&bucket).await;
    let gone = || Fault::answer_after(s3::error(404, "NoSuchUpload", "The upload does not exist."));
    proxy.add(Rule::on("CompleteMultipartUpload", gone()).once());
    put(&blobs, &key(0), &content(LARGE)).await.unwrap();
    assert_eq!(proxy.count("CreateMultipartUpload"), 2);
    assert!(get(&blobs, &key(0)).await.unwrap() == content(LARGE));
    proxy.reset_counts();
    proxy.add(Rule::on("CompleteMultipartUpload", gone()));
    let failed = put(&blobs, &key(1), &content(LARGE)).await;
    assert!(matches!(failed, Err(BlobError::Backend(_))), "{failed:?}");
    assert_eq!(proxy.count("CreateMultipartUpload"), 3, "at most twice more");
    assert_eq!(bucket.uploads().await, 0);
}

#[tokio::test]
async fn a_conflict_is_over_when_the_other_request_is() {
    let bucket = Server::S3sFs.bucket().await;
    let (blobs, proxy) = behind_proxy(&bucket).await;
    proxy.add(Rule::on("PutObject", s3::operation_aborted()).once());
    put(&blobs, &key(0), &content(10)).await.unwrap();
    proxy.add(Rule::on("PutObject", s3::operation_aborted()));
    unavailable(&put(&blobs, &key(1), &content(10)).await);
}

#[tokio::test]
async fn a_service_that_always_fails_sees_hardly_more_calls() {
    const OPERATIONS: usize = 500;
    let bucket = Server::S3sFs.bucket().await;
    for fault in [s3::internal_error(), s3::slow_down(), Fault::Reset] {
        let (blobs, proxy) = behind_proxy(&bucket).await;
        let name = format!("{fault:?}");
        proxy.add(Rule::any(fault));
        proxy.reset_counts();
        let numbers = stream::iter(0..OPERATIONS);
        let blobs = &blobs;
        numbers
            .for_each_concurrent(16, |number| async move {
                match number % 4 {
                    0 => unavailable(&put(blobs, &key(0), &content(10)).await),
                    1 => unavailable(&blobs.get(&key(0), None).await),
                    2 => unavailable(&blobs.delete(&[key(0)]).await),
                    _ => unavailable(&blobs.list(None, 10).await),
                }
            })
            .await;
        let calls: usize = proxy.counts().values().sum();
        assert!((OPERATIONS..=OPERATIONS * 11 / 10).contains(&calls), "{name}: {calls} calls");
    }
}

#[tokio::test]
async fn retries_come_back_with_answers() {
    let bucket = Server::S3sFs.bucket().await;
    let (blobs, proxy) = behind_proxy(&bucket).await;
    proxy.add(Rule::on("HeadObject", s3::internal_error()).times(120));
    let absent = key(0);
    join_all((0..60).map(|_| blobs.stat(&absent))).await;
    proxy.clear();
    // Ten answers are worth one retry.
    for _ in 0..10 {
        assert!(matches!(blobs.stat(&key(0)).await, Err(BlobError::NotFound)));
    }
    proxy.add(Rule::on("HeadObject", s3::internal_error()).once());
    assert!(matches!(blobs.stat(&key(0)).await, Err(BlobError::NotFound)));
}

#[tokio::test]
async fn a_service_that_hangs_is_answered_for_in_time() {
    let bucket = Server::S3sFs.bucket().await;
    for fault in [Fault::Hang, Fault::HangAfter] {
        let (blobs, proxy) = impatient(&bucket).await;
        // One lost answer is made up for.
        for operation in ["PutObject", "GetObject"] {
            proxy.add(Rule::on(operation, fault.clone()).once());
        }
        put(&blobs, &key(0), &content(10)).await.unwrap();
        get(&blobs, &key(0)).await.unwrap();
        proxy.add(Rule::any(fault));
        let began = Instant::now();
        unavailable(&blobs.get(&key(0), None).await);
        unavailable(&blobs.stat(&key(0)).await);
        unavailable(&blobs.list(None, 1).await);
        unavailable(&put(&blobs, &key(1), &content(10)).await);
        assert!(began.elapsed() < Duration::from_secs(4 * 4), "it took {:?}", began.elapsed());
        proxy.clear();
        blobs.delete(&[key(0), key(1)]).await.unwrap();
    }
}

#[tokio::test]
async fn a_slow_service_is_waited_for() {
    let bucket = Server::S3sFs.bucket().await;
    let (blobs, proxy) = impatient(&bucket).await;
    proxy.add(Rule::any(Fault::Delay(Duration::from_millis(300))));
    put(&blobs, &key(0), &content(1000)).await.unwrap();
    assert_eq!(get(&blobs, &key(0)).await.unwrap().len(), 1000);
    blobs.delete(&[key(0)]).await.unwrap();
    assert!(proxy.counts().values().all(|count| *count == 1), "{:?}", proxy.counts());
}

/// A body that stops half-way ends with an error, in time, and never with less than was promised.
#[tokio::test]
async fn a_body_that_stops_is_an_error() {
    let bucket = Server::S3sFs.bucket().await;
    let bytes = content(4 * MIB);
    put(&open(bucket.options()).await, &key(0), &bytes).await.unwrap();
    let address = bucket.url.strip_prefix("http://").unwrap().parse().unwrap();
    let proxy = gallery_faults::TcpProxy::start(address);
    let limits = TimeLimits { answer: Duration::from_secs(1), ..TimeLimits::default() };
    let endpoint = Some(format!("http://{}", proxy.address()));
    let blobs = open(S3Options { endpoint, limits, ..bucket.options() }).await;
    let mut read = blobs.get(&key(0), None).await.unwrap();
    let first = read.stream.next().await.unwrap().unwrap();
    proxy.stall();
    let rest: Result<Vec<_>, _> = read.stream.try_collect().await;
    let error = rest.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut, "after {} bytes: {error}", first.len());
    proxy.restore();
    let mut read = blobs.get(&key(0), None).await.unwrap();
    read.stream.next().await.unwrap().unwrap();
    proxy.cut();
    let rest: Result<Vec<_>, _> = read.stream.try_collect().await;
    rest.unwrap_err();
}

#[tokio::test]
async fn errors_are_told_apart() {
    let bucket = Server::S3sFs.bucket().await;
    let (blobs, proxy) = behind_proxy(&bucket).await;
    let backend = |answer: Result<_, BlobError>| match answer {
        Err(BlobError::Backend(error)) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let answers = |status, code| Fault::answer(s3::error(status, code, "because"));
    proxy.add(Rule::on("PutObject", answers(507, "InsufficientStorage")).once());
    assert!(matches!(put(&blobs, &key(0), &content(1)).await, Err(BlobError::Full)));
    proxy.add(Rule::on("PutObject", answers(403, "QuotaExceeded")).once());
    assert!(matches!(put(&blobs, &key(0), &content(1)).await, Err(BlobError::Full)));
    proxy.add(Rule::on("PutObject", answers(400, "KMS.DisabledException")).once());
    let text = backend(put(&blobs, &key(0), &content(1)).await);
    assert_eq!(text, "PutObject failed (KMS.DisabledException)");
    // A bucket that is gone is no missing blob: else a job would believe that it has deleted one.
    proxy.add(Rule::any(answers(404, "NoSuchBucket")).times(2));
    assert_eq!(
        backend(blobs.get(&key(0), None).await.map(|_| ())),
        "GetObject found no bucket (NoSuchBucket)"
    );
    backend(blobs.delete(&[key(0)]).await);
    proxy.add(Rule::any(answers(403, "ExpiredToken")).once());
    unavailable(&blobs.list(None, 1).await);
}

#[tokio::test]
async fn what_is_said_of_single_keys_is_read() {
    let bucket = Server::S3sFs.bucket().await;
    let (blobs, proxy) = behind_proxy(&bucket).await;
    let says = |code: &str| {
        let mut reply = s3::error(200, "", "");
        let body =
            format!("<DeleteResult><Error><Key>{}</Key><Code>{code}</Code></Error></DeleteResult>", key(0));
        reply.body = body.into();
        Rule::on("DeleteObjects", Fault::answer(reply)).once()
    };
    proxy.add(says("InternalError"));
    unavailable(&blobs.delete(&[key(0), key(1)]).await);
    proxy.add(says("AccessDenied"));
    let denied = blobs.delete(&[key(0), key(1)]).await;
    let Err(BlobError::Backend(error)) = denied else { panic!("{denied:?}") };
    assert_eq!(error.to_string(), "keys were not deleted: 1 × AccessDenied");
    proxy.add(says("NoSuchKey"));
    blobs.delete(&[key(0), key(1)]).await.unwrap();
}

/// What a policy of least privilege must allow, and no more.
#[tokio::test]
async fn the_operations_used_are_known() {
    let bucket = Server::RadosGw.bucket().await;
    let mut used = BTreeSet::new();
    for versioned in [false, true] {
        if versioned {
            bucket.keep_versions().await;
        }
        let (blobs, proxy) = behind_proxy(&bucket).await;
        put(&blobs, &key(0), &content(10)).await.unwrap();
        put(&blobs, &key(1), &content(LARGE)).await.unwrap();
        proxy.add(Rule::on("CompleteMultipartUpload", s3::denied()).once());
        put(&blobs, &key(2), &content(LARGE)).await.unwrap_err();
        get(&blobs, &key(0)).await.unwrap();
        blobs.stat(&key(0)).await.unwrap();
        blobs.list(None, 10).await.unwrap();
        blobs.delete(&[key(0), key(1)]).await.unwrap();
        blobs.ready().await.unwrap();
        used.extend(proxy.operations());
    }
    let known = OPERATIONS.iter().map(|(operation, _)| (*operation).to_owned());
    assert_eq!(used, known.collect());
}
