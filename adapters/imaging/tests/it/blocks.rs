//! Blocks of metadata wherever a format can hold them: in PNG as chunks and as text, long ones, and
//! XMP's orientation.

use gallery_core::model::Metadata;
use image::ImageFormat;

use crate::photos::process;
use crate::samples::{
    camera_exif, chunk, deflated, encoded, exif_of, field, jpeg_with_exif, orientation_exif, quarters, text,
    with_chunk, with_exif, with_segment,
};
use crate::timing::{LONGEST, timed};

/// A raw profile as `ImageMagick` writes it: its name, its length, and its bytes in hexadecimal.
fn raw_profile(name: &str, bytes: &[u8]) -> Vec<u8> {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<String> = digits.chunks(36).map(<[String]>::concat).collect();
    format!("\n{name}\n{:8}\n{}\n", bytes.len(), lines.join("\n")).into_bytes()
}

fn png() -> Vec<u8> {
    encoded(quarters(64, 48), ImageFormat::Png)
}

fn with_text(name: &str, text: &[u8]) -> Vec<u8> {
    let chunk = [b"Raw profile type ", name.as_bytes(), &[0], text].concat();
    with_chunk(&png(), *b"tEXt", &chunk)
}

fn with_compressed_text(name: &str, text: &[u8]) -> Vec<u8> {
    let chunk = [b"Raw profile type ", name.as_bytes(), &[0, 0], &deflated(text)].concat();
    with_chunk(&png(), *b"zTXt", &chunk)
}

/// Keyword, compression flag and method, no language, no translated keyword, text.
fn with_international_text(name: &str, compressed: bool, text: &[u8]) -> Vec<u8> {
    let text = if compressed { deflated(text) } else { text.to_vec() };
    let flags = [0, u8::from(compressed), 0, 0, 0];
    let chunk = [b"Raw profile type ", name.as_bytes(), &flags, &text].concat();
    with_chunk(&png(), *b"iTXt", &chunk)
}

fn xmp(properties: &str) -> String {
    format!(
        "<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><r:Description \
         xmlns:t='http://ns.adobe.com/tiff/1.0/' xmlns:d='http://purl.org/dc/elements/1.1/' {properties}/></r:RDF>"
    )
}

#[test]
fn raw_profiles_in_a_png_are_read() {
    let expected = process(&jpeg_with_exif(&camera_exif())).expect("a photo").facts;
    let with_identifier = [b"Exif\0\0".as_slice(), &camera_exif()].concat();
    let profiles = ["exif", "APP1"].map(|name| raw_profile(name, &with_identifier));
    let files = [
        with_text("exif", &profiles[0]),
        with_text("APP1", &profiles[1]),
        with_compressed_text("exif", &profiles[0]),
        with_compressed_text("APP1", &profiles[1]),
        with_text("exif", &raw_profile("exif", &camera_exif())),
        with_international_text("exif", false, &profiles[0]),
        with_international_text("APP1", true, &profiles[1]),
    ];
    for file in files {
        let facts = process(&file).expect("a photo").facts;
        assert_eq!(facts.metadata, expected.metadata);
        assert_eq!((facts.width, facts.height), (48, 64), "turned by its orientation");
    }
}

#[test]
fn xmp_and_iptc_in_raw_profiles_are_read() {
    let xmp = xmp("d:title='Heron'");
    let iptc = b"\x1C\x02\x05\0\x05Heron";
    let resources = [b"8BIM\x04\x04\0\0\0\0\0\x0A".as_slice(), iptc].concat();
    let segment = [b"http://ns.adobe.com/xap/1.0/\0", xmp.as_bytes()].concat();
    for (name, profile) in [
        ("xmp", xmp.as_bytes()),
        ("APP1", &segment),
        ("iptc", iptc),
        ("iptc", &resources),
        ("8bim", &resources),
    ] {
        let file = with_text(name, &raw_profile(name, profile));
        assert_eq!(process(&file).expect("a photo").captions.title.as_deref(), Some("Heron"), "{name}");
    }
}

#[test]
fn the_chunk_for_exif_data_is_before_a_raw_profile() {
    let profile =
        [b"Raw profile type exif\0".as_slice(), &raw_profile("exif", &orientation_exif(6))].concat();
    let both = with_chunk(&with_chunk(&png(), *b"eXIf", &orientation_exif(3)), *b"tEXt", &profile);
    let facts = process(&both).expect("a photo").facts;
    assert_eq!((facts.width, facts.height), (64, 48));
}

