//! Listing: every blob once, in byte order, from anywhere.

use futures_util::future::join;
use gallery_core::model::{BlobKey, Rendition};
use gallery_core::values::Generation;

use super::SharedBlobs;
use super::kit::{content, key, keys, list, photo_id, put, put_all};

pub async fn a_store_without_a_blob_lists_nothing(blobs: SharedBlobs) {
    assert!(blobs.list(None, 100).await.unwrap().is_empty());
    assert!(blobs.list(Some(&key(0)), 100).await.unwrap().is_empty());
}

pub async fn thousands_of_blobs_are_listed_page_by_page_in_byte_order(blobs: SharedBlobs) {
    let mut expected = keys(2001);
    put_all(&*blobs, &expected).await;
    expected.sort_by(|a, b| a.as_str().as_bytes().cmp(b.as_str().as_bytes()));
    for limit in [301, 999, 1000, 1001, 2001, 10_000] {
        let mut found: Vec<BlobKey> = Vec::new();
        loop {
            let page = blobs.list(found.last(), limit).await.unwrap();
            assert!(page.len() <= limit as usize, "{} are over {limit}", page.len());
            let Some(first) = page.first() else { break };
            assert!(found.last().is_none_or(|last| *last < first.key), "a page begins after the last one");
            found.extend(page.into_iter().map(|stat| stat.key));
        }
        assert!(found == expected, "pages of {limit}: {} keys found", found.len());
    }
    assert!(blobs.list(expected.last(), 10).await.unwrap().is_empty());
}

pub async fn generations_of_a_photo_are_listed_in_byte_order(blobs: SharedBlobs) {
    // The numbers' order is not the texts': 10 comes before 2, and 0, which has no number, last.
    let mut expected = Vec::new();
    for photo in 0..3 {
        for generation in ["1", "10", "100", "11", "2", "20", "4294967295", "9", ""] {
            let generation = Generation::from_number(generation.parse().unwrap_or(0));
            for rendition in [Rendition::Large, Rendition::Medium, Rendition::Original, Rendition::Small] {
                expected.push(BlobKey::of(photo_id(photo), generation, rendition));
            }
        }
    }
    assert!(expected.is_sorted_by(|a, b| a.as_str().as_bytes() < b.as_str().as_bytes()));
    put_all(&*blobs, &expected).await;
    for limit in [1, 2, 7, 36, 1000] {
        let mut found: Vec<BlobKey> = Vec::new();
        loop {
            let page = blobs.list(found.last(), limit).await.unwrap();
            if page.is_empty() {
                break;
            }
            found.extend(page.into_iter().map(|stat| stat.key));
        }
        assert!(found == expected, "pages of {limit}: {found:?}");
    }
}

pub async fn a_listing_goes_on_after_a_key_that_is_gone(blobs: SharedBlobs) {
    let mut sorted = keys(40);
    sorted.sort();
    put_all(&*blobs, &sorted).await;
    for gone in [0, 1, 2, 3, 17, 38, 39] {
        blobs.delete(&[sorted[gone].clone()]).await.unwrap();
        let next = blobs.list(Some(&sorted[gone]), 1).await.unwrap();
        assert_eq!(next.first().map(|stat| &stat.key), sorted.get(gone + 1), "after {gone}");
    }
}

pub async fn a_listing_tells_what_stat_tells(blobs: SharedBlobs) {
    for number in 0..6 {
        put(&*blobs, &key(number), &content(1, number * 100)).await;
    }
    let listed = list(&*blobs).await;
    assert_eq!(listed.len(), 6);
    for stat in listed {
        // A listing may have the time in full seconds only.
        let exact = blobs.stat(&stat.key).await.unwrap();
        assert_eq!((&stat.key, stat.bytes), (&exact.key, exact.bytes));
        assert_eq!(stat.put_at.seconds(), exact.put_at.seconds());
    }
}

pub async fn a_listing_finds_what_stays_while_others_come_and_go(blobs: SharedBlobs) {
    let (stays, goes) = (keys(200).split_off(100), keys(100));
    put_all(&*blobs, &stays).await;
    let changes = async {
        for _ in 0..3 {
            put_all(&*blobs, &goes).await;
            blobs.delete(&goes).await.unwrap();
        }
    };
    let listings = async {
        for _ in 0..10 {
            let found: Vec<BlobKey> = list(&*blobs).await.into_iter().map(|stat| stat.key).collect();
            assert!(found.is_sorted_by(|a, b| a < b), "in order, each once");
            let missing = stays.iter().filter(|key| !found.contains(key)).count();
            assert_eq!(missing, 0, "blobs that stayed were not listed");
        }
    };
    join(changes, listings).await;
}
