//! What the scenarios for blobs have in common: keys, content, and short ways to put, read and
//! list.

use std::io::Write;
use std::ops::Range;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use gallery_core::model::{BlobKey, ImageType, Rendition};
use gallery_core::ports::{BlobError, BlobMetadata, BlobSource, BlobStat, Blobs};
use gallery_core::values::{ContentHash, Generation, PhotoId, Timestamp};
use tempfile::NamedTempFile;

/// Sizes in bytes around which adapters change their ways: nothing, something, and 5 MiB, the
/// smallest part of an S3 multipart upload.
pub(super) const SIZES: [usize; 5] = [0, 1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1];
/// Bytes in a MiB.
pub(super) const MIB: usize = 1024 * 1024;

/// The key number `number`: four to a photo, photos 37 seconds apart, in an order that is not the
/// numbers', every third one of before generations.
pub(super) fn key(number: usize) -> BlobKey {
    let photo = i64::try_from(number / 4).unwrap() * 7919 % 10_007;
    let generation = Generation::from_number(u32::try_from(photo % 3).unwrap());
    BlobKey::of(photo_id(photo), generation, Rendition::ALL[number % 4])
}

/// The id of a photo, 37 seconds later than that of the number before.
pub(super) fn photo_id(number: i64) -> PhotoId {
    let at = Timestamp::from_millis(1_795_335_330_007 + number * 37_000);
    PhotoId::new(at, &[u8::try_from(number % 251).unwrap(); 10])
}

/// The first `count` keys.
pub(super) fn keys(count: usize) -> Vec<BlobKey> {
    (0..count).map(key).collect()
}

/// Bytes without a pattern, different for every seed (xorshift64*).
pub(super) fn content(seed: u64, length: usize) -> Bytes {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        bytes.extend_from_slice(&state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes());
    }
    bytes.truncate(length);
    bytes.into()
}

/// A file with this content, removed when dropped.
pub(super) fn file(content: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file.flush().unwrap();
    file
}

/// The file as a source that promises this many bytes.
pub(super) fn source(file: &NamedTempFile, bytes: usize) -> BlobSource {
    BlobSource::File { path: file.path().to_owned(), bytes: bytes as u64 }
}

/// What is true of a JPEG file with this content.
pub(super) fn metadata(content: &[u8]) -> BlobMetadata {
    BlobMetadata { content_type: ImageType::Jpeg, sha256: ContentHash::of(content) }
}

/// Puts bytes.
pub(super) async fn put(blobs: &dyn Blobs, key: &BlobKey, content: &Bytes) {
    let source = BlobSource::Bytes(content.clone());
    blobs.put(key, &metadata(content), source).await.expect("the put succeeds");
}

/// Puts one byte under every key, many at a time.
pub(super) async fn put_all(blobs: &dyn Blobs, keys: &[BlobKey]) {
    let one = Bytes::from_static(b"1");
    stream::iter(keys).for_each_concurrent(32, |key| put(blobs, key, &one)).await;
}

/// Reads a blob, or a part of it.
pub(super) async fn get(
    blobs: &dyn Blobs,
    key: &BlobKey,
    range: Option<Range<u64>>,
) -> Result<Bytes, BlobError> {
    let read = blobs.get(key, range.clone()).await?;
    let pieces: Vec<Bytes> = read.stream.try_collect().await.expect("the blob is read to its end");
    let bytes = pieces.concat();
    assert_eq!(bytes.len() as u64, read.range.end - read.range.start, "the stream delivers its range");
    if range.is_none() {
        assert_eq!(read.range, 0..read.bytes, "without a range, the whole blob is delivered");
    }
    Ok(bytes.into())
}

/// Asserts that the blob is there and has this content.
pub(super) async fn assert_content(blobs: &dyn Blobs, key: &BlobKey, content: &Bytes) {
    let found = get(blobs, key, None).await.expect("the blob is there");
    assert_eq!(found.len(), content.len());
    // Not `assert_eq!`, which would print all the bytes.
    assert!(found == *content, "the blob of {} bytes is not what was put", found.len());
}

/// Asserts that no reader finds the blob.
pub(super) async fn assert_absent(blobs: &dyn Blobs, key: &BlobKey) {
    assert!(matches!(blobs.get(key, None).await, Err(BlobError::NotFound)));
    assert!(matches!(blobs.stat(key).await, Err(BlobError::NotFound)));
    assert!(list(blobs).await.iter().all(|stat| stat.key != *key), "it is listed");
}

/// Lists all blobs, a thousand at a time.
pub(super) async fn list(blobs: &dyn Blobs) -> Vec<BlobStat> {
    let (mut found, mut tries): (Vec<BlobStat>, u8) = (Vec::new(), 20);
    loop {
        let page = match blobs.list(found.last().map(|stat| &stat.key), 1000).await {
            // What the port says to try again, for a service that stumbles over changes under way.
            Err(BlobError::Unavailable(_)) if tries > 0 => {
                tries -= 1;
                continue;
            }
            page => page.expect("the listing succeeds"),
        };
        let Some(first) = page.first() else { return found };
        assert!(found.last().is_none_or(|last| last.key < first.key), "a page begins after the last one");
        found.extend(page);
    }
}