#[test]
fn damaged_raw_profiles_are_left_out() {
    let good = raw_profile("exif", &camera_exif());
    let cut = good[..good.len() / 2].to_vec();
    let text = String::from_utf8(good).expect("text");
    let longer = text.replacen(&camera_exif().len().to_string(), "999999", 1).into_bytes();
    for damaged in
        [cut, longer, b"".to_vec(), b"\nexif\n".to_vec(), b"\nexif\n-1\n00".to_vec(), vec![0xFF; 99]]
    {
        let facts = process(&with_text("exif", &damaged)).expect("a photo").facts;
        assert_eq!(facts.metadata, Metadata::default());
    }
}

/// A small file that would become many long texts.
#[test]
fn few_compressed_texts_are_opened() {
    let bomb = [b"Raw profile type exif\0\0".as_slice(), &deflated(&vec![b' '; 2_000_000])].concat();
    let chunks = chunk(*b"zTXt", &bomb).repeat(2_000);
    let png = png();
    let file = [&png[..33], &chunks, &png[33..]].concat();
    timed(LONGEST, || process(&file)).expect("a photo");
}

/// EXIF data with a text of so many bytes, after all that matters.
fn long_exif(bytes: usize) -> Vec<u8> {
    let long = "x".repeat(bytes);
    exif_of(&[
        field(exif::Tag::Orientation, exif::Value::Short(vec![6])),
        field(exif::Tag::DateTimeOriginal, text("2020:05:05 05:05:05")),
        field(exif::Tag::MakerNote, exif::Value::Undefined(long.into_bytes(), 0)),
    ])
}

#[test]
fn exif_data_of_up_to_a_mebibyte_are_read() {
    let exif = long_exif((1 << 20) - 1_000);
    let with_identifier = [b"Exif\0\0".as_slice(), &exif].concat();
    let mut webp = Vec::new();
    let mut encoder = image_webp::WebPEncoder::new(&mut webp);
    encoder.set_exif_metadata(exif.clone());
    encoder.encode(&quarters(64, 48), 64, 48, image_webp::ColorType::Rgb8).expect("a WebP");
    let files = [
        with_chunk(&png(), *b"eXIf", &exif),
        with_text("exif", &raw_profile("exif", &with_identifier)),
        with_compressed_text("exif", &raw_profile("exif", &with_identifier)),
        webp,
    ];
    for (place, file) in files.iter().enumerate() {
        let facts = process(file).expect("a photo").facts;
        assert_eq!((facts.width, facts.height), (48, 64), "{place}");
        let taken = facts.metadata.taken.map(|taken| taken.to_string());
        assert_eq!(taken.as_deref(), Some("2020-05-05 05:05:05"));
    }
    let longer = with_chunk(&png(), *b"eXIf", &long_exif(1 << 20));
    assert_eq!(process(&longer).expect("a photo").facts.metadata, Metadata::default());
}

#[test]
fn xmp_says_how_a_photo_lies_where_exif_does_not() {
    let xmp = |orientation: u8| xmp(&format!("t:Orientation='{orientation}'"));
    let jpeg = encoded(quarters(64, 48), ImageFormat::Jpeg);
    let segment = |orientation| [b"http://ns.adobe.com/xap/1.0/\0", xmp(orientation).as_bytes()].concat();
    let with_xmp = |file: &[u8], orientation| with_segment(file, 0xE1, &segment(orientation));
    let text = [b"XML:com.adobe.xmp\0\0\0\0\0", xmp(6).as_bytes()].concat();
    let mut webp = Vec::new();
    let mut encoder = image_webp::WebPEncoder::new(&mut webp);
    encoder.set_xmp_metadata(xmp(6).into_bytes());
    encoder.encode(&quarters(64, 48), 64, 48, image_webp::ColorType::Rgb8).expect("a WebP");
    let size = |file: &[u8]| {
        let facts = process(file).expect("a photo").facts;
        (facts.width, facts.height)
    };
    for file in [with_xmp(&jpeg, 6), with_chunk(&png(), *b"iTXt", &text), webp] {
        assert_eq!(size(&file), (48, 64));
    }
    assert_eq!(size(&with_xmp(&jpeg, 9)), (64, 48), "there is no such orientation");
    let by_exif = |exif| with_exif(&with_xmp(&jpeg, 6), &orientation_exif(exif));
    assert_eq!(size(&by_exif(3)), (64, 48), "EXIF is before XMP");
    assert_eq!(size(&by_exif(0)), (48, 64), "zero says nothing");
}
