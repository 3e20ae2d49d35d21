//! The conformance suite for blobs, on a disk.

use std::any::Any;
use std::sync::Arc;

use gallery_blobs_disk::DiskBlobs;
use gallery_conformance::blobs::SharedBlobs;

async fn fresh() -> (SharedBlobs, impl Any) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(&folder.path().join("blobs")).unwrap();
    (Arc::new(blobs), folder)
}

gallery_conformance::blobs_suite!(fresh);
