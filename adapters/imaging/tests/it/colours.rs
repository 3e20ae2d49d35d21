//! Renditions are in sRGB, whatever colour space the file is in.

use image::ImageFormat;
use moxcms::ColorProfile;

use crate::photos::{decoded, process};
use crate::samples::{deflated, encoded, quarters, with_chunk, with_segment};

/// A JPEG, PNG or WebP (of 64 × 48 pixels) with a colour profile.
fn with_profile(photo: &[u8], profile: &[u8]) -> Vec<u8> {
    match photo[0] {
        0xFF => with_segment(photo, 0xE2, &[b"ICC_PROFILE\0\x01\x01", profile].concat()),
        0x89 => with_chunk(photo, *b"iCCP", &[b"icc\0\0", deflated(profile).as_slice()].concat()),
        _ => {
            let chunk = |kind: &[u8], content: &[u8]| {
                let length = u32::try_from(content.len()).expect("a chunk's length").to_le_bytes();
                [kind, &length, content, &[0][..content.len() % 2]].concat()
            };
            let extended = chunk(b"VP8X", &[0x20, 0, 0, 0, 63, 0, 0, 47, 0, 0]);
            let content = [b"WEBP", extended.as_slice(), &chunk(b"ICCP", profile), &photo[12..]].concat();
            chunk(b"RIFF", &content)
        }
    }
}

/// The colour in the middle of a picture's first quarter.
fn red_of(photo: &[u8]) -> [u8; 3] {
    let large = decoded(&process(photo).expect("a photo").renditions[0]);
    let pixel = large.get_pixel(large.width() / 4, large.height() / 4).0;
    [pixel[0], pixel[1], pixel[2]]
}

/// (220, 30, 30) in Display P3 is out of sRGB's reach: as red as can be, calculated with littleCMS.
#[test]
fn a_wide_profile_is_honoured_in_every_format_that_carries_one() {
    let profile = ColorProfile::new_display_p3().encode().expect("a profile");
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let plain = encoded(quarters(64, 48), format);
        let [red, green, blue] = red_of(&plain);
        assert!(red.abs_diff(220) < 8 && green.abs_diff(30) < 8 && blue.abs_diff(30) < 8, "{format:?}");
        let [red, green, blue] = red_of(&with_profile(&plain, &profile));
        assert!(red > 236 && green < 16 && blue < 24, "{format:?}: {red} {green} {blue}");
    }
}

#[test]
fn a_profile_of_srgb_changes_nothing() {
    let profile = ColorProfile::new_srgb().encode().expect("a profile");
    let plain = encoded(quarters(64, 48), ImageFormat::Png);
    let (with, without) = (red_of(&with_profile(&plain, &profile)), red_of(&plain));
    assert!(with.iter().zip(without).all(|(left, right)| left.abs_diff(right) <= 1), "{with:?} {without:?}");
}

#[test]
fn a_damaged_profile_is_left_out() {
    let mut profile = ColorProfile::new_display_p3().encode().expect("a profile");
    let plain = encoded(quarters(64, 48), ImageFormat::Png);
    profile.truncate(200);
    assert_eq!(red_of(&with_profile(&plain, &profile)), red_of(&plain));
    assert_eq!(red_of(&with_profile(&plain, b"no profile")), red_of(&plain));
}

#[test]
fn grey_profiles_keep_pictures_grey() {
    let profile = ColorProfile::new_gray_with_gamma(1.0).encode().expect("a profile");
    let grey = image::GrayImage::from_pixel(40, 40, image::Luma([64]));
    let photo = with_profile(&encoded(grey, ImageFormat::Png), &profile);
    let large = crate::photos::picture(&process(&photo).expect("a photo").renditions[0].bytes);
    assert_eq!(large.color(), image::ColorType::L8);
    // A quarter of the light is the value 137 in sRGB.
    assert!(large.to_luma8().get_pixel(20, 20).0[0].abs_diff(137) < 4);
}
