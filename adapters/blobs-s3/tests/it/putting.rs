//! What a put sends and what it leaves: header fields, checksums, metadata, parts, encryption, and
//! nothing when it fails.

use std::time::Duration;

use aws_sdk_s3::types::ChecksumMode;
use futures_util::future::join_all;
use gallery_blobs_s3::{Encryption, S3Blobs, S3Options};
use gallery_core::model::ImageType;
use gallery_core::ports::{BlobError, BlobMetadata, Blobs as _};
use gallery_core::values::ContentHash;
use gallery_faults::{Exchange, Fault, HttpProxy, Rule, s3};

use crate::fixture::{Bucket, MIB, SERVERS, Server, content, file, get, key, metadata, open, put};

/// From this size on, a blob is uploaded in parts.
const THRESHOLD: usize = 16 * MIB;

fn sent<'e>(exchanges: &'e [Exchange], operation: &str) -> Vec<&'e Exchange> {
    exchanges.iter().filter(|exchange| exchange.call.operation == operation).collect()
}

fn header<'e>(exchange: &'e Exchange, name: &str) -> Option<&'e str> {
    exchange.call.headers.get(name).map(|value| value.to_str().unwrap())
}

async fn recording(bucket: &Bucket, change: impl FnOnce(&mut S3Options)) -> (S3Blobs, HttpProxy) {
    let proxy = bucket.proxy();
    let mut options = bucket.behind(&proxy);
    change(&mut options);
    let blobs = open(options).await;
    proxy.record();
    (blobs, proxy)
}

#[tokio::test]
async fn around_the_threshold_blobs_come_back_and_large_ones_go_in_parts() {
    for server in SERVERS {
        let bucket = server.bucket().await;
        let proxy = bucket.proxy();
        let (blobs, direct) = (open(bucket.behind(&proxy)).await, open(bucket.options()).await);
        for (number, (size, parts)) in
            (0..).zip([(THRESHOLD - 1, 0), (THRESHOLD, 2), (THRESHOLD + 1, 3), (24 * MIB, 3)])
        {
            let bytes = content(size);
            let (_file, source) = file(&bytes);
            proxy.reset_counts();
            blobs.put(&key(number), &metadata(&bytes), source).await.unwrap();
            assert_eq!(
                (proxy.count("UploadPart"), proxy.count("PutObject")),
                (parts, usize::from(parts == 0))
            );
            assert!(get(&blobs, &key(number)).await.unwrap() == bytes, "{server:?}: {size} bytes");
            put(&direct, &key(number), &bytes).await.unwrap();
            assert!(get(&blobs, &key(number)).await.unwrap() == bytes, "{server:?}: {size} bytes again");
        }
        if server == Server::RadosGw {
            assert_eq!(bucket.uploads().await, 0, "an upload was left");
        }
    }
}

#[tokio::test]
async fn a_put_says_type_caching_hash_and_checksums() {
    let bucket = Server::S3sFs.bucket().await;
    let (blobs, proxy) = recording(&bucket, |options| options.multipart_threshold = 6 * MIB as u64).await;
    for (number, size) in [(0, 0), (1, 1000), (2, 9 * MIB)] {
        let (_file, source) = file(&content(size));
        let metadata = BlobMetadata { content_type: ImageType::WebP, ..metadata(&content(size)) };
        blobs.put(&key(number), &metadata, source).await.unwrap();
    }
    let exchanges = proxy.exchanges();
    let (whole, begun) = (sent(&exchanges, "PutObject"), sent(&exchanges, "CreateMultipartUpload"));
    assert_eq!((whole.len(), begun.len()), (2, 1));
    for exchange in whole.iter().chain(&begun) {
        assert_eq!(header(exchange, "content-type"), Some("image/webp"));
        assert_eq!(header(exchange, "cache-control"), Some("private, max-age=31536000, immutable"));
        assert_eq!(header(exchange, "if-none-match"), None, "a put may be made again");
        assert_eq!(header(exchange, "x-amz-acl"), None, "objects are as private as the bucket");
    }
    let parts = sent(&exchanges, "UploadPart");
    assert_eq!(parts.len(), 2);
    for exchange in whole.iter().chain(&parts) {
        assert!(header(exchange, "x-amz-checksum-sha256").is_some());
        assert!(header(exchange, "content-md5").is_some());
        assert_eq!(header(exchange, "content-encoding"), None, "not every server knows aws-chunked");
    }
    assert!(sent(&exchanges, "HeadObject").is_empty(), "nothing is asked before");
    let head = bucket.client.head_object().bucket(&bucket.name).key(key(1).as_str());
    let object = head.checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
    assert_eq!(object.content_type(), Some("image/webp"));
    assert_eq!(object.checksum_sha256(), header(whole[1], "x-amz-checksum-sha256"));
}

