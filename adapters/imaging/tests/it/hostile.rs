//! Files built to harm: too many pixels, too much memory, too much time, metadata without end, cut
//! off anywhere.

use std::path::Path;
use std::time::Duration;

use exif::{Tag, Value};
use gallery_core::ports::ImagingError;
use gallery_imaging::Limits;
use image::ImageFormat;

use crate::photos::{data, process, process_within};
use crate::samples::{
    Progressive, camera_exif, deflated_zeros, encoded, exif_of, field, jpeg_with_exif, one_of_each, png_bomb,
    png_of, profile_bomb, quarters, text, with_chunk,
};
use crate::timing::{LONGEST, timed};

/// What is known from the header takes milliseconds; the rest is for busy machines.
const AT_ONCE: Duration = Duration::from_secs(2);
/// MiB that nobody inflates within seconds.
const ENDLESS: usize = 20_000;

/// A file of `tests/data`.
fn read(name: &str) -> Vec<u8> {
    std::fs::read(data().join(name)).expect("a file of the tests")
}

fn refused_for_its_pixels(bytes: &[u8]) {
    let refusal = timed(AT_ONCE, || process(bytes)).expect_err("a refusal");
    assert!(matches!(refusal, ImagingError::TooManyPixels { max_megapixels: 250, .. }), "{refusal:?}");
}

#[test]
fn pixel_bombs_are_refused_from_their_header() {
    refused_for_its_pixels(&png_bomb(50_000, 50_000));
    refused_for_its_pixels(&png_bomb(i32::MAX.cast_unsigned(), i32::MAX.cast_unsigned()));
    refused_for_its_pixels(&Progressive::bomb(65_500, 65_500, 631));
    let mut gif = encoded(quarters(8, 8), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xFF; 4]);
    refused_for_its_pixels(&gif);
    let mut webp = encoded(quarters(8, 8), ImageFormat::WebP);
    webp[21..25].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0x0F]);
    refused_for_its_pixels(&webp);
    for name in ["quarters.avif", "quarters.heic"] {
        let mut heif = read(name);
        let sides = heif.windows(4).position(|window| window == b"ispe").expect("a size") + 8;
        heif[sides..sides + 8]
            .copy_from_slice(&[50_000_u32.to_be_bytes(), 50_000_u32.to_be_bytes()].concat());
        refused_for_its_pixels(&heif);
    }
    let mut tiff = encoded(quarters(8, 8), ImageFormat::Tiff);
    for tag in [0x0100_u16, 0x0101] {
        let entry = tiff.windows(4).position(|window| window == [tag.to_le_bytes(), [4, 0]].concat());
        let value = entry.expect("an entry for a side") + 8;
        tiff[value..value + 4].copy_from_slice(&50_000_u32.to_le_bytes());
    }
    refused_for_its_pixels(&tiff);
    let mut bmp = read("quarters-rle.bmp");
    bmp[18..26].copy_from_slice(&[50_000_u32.to_le_bytes(), 50_000_u32.to_le_bytes()].concat());
    refused_for_its_pixels(&bmp);
}

#[test]
fn sides_without_end_are_refused() {
    for (width, height) in [(65_536, 1), (1, 65_536)] {
        let refusal = timed(AT_ONCE, || process(&png_bomb(width, height))).expect_err("a refusal");
        assert!(
            matches!(&refusal, ImagingError::Undecodable(why) if why.key() == "photo-side-too-long"),
            "{refusal:?}"
        );
    }
}

/// Every file of `tests/data`, cut off at and damaged in every 19th byte: shown or refused, in
/// time, without a panic.
#[test]
fn damage_anywhere_is_shown_or_refused() {
    let files = |folder: &Path, step: usize| {
        let entries = std::fs::read_dir(folder).expect("the folder");
        let paths = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file());
        paths.map(move |path| (path, step)).collect::<Vec<_>>()
    };
    for (path, step) in [files(&data(), 19), files(&data().join("tiff"), 47)].concat() {
        let whole = std::fs::read(&path).expect("a file");
        for at in (0..whole.len()).step_by(step) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            for bytes in [&whole[..at], &damaged] {
                let outcome = timed(LONGEST, || process(bytes));
                let clear = match &outcome {
                    Err(ImagingError::Undecodable(why)) => why.key() != "photo-decoder-failed",
                    Err(ImagingError::Unsupported | ImagingError::TooManyPixels { .. }) | Ok(_) => true,
                    Err(_) => false,
                };
                assert!(clear, "{} at {at}: {outcome:?}", path.display());
            }
        }
    }
}

