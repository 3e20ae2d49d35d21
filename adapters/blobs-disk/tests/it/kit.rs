//! What the tests of this crate have in common.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use gallery_blobs_disk::{DiskBlobs, DiskSpool};
use gallery_core::model::{BlobKey, ImageType, Rendition};
use gallery_core::ports::{BlobMetadata, BlobSource, Blobs, Spool, Spooled};
use gallery_core::values::{ContentHash, Generation, PhotoId, Timestamp};

const START: i64 = 0x019a_c000_0000;

/// The key of a photo that came this many milliseconds after the start of a folder.
pub fn key(after_millis: i64, rendition: Rendition) -> BlobKey {
    let id = PhotoId::new(Timestamp::from_millis(START + after_millis), &[7; 10]);
    BlobKey::of(id, Generation::FIRST, rendition)
}

/// Where the documented layout has that photo's blob.
pub fn path_of(root: &Path, after_millis: i64, rendition: &str) -> PathBuf {
    let id = key(after_millis, Rendition::Original).photo().to_string();
    root.join("photos").join(&id[..5]).join(&id[5..8]).join(format!("{id}.1.{rendition}"))
}

/// Metadata, which the disk does not keep.
pub fn metadata() -> BlobMetadata {
    BlobMetadata { content_type: ImageType::Jpeg, sha256: ContentHash::of(b"") }
}

/// Puts bytes.
pub async fn put(blobs: &DiskBlobs, key: &BlobKey, content: &'static [u8]) {
    let source = BlobSource::Bytes(Bytes::from_static(content));
    blobs.put(key, &metadata(), source).await.unwrap();
}

/// Reads a whole blob.
pub async fn bytes_of(blobs: &DiskBlobs, key: &BlobKey) -> Vec<u8> {
    let pieces: Vec<Bytes> = blobs.get(key, None).await.unwrap().stream.try_collect().await.unwrap();
    pieces.concat()
}

/// Spools bytes.
pub async fn receive(spool: &DiskSpool, content: &'static [u8]) -> Spooled {
    let stream = stream::iter([Ok(Bytes::from_static(content))]);
    spool.receive(Box::pin(stream), u64::MAX).await.unwrap()
}

/// All files below a folder, sorted.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_below(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}
