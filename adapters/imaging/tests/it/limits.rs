//! What happens when there is too much to do: photos wait, are answered with `Busy`, or are given
//! up.

use std::path::PathBuf;

use gallery_core::ports::{Imaging as _, ImagingError};
use gallery_imaging::{Limits, RustImaging};
use image::ImageFormat;
use tempfile::TempDir;

use crate::samples::{Progressive, encoded, quarters};

/// One worker, and the runtime on which nothing else runs: the order of events is the order of
/// polling.
fn one_worker(queue: usize, queue_seconds: u64) -> RustImaging {
    RustImaging::new(Limits { workers: 1, queue, queue_seconds, ..Limits::default() })
}

#[tokio::test]
async fn more_than_can_wait_are_answered_with_busy() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("photo");
    std::fs::write(&file, encoded(quarters(64, 48), ImageFormat::Png)).expect("a file");
    let imaging = one_worker(1, 60);
    let slow = slow(&folder);
    let (first, second, third) =
        tokio::join!(imaging.process(&slow), imaging.process(&file), imaging.process(&file));
    first.expect("a photo");
    second.expect("a photo that waited");
    assert!(matches!(third, Err(ImagingError::Busy)), "{third:?}");
    imaging.process(&file).await.expect("there is room again");
}

#[tokio::test]
async fn who_waits_too_long_is_answered_with_busy() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("photo");
    std::fs::write(&file, encoded(quarters(64, 48), ImageFormat::Png)).expect("a file");
    let imaging = one_worker(8, 0);
    let slow = slow(&folder);
    let (first, second) = tokio::join!(imaging.process(&slow), imaging.process(&file));
    first.expect("a photo");
    assert!(matches!(second, Err(ImagingError::Busy)), "{second:?}");
}

/// A photo that keeps its worker busy for longer than the others take to ask for it.
fn slow(folder: &TempDir) -> PathBuf {
    let file = folder.path().join("slow");
    std::fs::write(&file, Progressive { width: 3000, height: 2000, scans: 30 }.encode()).expect("a file");
    file
}

#[tokio::test]
async fn a_photo_that_takes_too_long_is_given_up() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let imaging = RustImaging::new(Limits { decode_seconds: 0, ..Limits::default() });
    let refusal = imaging.process(&slow(&folder)).await.expect_err("a refusal");
    assert!(matches!(refusal, ImagingError::Undecodable(_)), "{refusal:?}");
}

#[test]
fn no_workers_and_no_memory_at_all_still_make_a_pipeline() {
    let limits = Limits { workers: 0, queue: 0, memory_bytes: 0, ..Limits::default() };
    let refusal = crate::photos::process_within(limits, &encoded(quarters(64, 48), ImageFormat::Png));
    assert!(matches!(refusal, Err(ImagingError::Undecodable(_))), "{refusal:?}");
}
