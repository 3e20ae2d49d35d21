//! The memory budget over all photos in work: what they take together is measured from outside, in
//! a process of its own, so that no other test's memory is counted.

#[path = "it/samples.rs"]
#[allow(dead_code, reason = "these tests need few of the samples")]
mod samples;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::sync::Arc;

use gallery_core::ports::{Imaging as _, ImagingError};
use gallery_imaging::{Limits, RustImaging};
use image::ImageFormat;
use samples::{Progressive, encoded, waves};

const MIB: u64 = 1 << 20;
/// What may come on top of photos: threads, and what the allocator keeps.
const SLACK: u64 = 32 * MIB;

/// The most memory this process ever had in use, in bytes, as the kernel counted it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the kernel's figures");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes * 1024
}

/// Forgets the peak so far; returns what is in use now.
fn forget_peak() -> u64 {
    std::fs::write("/proc/self/clear_refs", "5").expect("a kernel that forgets");
    peak()
}

/// Both tests measure the whole process: one after the other, in one test.
#[tokio::test(flavor = "multi_thread")]
async fn photos_in_work_stay_within_the_budget() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    a_photo_of_200_megapixels(folder.path()).await;
    bombs_take_no_memory(folder.path()).await;
    twenty_progressive_photos_at_once(folder.path()).await;
    estimates_cover_every_format(folder.path()).await;
}

/// What phones take with their largest sensors. The figure is that of the whole process.
#[expect(clippy::print_stdout, reason = "the figure")]
async fn a_photo_of_200_megapixels(folder: &std::path::Path) {
    let file = folder.join("phone");
    let (width, height) = (16_384, 12_288);
    write_tall(&file, width, height);
    forget_peak();
    let processed = RustImaging::default().process(&file).await.expect("a photo");
    let used = peak();
    let facts = processed.facts;
    assert_eq!((facts.width, facts.height, facts.damaged), (u32::from(width), u32::from(height), false));
    assert!(used < 150_000_000, "{used} bytes in use");
    assert!(used > 20 * MIB, "{used} bytes are too few to have measured anything");
    println!("{used} bytes for 200 megapixels");
}

/// Writes a JPEG of which every row of blocks is the same: a restart interval, again and again, so
/// that it is never in memory.
fn write_tall(file: &std::path::Path, width: u16, height: u16) {
    const ROWS: u16 = 16;
    let strip = waves(width.into(), ROWS.into());
    let mut jpeg = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, 90);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    encoder.set_restart_interval(width / ROWS);
    encoder.encode(strip.as_raw(), width, ROWS, jpeg_encoder::ColorType::Rgb).expect("an encoder");
    let marker = |code: u8| jpeg.windows(2).position(|two| two == [0xFF, code]).expect("a marker");
    let (frame, scan) = (marker(0xC0), marker(0xDA));
    let data = scan + 2 + usize::from(u16::from_be_bytes([jpeg[scan + 2], jpeg[scan + 3]]));
    let mut head = jpeg[..data].to_vec();
    head[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    let mut output = BufWriter::new(File::create(file).expect("a file"));
    output.write_all(&head).expect("written");
    for row in 0..height / ROWS {
        if row > 0 {
            output.write_all(&[0xFF, 0xD0 + u8::try_from((row - 1) % 8).expect("below 8")]).expect("written");
        }
        output.write_all(&jpeg[data..jpeg.len() - 2]).expect("written");
    }
    output.write_all(&[0xFF, 0xD9]).expect("written");
    output.flush().expect("written");
}

async fn bombs_take_no_memory(folder: &std::path::Path) {
    let imaging = RustImaging::default();
    let bombs = [samples::png_bomb(50_000, 50_000), Progressive::bomb(65_500, 65_500, 631)];
    for (number, bytes) in bombs.iter().enumerate() {
        let file = folder.join(format!("bomb-{number}"));
        std::fs::write(&file, bytes).expect("a file");
        let before = forget_peak();
        let refusal = imaging.process(&file).await.expect_err("a refusal");
        assert!(matches!(refusal, ImagingError::TooManyPixels { .. }), "{refusal:?}");
        let more = peak() - before;
        assert!(more < 10 * MIB, "{more} bytes for bomb {number}");
    }
    let file = folder.join("profile");
    std::fs::write(&file, samples::profile_bomb()).expect("a file");
    let before = forget_peak();
    imaging.process(&file).await.expect("a small photo");
    let more = peak() - before;
    assert!(more < 10 * MIB, "{more} bytes for a colour profile");
}

/// 20 megapixels of progressive JPEG need about 250 MiB each: a budget of 512 MiB lets two in at
/// once (`docs/security.md`, rule 24).
#[expect(clippy::print_stdout, reason = "the figure")]
async fn twenty_progressive_photos_at_once(folder: &std::path::Path) {
    let memory_bytes = 512 * MIB;
    let limits = Limits { memory_bytes, workers: 8, queue_seconds: 600, ..Limits::default() };
    let imaging = Arc::new(RustImaging::new(limits));
    let file = folder.join("progressive");
    std::fs::write(&file, Progressive { width: 5120, height: 3840, scans: 4 }.encode()).expect("a file");
    let before = forget_peak();
    let photos = (0..20).map(|_| {
        let (imaging, file) = (Arc::clone(&imaging), file.clone());
        tokio::spawn(async move { imaging.process(&file).await })
    });
    for photo in photos.collect::<Vec<_>>() {
        let processed = photo.await.expect("no panic").expect("a photo");
        assert_eq!((processed.facts.width, processed.facts.height), (5120, 3840));
    }
    let used = peak() - before;
    assert!(used < memory_bytes + SLACK, "{used} bytes in use at once");
    println!("{used} bytes for photos of at most {memory_bytes} at once");
    assert!(used > 100 * MIB, "{used} bytes are too few to have measured anything");
}

/// A budget that a photo just fits into is really enough for it.
async fn estimates_cover_every_format(folder: &std::path::Path) {
    let formats =
        [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP, ImageFormat::Tiff];
    for format in formats {
        let file = folder.join("photo");
        let (width, height) = match format {
            // The encoder of GIFs is slow.
            ImageFormat::Gif => (1600, 900),
            // Of a portrait, rows are no whole number of pixels of four samples.
            ImageFormat::Png | ImageFormat::Tiff => (2000, 3000),
            _ => (3000, 2000),
        };
        std::fs::write(&file, encoded(waves(width, height), format)).expect("a file");
        let mut memory_bytes = 16 * MIB;
        loop {
            let imaging = RustImaging::new(Limits { memory_bytes, ..Limits::default() });
            let before = forget_peak();
            match imaging.process(&file).await {
                Ok(_) => {
                    let used = peak() - before;
                    assert!(used < memory_bytes + SLACK, "{format:?} used {used} bytes of {memory_bytes}");
                    break;
                }
                Err(ImagingError::Undecodable(_)) => memory_bytes += 4 * MIB,
                Err(error) => panic!("{format:?}: {error:?}"),
            }
            assert!(memory_bytes < 512 * MIB, "{format:?} needs more than is sane");
        }
    }
}
