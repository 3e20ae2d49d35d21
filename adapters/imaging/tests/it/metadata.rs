//! What the gallery reads from EXIF data: time, camera, lens, place; and that text from a file is
//! harmless.

use exif::{Field, Tag, Value};
use gallery_core::model::Metadata;
use image::ImageFormat;

use crate::photos::process;
use crate::samples::{
    camera_exif, camera_fields, encoded, exif_of, field, jpeg_with_exif, place_fields, quarters, rational,
    text, with_chunk,
};

fn metadata(fields: &[Field]) -> Metadata {
    process(&jpeg_with_exif(&exif_of(fields))).expect("a photo").facts.metadata
}

fn taken(fields: &[(Tag, &str)]) -> Option<String> {
    let fields: Vec<_> = fields.iter().map(|(tag, value)| field(*tag, text(value))).collect();
    metadata(&fields).taken.map(|taken| taken.to_string())
}

#[test]
fn time_has_offset_and_fraction() {
    let found = metadata(&camera_fields()).taken.map(|taken| taken.to_string());
    assert_eq!(found.as_deref(), Some("2008-10-22 16:28:39.042 +02:00"));
}

#[test]
fn time_without_offset_is_local_alone() {
    let found = taken(&[(Tag::DateTimeOriginal, "2008:10:22 16:28:39")]);
    assert_eq!(found.as_deref(), Some("2008-10-22 16:28:39"));
    let found = taken(&[(Tag::DateTimeOriginal, "2008:10:22 16:28:39"), (Tag::OffsetTimeOriginal, "  :  ")]);
    assert_eq!(found.as_deref(), Some("2008-10-22 16:28:39"));
}

#[test]
fn time_is_the_shot_then_the_digitisation_then_the_satellites() {
    let digitised = [
        (Tag::DateTimeOriginal, "0000:00:00 00:00:00"),
        (Tag::DateTimeDigitized, "2001:02:03 04:05:06"),
        (Tag::OffsetTimeDigitized, "-01:30"),
    ];
    assert_eq!(taken(&digitised).as_deref(), Some("2001-02-03 04:05:06 -01:30"));
    let found = metadata(&place_fields()).taken.map(|taken| taken.to_string());
    assert_eq!(found.as_deref(), Some("2008-10-22 14:28:17.240 +00:00"));
}

#[test]
fn nonsense_times_are_left_out() {
    for nonsense in ["", "    :  :     :  :  ", "2024:02:30 10:00:00", "yesterday", "0000:00:00 00:00:00"] {
        assert_eq!(taken(&[(Tag::DateTimeOriginal, nonsense)]), None, "{nonsense}");
    }
}

#[test]
fn odd_times_do_not_cost_the_day() {
    for (written, at) in [
        ("2024:01:02 25:00:00", "2024-01-02"),
        ("2024", "2024"),
        ("2024-01-02T03:04:05+02:00", "2024-01-02 03:04:05 +02:00"),
        ("2024/01/02 03:04", "2024-01-02 03:04"),
        ("2024:01:02 23:59:60", "2024-01-02 23:59:59"),
    ] {
        assert_eq!(taken(&[(Tag::DateTimeOriginal, written)]).as_deref(), Some(at), "{written}");
    }
    let inside_and_beside = [
        (Tag::DateTimeOriginal, "2024:01:02 03:04:05-01:00"),
        (Tag::OffsetTimeOriginal, "+02:00"),
        (Tag::SubSecTimeOriginal, "5"),
    ];
    assert_eq!(taken(&inside_and_beside).as_deref(), Some("2024-01-02 03:04:05.500 -01:00"));
    let day_alone = [(Tag::DateTimeOriginal, "2024:01:02"), (Tag::OffsetTimeOriginal, "+02:00")];
    assert_eq!(taken(&day_alone).as_deref(), Some("2024-01-02"));
}

/// As scanners and TIFF/EP have it.
#[test]
fn the_time_may_be_in_the_first_directory() {
    let mut exif = exif_of(&[field(Tag::DateTime, text("2003:04:05 06:07:08"))]);
    let tag = exif.windows(2).position(|tag| tag == 0x0132_u16.to_le_bytes()).expect("the tag");
    exif[tag..tag + 2].copy_from_slice(&0x9003_u16.to_le_bytes());
    let found = process(&jpeg_with_exif(&exif)).expect("a photo").facts.metadata;
    assert_eq!(found.taken.map(|taken| taken.to_string()).as_deref(), Some("2003-04-05 06:07:08"));
}

#[test]
fn satellites_may_give_the_day_alone() {
    let mut fields = place_fields();
    fields.retain(|field| field.tag != Tag::GPSTimeStamp);
    let found = metadata(&fields).taken.map(|taken| taken.to_string());
    assert_eq!(found.as_deref(), Some("2008-10-22"));
}

#[test]
fn camera_is_maker_and_model_without_repetition() {
    let cameras = [
        ("Canon", "Canon EOS 40D", "Canon EOS 40D"),
        ("NIKON CORPORATION", "NIKON D70", "NIKON D70"),
        ("EASTMAN KODAK COMPANY", "KODAK DC240", "KODAK DC240"),
        ("OLYMPUS OPTICAL CO.,LTD", "C960Z,D460Z", "OLYMPUS OPTICAL CO.,LTD C960Z,D460Z"),
        ("Apple", "iPhone 13", "Apple iPhone 13"),
        ("Apple   ", "", "Apple"),
        ("", "FinePix40i", "FinePix40i"),
    ];
    for (make, model, camera) in cameras {
        let found = metadata(&[field(Tag::Make, text(make)), field(Tag::Model, text(model))]).camera;
        assert_eq!(found.as_deref(), Some(camera));
    }
    assert_eq!(metadata(&place_fields()).camera, None);
}

