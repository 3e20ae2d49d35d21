//! What only a disk can show: modes, foreign files, left-overs, links, several processes, a lost
//! root.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::mpsc;

use crate::kit::{bytes_of, files_below, key, metadata, path_of, put, receive};
use futures_util::future::{join_all, poll_immediate};
use gallery_blobs_disk::{DiskBlobs, DiskSpool};
use gallery_core::model::{BlobKey, Rendition};
use gallery_core::ports::{BlobError, BlobSource, Blobs};
use gallery_core::values::Generation;
use tokio::task::spawn_blocking;

#[tokio::test]
async fn everything_is_private_and_only_blobs_stay() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("deep/er");
    let blobs = DiskBlobs::open(&root).unwrap();
    put(&blobs, &key(1, Rendition::Original), b"x").await;
    let source = folder.path().join("public");
    fs::write(&source, "abc").unwrap();
    fs::set_permissions(&source, fs::Permissions::from_mode(0o666)).unwrap();
    let file = BlobSource::File { path: source, bytes: 3 };
    blobs.put(&key(1, Rendition::Small), &metadata(), file).await.unwrap();

    assert_eq!(files_below(&root), [path_of(&root, 1, "original"), path_of(&root, 1, "small")]);
    let mut path = path_of(&root, 1, "small");
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
    while path.pop() && path.starts_with(&root) {
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o700, "{}", path.display());
    }
    assert_eq!(fs::metadata(root.join("tmp")).unwrap().mode() & 0o7777, 0o700);
}

#[tokio::test]
async fn a_delete_leaves_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(folder.path()).unwrap();
    let keys: Vec<_> = [1, 2, 70_000, 1 << 29].map(|at| key(at, Rendition::Small)).into();
    for _ in 0..2 {
        for key in &keys {
            put(&blobs, key, b"x").await;
        }
        blobs.delete(&keys).await.unwrap();
        assert_eq!(fs::read_dir(folder.path().join("photos")).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn foreign_files_are_not_listed() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(folder.path()).unwrap();
    let (small, large) = (key(1, Rendition::Small), key(70_000, Rendition::Large));
    put(&blobs, &small, b"x").await;
    put(&blobs, &large, b"x").await;
    let file = path_of(folder.path(), 1, "small");
    let lower = file.parent().unwrap();
    let upper = lower.parent().unwrap();
    let photos = upper.parent().unwrap();
    for path in [
        folder.path().join("README"),
        photos.join("lost+found"),
        upper.join("Thumbs.db"),
        lower.join(".DS_Store"),
        file.with_extension("huge"),
        file.with_extension("small.bak"),
        // In the wrong folder, the name of a blob is none.
        upper.join(file.file_name().unwrap()),
        folder.path().join("tmp/put-0-0"),
    ] {
        fs::write(path, "foreign").unwrap();
    }
    fs::create_dir(file.with_extension("medium")).unwrap();
    fs::create_dir(upper.join("zzz")).unwrap();
    fs::create_dir(photos.join("0")).unwrap();
    symlink(&file, file.with_extension("original")).unwrap();

    let listed: Vec<_> = blobs.list(None, 100).await.unwrap().into_iter().map(|stat| stat.key).collect();
    assert_eq!(listed, [small.clone(), large]);
    // The sweeper's way: a listing from each key to the next.
    assert_eq!(blobs.list(Some(&small), 1).await.unwrap().len(), 1);
    // A delete takes the blobs and leaves what is not the gallery's.
    blobs.delete(&listed).await.unwrap();
    assert!(blobs.list(None, 100).await.unwrap().is_empty());
    assert!(lower.join(".DS_Store").exists());
}

#[tokio::test]
async fn left_overs_are_invisible_and_removed_when_no_other_process_puts() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(folder.path()).unwrap();
    put(&blobs, &key(1, Rendition::Small), b"x").await;
    let (left_over, foreign) = (folder.path().join("tmp/put-9-1"), folder.path().join("tmp/notes"));
    fs::write(&left_over, "half a photo").unwrap();
    fs::write(&foreign, "").unwrap();
    assert_eq!(blobs.list(None, 10).await.unwrap().len(), 1);
    let second = DiskBlobs::open(folder.path()).unwrap();
    assert!(left_over.exists(), "the first one may be putting it");
    drop((blobs, second));
    drop(DiskBlobs::open(folder.path()).unwrap());
    assert!(!left_over.exists());
    assert!(foreign.exists());
}

#[tokio::test]
async fn files_of_the_spool_are_linked_and_others_are_copied() {
    let folder = tempfile::tempdir().unwrap();
    let spool = DiskSpool::open(&folder.path().join("spool")).unwrap();
    let root = folder.path().join("blobs");
    let blobs = DiskBlobs::open(&root).unwrap().linking_from(&spool);

    let spooled = receive(&spool, b"original").await;
    let source = BlobSource::File { path: spooled.path.clone(), bytes: 8 };
    blobs.put(&key(1, Rendition::Original), &metadata(), source).await.unwrap();
    let inode = fs::metadata(&spooled.path).unwrap().ino();
    let linked = fs::metadata(path_of(&root, 1, "original")).unwrap();
    assert_eq!((linked.ino(), linked.mode() & 0o7777), (inode, 0o600));
    drop(spooled);
    assert_eq!(bytes_of(&blobs, &key(1, Rendition::Original)).await, b"original");

    let other = folder.path().join("other");
    fs::write(&other, "copied").unwrap();
    let source = BlobSource::File { path: other.clone(), bytes: 6 };
    blobs.put(&key(1, Rendition::Small), &metadata(), source).await.unwrap();
    assert_ne!(fs::metadata(path_of(&root, 1, "small")).unwrap().ino(), fs::metadata(&other).unwrap().ino());
    assert_eq!(files_below(&root).len(), 2, "no temporary name is left");
}

