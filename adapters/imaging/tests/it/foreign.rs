//! Files that other programs wrote, in `tests/data`: libheif and x265, libaom, libtiff,
//! libjpeg-turbo, libwebp, `ImageMagick`. Each shows the same four quarters, so that orientation,
//! colours and alpha are seen at once.

use gallery_core::model::ImageType;
use gallery_imaging::Limits;
use image::{Rgba, RgbaImage};

use crate::photos::{camera_files, data, decoded, files, process, process_file};

/// How far a colour may be off after two lossy formats.
const TOLERANCE: u8 = 16;

const RED: [u8; 4] = [220, 30, 30, 255];
const GREEN: [u8; 4] = [30, 200, 30, 255];
const BLUE: [u8; 4] = [30, 30, 210, 255];
const WHITE: [u8; 4] = [240, 240, 240, 255];

/// From top left to bottom right.
const UPRIGHT: [[u8; 4]; 4] = [RED, GREEN, BLUE, WHITE];

/// Decodes a file of `tests/data`; returns its type, its size, and its large rendition.
fn shown(name: &str) -> (ImageType, (u32, u32), RgbaImage) {
    let processed =
        process_file(Limits::default(), &data().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let facts = processed.facts;
    (facts.content_type, (facts.width, facts.height), decoded(&processed.renditions[0]))
}

fn assert_quarters(name: &str, picture: &RgbaImage, expected: [[u8; 4]; 4]) {
    let (width, height) = picture.dimensions();
    let places = [(1, 1), (3, 1), (1, 3), (3, 3)];
    for ((x, y), colour) in places.into_iter().zip(expected) {
        let Rgba(pixel) = *picture.get_pixel(width * x / 4, height * y / 4);
        // The colour of what cannot be seen does not matter.
        let compared = if colour[3] == 0 { 3 } else { 0 };
        let near = pixel[compared..].iter().zip(&colour[compared..]);
        assert!(
            near.into_iter().all(|(left, right)| left.abs_diff(*right) <= TOLERANCE),
            "{name}: {pixel:?}"
        );
    }
}

#[test]
fn every_kind_of_every_format_shows_its_colours() {
    let kinds = [
        (ImageType::Jpeg, &["quarters-cmyk.jpg", "quarters-rgb.jpg"][..]),
        (ImageType::WebP, &["quarters-lossy.webp", "animated.webp"]),
        (ImageType::Heic, &["quarters.heic", "quarters-10bit.heic", "quarters-444.heic"]),
        (ImageType::Avif, &["quarters.avif", "quarters-10bit-444.avif", "quarters-grid.avif"]),
        (ImageType::Tiff, &["quarters-16bit-tiled.tif", "quarters-cmyk.tif"]),
        (ImageType::Bmp, &["quarters-rle.bmp"]),
    ];
    for (expected, names) in kinds {
        for name in names {
            let (content_type, size, picture) = shown(name);
            assert_eq!((content_type, size), (expected, (128, 96)), "{name}");
            assert_quarters(name, &picture, UPRIGHT);
        }
    }
}

#[test]
fn alpha_is_kept() {
    let half = BLUE.map(|value| if value == 255 { 128 } else { value });
    for name in [
        "quarters-alpha.avif",
        "quarters-alpha.heic",
        "quarters-alpha-big-endian.tif",
        "quarters-lossy-alpha.webp",
    ] {
        let (_, _, picture) = shown(name);
        assert_quarters(name, &picture, [RED, GREEN, half, [0; 4]]);
    }
}

/// `irot` by 90° anticlockwise, then `imir` with the axis that exchanges top and bottom.
#[test]
fn heif_is_turned_as_its_properties_say() {
    let (_, size, picture) = shown("quarters-turned.avif");
    assert_eq!(size, (96, 128));
    assert_quarters("quarters-turned.avif", &picture, [RED, BLUE, GREEN, WHITE]);
}

#[test]
fn grey_and_bilevel_pictures_run_from_black_to_white() {
    for name in ["grey.avif", "bilevel-fax.tif"] {
        let (_, _, picture) = shown(name);
        let (dark, light) = (picture.get_pixel(4, 48).0, picture.get_pixel(123, 48).0);
        assert!(dark[0] < 20 && light[0] > 235 && dark[0] == dark[1], "{name}: {dark:?} to {light:?}");
    }
}

/// Arithmetic coding was under patents when cameras were made, and is in no photo.
#[test]
fn arithmetic_coding_is_refused_with_a_reason() {
    let file = data().join("quarters-arithmetic.jpg");
    let refusal = process_file(Limits::default(), &file).expect_err("a refusal");
    assert!(refusal.to_string().contains("JPEG with arithmetic coding is not supported"), "{refusal}");
    let mut lossless = std::fs::read(file).expect("a file of the tests");
    let frame = lossless.windows(2).position(|two| two == [0xFF, 0xC9]).expect("a frame");
    for (marker, reason) in [(0xC3, "lossless JPEG"), (0xC5, "hierarchical JPEG")] {
        lossless[frame + 1] = marker;
        let refusal = process(&lossless).expect_err("a refusal");
        assert!(refusal.to_string().contains(&format!("{reason} is not supported")), "{refusal}");
    }
}

/// libjpeg's programs and browsers take inks as Adobe's programs store them, whether or not the
/// file says so.
#[test]
fn inks_are_light_in_every_jpeg() {
    let [cyan, magenta] = [[255, 0, 0, 0], [0, 255, 0, 0]];
    let inks: Vec<u8> = (0..64 * 48).flat_map(|at| if at % 64 < 32 { cyan } else { magenta }).collect();
    let mut jpeg = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut jpeg, 95);
    encoder.encode(&inks, 64, 48, jpeg_encoder::ColorType::Cmyk).expect("an encoder");
    let adobe = jpeg.windows(7).position(|bytes| bytes == *b"\xFF\xEE\0\x0EAdo").expect("Adobe's segment");
    let without = [&jpeg[..adobe], &jpeg[adobe + 16..]].concat();
    // The decoder for odd files has the same rule.
    let cut = without[..without.len() - 2].to_vec();
    for file in [jpeg, without, cut] {
        let picture = decoded(&process(&file).expect("a photo").renditions[0]);
        let [left, right] = [8, 56].map(|x| picture.get_pixel(x, 24).0);
        assert!(left[0] < 90 && left[1] > 120 && left[2] > 150, "cyan is {left:?}");
        assert!(right[0] > 150 && right[1] < 90 && right[2] > 80, "magenta is {right:?}");
    }
}

/// Phones' files where they are at hand; what libheif makes of the pictures in `tests/data` is
/// tested above.
#[test]
fn pictures_of_phones_are_decoded() {
    let Some(folder) = camera_files() else { return drop(shown("quarters.heic")) };
    let found = [files(&folder.join("heic"), "heic"), files(&folder.join("heic"), "heif")].concat();
    assert!(!found.is_empty(), "no HEIF in {}", folder.display());
    for file in found {
        let processed =
            process_file(Limits::default(), &file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        assert_eq!(processed.facts.content_type, ImageType::Heic, "{file:?}");
        let large = decoded(&processed.renditions[0]);
        let (width, height) = (processed.facts.width, processed.facts.height);
        assert_eq!(width > height, large.width() > large.height(), "{file:?}");
    }
}