/// Boxes that say to be longer than any file, or to begin where no file has anything: once a fault
/// of ours.
#[test]
fn places_beyond_every_file_are_refused() {
    for name in ["quarters.avif", "quarters.heic", "quarters-grid.avif"] {
        let whole = read(name);
        let brands = usize::from(whole[3]);
        for length in [u64::MAX, 1 << 63, i64::MAX.cast_unsigned(), 1 << 40] {
            let long = [&1_u32.to_be_bytes()[..], b"free", &length.to_be_bytes()].concat();
            let bytes = [&whole[..brands], &long, &whole[brands..]].concat();
            let refusal = timed(AT_ONCE, || process(&bytes)).expect_err("a refusal");
            assert!(matches!(refusal, ImagingError::Undecodable(_)), "{name}, {length}: {refusal:?}");
        }
    }
}

/// A code that the decoder has no answer to: found by fuzzing.
#[test]
fn reserved_codes_are_shown_as_if_unspecified() {
    process(&read("reserved-matrix.avif")).expect("a photo");
}

#[test]
fn the_pixel_limit_is_exact() {
    let limits = || Limits { max_megapixels: 1, ..Limits::default() };
    process_within(limits(), &encoded(quarters(1000, 1000), ImageFormat::Png)).expect("exactly the limit");
    let refusal =
        process_within(limits(), &encoded(quarters(1001, 1000), ImageFormat::Png)).expect_err("more");
    let ImagingError::TooManyPixels { width, height, max_megapixels } = refusal else {
        panic!("{refusal:?}")
    };
    assert_eq!((width, height, max_megapixels), (1001, 1000, 1));
}

#[test]
fn impossible_sizes_are_refused() {
    for (width, height) in [(0, 10), (10, 0), (u32::MAX, 1)] {
        assert!(matches!(process(&png_bomb(width, height)), Err(ImagingError::Undecodable(_))));
    }
}

#[test]
fn many_scans_are_refused() {
    let bytes = Progressive { width: 2000, height: 2000, scans: 80 }.encode();
    let refusal = timed(AT_ONCE, || process(&bytes)).expect_err("a refusal");
    assert!(matches!(refusal, ImagingError::Undecodable(_)), "{refusal:?}");
}

#[test]
fn as_many_scans_as_are_allowed_take_no_time_to_speak_of() {
    let bytes = Progressive { width: 5000, height: 4000, scans: 30 }.encode();
    timed(LONGEST, || process(&bytes)).expect("a photo");
}

#[test]
fn a_photo_that_needs_the_whole_budget_and_more_is_refused() {
    let bytes = Progressive { width: 5000, height: 4000, scans: 10 }.encode();
    let limits = Limits { memory_bytes: 150 << 20, ..Limits::default() };
    let refusal = timed(AT_ONCE, || process_within(limits, &bytes)).expect_err("a refusal");
    assert!(matches!(refusal, ImagingError::Undecodable(_)), "{refusal:?}");
}

#[test]
fn colour_profiles_are_not_inflated() {
    let bytes = profile_bomb();
    assert!(bytes.len() < 400_000, "{} bytes are no bomb", bytes.len());
    timed(AT_ONCE, || process(&bytes)).expect("a photo");
}

#[test]
fn texts_are_not_inflated() {
    let endless = deflated_zeros(ENDLESS);
    let plain = encoded(quarters(64, 48), ImageFormat::Png);
    let compressed = with_chunk(&plain, *b"zTXt", &[b"Comment\0\0".as_slice(), &endless].concat());
    let international = with_chunk(&plain, *b"iTXt", &[b"Comment\0\x01\0\0\0".as_slice(), &endless].concat());
    for bytes in [compressed, international] {
        timed(AT_ONCE, || process(&bytes)).expect("a photo");
    }
}

