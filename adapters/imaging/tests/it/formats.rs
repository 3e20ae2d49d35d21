//! Every format: sniffed from the bytes, decoded whole, and decoded as far as a damaged file goes.

use std::io::Cursor;

use gallery_core::model::ImageType;
use gallery_core::ports::ImagingError;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use crate::photos::{decoded, picture, process};
use crate::samples::{Progressive, encoded, holed, one_of_each, quarters, waves};

/// How far a colour may be off after JPEG.
const TOLERANCE: u8 = 12;

/// A lossy WebP of one grey pixel, as libwebp writes it.
const LOSSY_WEBP: &[u8] = b"RIFF\x22\0\0\0WEBPVP8 \x16\0\0\0\x30\x01\0\x9d\x01\x2a\x01\0\x01\0\x0e\xc0\xfe\x25\xa4\0\x03\x70\0\0\0\0";

fn assert_like(actual: Rgba<u8>, expected: [u8; 4]) {
    let near = actual.0.iter().zip(expected).all(|(left, right)| left.abs_diff(right) <= TOLERANCE);
    assert!(near, "{actual:?} is not like {expected:?}");
}

/// The colours in the middle of the quarters.
fn assert_quarters(picture: &RgbaImage) {
    let (width, height) = picture.dimensions();
    assert_like(*picture.get_pixel(width / 4, height / 4), [220, 30, 30, 255]);
    assert_like(*picture.get_pixel(width * 3 / 4, height / 4), [30, 200, 30, 255]);
    assert_like(*picture.get_pixel(width / 4, height * 3 / 4), [30, 30, 210, 255]);
    assert_like(*picture.get_pixel(width * 3 / 4, height * 3 / 4), [240, 240, 240, 255]);
}

#[test]
fn every_format_is_known_by_its_bytes_and_decoded() {
    let formats = [
        (ImageFormat::Jpeg, ImageType::Jpeg),
        (ImageFormat::Png, ImageType::Png),
        (ImageFormat::Gif, ImageType::Gif),
        (ImageFormat::WebP, ImageType::WebP),
    ];
    for (format, expected) in formats {
        let processed = process(&encoded(quarters(120, 90), format)).expect("a photo");
        let facts = processed.facts;
        assert_eq!((facts.content_type, facts.width, facts.height), (expected, 120, 90));
        for rendition in &processed.renditions {
            assert_eq!(rendition.content_type, ImageType::Jpeg, "nothing in it is transparent");
            assert_quarters(&decoded(rendition));
        }
    }
}

#[test]
fn grey_pictures_stay_grey() {
    let grey = DynamicImage::ImageRgb8(waves(100, 80)).to_luma8();
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let processed = process(&encoded(grey.clone(), format)).expect("a photo");
        let large = picture(&processed.renditions[0].bytes);
        assert_eq!(large.color(), image::ColorType::L8);
    }
}

#[test]
fn progressive_jpegs_are_decoded() {
    let processed = process(&Progressive { width: 200, height: 100, scans: 10 }.encode()).expect("a photo");
    let large = decoded(&processed.renditions[0]);
    assert_like(*large.get_pixel(20, 50), [0, 0, 0, 255]);
    assert_like(*large.get_pixel(180, 50), [250, 250, 250, 255]);
}

#[test]
fn lossy_webp_is_decoded() {
    let processed = process(LOSSY_WEBP).expect("a photo");
    assert_eq!((processed.facts.content_type, processed.facts.width), (ImageType::WebP, 1));
    assert_like(*decoded(&processed.renditions[0]).get_pixel(0, 0), [130, 130, 130, 255]);
}

#[test]
fn png_of_every_kind_is_decoded() {
    let colour = DynamicImage::ImageRgb8(quarters(64, 48));
    for kind in [DynamicImage::ImageRgb16(colour.to_rgb16()), DynamicImage::ImageRgba16(colour.to_rgba16())] {
        let processed = process(&encoded(kind, ImageFormat::Png)).expect("a photo");
        assert_quarters(&decoded(&processed.renditions[0]));
    }
    let processed = process(&palette_png(png::BitDepth::Two, None)).expect("a photo");
    assert_quarters(&decoded(&processed.renditions[0]));
    let processed = process(&palette_png(png::BitDepth::Two, Some(&[0]))).expect("a photo");
    assert_eq!(processed.renditions[0].content_type, ImageType::WebP, "its first colour is transparent");
}

