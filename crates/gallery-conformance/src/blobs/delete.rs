//! Deleting: any number of blobs, again and again, those alone.

use futures_util::future::join;
use gallery_core::model::{BlobKey, Rendition};
use gallery_core::values::Generation;

use super::SharedBlobs;
use super::kit::{assert_absent, assert_content, content, key, keys, list, photo_id, put, put_all};

pub async fn a_deleted_blob_is_gone(blobs: SharedBlobs) {
    put(&*blobs, &key(0), &content(1, 1000)).await;
    blobs.delete(&[key(0)]).await.unwrap();
    assert_absent(&*blobs, &key(0)).await;
}

pub async fn deleting_again_is_no_error(blobs: SharedBlobs) {
    blobs.delete(&[]).await.unwrap();
    blobs.delete(&keys(8)).await.unwrap();
    put(&*blobs, &key(0), &content(2, 10)).await;
    put(&*blobs, &key(4), &content(2, 10)).await;
    for _ in 0..2 {
        // Some are there, some never were, some are named twice.
        blobs.delete(&[key(0), key(1), key(4), key(5), key(0), key(9)]).await.unwrap();
        assert!(list(&*blobs).await.is_empty());
    }
}

pub async fn deleting_leaves_other_blobs_alone(blobs: SharedBlobs) {
    let content = content(3, 100);
    for number in 0..12 {
        put(&*blobs, &key(number), &content).await;
    }
    let (gone, kept): (Vec<_>, Vec<_>) = keys(12).into_iter().enumerate().partition(|(n, _)| n % 3 == 0);
    let gone: Vec<_> = gone.into_iter().map(|(_, key)| key).collect();
    blobs.delete(&gone).await.unwrap();
    for key in &gone {
        assert_absent(&*blobs, key).await;
    }
    for (_, key) in kept {
        assert_content(&*blobs, &key, &content).await;
    }
}

pub async fn deleting_a_generation_leaves_the_others_alone(blobs: SharedBlobs) {
    let content = content(5, 100);
    let of = |generation| {
        let generation = Generation::from_number(generation);
        Rendition::ALL.map(|rendition| BlobKey::of(photo_id(1), generation, rendition))
    };
    for key in [of(0), of(1), of(10)].as_flattened() {
        put(&*blobs, key, &content).await;
    }
    for (gone, kept) in [(10, vec![of(0), of(1)]), (0, vec![of(1)])] {
        blobs.delete(&of(gone)).await.unwrap();
        let left: Vec<_> = list(&*blobs).await.into_iter().map(|stat| stat.key).collect();
        assert_eq!(left.len(), kept.as_flattened().len());
        for key in kept.as_flattened() {
            assert_content(&*blobs, key, &content).await;
        }
    }
}

pub async fn thousands_of_blobs_are_deleted_at_once(blobs: SharedBlobs) {
    let mut keys = keys(2001);
    put_all(&*blobs, &keys).await;
    let kept = keys.swap_remove(1234);
    blobs.delete(&keys).await.unwrap();
    let left: Vec<_> = list(&*blobs).await.into_iter().map(|stat| stat.key).collect();
    assert_eq!(left, [kept]);
}

pub async fn deletions_race_with_puts_of_their_neighbours(blobs: SharedBlobs) {
    let content = content(4, 10);
    put(&*blobs, &key(1), &content).await;
    for round in 0..50 {
        // An odd key comes while its even neighbour, the last blob of the photo but for it, goes.
        let (goes, comes) = (key(1 - round % 2), key(round % 2));
        let (deleted, ()) =
            join(blobs.delete(std::slice::from_ref(&goes)), put(&*blobs, &comes, &content)).await;
        deleted.unwrap();
        assert_absent(&*blobs, &goes).await;
        assert_content(&*blobs, &comes, &content).await;
    }
}
