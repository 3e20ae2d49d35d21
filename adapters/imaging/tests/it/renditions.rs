//! Renditions and placeholders: sizes, orientation, alpha, and that nothing of the file's metadata
//! is in them.

use std::io::Cursor;

use gallery_core::model::{ImageType, Rendition};
use gallery_core::ports::Processed;
use image::{ImageFormat, Rgba};

use crate::photos::{decoded, process};
use crate::samples::{
    camera_exif, chunk, encoded, holed, orientation_exif, quarters, waves, with_chunk, with_exif,
    with_segment,
};

fn sizes(processed: &Processed) -> Vec<(Rendition, u32, u32)> {
    processed
        .renditions
        .iter()
        .map(|rendition| (rendition.rendition, rendition.width, rendition.height))
        .collect()
}

#[test]
fn sizes_are_exact_and_the_largest_is_first() {
    let processed = process(&encoded(waves(3000, 2000), ImageFormat::Jpeg)).expect("a photo");
    let expected =
        [(Rendition::Large, 2048, 1365), (Rendition::Medium, 1024, 683), (Rendition::Small, 320, 213)];
    assert_eq!(sizes(&processed), expected);
    for rendition in &processed.renditions {
        assert_eq!(decoded(rendition).dimensions(), (rendition.width, rendition.height));
    }
}

#[test]
fn small_pictures_are_never_enlarged() {
    let processed = process(&encoded(waves(500, 1200), ImageFormat::Png)).expect("a photo");
    let expected =
        [(Rendition::Large, 500, 1200), (Rendition::Medium, 427, 1024), (Rendition::Small, 133, 320)];
    assert_eq!(sizes(&processed), expected);
    let processed = process(&encoded(waves(1, 1), ImageFormat::Png)).expect("a photo");
    assert!(sizes(&processed).iter().all(|(_, width, height)| (*width, *height) == (1, 1)));
}

#[test]
fn no_rendition_has_more_pixels_than_the_photo() {
    let sides = [1, 2, 319, 320, 321, 1023, 1024, 1025, 2047, 2048, 2049];
    for (width, height) in sides.into_iter().flat_map(|width| sides.map(|height| (width, height))) {
        // Wide or tall enough to be scaled, small enough to be quick.
        if width.min(height) > 330 {
            continue;
        }
        let processed = process(&encoded(quarters(width, height), ImageFormat::Png)).expect("a photo");
        for rendition in &processed.renditions {
            assert!(
                rendition.width <= width && rendition.height <= height,
                "{width} × {height}: {} × {}",
                rendition.width,
                rendition.height
            );
        }
    }
}

#[test]
fn narrow_pictures_keep_a_pixel() {
    let processed = process(&encoded(waves(20_000, 2), ImageFormat::Png)).expect("a photo");
    assert_eq!(sizes(&processed)[2], (Rendition::Small, 320, 1));
}

#[test]
fn every_orientation_is_displayed_alike() {
    let upright = image::DynamicImage::ImageRgb8(quarters(600, 400));
    let stored = [
        upright.clone(),
        upright.fliph(),
        upright.rotate180(),
        upright.flipv(),
        upright.rotate270().flipv(),
        upright.rotate270(),
        upright.rotate90().flipv(),
        upright.rotate90(),
    ];
    for (value, picture) in (1..).zip(stored) {
        let exif = orientation_exif(value);
        let jpeg = with_exif(&encoded(picture.clone(), ImageFormat::Jpeg), &exif);
        let png = with_chunk(&encoded(picture, ImageFormat::Png), *b"eXIf", &exif);
        for file in [jpeg, png] {
            let processed = process(&file).expect("a photo");
            assert_eq!((processed.facts.width, processed.facts.height), (600, 400), "orientation {value}");
            for rendition in &processed.renditions {
                let picture = decoded(rendition);
                let (width, height) = picture.dimensions();
                assert_eq!(width.max(height), rendition.width, "orientation {value}");
                let corners = [(5, 5), (width - 5, 5), (5, height - 5), (width - 5, height - 5)];
                let colours = corners.map(|(x, y)| brightest(*picture.get_pixel(x, y)));
                assert_eq!(colours, ["red", "green", "blue", "white"], "orientation {value}");
            }
        }
    }
}

fn brightest(Rgba([red, green, blue, _]): Rgba<u8>) -> &'static str {
    match (red > 128, green > 128, blue > 128) {
        (true, false, false) => "red",
        (false, true, false) => "green",
        (false, false, true) => "blue",
        (true, true, true) => "white",
        _ => "none of them",
    }
}