/// The quarters in four colours, of which the first ones may be transparent.
fn palette_png(depth: png::BitDepth, transparency: Option<&'static [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 64, 48);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(depth);
    encoder.set_palette(&[220, 30, 30, 30, 200, 30, 30, 30, 210, 240, 240, 240]);
    if let Some(alpha) = transparency {
        encoder.set_trns(alpha);
    }
    let upper = [[0b00_00_00_00; 8], [0b01_01_01_01; 8]].concat();
    let lower = [[0b10_10_10_10; 8], [0b11_11_11_11; 8]].concat();
    let rows = [upper.repeat(24), lower.repeat(24)].concat();
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&rows).expect("rows");
    writer.finish().expect("an end");
    bytes
}

#[test]
fn interlaced_png_is_decoded() {
    // ImageMagick's and GIMP's are the same seven passes; the encoder at hand writes none.
    let picture = quarters(33, 21);
    let mut header = [33_u32.to_be_bytes(), 21_u32.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 1]);
    let mut rows = Vec::new();
    for (x0, y0, dx, dy) in
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    {
        for y in (y0..21).step_by(dy) {
            rows.push(0);
            (x0..33).step_by(dx).for_each(|x| rows.extend(picture.get_pixel(x, y).0));
        }
    }
    let bytes = crate::samples::png_of(&header, &crate::samples::deflated(&rows));
    let processed = process(&bytes).expect("a photo");
    assert_eq!((processed.facts.width, processed.facts.height), (33, 21));
    assert_quarters(&decoded(&processed.renditions[0]));
}

#[test]
fn an_animation_is_shown_by_its_first_picture() {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = gif::Encoder::new(&mut bytes, 64, 48, &[]).expect("a header");
    for colour in [[220, 30, 30], [30, 30, 210]] {
        let mut frame = gif::Frame::from_palette_pixels(32, 48, vec![0; 32 * 48], colour, None);
        frame.left = 32;
        encoder.write_frame(&frame).expect("a picture");
    }
    drop(encoder);
    let processed = process(bytes.get_ref()).expect("a photo");
    assert_eq!(processed.renditions[0].content_type, ImageType::WebP, "half of the screen is not covered");
    let large = decoded(&processed.renditions[0]);
    assert_eq!(large.get_pixel(10, 20).0[3], 0);
    assert_like(*large.get_pixel(50, 20), [220, 30, 30, 255]);
}

#[test]
fn transparent_pictures_of_every_format_keep_their_alpha() {
    for format in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
        let processed = process(&encoded(holed(120, 90), format)).expect("a photo");
        for rendition in &processed.renditions {
            assert_eq!(rendition.content_type, ImageType::WebP);
            assert_eq!(decoded(rendition).get_pixel(110, 80).0[3], 0, "{format:?}");
        }
    }
}

#[test]
fn what_is_no_photo_is_unsupported() {
    let others: [&[u8]; 9] = [
        b"",
        b"\xFF\xD8",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><rect width=\"9\" height=\"9\"/></svg>",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"PK\x03\x04\x14\0\0\0\0\0",
        b"%PDF-1.7\n",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        b"II*\0\x10\0\0\0CR\x02\0",
    ];
    for bytes in others {
        assert!(matches!(process(bytes), Err(ImagingError::Unsupported)), "{bytes:?}");
    }
}

#[test]
fn cut_off_photos_show_what_can_be_read() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif] {
        let whole = encoded(waves(300, 300), format);
        let processed = process(&whole[..whole.len() * 2 / 3]).expect("the upper part");
        assert_eq!((processed.facts.width, processed.facts.height), (300, 300), "{format:?}");
        let complete = process(&whole).expect("a photo");
        let (cut, complete) = (decoded(&processed.renditions[0]), decoded(&complete.renditions[0]));
        for (x, y) in [(3, 3), (150, 40), (290, 90)] {
            assert_like(*cut.get_pixel(x, y), complete.get_pixel(x, y).0);
        }
    }
}

#[test]
fn a_header_without_a_picture_is_refused() {
    for (name, bytes) in one_of_each() {
        for end in [4, 12, 24, 33] {
            let refusal = process(&bytes[..end]).expect_err("a refusal");
            let clear = matches!(refusal, ImagingError::Undecodable(_) | ImagingError::Unsupported);
            assert!(clear, "{name} cut off at {end}: {refusal:?}");
        }
    }
    let jpeg = encoded(quarters(64, 48), ImageFormat::Jpeg);
    let scan = jpeg.windows(2).position(|marker| marker == [0xFF, 0xDA]).expect("a scan");
    for end in [scan, scan + 2, scan + 14] {
        assert!(matches!(process(&jpeg[..end]), Err(ImagingError::Undecodable(_))), "cut off at {end}");
    }
}