#[test]
fn lens_is_its_model() {
    assert_eq!(metadata(&camera_fields()).lens.as_deref(), Some("EF24-70mm f/2.8L USM"));
    assert_eq!(metadata(&[field(Tag::LensModel, text("----"))]).lens, None);
}

#[test]
fn place_has_the_signs_of_its_references() {
    let gps = metadata(&place_fields()).gps.expect("a place");
    assert!((gps.latitude - 43.467_447).abs() < 1e-6, "{gps:?}");
    assert!((gps.longitude + 11.885_127).abs() < 1e-6, "{gps:?}");
    assert_eq!(gps.altitude, Some(-3.5));
}

/// The place with one field replaced.
fn place_with(replacement: Field) -> Metadata {
    let mut fields = place_fields();
    fields.retain(|field| field.tag != replacement.tag);
    fields.push(replacement);
    metadata(&fields)
}

#[test]
fn places_that_are_none_are_left_out() {
    let nonsense = [
        field(Tag::GPSLatitude, rational(&[(91, 1), (0, 1), (0, 1)])),
        field(Tag::GPSLatitude, rational(&[(0, 0), (0, 0), (0, 0)])),
        field(Tag::GPSLongitude, rational(&[(180, 1), (0, 1), (1, 1)])),
        field(Tag::GPSLatitudeRef, text("")),
        field(Tag::GPSLongitudeRef, text("X")),
        field(Tag::GPSStatus, text("V")),
        field(Tag::GPSStatus, text("v")),
    ];
    for replacement in nonsense {
        let shown = format!("{replacement:?}");
        assert_eq!(place_with(replacement).gps, None, "{shown}");
    }
    let gps = place_with(field(Tag::GPSAltitude, rational(&[(1, 0)]))).gps.expect("a place");
    assert_eq!(gps.altitude, None);
    assert!(place_with(field(Tag::GPSStatus, text("A"))).gps.is_some());
    let without_seconds = rational(&[(43, 1), (28, 1), (0, 0)]);
    let gps = place_with(field(Tag::GPSLatitude, without_seconds)).gps.expect("a place");
    assert!((gps.latitude - (43.0 + 28.0 / 60.0)).abs() < 1e-9, "{gps:?}");
}

#[test]
fn zeros_are_no_place_but_the_equator_is() {
    let zero = || rational(&[(0, 1), (0, 1), (0, 1)]);
    let at = |latitude, longitude| {
        let mut fields = place_fields();
        fields.retain(|field| !matches!(field.tag, Tag::GPSLatitude | Tag::GPSLongitude));
        fields.extend([field(Tag::GPSLatitude, latitude), field(Tag::GPSLongitude, longitude)]);
        metadata(&fields).gps
    };
    assert_eq!(at(zero(), zero()), None);
    let degree = || rational(&[(1, 1), (0, 1), (0, 1)]);
    assert!(at(zero(), degree()).is_some() && at(degree(), zero()).is_some());
}

#[test]
fn text_is_clean() {
    let hostile = "A\u{0}B".to_owned();
    let found = metadata(&[
        field(Tag::ImageDescription, text("<b>\r\nline\u{1b}[31m \u{202E}gpj.exe")),
        field(Tag::Artist, text(&hostile)),
        field(Tag::Software, Value::Ascii(vec![b"\xFF\xFEver \xC3\xA9".to_vec()])),
        field(Tag::Model, Value::Ascii(vec![b"X100\0\0\0\0  ".to_vec()])),
    ]);
    let value = |name: &str| found.exif.iter().find(|(tag, _)| tag == name).map(|(_, value)| value.as_str());
    assert_eq!(value("ImageDescription"), Some("<b> line[31m gpj.exe"));
    assert_eq!(value("Artist"), Some("A"));
    assert_eq!(value("Software"), Some("\u{FFFD}\u{FFFD}ver é"));
    assert_eq!(found.camera.as_deref(), Some("X100"));
}

#[test]
fn png_and_webp_have_exif_data_too() {
    let expected = process(&jpeg_with_exif(&camera_exif())).expect("a photo").facts;
    let png = with_chunk(&encoded(quarters(64, 48), ImageFormat::Png), *b"eXIf", &camera_exif());
    let mut webp = Vec::new();
    let mut encoder = image_webp::WebPEncoder::new(&mut webp);
    encoder.set_exif_metadata(camera_exif());
    encoder.encode(&quarters(64, 48), 64, 48, image_webp::ColorType::Rgb8).expect("a WebP");
    for file in [png, webp] {
        let facts = process(&file).expect("a photo").facts;
        assert_eq!(facts.metadata, expected.metadata);
        assert_eq!((facts.width, facts.height), (48, 64), "turned by its orientation");
    }
}

#[test]
fn a_photo_without_exif_data_has_none() {
    let found = process(&encoded(quarters(64, 48), ImageFormat::Jpeg)).expect("a photo").facts.metadata;
    assert_eq!(found, Metadata::default());
}