#[test]
fn colours_under_transparent_pixels_do_not_shine_through() {
    let mut picture = image::RgbaImage::from_pixel(800, 800, Rgba([0, 255, 0, 0]));
    for (x, _, pixel) in picture.enumerate_pixels_mut() {
        if x < 400 {
            *pixel = Rgba([255, 0, 0, 255]);
        }
    }
    let processed = process(&encoded(picture, ImageFormat::Png)).expect("a photo");
    let small = decoded(&processed.renditions[2]);
    assert_eq!((small.get_pixel(10, 100).0, small.get_pixel(300, 100).0[3]), ([255, 0, 0, 255], 0));
    for pixel in small.pixels().filter(|pixel| pixel.0[3] > 16) {
        assert!(pixel.0[0] > 240 && pixel.0[1] < 16, "{pixel:?}");
    }
}

#[test]
fn half_transparent_pixels_keep_colour_and_alpha() {
    let processed = process(&encoded(holed(640, 480), ImageFormat::Png)).expect("a photo");
    for rendition in &processed.renditions {
        let picture = decoded(rendition);
        let Rgba([red, green, blue, alpha]) =
            *picture.get_pixel(picture.width() / 4, picture.height() * 3 / 4);
        assert_eq!(alpha, 128);
        assert!(red.abs_diff(30) <= 2 && green.abs_diff(30) <= 2 && blue.abs_diff(210) <= 2);
    }
}

#[test]
fn the_placeholder_is_a_thumbhash_of_the_picture() {
    let processed =
        process(&with_exif(&encoded(quarters(600, 400).clone(), ImageFormat::Jpeg), &orientation_exif(6)));
    let facts = processed.expect("a photo").facts;
    assert!((5..=30).contains(&facts.placeholder.len()));
    let (width, height, rgba) = thumbhash::thumb_hash_to_rgba(&facts.placeholder).expect("a thumbhash");
    assert!(height > width, "it stands upright like the photo");
    let pixel = |x: usize, y: usize| &rgba[4 * (y * width + x)..][..4];
    // Turned clockwise by 90°, blue is at the upper left and red at the upper right.
    let (left, right) = (pixel(2, 2), pixel(width - 3, 2));
    assert!(left[2] > left[0] && right[0] > right[2], "{left:?} {right:?}");
    let holed = process(&encoded(holed(300, 200), ImageFormat::Png)).expect("a photo").facts.placeholder;
    let (width, height, rgba) = thumbhash::thumb_hash_to_rgba(&holed).expect("a thumbhash");
    let alpha = |x: usize, y: usize| rgba[4 * (y * width + x) + 3];
    assert!(alpha(2, 2) > 200 && alpha(width - 2, height - 2) < 60);
}

/// The kinds of a JPEG's segments.
fn segments(jpeg: &[u8]) -> Vec<u8> {
    let mut markers = Vec::new();
    let mut at = 2;
    while let [0xFF, marker, high, low, ..] = jpeg[at..] {
        markers.push(marker);
        if marker == 0xDA {
            break;
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
    markers
}

/// The types of a WebP's chunks.
fn chunks(webp: &[u8]) -> Vec<[u8; 4]> {
    let mut kinds = Vec::new();
    let mut at = 12;
    while let Some([kind @ .., l0, l1, l2, l3]) = webp.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        kinds.push(*kind);
        at += 8 + (u32::from_le_bytes([*l0, *l1, *l2, *l3]) as usize).next_multiple_of(2);
    }
    kinds
}

#[test]
fn renditions_carry_no_metadata() {
    let secret = b"43 28 2.81 N, taken by the owner";
    let mut jpeg = with_exif(&encoded(waves(900, 700), ImageFormat::Jpeg), &camera_exif());
    for (marker, name) in [
        (0xE1, "http://ns.adobe.com/xap/1.0/\0"),
        (0xE2, "ICC_PROFILE\0\x01\x01"),
        (0xED, "Photoshop 3.0\0"),
        (0xFE, ""),
    ] {
        jpeg = with_segment(&jpeg, marker, &[name.as_bytes(), secret].concat());
    }
    let mut png = encoded(holed(900, 700), ImageFormat::Png);
    png = with_chunk(&png, *b"eXIf", &camera_exif());
    png = with_chunk(&png, *b"tEXt", &[b"Comment\0".as_slice(), secret].concat());
    png.extend(chunk(*b"tEXt", secret));
    for file in [jpeg, png] {
        let processed = process(&file).expect("a photo");
        assert!(!processed.facts.metadata.exif.is_empty(), "there was something to leave out");
        for rendition in &processed.renditions {
            assert!(!rendition.bytes.windows(secret.len()).any(|window| window == secret));
            match rendition.content_type {
                ImageType::Jpeg => {
                    // JFIF's version and density, tables, frame and scan; no other APPn, no
                    // comment.
                    let allowed = |marker: &u8| matches!(marker, 0xE0 | 0xDB | 0xC0 | 0xC4 | 0xDA);
                    assert!(segments(&rendition.bytes).iter().all(allowed));
                    assert!(
                        exif::Reader::new().read_from_container(&mut Cursor::new(&rendition.bytes)).is_err()
                    );
                }
                _ => assert!(chunks(&rendition.bytes).iter().all(|kind| [*b"VP8X", *b"VP8L"].contains(kind))),
            }
        }
    }
}
