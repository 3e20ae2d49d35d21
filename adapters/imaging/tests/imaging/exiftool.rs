//! Comparing printed EXIF values with exiftool's, over real camera files where they are at hand, else over a
//! file made here whose printed values are known.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use gallery_imaging::Limits;
use serde_json::value::RawValue;

use crate::photos::{camera_files, files, process, process_file};
use crate::samples;

/// The directories that the gallery prints.
const GROUPS: [&str; 4] = ["IFD0", "ExifIFD", "GPS", "InteropIFD"];
/// The least share of values that must be equal.
const AGREEMENT: f64 = 0.99;

/// Values of one tag: exiftool may find it in more than one directory.
type Tags = BTreeMap<String, Vec<String>>;

#[test]
fn values_are_printed_as_exiftool_prints_them() {
    let Some(folder) = camera_files() else { return known_values_are_printed() };
    let photos = files(&folder, "jpg");
    let expected = exiftool(&photos);
    let (mut equal, mut all, mut different) = (0_u32, 0_u32, Vec::new());
    for photo in &photos {
        let processed = match process_file(Limits::default(), photo) {
            Ok(processed) => processed,
            Err(error) => {
                assert!(photo.starts_with(folder.join("invalid")), "{}: {error}", photo.display());
                continue;
            }
        };
        let printed: BTreeMap<_, _> = processed.facts.metadata.exif.into_iter().collect();
        for (name, values) in &expected[photo] {
            all += 1;
            let ours = printed.get(name);
            if ours.is_some_and(|ours| values.contains(ours)) {
                equal += 1;
            } else {
                different.push(format!("{}: {name}: {values:?}, not {ours:?}", photo.display()));
            }
        }
        for name in printed.keys().filter(|name| !expected[photo].contains_key(*name)) {
            all += 1;
            different.push(format!("{}: {name} is unknown to exiftool", photo.display()));
        }
    }
    assert!(all > 0, "no photo in {} has EXIF data", folder.display());
    let agreement = f64::from(equal) / f64::from(all);
    let listed = different.join("\n");
    assert!(agreement >= AGREEMENT, "{equal} of {all} values agree; different:\n{listed}");
}

/// What exiftool finds in each photo.
fn exiftool(photos: &[PathBuf]) -> BTreeMap<PathBuf, Tags> {
    let output = Command::new("exiftool")
        .args(["-j", "-a", "-G1"])
        .args(GROUPS.map(|group| format!("-{group}:all")))
        .args(photos)
        .output()
        .expect(
            "real camera files are compared with exiftool: install the Debian package libimage-exiftool-perl",
        );
    let found: Vec<BTreeMap<String, Box<RawValue>>> =
        serde_json::from_slice(&output.stdout).expect("exiftool's JSON");
    found.into_iter().map(|tags| tags_of(&tags)).collect()
}

fn tags_of(found: &BTreeMap<String, Box<RawValue>>) -> (PathBuf, Tags) {
    let mut tags = Tags::new();
    for (name, value) in found {
        let (group, name) = name.split_once(':').unwrap_or(("", name));
        let value = as_printed(value);
        let is_binary = value.starts_with("(Binary data ");
        if GROUPS.contains(&group) && !is_binary && !is_about_pixels(name) {
            tags.entry(name.to_owned()).or_default().push(value);
        }
    }
    (Path::new(&as_printed(&found["SourceFile"])).to_owned(), tags)
}

/// Where strips of pixels are in the file says nothing to people.
fn is_about_pixels(name: &str) -> bool {
    name.starts_with("Strip")
}

/// A JSON value as exiftool printed it: `7.0` stays `7.0`.
fn as_printed(value: &RawValue) -> String {
    serde_json::from_str(value.get()).unwrap_or_else(|_| value.get().to_owned())
}

#[test]
fn known_values_are_printed() {
    let photo = samples::jpeg_with_exif(&samples::camera_exif());
    let processed = process(&photo).expect("a photo");
    let expected = [
        ("Make", "Canon"),
        ("Model", "Canon EOS 40D"),
        ("Orientation", "Rotate 90 CW"),
        ("XResolution", "72"),
        ("ResolutionUnit", "inches"),
        ("Copyright", "A. Photographer"),
        ("ExposureTime", "1/60"),
        ("FNumber", "2.8"),
        ("ExposureProgram", "Program AE"),
        ("ISO", "400"),
        ("ExifVersion", "0232"),
        ("DateTimeOriginal", "2008:10:22 16:28:39"),
        ("OffsetTimeOriginal", "+02:00"),
        ("ComponentsConfiguration", "Y, Cb, Cr, -"),
        ("ShutterSpeedValue", "1/64"),
        ("ApertureValue", "2.8"),
        ("ExposureCompensation", "-1/3"),
        ("SubjectDistance", "inf"),
        ("Flash", "Off, Did not fire"),
        ("FocalLength", "24.0 mm"),
        ("UserComment", "Zoë"),
        ("SubSecTimeOriginal", "042"),
        ("ColorSpace", "sRGB"),
        ("CustomRendered", "Unknown (77)"),
        ("LensInfo", "24-70mm f/2.8"),
        ("LensModel", "EF24-70mm f/2.8L USM"),
        ("GPSVersionID", "2.3.0.0"),
        ("GPSLatitudeRef", "North"),
        ("GPSLatitude", "43 deg 28' 2.81\""),
        ("GPSLongitudeRef", "West"),
        ("GPSLongitude", "11 deg 53' 6.46\""),
        ("GPSAltitudeRef", "Below Sea Level"),
        ("GPSAltitude", "3.5 m"),
        ("GPSTimeStamp", "14:28:17.24"),
        ("GPSDateStamp", "2008:10:22"),
    ];
    let printed: BTreeMap<_, _> =
        processed.facts.metadata.exif.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    for (name, value) in expected {
        assert_eq!(printed.get(name), Some(&value), "{name}");
    }
    assert_eq!(printed.len(), expected.len(), "{printed:?}");
}
