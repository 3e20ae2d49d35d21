//! Buckets that keep versions, on `RadosGW`: deleting leaves none, or opening says so.

use aws_sdk_s3::types::BucketVersioningStatus;
use gallery_blobs_s3::S3Blobs;
use gallery_core::model::{BlobKey, Rendition};
use gallery_core::ports::Blobs as _;
use gallery_core::values::Generation;
use gallery_faults::{Fault, HttpProxy, Rule, s3};

use crate::fixture::{Bucket, Server, content, get, key, open, put};

async fn versioned() -> Bucket {
    let bucket = Server::RadosGw.bucket().await;
    bucket.keep_versions().await;
    bucket
}

/// Versions and delete markers, of all keys.
async fn kept(bucket: &Bucket) -> (usize, usize) {
    let listed = bucket.client.list_object_versions().bucket(&bucket.name).send().await.unwrap();
    (listed.versions().len(), listed.delete_markers().len())
}

/// Makes versions and a delete marker of a blob, as somebody with other tools may.
async fn meddle(bucket: &Bucket, key: &BlobKey) {
    for _ in 0..3 {
        let put = bucket.client.put_object().bucket(&bucket.name).key(key.as_str());
        put.body(content(10).into()).send().await.unwrap();
    }
    bucket.client.delete_object().bucket(&bucket.name).key(key.as_str()).send().await.unwrap();
}

async fn warning(proxy: &HttpProxy, bucket: &Bucket) -> (S3Blobs, String) {
    let blobs = open(bucket.behind(proxy)).await;
    let [warning] = blobs.warnings() else { panic!("{:?}", blobs.warnings()) };
    assert!(!warning.contains('\n'), "{warning}");
    let warning = warning.clone();
    (blobs, warning)
}

#[tokio::test]
async fn deleting_removes_every_version_and_marker() {
    let bucket = versioned().await;
    let blobs = open(bucket.options()).await;
    assert_eq!(blobs.warnings(), [""; 0]);
    for number in 0..6 {
        put(&blobs, &key(number), &content(100)).await.unwrap();
    }
    meddle(&bucket, &key(0)).await;
    meddle(&bucket, &key(9)).await;
    assert_eq!(kept(&bucket).await, (6 + 2 * 3, 2));
    // One that is there, one that was removed by others, one that never was a blob, one that never
    // was.
    blobs.delete(&[key(1), key(0), key(9), key(11)]).await.unwrap();
    assert_eq!(kept(&bucket).await, (4, 0), "the neighbours of the same photo stay");
    for number in 2..6 {
        assert_eq!(get(&blobs, &key(number)).await.unwrap().len(), 100);
    }
    blobs.delete(&[key(1), key(0)]).await.unwrap();
    // A key whose versions are gone is free.
    put(&blobs, &key(0), &content(7)).await.unwrap();
    assert_eq!(get(&blobs, &key(0)).await.unwrap().len(), 7);
}

#[tokio::test]
async fn a_photos_versions_are_found_at_once_whatever_their_generations() {
    let bucket = versioned().await;
    let proxy = bucket.proxy();
    let blobs = open(bucket.behind(&proxy)).await;
    let generations = [0, 1, 2].map(Generation::from_number);
    let keys = generations.map(|of| BlobKey::of(key(0).photo(), of, Rendition::Original));
    for key in keys.iter().chain([&key(4)]) {
        put(&blobs, key, &content(10)).await.unwrap();
    }
    proxy.reset_counts();
    blobs.delete(&keys[..2]).await.unwrap();
    assert_eq!(proxy.count("ListObjectVersions"), 1);
    assert_eq!(kept(&bucket).await, (2, 0));
    assert_eq!(get(&blobs, &keys[2]).await.unwrap().len(), 10);
}

#[tokio::test]
async fn versions_from_before_a_suspension_are_removed() {
    let bucket = versioned().await;
    meddle(&bucket, &key(0)).await;
    bucket.set_versioning(BucketVersioningStatus::Suspended).await;
    let blobs = open(bucket.options()).await;
    assert_eq!(blobs.warnings(), [""; 0]);
    put(&blobs, &key(1), &content(5)).await.unwrap();
    blobs.delete(&[key(0), key(1)]).await.unwrap();
    assert_eq!(kept(&bucket).await, (0, 0));
}

#[tokio::test]
async fn more_versions_than_a_page_are_removed() {
    let bucket = versioned().await;
    let blobs = open(bucket.options()).await;
    for _ in 0..5 {
        let puts = (0..50).map(|_| async {
            let put = bucket.client.put_object().bucket(&bucket.name).key(key(0).as_str());
            put.body(content(1).into()).send().await.unwrap();
        });
        futures_util::future::join_all(puts).await;
    }
    assert_eq!(kept(&bucket).await, (250, 0));
    blobs.delete(&[key(0)]).await.unwrap();
    assert_eq!(kept(&bucket).await, (0, 0));
}

#[tokio::test]
async fn a_role_that_may_not_remove_versions_is_named_at_the_start() {
    let bucket = versioned().await;
    for (operation, action) in
        [("ListObjectVersions", "s3:ListBucketVersions"), ("DeleteObjects", "s3:DeleteObjectVersion")]
    {
        let proxy = bucket.proxy();
        proxy.add(Rule::on(operation, s3::denied()));
        let (blobs, warning) = warning(&proxy, &bucket).await;
        assert!(warning.starts_with("erasure will not be complete: bucket test-"), "{warning}");
        assert!(warning.contains(&format!("allow {action},")), "{warning}");
        // It deletes as far as it may.
        proxy.clear();
        put(&blobs, &key(0), &content(1)).await.unwrap();
        blobs.delete(&[key(0)]).await.unwrap();
        assert!(blobs.stat(&key(0)).await.is_err());
        let (versions, markers) = kept(&bucket).await;
        assert!(versions > 0 && markers > 0, "what was warned of");
    }
}

#[tokio::test]
async fn an_answer_for_a_single_version_is_read() {
    let bucket = versioned().await;
    let proxy = bucket.proxy();
    let mut refusal = s3::error(200, "", "");
    refusal.body = "<DeleteResult><Error><Key>photos/no-photo</Key><VersionId>null</VersionId>\
                    <Code>AccessDenied</Code><Message>Access Denied</Message></Error></DeleteResult>"
        .into();
    proxy.add(Rule::on("DeleteObjects", Fault::answer(refusal)));
    let (_, warning) = warning(&proxy, &bucket).await;
    assert!(
        warning.contains("allow s3:DeleteObjectVersion,") && warning.contains("(Access Denied)"),
        "{warning}"
    );
}

#[tokio::test]
async fn what_cannot_be_known_is_said() {
    let bucket = Server::RadosGw.bucket().await;
    let proxy = bucket.proxy();
    proxy.add(Rule::on("GetBucketVersioning", s3::denied()));
    let (_, warned) = warning(&proxy, &bucket).await;
    assert!(warned.starts_with("erasure may not be complete:"), "{warned}");
    assert!(warned.contains("allow s3:GetBucketVersioning"), "{warned}");
    let other = Server::S3sFs.bucket().await;
    let (_, warned) = warning(&other.proxy(), &other).await;
    assert!(warned.contains("does not say whether it keeps versions"), "{warned}");
    assert!(warned.contains("GetBucketVersioning:"), "{warned}");
}
