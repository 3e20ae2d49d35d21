//! The spool: limits, interruptions, hashes, left-overs, many uploads at a time.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::kit::receive;
use bytes::Bytes;
use futures_util::future::{join_all, poll_immediate};
use futures_util::{StreamExt, stream};
use gallery_blobs_disk::DiskSpool;
use gallery_core::ports::{ByteStream, Spool, SpoolError};
use gallery_core::values::ContentHash;

/// The bytes as a stream of pieces of this size.
fn pieces(content: &[u8], size: usize) -> ByteStream {
    let pieces: Vec<_> = content.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    Box::pin(stream::iter(pieces))
}

fn numbers(length: u32) -> Vec<u8> {
    (0..length / 4).flat_map(u32::to_le_bytes).collect()
}

fn uploads(spool: &DiskSpool) -> usize {
    let names = fs::read_dir(spool.folder()).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with("upload-")).count()
}

fn spool_in(folder: &Path) -> DiskSpool {
    DiskSpool::open(&folder.join("spool")).unwrap()
}

#[tokio::test]
async fn an_upload_is_counted_hashed_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool_in(folder.path());
    // Around the size of the buffers, in pieces that fit, do not fit, and are larger than a buffer.
    for length in [0, 4, 262_140, 262_144, 262_148, 3_000_000] {
        let content = numbers(length);
        for size in [1013, 262_144, 2_000_000] {
            let spooled = spool.receive(pieces(&content, size), u64::MAX).await.unwrap();
            assert_eq!(spooled.bytes, u64::from(length));
            assert_eq!(spooled.sha256, ContentHash::of(&content));
            assert!(fs::read(&spooled.path).unwrap() == content, "{length} in pieces of {size}");
        }
    }
}

#[tokio::test]
async fn an_upload_is_private_and_disappears_when_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool_in(folder.path());
    let spooled = receive(&spool, b"abc").await;
    assert_eq!(fs::metadata(&spooled.path).unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(fs::metadata(spool.folder()).unwrap().permissions().mode() & 0o7777, 0o700);
    assert_eq!(uploads(&spool), 1);
    drop(spooled);
    assert_eq!(uploads(&spool), 0);
}

#[tokio::test]
async fn the_limit_is_exact() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool_in(folder.path());
    let content = numbers(1_000_000);
    for size in [999, 1_000_000] {
        let limit = content.len() as u64;
        assert_eq!(spool.receive(pieces(&content, size), limit).await.unwrap().bytes, limit);
        let refused = spool.receive(pieces(&content, size), limit - 1).await;
        assert!(matches!(refused, Err(SpoolError::TooLarge { limit: 999_999 })), "{refused:?}");
    }
    assert!(spool.receive(pieces(b"", 1), 0).await.is_ok());
    assert!(matches!(spool.receive(pieces(b"1", 1), 0).await, Err(SpoolError::TooLarge { limit: 0 })));
    assert_eq!(uploads(&spool), 0);
}

#[tokio::test]
async fn reading_stops_at_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool_in(folder.path());
    let sent = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&sent);
    let endless = stream::repeat_with(move || {
        counter.fetch_add(1000, Ordering::Relaxed);
        Ok(Bytes::from_static(&[0; 1000]))
    });
    let refused = spool.receive(Box::pin(endless), 10_000_000).await;
    assert!(matches!(refused, Err(SpoolError::TooLarge { .. })), "{refused:?}");
    assert_eq!(sent.load(Ordering::Relaxed), 10_001_000);
    assert_eq!(uploads(&spool), 0);
}

#[tokio::test]
async fn an_interrupted_upload_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool_in(folder.path());
    for length in [0, 4, 1_000_000] {
        let broken = stream::iter([Err(io::Error::from(io::ErrorKind::ConnectionReset))]);
        let stream = pieces(&numbers(length), 10_000).chain(broken);
        let refused = spool.receive(Box::pin(stream), u64::MAX).await;
        assert!(matches!(refused, Err(SpoolError::Interrupted(_))), "{refused:?}");
        assert_eq!(uploads(&spool), 0);
    }
}

#[tokio::test]
async fn an_abandoned_upload_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool_in(folder.path());
    let sent = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&sent);
    let stalling = pieces(&numbers(1_000_000), 10_000).inspect(move |_| {
        counter.fetch_add(10_000, Ordering::Relaxed);
    });
    let mut receiving: Pin<Box<_>> = spool.receive(Box::pin(stalling.chain(stream::pending())), u64::MAX);
    while sent.load(Ordering::Relaxed) < 1_000_000 {
        assert!(poll_immediate(&mut receiving).await.is_none());
        tokio::task::yield_now().await;
    }
    assert_eq!(uploads(&spool), 1);
    drop(receiving);
    assert_eq!(uploads(&spool), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_uploads_at_a_time_stay_apart() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Arc::new(spool_in(folder.path()));
    let receptions = (0..20u32).map(|number| {
        let (spool, content) = (Arc::clone(&spool), numbers(1_000_000 + 4 * number));
        tokio::spawn(async move {
            let spooled = spool.receive(pieces(&content, 7919), u64::MAX).await.unwrap();
            assert!(fs::read(&spooled.path).unwrap() == content);
            (spooled, ContentHash::of(&content))
        })
    });
    let finished = join_all(receptions).await;
    assert_eq!(uploads(&spool), 20);
    for result in finished {
        let (spooled, expected) = result.unwrap();
        assert_eq!(spooled.sha256, expected);
    }
    assert_eq!(uploads(&spool), 0);
}

#[tokio::test]
async fn a_slow_sender_takes_no_thread() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool_in(folder.path());
    // More senders that send nothing than the runtime has blocking threads.
    let mut waiting: Vec<_> = (0..600).map(|_| spool.receive(Box::pin(stream::pending()), 1)).collect();
    for receiving in &mut waiting {
        while uploads(&spool) == 0 {
            assert!(poll_immediate(&mut *receiving).await.is_none());
            tokio::task::yield_now().await;
        }
        assert!(poll_immediate(&mut *receiving).await.is_none());
    }
    assert_eq!(receive(&spool, b"abc").await.bytes, 3);
}

#[tokio::test]
async fn opening_removes_what_a_crash_left_and_nothing_that_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool_in(folder.path());
    let foreign = spool.folder().join("notes");
    fs::write(&foreign, "").unwrap();
    let spooled = receive(&spool, b"abc").await;
    let second = spool_in(folder.path());
    assert!(spooled.path.exists(), "another instance uses it");
    fs::write(spool.folder().join("upload-left"), "left").unwrap();
    drop((spooled, spool, second));
    let third = spool_in(folder.path());
    assert_eq!(uploads(&third), 0);
    assert!(foreign.exists());
}

#[tokio::test]
async fn a_folder_that_went_away_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool_in(folder.path());
    fs::remove_dir_all(spool.folder()).unwrap();
    let refused = spool.receive(pieces(b"abc", 1), 10).await;
    assert!(matches!(refused, Err(SpoolError::Failed(_))), "{refused:?}");
}
