//! Reading: whole blobs, parts of them, their size and age.

use futures_util::future::join_all;
use gallery_core::ports::BlobError;

use super::SharedBlobs;
use super::kit::{MIB, assert_absent, content, get, key, put};

pub async fn a_blob_that_was_never_put_is_not_found(blobs: SharedBlobs) {
    assert_absent(&*blobs, &key(0)).await;
    assert!(matches!(blobs.get(&key(0), Some(0..1)).await, Err(BlobError::NotFound)));
    // Neither is one whose photo has other blobs.
    put(&*blobs, &key(0), &content(1, 10)).await;
    assert_absent(&*blobs, &key(1)).await;
}

pub async fn a_range_delivers_its_part(blobs: SharedBlobs) {
    let size = 3 * MIB + 17;
    let content = content(2, size);
    put(&*blobs, &key(0), &content).await;
    for range in [
        0..1,
        0..1000,
        1..2,
        1000..MIB + 1000,
        MIB - 1..2 * MIB + 1,
        size - 1..size,
        size - 1000..size,
        0..size,
    ] {
        let wish = range.start as u64..range.end as u64;
        let read = blobs.get(&key(0), Some(wish.clone())).await.unwrap();
        assert_eq!((read.bytes, read.range), (size as u64, wish.clone()));
        let found = get(&*blobs, &key(0), Some(wish)).await.unwrap();
        assert!(found == content[range.clone()], "{range:?}");
    }
}

pub async fn a_range_is_cut_at_the_end(blobs: SharedBlobs) {
    let content = content(3, 1000);
    put(&*blobs, &key(0), &content).await;
    for end in [1001, 5000, u64::MAX] {
        let read = blobs.get(&key(0), Some(900..end)).await.unwrap();
        assert_eq!((read.bytes, read.range), (1000, 900..1000));
        assert!(get(&*blobs, &key(0), Some(900..end)).await.unwrap() == content[900..], "{end}");
    }
}

pub async fn a_range_without_a_byte_is_refused(blobs: SharedBlobs) {
    put(&*blobs, &key(0), &content(4, 1000)).await;
    let reversed = std::ops::Range { start: 500, end: 400 };
    for range in [0..0, 500..500, reversed, 1000..1000, 1000..1001, 1001..2000, u64::MAX - 1..u64::MAX] {
        let refused = blobs.get(&key(0), Some(range.clone())).await;
        assert!(matches!(refused, Err(BlobError::BadRange { bytes: 1000 })), "{range:?}: {refused:?}");
    }
}

pub async fn a_blob_of_no_bytes_is_read_without_a_range(blobs: SharedBlobs) {
    put(&*blobs, &key(0), &content(5, 0)).await;
    assert!(get(&*blobs, &key(0), None).await.unwrap().is_empty());
    let refused = blobs.get(&key(0), Some(0..1)).await;
    assert!(matches!(refused, Err(BlobError::BadRange { bytes: 0 })), "{refused:?}");
}

pub async fn a_blob_has_its_size_and_age(blobs: SharedBlobs) {
    put(&*blobs, &key(0), &content(6, 1234)).await;
    put(&*blobs, &key(1), &content(6, 0)).await;
    let (first, second) = (blobs.stat(&key(0)).await.unwrap(), blobs.stat(&key(1)).await.unwrap());
    assert_eq!((&first.key, first.bytes), (&key(0), 1234));
    assert_eq!((&second.key, second.bytes), (&key(1), 0));
    // The clock is the blob store's, so that no more can be said of it than its order and its
    // century.
    assert!(first.put_at <= second.put_at);
    assert!(first.put_at.millis() > 1_577_836_800_000, "{} is before 2020", first.put_at);
}

pub async fn twenty_readers_read_one_blob(blobs: SharedBlobs) {
    let content = content(7, 2 * MIB);
    put(&*blobs, &key(0), &content).await;
    let reads = (0..20).map(|_| {
        let blobs = SharedBlobs::clone(&blobs);
        tokio::spawn(async move { get(&*blobs, &key(0), None).await.unwrap() })
    });
    for found in join_all(reads).await {
        assert!(found.unwrap() == content);
    }
}

pub async fn the_blob_store_is_ready(blobs: SharedBlobs) {
    for _ in 0..3 {
        blobs.ready().await.expect("it is ready");
    }
    assert!(blobs.list(None, 10).await.unwrap().is_empty(), "asking leaves no blob");
}