/// Whoever has the bucket can verify every object, however it was uploaded.
#[tokio::test]
async fn an_object_says_the_hash_of_all_its_bytes() {
    for server in SERVERS {
        let bucket = server.bucket().await;
        let blobs = open(S3Options { multipart_threshold: 6 * MIB as u64, ..bucket.options() }).await;
        for (number, size) in [(0, 1000), (1, 9 * MIB)] {
            put(&blobs, &key(number), &content(size)).await.unwrap();
            let got = bucket.client.get_object().bucket(&bucket.name).key(key(number).as_str());
            let got = got.send().await.unwrap();
            let said = got.metadata().unwrap()["sha256"].clone();
            let bytes = got.body.collect().await.unwrap().into_bytes();
            assert_eq!(said, ContentHash::of(&bytes).hex(), "{server:?}: {size} bytes");
        }
    }
}

#[tokio::test]
async fn bytes_that_were_damaged_on_the_way_are_not_stored() {
    for server in SERVERS {
        let bucket = server.bucket().await;
        let checksum = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
        let put = bucket.client.put_object().bucket(&bucket.name).key("x").body(content(3).into());
        // The adapter sends both; each server must know one.
        let put = match server {
            Server::S3sFs => put.checksum_sha256(checksum),
            Server::RadosGw => put.content_md5("kAFQmDzST7DWlj99KOF/cg=="),
        };
        put.send().await.unwrap_err();
        // s3s-fs says so after it has stored them.
        assert_eq!(bucket.objects().await.is_empty(), server == Server::RadosGw);
    }
}

#[tokio::test]
async fn encryption_is_asked_for_as_set() {
    for (encryption, algorithm, key_id) in [
        (Encryption::BucketDefault, None, None),
        (Encryption::S3, Some("AES256"), None),
        (Encryption::Kms { key_id: "a-key".to_owned() }, Some("aws:kms"), Some("a-key")),
    ] {
        let bucket = Server::S3sFs.bucket().await;
        let (blobs, proxy) = recording(&bucket, |options| {
            options.encryption = encryption;
            options.multipart_threshold = 1000;
        })
        .await;
        put(&blobs, &key(0), &content(999)).await.unwrap();
        put(&blobs, &key(1), &content(1000)).await.unwrap();
        let exchanges = proxy.exchanges();
        for operation in ["PutObject", "CreateMultipartUpload"] {
            let [exchange] = sent(&exchanges, operation)[..] else { panic!("{operation} once") };
            assert_eq!(header(exchange, "x-amz-server-side-encryption"), algorithm);
            assert_eq!(header(exchange, "x-amz-server-side-encryption-aws-kms-key-id"), key_id);
        }
    }
}

#[tokio::test]
async fn a_key_of_the_key_management_service_encrypts() {
    let bucket = Server::RadosGw.bucket().await;
    let known = std::env::var("GALLERY_TEST_RADOSGW_KMS_KEY").expect("the engines say their key");
    let options = |key_id: &str| S3Options {
        encryption: Encryption::Kms { key_id: key_id.to_owned() },
        ..bucket.options()
    };
    let blobs = open(options(&known)).await;
    for (number, size) in [(0, 1000), (1, 17 * MIB)] {
        let bytes = content(size);
        put(&blobs, &key(number), &bytes).await.unwrap();
        assert!(get(&blobs, &key(number)).await.unwrap() == bytes);
        let head = bucket.client.head_object().bucket(&bucket.name).key(key(number).as_str()).send();
        assert_eq!(head.await.unwrap().ssekms_key_id(), Some(known.as_str()));
    }
    let refused = put(&open(options("no-such-key")).await, &key(2), &content(10)).await;
    assert!(refused.is_err());
    assert_eq!(bucket.objects().await.len(), 2);
}

