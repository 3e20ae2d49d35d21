//! Real camera files, where they are at hand; else the same promises over files made here.

use std::collections::BTreeSet;

use gallery_core::ports::ImagingError;
use gallery_imaging::Limits;
use gallery_resize::Scaler;
use image::imageops::thumbnail;
use image::{ImageFormat, RgbImage};

use crate::photos::{camera_files, files, picture, process, process_file};
use crate::samples::{encoded, orientation_exif, waves, with_exif};
use crate::timing::{LONGEST, taken};

#[test]
fn every_good_camera_file_is_a_photo() {
    let Some(folder) = camera_files() else {
        return drop(process(&encoded(waves(640, 480), ImageFormat::Jpeg)).expect("a photo"));
    };
    for name in ["cameras", "gps", "large", "orientation"] {
        for file in files(&folder.join(name), "jpg") {
            let processed = process_file(Limits::default(), &file);
            let facts = processed.unwrap_or_else(|error| panic!("{}: {error}", file.display())).facts;
            assert!(facts.metadata.gps.is_some() || name != "gps", "{}", file.display());
        }
    }
}

#[test]
fn every_damaged_camera_file_is_shown_or_clearly_refused() {
    let Some(folder) = camera_files() else {
        let whole = encoded(waves(640, 480), ImageFormat::Jpeg);
        return drop(process(&whole[..whole.len() / 2]).expect("the upper half"));
    };
    for file in files(&folder.join("invalid"), "jpg") {
        let (outcome, taken) = taken(|| process_file(Limits::default(), &file));
        match outcome {
            Ok(_) | Err(ImagingError::Undecodable(_) | ImagingError::Unsupported) => {}
            Err(error) => panic!("{}: {error:?}", file.display()),
        }
        assert!(taken < LONGEST, "{}: {taken:?}", file.display());
    }
}

#[test]
fn every_orientation_has_the_same_size() {
    let Some(folder) = camera_files() else {
        for (value, (width, height)) in [(1, (90, 60)), (3, (90, 60)), (6, (60, 90)), (8, (60, 90))] {
            let file = with_exif(&encoded(waves(width, height), ImageFormat::Jpeg), &orientation_exif(value));
            let facts = process(&file).expect("a photo").facts;
            assert_eq!((facts.width, facts.height), (90, 60), "orientation {value}");
        }
        return;
    };
    for name in ["landscape", "portrait"] {
        let sizes: BTreeSet<_> = (1..=8)
            .map(|value| {
                let file = folder.join(format!("orientation/{name}_{value}.jpg"));
                let facts = process_file(Limits::default(), &file).expect("a photo").facts;
                (facts.width, facts.height)
            })
            .collect();
        assert_eq!(sizes.len(), 1, "{name}: {sizes:?}");
        assert!(sizes.iter().all(|(width, height)| (width > height) == (name == "landscape")), "{sizes:?}");
    }
}

/// JPEG allows decoders to differ in the last bit, and the small rendition is a JPEG again: at the
/// mean of all samples, and at most in the mean of a block.
const MEAN_DIFFERENCE: f64 = 0.8;
const BLOCK_DIFFERENCE: u8 = 8;

#[test]
fn every_camera_file_looks_as_another_decoder_shows_it() {
    let Some(folder) = camera_files() else {
        return looks_as_another_decoder_shows_it("made here", &encoded(waves(640, 480), ImageFormat::Jpeg));
    };
    for name in ["cameras", "gps", "large"] {
        for file in files(&folder.join(name), "jpg") {
            let bytes = std::fs::read(&file).expect("a readable file");
            looks_as_another_decoder_shows_it(&file.display().to_string(), &bytes);
        }
    }
}

fn looks_as_another_decoder_shows_it(name: &str, bytes: &[u8]) {
    let processed = process(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    let has_other_colours = bytes.windows(11).any(|bytes| bytes == b"ICC_PROFILE");
    if has_other_colours {
        return;
    }
    let stored = picture(bytes).to_rgb8();
    let is_upright = stored.dimensions() == (processed.facts.width, processed.facts.height);
    if !is_upright {
        return;
    }
    let small = processed.renditions.last().expect("a small rendition");
    let shown = picture(&small.bytes).to_rgb8();
    let mut scaled = vec![0; shown.len()];
    let source = (stored.as_raw().as_slice(), stored.dimensions());
    Scaler::default().scale(source, (&mut scaled, shown.dimensions()), 3).expect("a smaller picture");
    let stored = RgbImage::from_raw(shown.width(), shown.height(), scaled).expect("all of its pixels");
    let (shown, stored) = (thumbnail(&shown, 24, 24), thumbnail(&stored, 24, 24));
    let differences = shown.iter().zip(stored.iter()).map(|(left, right)| left.abs_diff(*right));
    let (most, all) = differences.fold((0, 0), |(most, all), one| (one.max(most), all + u32::from(one)));
    let mean = f64::from(all) / f64::from(24 * 24 * 3);
    assert!(
        mean <= MEAN_DIFFERENCE && most <= BLOCK_DIFFERENCE,
        "{name}: {mean} at the mean, {most} at most"
    );
}
