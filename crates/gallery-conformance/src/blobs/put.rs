//! Putting: wholly or not at all, once.

use std::time::Duration;

use futures_util::future::join_all;
use gallery_core::model::ImageType;
use gallery_core::ports::{BlobError, BlobSource};

use super::SharedBlobs;
use super::kit::{MIB, SIZES, assert_absent, assert_content, content, file, get, key, list, put, source};

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
        blobs.put(&key(number), ImageType::Png, source(&file, size)).await.unwrap();
        drop(file);
        assert_content(&*blobs, &key(number), &content).await;
    }
}

pub async fn a_large_file_comes_back_unchanged(blobs: SharedBlobs) {
    let content = content(3, 60_000_000);
    let file = file(&content);
    blobs.put(&key(0), ImageType::Jpeg, source(&file, content.len())).await.unwrap();
    assert_content(&*blobs, &key(0), &content).await;
}

pub async fn a_put_leaves_its_source_file_alone(blobs: SharedBlobs) {
    let old = content(4, MIB);
    let file = file(&old);
    blobs.put(&key(0), ImageType::Jpeg, source(&file, old.len())).await.unwrap();
    assert!(std::fs::read(file.path()).unwrap() == old, "the source changed");
    // Nor does the blob change with the file, which is its owner's again once the put returned.
    std::fs::write(file.path(), content(5, MIB)).unwrap();
    assert_content(&*blobs, &key(0), &old).await;
}

pub async fn a_second_put_is_refused_and_changes_nothing(blobs: SharedBlobs) {
    let first = content(6, 1000);
    put(&*blobs, &key(0), &first).await;
    let file = file(&content(7, 2000));
    for source in [BlobSource::Bytes(content(7, 2000)), BlobSource::Bytes(first.clone()), source(&file, 2000)]
    {
        let refused = blobs.put(&key(0), ImageType::Jpeg, source).await;
        assert!(matches!(refused, Err(BlobError::AlreadyExists)), "{refused:?}");
    }
    assert_content(&*blobs, &key(0), &first).await;
    assert_eq!(list(&*blobs).await.len(), 1);
}

pub async fn of_twenty_racing_puts_one_wins(blobs: SharedBlobs) {
    for round in 0..5 {
        let puts = (0..20).map(|racer| {
            let blobs = SharedBlobs::clone(&blobs);
            let source = BlobSource::Bytes(content(racer, 100_000 + usize::try_from(racer).unwrap()));
            tokio::spawn(async move { (racer, blobs.put(&key(round), ImageType::Jpeg, source).await) })
        });
        let mut winners = Vec::new();
        for finished in join_all(puts).await {
            match finished.unwrap() {
                (racer, Ok(())) => winners.push(racer),
                (_, Err(BlobError::AlreadyExists)) => {}
                (_, Err(error)) => panic!("a racing put failed: {error:?}"),
            }
        }
        let [winner] = winners[..] else { panic!("winners: {winners:?}") };
        let content = content(winner, 100_000 + usize::try_from(winner).unwrap());
        assert_content(&*blobs, &key(round), &content).await;
    }
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
        let refused = blobs.put(&key(number), ImageType::Jpeg, source(&file, promised)).await;
        assert!(refused.is_err(), "{actual} bytes were taken for {promised}");
        assert_absent(&*blobs, &key(number)).await;
        // The key was not used up.
        put(&*blobs, &key(number), &content).await;
        assert_content(&*blobs, &key(number), &content).await;
    }
}

pub async fn a_source_that_vanished_leaves_nothing(blobs: SharedBlobs) {
    let file = file(&content(10, 1000));
    let source = source(&file, 1000);
    drop(file);
    let refused = blobs.put(&key(0), ImageType::Jpeg, source).await;
    assert!(!matches!(refused, Ok(()) | Err(BlobError::AlreadyExists)), "{refused:?}");
    assert_absent(&*blobs, &key(0)).await;
}

pub async fn an_abandoned_put_is_whole_or_absent(blobs: SharedBlobs) {
    let content = content(11, 12 * MIB);
    let file = file(&content);
    for (number, patience) in [0, 1, 2, 5, 10, 20, 50].into_iter().enumerate() {
        let key = key(number);
        let put = blobs.put(&key, ImageType::Jpeg, source(&file, content.len()));
        // Whether the put is over by then does not matter: what is there must be whole.
        let _ = tokio::time::timeout(Duration::from_millis(patience), put).await;
        match get(&*blobs, &key, None).await {
            Ok(found) => assert!(found == content, "{} bytes were left", found.len()),
            Err(error) => assert!(matches!(error, BlobError::NotFound), "{error:?}"),
        }
        let again = blobs.put(&key, ImageType::Jpeg, source(&file, content.len())).await;
        assert!(matches!(again, Ok(()) | Err(BlobError::AlreadyExists)), "{again:?}");
        assert_content(&*blobs, &key, &content).await;
    }
}