#[tokio::test]
async fn a_put_in_parts_that_fails_is_aborted() {
    let bucket = Server::RadosGw.bucket().await;
    for (number, operation) in (0..).zip(["UploadPart", "CompleteMultipartUpload"]) {
        let proxy = bucket.proxy();
        let blobs = open(bucket.behind(&proxy)).await;
        proxy.add(Rule::on(operation, s3::denied()));
        let bytes = content(THRESHOLD);
        let failed = put(&blobs, &key(number), &bytes).await;
        let Err(BlobError::Backend(error)) = failed else { panic!("{failed:?}") };
        assert_eq!(error.to_string(), format!("{operation} is not allowed (AccessDenied)"));
        assert_eq!(proxy.count("AbortMultipartUpload"), 1);
        assert!(bucket.objects().await.is_empty());
        assert_eq!(bucket.uploads().await, 0);
        // The key was not used up.
        proxy.clear();
        put(&blobs, &key(number), &bytes).await.unwrap();
        blobs.delete(&[key(number)]).await.unwrap();
    }
}

#[tokio::test]
async fn a_put_in_parts_that_nobody_waits_for_is_aborted() {
    let bucket = Server::RadosGw.bucket().await;
    let proxy = bucket.proxy();
    let blobs = open(bucket.behind(&proxy)).await;
    proxy.add(Rule::on("UploadPart", Fault::Hang).after(1));
    let wanted = key(0);
    let bytes = content(THRESHOLD);
    let abandoned = put(&blobs, &wanted, &bytes);
    let hanging = async {
        while proxy.count("UploadPart") < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        done = Box::pin(abandoned) => panic!("it hangs: {done:?}"),
        () = hanging => {}
    }
    while proxy.count("AbortMultipartUpload") == 0 || bucket.uploads().await > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(bucket.objects().await.is_empty());
    proxy.clear();
    put(&blobs, &wanted, &bytes).await.unwrap();
}

#[tokio::test]
async fn a_file_that_becomes_shorter_leaves_nothing() {
    let bucket = Server::RadosGw.bucket().await;
    for (number, size) in [(0, MIB), (1, 3 * THRESHOLD)] {
        let proxy = bucket.proxy();
        let blobs = open(bucket.behind(&proxy)).await;
        let (file, source) = file(&content(size));
        // The first request fails after all was checked; before the next, the file is cut.
        let cut = file.reopen().unwrap();
        let answer = move |_: &_| {
            cut.set_len(10).unwrap();
            s3::error(500, "InternalError", "try again")
        };
        proxy.add(Rule::any(Fault::answer_with(answer)).when(|call| call.method == "PUT").once());
        let failed = blobs.put(&key(number), &metadata(&content(size)), source).await;
        assert!(matches!(failed, Err(BlobError::Backend(_))), "{failed:?}");
        assert!(bucket.objects().await.is_empty());
        assert_eq!(bucket.uploads().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racing_processes_put_one_large_blob_whole() {
    // Each has an adapter of its own, as a process has.
    let bucket = Server::RadosGw.bucket().await;
    let racers: Vec<S3Blobs> = join_all((0..4).map(|_| async { open(bucket.options()).await })).await;
    let (bytes, wanted) = (content(THRESHOLD), key(0));
    let puts = racers.iter().map(|blobs| put(blobs, &wanted, &bytes));
    let results = join_all(puts).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert!(get(&racers[0], &wanted).await.unwrap() == bytes);
    assert_eq!(bucket.uploads().await, 0);
}
