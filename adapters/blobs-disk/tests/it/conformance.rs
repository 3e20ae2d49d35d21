//! The conformance suite for blobs, on a disk.

use std::any::Any;
use std::sync::Arc;

use gallery_blobs_disk::DiskBlobs;
use gallery_conformance::blobs::SharedBlobs;
use tokio::task::spawn_blocking;

async fn fresh() -> (SharedBlobs, impl Any) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("blobs");
    let blobs = spawn_blocking(move || DiskBlobs::open(&root)).await.unwrap().unwrap();
    (Arc::new(blobs), folder)
}

gallery_conformance::blobs_suite!(fresh);