#[test]
fn rows_beyond_the_picture_are_not_inflated() {
    let header = [16_u32.to_be_bytes(), 16_u32.to_be_bytes()].concat();
    for interlaced in [0, 1] {
        let header = [header.as_slice(), &[8, 2, 0, 0, interlaced]].concat();
        let bytes = png_of(&header, &deflated_zeros(ENDLESS));
        timed(AT_ONCE, || process(&bytes)).expect("a photo");
    }
}

#[test]
fn metadata_are_bounded() {
    let comment = [b"ASCII\0\0\0".as_slice(), "ü".repeat(20_000).as_bytes()].concat();
    let fields = [
        field(Tag::ImageDescription, text(&"x".repeat(10_000))),
        field(Tag::UserComment, Value::Undefined(comment, 0)),
        field(Tag::SubjectArea, Value::Short(vec![12_345; 5_000])),
    ];
    let found = process(&jpeg_with_exif(&exif_of(&fields))).expect("a photo").facts.metadata.exif;
    assert_eq!(found.len(), 3);
    for (name, value) in found {
        assert_eq!(value.chars().count(), 500, "{name}");
    }
}

/// A directory of as many entries as fit, all with the same huge value.
#[test]
fn entries_that_share_a_value_do_not_multiply() {
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let entries: u16 = 5_000;
    tiff.extend(entries.to_le_bytes());
    for _ in 0..entries {
        tiff.extend(0x010E_u16.to_le_bytes());
        tiff.extend(2_u16.to_le_bytes());
        tiff.extend(5_000_u32.to_le_bytes());
        tiff.extend(60_100_u32.to_le_bytes());
    }
    tiff.resize(65_200, b'x');
    let found = timed(AT_ONCE, || process(&jpeg_with_exif(&tiff))).expect("a photo").facts.metadata.exif;
    assert_eq!(found, [("ImageDescription".to_owned(), "x".repeat(500))]);
}

#[test]
fn huge_exif_chunks_are_passed_over_or_refused() {
    let with_bytes = |bytes: usize| {
        let exif = [camera_exif(), vec![0; bytes]].concat();
        let png = with_chunk(&encoded(quarters(64, 48), ImageFormat::Png), *b"eXIf", &exif);
        timed(AT_ONCE, || process(&png))
    };
    assert!(with_bytes(1 << 20).expect("a photo").facts.metadata.exif.is_empty());
    assert!(matches!(with_bytes(40 << 20), Err(ImagingError::Undecodable(_))));
}

#[test]
fn damaged_exif_data_never_harm() {
    let whole = camera_exif();
    for at in 0..whole.len() {
        for change in [0x00, 0xFF, whole[at] ^ 0x80] {
            let mut damaged = whole.clone();
            damaged[at] = change;
            let jpeg = jpeg_with_exif(&damaged);
            // Decoding is not at stake here: one small picture is enough for all.
            if at % 16 == 0 || change == 0xFF {
                timed(LONGEST, || process(&jpeg)).expect("the picture is whole");
            }
        }
    }
}

#[test]
fn photos_cut_off_anywhere_are_shown_or_refused() {
    for (name, whole) in one_of_each() {
        for end in (0..whole.len()).step_by(64) {
            match timed(LONGEST, || process(&whole[..end])) {
                Ok(_) | Err(ImagingError::Undecodable(_) | ImagingError::Unsupported) => {}
                Err(error) => panic!("{name} cut off at {end}: {error:?}"),
            }
        }
    }
}

#[test]
fn photos_with_damaged_bytes_are_shown_or_refused() {
    for (name, whole) in one_of_each() {
        let step = (whole.len() / 60).max(1);
        for at in (0..whole.len()).step_by(step) {
            let mut damaged = whole.clone();
            damaged[at] ^= 0xFF;
            match timed(LONGEST, || process(&damaged)) {
                Ok(_)
                | Err(
                    ImagingError::Undecodable(_)
                    | ImagingError::Unsupported
                    | ImagingError::TooManyPixels { .. },
                ) => {}
                Err(error) => panic!("{name} damaged at {at}: {error:?}"),
            }
        }
    }
}

#[test]
fn a_file_that_is_not_there_is_no_photos_fault() {
    let outcome = crate::photos::process_file(Limits::default(), Path::new("/nowhere/at/all"));
    assert!(matches!(outcome, Err(ImagingError::Failed(_))), "{outcome:?}");
}
