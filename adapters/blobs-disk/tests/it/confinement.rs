//! The root is never left: symbolic links below it are not followed, by any method.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::kit::{bytes_of, files_below, key, metadata, path_of, put};
use gallery_blobs_disk::DiskBlobs;
use gallery_core::model::Rendition;
use gallery_core::ports::{BlobError, BlobSource, Blobs};

const WANTED: Rendition = Rendition::Small;

/// A root in which a link on the way to the blob leads outside. Every method refuses it, and
/// outside everything stays as it is. `is_blob`: the link is in the blob's own place.
async fn assert_refused(root: &Path, outside: &Path, is_blob: bool) {
    let before: Vec<_> = files_below(outside).iter().map(|path| fs::read(path).unwrap()).collect();
    let blobs = DiskBlobs::open(root).unwrap();
    let wanted = key(1, WANTED);
    let refused = blobs.get(&wanted, None).await;
    assert!(matches!(refused, Err(BlobError::Backend(_))), "{refused:?}");
    assert!(blobs.stat(&wanted).await.is_err());
    assert!(blobs.list(None, 10).await.unwrap().is_empty());
    let put = blobs.put(&wanted, &metadata(), BlobSource::Bytes("new".into())).await;
    if is_blob {
        // A put gives the blob its name; whatever had it before is gone, and what that led to is
        // not.
        put.unwrap();
        assert_eq!(bytes_of(&blobs, &wanted).await, b"new");
    } else {
        assert!(matches!(put, Err(BlobError::Backend(_))), "{put:?}");
        assert!(blobs.list(None, 10).await.unwrap().is_empty());
    }
    // A delete removes the link at most.
    let _ = blobs.delete(&[wanted]).await;
    let after: Vec<_> = files_below(outside).iter().map(|path| fs::read(path).unwrap()).collect();
    assert_eq!(before, after);
}

#[tokio::test]
async fn no_link_on_the_way_is_followed() {
    // The blob itself, its lower folder, its upper folder.
    for depth in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let (root, outside) = (folder.path().join("root"), folder.path().join("outside"));
        put(&DiskBlobs::open(&outside).unwrap(), &key(1, WANTED), b"theirs").await;
        drop(DiskBlobs::open(&root).unwrap());
        let (mut link, mut target) = (path_of(&root, 1, "small"), path_of(&outside, 1, "small"));
        for _ in 0..depth {
            link.pop();
            target.pop();
        }
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(&target, &link).unwrap();
        assert_refused(&root, &outside, depth == 0).await;
    }
}

#[tokio::test]
async fn the_roots_own_folders_may_not_be_links() {
    for name in ["photos", "tmp"] {
        let folder = tempfile::tempdir().unwrap();
        let (root, outside) = (folder.path().join("root"), folder.path().join("outside"));
        fs::create_dir_all(&root).unwrap();
        fs::create_dir_all(&outside).unwrap();
        symlink(&outside, root.join(name)).unwrap();
        assert!(DiskBlobs::open(&root).is_err(), "{name}");
        assert!(files_below(&outside).is_empty());
    }
}

#[tokio::test]
async fn the_root_itself_may_be_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (root, disk) = (folder.path().join("root"), folder.path().join("disk"));
    fs::create_dir(&disk).unwrap();
    symlink(&disk, &root).unwrap();
    let blobs = DiskBlobs::open(&root).unwrap();
    put(&blobs, &key(1, WANTED), b"x").await;
    assert_eq!(bytes_of(&blobs, &key(1, WANTED)).await, b"x");
    assert_eq!(files_below(&disk).len(), 1);
}

#[tokio::test]
async fn a_link_as_source_is_copied_never_linked() {
    let folder = tempfile::tempdir().unwrap();
    let spool = gallery_blobs_disk::DiskSpool::open(&folder.path().join("spool")).unwrap();
    let root = folder.path().join("root");
    let blobs = DiskBlobs::open(&root).unwrap().linking_from(&spool);
    let target = folder.path().join("target");
    fs::write(&target, "content").unwrap();
    let link = spool.folder().join("upload-link");
    symlink(&target, &link).unwrap();
    let source = BlobSource::File { path: link, bytes: 7 };
    blobs.put(&key(1, WANTED), &metadata(), source).await.unwrap();
    let blob = path_of(&root, 1, "small");
    assert!(fs::symlink_metadata(&blob).unwrap().is_file());
    fs::write(&target, "changed").unwrap();
    assert_eq!(bytes_of(&blobs, &key(1, WANTED)).await, b"content");
}
