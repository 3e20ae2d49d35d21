//! Comparing printed EXIF values with exiftool's, over real camera files where they are at hand,
//! else over a file made here whose printed values are known; and what people wrote, over files
//! into which exiftool writes it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use gallery_core::model::Captions;
use gallery_imaging::Limits;
use image::ImageFormat;
use serde_json::value::RawValue;

use crate::photos::{camera_files, data, files, process, process_file};
use crate::samples::{self, encoded, quarters};

/// The directories that are compared, each with all its tags.
const GROUPS: [&str; 4] = ["IFD0", "ExifIFD", "GPS", "InteropIFD"];
/// The least share of values that must be equal.
const AGREEMENT: f64 = 0.99;
/// Endings of the files that are compared.
const PHOTOS: [&str; 4] = ["jpg", "heic", "heif", "png"];

/// Values of one tag: exiftool may find it in more than one directory.
type Tags = BTreeMap<String, Vec<String>>;

#[test]
fn values_are_printed_as_exiftool_prints_them() {
    let Some(folder) = camera_files() else { return known_values_are_printed() };
    let photos: Vec<_> = PHOTOS.iter().flat_map(|ending| files(&folder, ending)).collect();
    let expected = exiftool(&photos);
    let (mut equal, mut all, mut different) = (0_u32, 0_u32, Vec::new());
    for photo in &photos {
        let processed = match process_file(Limits::default(), photo) {
            Ok(processed) => processed,
            Err(error) => {
                assert!(may_be_refused(&folder, photo), "{}: {error}", photo.display());
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
    let told = format!("{equal} of {all} values agree ({:.2} %); different:\n{listed}", agreement * 100.0);
    writeln!(std::io::stderr(), "{told}").expect("standard error");
    assert!(agreement >= AGREEMENT, "{told}");
}

/// Damaged files, of some of which no picture can be shown.
fn may_be_refused(folder: &Path, photo: &Path) -> bool {
    photo.starts_with(folder.join("invalid"))
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

/// Left out on purpose: where strips of pixels are in the file says nothing to people. Binary
/// values, which exiftool only counts, are maker notes and the like.
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

/// Writes tags into a file, or reads them out of it.
fn run_exiftool(arguments: &[&str], file: &Path) -> String {
    let output = Command::new("exiftool").args(arguments).arg(file).output();
    let output = output.expect("exiftool runs: install the Debian package libimage-exiftool-perl");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text in UTF-8")
}

/// What these arguments write, as the gallery reads it, and as exiftool's implementation of the
/// Metadata Working Group's guidelines does.
fn written_and_read(name: &str, photo: &[u8], arguments: &[&str]) -> (Captions, Captions) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join(name);
    std::fs::write(&file, photo).expect("a file in it");
    run_exiftool(&[&["-q", "-overwrite_original"], arguments].concat(), &file);
    let ours = process_file(Limits::default(), &file).expect("a photo").captions;
    let wanted = ["-j", "-MWG:Description", "-MWG:Keywords", "-MWG:Rating", "-XMP-dc:Title"];
    let read = run_exiftool(&[&wanted[..], &["-XMP-photoshop:Headline", "-IPTC:ObjectName"]].concat(), &file);
    let found: serde_json::Value = serde_json::from_str(&read).expect("exiftool's JSON");
    let text = |name: &str| found[0][name].as_str().map(str::to_owned);
    let keywords = match &found[0]["Keywords"] {
        serde_json::Value::Array(all) => {
            all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
        }
        one => one.as_str().map(str::to_owned).into_iter().collect(),
    };
    let rating = found[0]["Rating"].as_u64().and_then(|stars| u8::try_from(stars).ok());
    let title = text("Title").or_else(|| text("ObjectName")).or_else(|| text("Headline"));
    (ours, Captions { title, description: text("Description"), keywords, rating })
}

const IN_XMP: [&str; 6] = [
    "-XMP-dc:Title=A heron – Fischreiher",
    "-XMP-dc:Description=At dusk, by the lake; 写真",
    "-XMP-dc:Subject=bird",
    "-XMP-dc:Subject=the lake, at dusk",
    "-XMP-xmp:Rating=4",
    "-XMP-photoshop:Headline=Something else",
];
const IN_IPTC: [&str; 4] = [
    "-IPTC:ObjectName=Reiher",
    "-IPTC:Caption-Abstract=Am See, im Abendlicht: Zoë",
    "-IPTC:Keywords=Vogel",
    "-IPTC:Keywords=See",
];

#[test]
fn captions_are_those_that_exiftool_reads() {
    if camera_files().is_none() {
        return known_captions_are_read();
    }
    let jpeg = encoded(quarters(64, 48), ImageFormat::Jpeg);
    let in_exif: &[&str] = &["-EXIF:ImageDescription=By the camera's owner"];
    let in_utf8: &[&str] = &["-codedcharacterset=UTF8"];
    let cases = [
        vec![IN_XMP.as_slice()],
        vec![IN_IPTC.as_slice()],
        vec![in_utf8, IN_IPTC.as_slice()],
        vec![IN_XMP.as_slice(), IN_IPTC.as_slice()],
        vec![IN_XMP.as_slice(), IN_IPTC.as_slice(), in_exif],
        vec![in_exif],
    ];
    for case in cases {
        let (ours, theirs) = written_and_read("photo.jpg", &jpeg, &case.concat());
        assert_eq!(ours, theirs, "{case:?}");
    }
}

/// But GIF, which no camera writes and in which nothing is looked for.
#[test]
fn captions_are_read_from_every_format_that_exiftool_writes() {
    let Some(folder) = camera_files() else { return known_captions_are_read() };
    let made = [
        ("photo.jpg", ImageFormat::Jpeg),
        ("photo.png", ImageFormat::Png),
        ("photo.webp", ImageFormat::WebP),
        ("photo.tif", ImageFormat::Tiff),
    ];
    let made = made.map(|(name, format)| (name, encoded(quarters(64, 48), format)));
    let taken = std::fs::read(folder.join("heic/iphone_13_pro_max.HEIC")).expect("a camera file");
    for (name, photo) in made.into_iter().chain([("photo.heic", taken)]) {
        let (ours, theirs) = written_and_read(name, &photo, &IN_XMP);
        assert_eq!(ours, theirs, "{name}");
        assert_eq!(ours.keywords, ["bird", "the lake, at dusk"], "{name}");
    }
}

/// The same in a file made by code.
#[test]
fn known_captions_are_read() {
    let properties = "d:title='A heron' d:subject='bird' x:Rating='4'";
    let xmp = format!(
        "http://ns.adobe.com/xap/1.0/\0<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:Description \
         xmlns:d='http://purl.org/dc/elements/1.1/' xmlns:x='http://ns.adobe.com/xap/1.0/' {properties}/></r:RDF>"
    );
    let iptc = b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x10\x1C\x02\x05\0\x01X\x1C\x02\x78\0\x05Heron";
    let jpeg = encoded(quarters(64, 48), ImageFormat::Jpeg);
    let jpeg = samples::with_segment(&samples::with_segment(&jpeg, 0xE1, xmp.as_bytes()), 0xED, iptc);
    let expected = Captions {
        title: Some("A heron".to_owned()),
        description: Some("Heron".to_owned()),
        keywords: vec!["bird".to_owned()],
        rating: Some(4),
    };
    assert_eq!(process(&jpeg).expect("a photo").captions, expected);
}

#[test]
fn long_exif_data_in_heif_are_read() {
    if camera_files().is_none() {
        return known_captions_are_read();
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (file, comment) = (folder.path().join("photo.heic"), folder.path().join("comment"));
    std::fs::copy(data().join("quarters.heic"), &file).expect("a copy");
    std::fs::write(&comment, "x".repeat(300_000)).expect("a file");
    let comment = format!("-EXIF:UserComment<={}", comment.display());
    let written = ["-EXIF:Orientation#=6", "-EXIF:DateTimeOriginal=2020:05:05 05:05:05"];
    run_exiftool(&[&["-q", "-overwrite_original", &comment], &written[..]].concat(), &file);
    let facts = process_file(Limits::default(), &file).expect("a photo").facts;
    assert_eq!((facts.width, facts.height), (96, 128), "turned by its orientation");
    let taken = facts.metadata.taken.map(|taken| taken.to_string());
    assert_eq!(taken.as_deref(), Some("2020-05-05 05:05:05"));
}

#[test]
fn windows_tags_and_partial_dates_are_read() {
    if camera_files().is_none() {
        return known_captions_are_read();
    }
    let jpeg = encoded(quarters(64, 48), ImageFormat::Jpeg);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("photo.jpg");
    std::fs::write(&file, jpeg).expect("a file in it");
    let written = [
        "-q",
        "-overwrite_original",
        "-EXIF:ImageDescription=OLYMPUS DIGITAL CAMERA         ",
        "-EXIF:XPTitle=Zoë",
        "-EXIF:XPComment=By the lake",
        "-EXIF:XPKeywords=bird;lake",
        "-EXIF:Rating=3",
        "-XMP-photoshop:DateCreated=1985:07",
        "-EXIF:CreateDate=2020:01:02 03:04:05",
    ];
    run_exiftool(&written, &file);
    let processed = process_file(Limits::default(), &file).expect("a photo");
    let expected = Captions {
        title: Some("Zoë".to_owned()),
        description: Some("By the lake".to_owned()),
        keywords: vec!["bird".to_owned(), "lake".to_owned()],
        rating: Some(3),
    };
    assert_eq!(processed.captions, expected);
    let taken = processed.facts.metadata.taken.map(|taken| taken.to_string());
    assert_eq!(taken.as_deref(), Some("1985-07"), "a scan is as old as its picture");
}