#[tokio::test]
async fn a_spooled_file_put_again_leaves_no_other_name() {
    let folder = tempfile::tempdir().unwrap();
    let spool = DiskSpool::open(&folder.path().join("spool")).unwrap();
    let root = folder.path().join("blobs");
    let blobs = DiskBlobs::open(&root).unwrap().linking_from(&spool);
    let spooled = receive(&spool, b"original").await;
    let wanted = key(1, Rendition::Original);
    for _ in 0..3 {
        // Renaming a file onto another name of itself does nothing.
        let source = BlobSource::File { path: spooled.path.clone(), bytes: 8 };
        blobs.put(&wanted, &metadata(), source).await.unwrap();
        assert_eq!(files_below(&root), [path_of(&root, 1, "original")]);
    }
    drop(spooled);
    assert_eq!(bytes_of(&blobs, &wanted).await, b"original");
}

#[tokio::test]
async fn a_folder_in_a_blobs_place_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(folder.path()).unwrap();
    fs::create_dir_all(path_of(folder.path(), 1, "small")).unwrap();
    let source = BlobSource::Bytes("x".into());
    let refused = blobs.put(&key(1, Rendition::Small), &metadata(), source).await;
    assert!(matches!(refused, Err(BlobError::Backend(_))), "{refused:?}");
    assert!(files_below(folder.path()).is_empty(), "no temporary name is left");
}

#[tokio::test]
async fn blobs_of_before_generations_are_read_and_deleted_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(folder.path()).unwrap();
    let first = key(1, Rendition::Small);
    put(&blobs, &first, b"new").await;
    let old = BlobKey::of(first.photo(), Generation::UNNUMBERED, Rendition::Small);
    let path = path_of(folder.path(), 1, "small").with_file_name(format!("{}.small", first.photo()));
    fs::write(&path, "old").unwrap();
    assert_eq!(bytes_of(&blobs, &old).await, b"old");
    assert_eq!(bytes_of(&blobs, &first).await, b"new");
    let listed: Vec<_> = blobs.list(None, 10).await.unwrap().into_iter().map(|stat| stat.key).collect();
    assert_eq!(listed, [first.clone(), old.clone()]);
    blobs.delete(&[old]).await.unwrap();
    assert_eq!(files_below(folder.path()), [path_of(folder.path(), 1, "small")]);
}

#[tokio::test]
async fn a_linked_file_of_another_size_than_promised_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let spool = DiskSpool::open(&folder.path().join("spool")).unwrap();
    let blobs = DiskBlobs::open(&folder.path().join("blobs")).unwrap().linking_from(&spool);
    let spooled = receive(&spool, b"original").await;
    for bytes in [7, 9] {
        let source = BlobSource::File { path: spooled.path.clone(), bytes };
        let refused = blobs.put(&key(1, Rendition::Original), &metadata(), source).await;
        assert!(matches!(refused, Err(BlobError::Backend(_))), "{refused:?}");
    }
    assert!(files_below(&folder.path().join("blobs")).is_empty());
}

#[tokio::test]
async fn several_instances_share_one_root() {
    let folder = tempfile::tempdir().unwrap();
    let instances: Vec<_> = (0..4).map(|_| DiskBlobs::open(folder.path()).unwrap()).collect();
    for round in 0..20 {
        // One instance removes the folders that the others keep open.
        let shared = key(round.into(), Rendition::Original);
        let content = BlobSource::Bytes(vec![round; 100].into());
        let metadata = metadata();
        let puts = instances.iter().map(|blobs| blobs.put(&shared, &metadata, content.clone()));
        for put in join_all(puts).await {
            put.unwrap();
        }
        for blobs in &instances {
            assert_eq!(bytes_of(blobs, &shared).await, [round; 100]);
        }
        assert_eq!(files_below(folder.path()).len(), 1, "no temporary name is left");
        instances[usize::from(round) % 4].delete(std::slice::from_ref(&shared)).await.unwrap();
    }
}

#[test]
fn a_put_that_nobody_waits_for_is_not_published() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(folder.path()).unwrap();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.max_blocking_threads(1).build().unwrap().block_on(async {
        let (release, released) = mpsc::channel::<()>();
        let blocked = spawn_blocking(move || released.recv().unwrap_err());
        // The put waits for the one thread and is dropped before it gets it.
        let wanted = key(1, Rendition::Small);
        let metadata = metadata();
        let mut put = blobs.put(&wanted, &metadata, BlobSource::Bytes("x".into()));
        assert!(poll_immediate(&mut put).await.is_none());
        drop(put);
        drop(release);
        blocked.await.unwrap();
        // The next call runs after the put's work, which was queued before it.
        assert!(matches!(blobs.stat(&wanted).await, Err(BlobError::NotFound)));
    });
    assert!(files_below(folder.path()).is_empty());
}

#[tokio::test]
async fn a_root_that_went_away_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("blobs");
    let blobs = DiskBlobs::open(&root).unwrap();
    blobs.ready().await.unwrap();
    fs::remove_dir_all(&root).unwrap();
    assert!(matches!(blobs.ready().await, Err(BlobError::Unavailable(_))));
    let refused = blobs.put(&key(1, Rendition::Small), &metadata(), BlobSource::Bytes("x".into())).await;
    assert!(matches!(refused, Err(BlobError::Unavailable(_))), "{refused:?}");
}

#[test]
fn a_root_that_is_a_file_is_refused_by_name() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = DiskBlobs::open(file.path()).unwrap_err();
    assert_eq!(error.folder, file.path());
    assert!(error.to_string().contains(&file.path().display().to_string()));
    assert!(DiskSpool::open(Path::new(file.path())).is_err());
}
