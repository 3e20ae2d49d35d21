//! Real camera files, where they are at hand; else the same promises over files made here.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use gallery_core::ports::ImagingError;
use gallery_imaging::Limits;
use image::ImageFormat;

use crate::photos::{camera_files, files, process, process_file};
use crate::samples::{encoded, orientation_exif, waves, with_exif};

/// No file may take longer (SECURITY, rule 27).
const LONGEST: Duration = Duration::from_secs(5);

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
        let began = Instant::now();
        match process_file(Limits::default(), &file) {
            Ok(_) | Err(ImagingError::Undecodable(_) | ImagingError::Unsupported) => {}
            Err(error) => panic!("{}: {error:?}", file.display()),
        }
        assert!(began.elapsed() < LONGEST, "{}", file.display());
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
