//! Putting: wholly or not at all, and as often as anybody likes.

use std::time::Duration;

use futures_util::future::join_all;
use gallery_core::model::ImageType;
use gallery_core::ports::{BlobError, BlobMetadata, BlobSource};

use super::SharedBlobs;
use super::kit::{
    MIB, SIZES, assert_absent, assert_content, content, file, get, key, list, metadata, put, source,
};

pub async fn bytes_of_every_size_come_back_unchanged(blobs: SharedBlobs) {
    for (number, size) in SIZES.into_iter().enumerate() {
        let content = content(1, size);
        put(&*blobs, &key(number), &content).await;
        assert_content(&*blobs, &key(number), &content).await;
    }
}

pub async fn files_of_every_size_come_back_unchanged(blobs: SharedBlobs) {
    for (number, size) in SIZES.into_iter().enumerate() {
        let content = content(2, size);
        let file = file(&content);
        let metadata = BlobMetadata { content_type: ImageType::Png, ..metadata(&content) };
        blobs.put(&key(number), &metadata, source(&file, size)).await.unwrap();
        drop(file);
        assert_content(&*blobs, &key(number), &content).await;
    }
}

pub async fn a_large_file_comes_back_unchanged(blobs: SharedBlobs) {
    let content = content(3, 60_000_000);
    let file = file(&content);
    blobs.put(&key(0), &metadata(&content), source(&file, content.len())).await.unwrap();
    assert_content(&*blobs, &key(0), &content).await;
}

pub async fn a_put_leaves_its_source_file_alone(blobs: SharedBlobs) {
    let old = content(4, MIB);
    let file = file(&old);
    blobs.put(&key(0), &metadata(&old), source(&file, old.len())).await.unwrap();
    assert!(std::fs::read(file.path()).unwrap() == old, "the source changed");
    // Nor does the blob change with the file, which is its owner's again once the put returned.
    std::fs::write(file.path(), content(5, MIB)).unwrap();
    assert_content(&*blobs, &key(0), &old).await;
}

pub async fn the_same_bytes_are_put_again_and_again(blobs: SharedBlobs) {
    for (number, size) in SIZES.into_iter().enumerate() {
        let content = content(6, size);
        let (key, metadata, file) = (key(number), metadata(&content), file(&content));
        for source in [
            BlobSource::Bytes(content.clone()),
            BlobSource::Bytes(content.clone()),
            source(&file, size),
            source(&file, size),
        ] {
            blobs.put(&key, &metadata, source).await.unwrap();
            assert_content(&*blobs, &key, &content).await;
        }
    }
    assert_eq!(list(&*blobs).await.len(), SIZES.len());
}

pub async fn racing_puts_of_the_same_bytes_all_succeed(blobs: SharedBlobs) {
    for (round, (size, racers)) in [(0, 20), (100_000, 20), (6 * MIB, 4)].into_iter().enumerate() {
        let content = content(7, size);
        let file = file(&content);
        let puts = (0..racers).map(|racer| {
            let (blobs, metadata) = (SharedBlobs::clone(&blobs), metadata(&content));
            let bytes = BlobSource::Bytes(content.clone());
            let source = if racer % 2 == 0 { bytes } else { source(&file, size) };
            tokio::spawn(async move { blobs.put(&key(round), &metadata, source).await })
        });
        for finished in join_all(puts).await {
            finished.unwrap().unwrap();
            assert_content(&*blobs, &key(round), &content).await;
        }
    }
    assert_eq!(list(&*blobs).await.len(), 3, "each has one name");
}

pub async fn a_reader_sees_the_whole_blob_while_it_is_put_again(blobs: SharedBlobs) {
    let content = content(8, 8 * MIB);
    put(&*blobs, &key(0), &content).await;
    let (writer, bytes) = (SharedBlobs::clone(&blobs), content.clone());
    let puts = tokio::spawn(async move {
        for _ in 0..5 {
            put(&*writer, &key(0), &bytes).await;
        }
    });
    while !puts.is_finished() {
        assert_content(&*blobs, &key(0), &content).await;
        assert_eq!(list(&*blobs).await.len(), 1);
    }
    puts.await.unwrap();
}

pub async fn a_reader_sees_the_whole_blob_or_none(blobs: SharedBlobs) {
    let content = content(8, 8 * MIB);
    let (writer, bytes) = (SharedBlobs::clone(&blobs), content.clone());
    let put = tokio::spawn(async move { put(&*writer, &key(0), &bytes).await });
    loop {
        let finished = put.is_finished();
        match get(&*blobs, &key(0), None).await {
            Ok(found) => assert!(found == content, "{} bytes were read", found.len()),
            Err(BlobError::NotFound) => assert!(!finished, "the put returned, and the blob is not there"),
            Err(error) => panic!("{error:?}"),
        }
        if finished {
            break;
        }
    }
    put.await.unwrap();
}

pub async fn a_source_of_another_size_than_promised_leaves_nothing(blobs: SharedBlobs) {
    for (number, (actual, promised)) in
        [(0, 1), (1, 0), (1000, 1001), (1001, 1000), (6 * MIB, 6 * MIB + 1), (6 * MIB + 1, 6 * MIB)]
            .into_iter()
            .enumerate()
    {
        let content = content(9, actual);
        let file = file(&content);
        let refused = blobs.put(&key(number), &metadata(&content), source(&file, promised)).await;
        assert!(refused.is_err(), "{actual} bytes were taken for {promised}");
        assert_absent(&*blobs, &key(number)).await;
        // The key was not used up.
        put(&*blobs, &key(number), &content).await;
        assert_content(&*blobs, &key(number), &content).await;
    }
}

pub async fn a_source_that_vanished_leaves_nothing(blobs: SharedBlobs) {
    let content = content(10, 1000);
    let file = file(&content);
    let source = source(&file, 1000);
    drop(file);
    blobs.put(&key(0), &metadata(&content), source).await.unwrap_err();
    assert_absent(&*blobs, &key(0)).await;
}

pub async fn an_abandoned_put_is_whole_or_absent(blobs: SharedBlobs) {
    let content = content(11, 12 * MIB);
    let (metadata, file) = (metadata(&content), file(&content));
    for (number, milliseconds) in [0, 1, 2, 5, 10, 20, 50].into_iter().enumerate() {
        let key = key(number);
        let put = blobs.put(&key, &metadata, source(&file, content.len()));
        // Whether the put is over by then does not matter: what is there must be whole.
        let _ = tokio::time::timeout(Duration::from_millis(milliseconds), put).await;
        match get(&*blobs, &key, None).await {
            Ok(found) => assert!(found == content, "{} bytes were left", found.len()),
            Err(error) => assert!(matches!(error, BlobError::NotFound), "{error:?}"),
        }
        blobs.put(&key, &metadata, source(&file, content.len())).await.unwrap();
        assert_content(&*blobs, &key, &content).await;
    }
}
