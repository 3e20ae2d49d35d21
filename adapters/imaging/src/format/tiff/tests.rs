//! Every way in which scanners and programs store a picture, pixel by pixel. The files in
//! `tests/data/tiff` are libtiff's (`tiffcp` 4.5) of pictures that these formulas give; what is
//! lossy is compared with what libtiff itself shows, in a PNG beside it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::colour::{self, Space};
use crate::format::source::Source;
use crate::picture::{Layout, Picture};
use crate::refusal::Refusal;
use crate::stop::Stop;

/// JPEG allows decoders to differ in their last bits; chroma may come from one more pixel away.
const MEAN_DIFFERENCE: f64 = 1.5;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tiff").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(data(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The picture as it is decoded, and how it is to be turned.
fn decoded(file: &[u8]) -> Result<Picture, Refusal> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("picture.tif");
    std::fs::write(&path, file).expect("a file in it");
    let mut source = Source::open(&path)?;
    let header = super::probe(&mut source)?;
    let downscaled = super::decode(&mut source, &header, Stop::after(Duration::from_mins(1)))?;
    Ok(colour::picture(downscaled.planes, downscaled.colours, downscaled.size, Space::default()))
}

fn shown(name: &str) -> Picture {
    decoded(&bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The pixels of a picture of 50 × 37 by a formula.
fn pixels(of: impl Fn(u32, u32) -> Vec<u8>) -> Vec<u8> {
    (0..37).flat_map(|y| (0..50).map(move |x| (x, y))).flat_map(|(x, y)| of(x, y)).collect()
}

fn byte(value: u32) -> u8 {
    u8::try_from(value).expect("a byte")
}

fn colours(x: u32, y: u32) -> Vec<u8> {
    [5 * x, 6 * y, 2 * (x + y)].map(byte).to_vec()
}

fn grey(x: u32, y: u32) -> Vec<u8> {
    vec![byte(3 * (x + y) % 256)]
}

fn alpha(y: u32) -> u8 {
    byte(255 - 4 * y)
}

/// Black and white.
fn pattern(x: u32, y: u32) -> Vec<u8> {
    let white = (x / 3 + y / 2).is_multiple_of(3) || (x * y).is_multiple_of(7);
    vec![if white { 255 } else { 0 }]
}

fn assert_pixels(name: &str, picture: &Picture, layout: Layout, expected: &[u8]) {
    assert_eq!((picture.size.sides(), picture.layout), ((50, 37), layout), "{name}");
    let different = picture.pixels.iter().zip(expected).position(|(shown, expected)| shown != expected);
    assert_eq!(different, None, "{name}");
}

#[test]
fn colours_are_the_same_however_they_are_stored() {
    for name in [
        "rgb-strips.tif",
        "rgb-lzw-predictor-tiles.tif",
        "rgb-planar-deflate.tif",
        "rgb-planar-tiles-lzw.tif",
        "rgb-packbits.tif",
        "rgb-big-endian.tif",
        "rgb-bigtiff.tif",
        "rgb-bigtiff-big-endian-tiles.tif",
        "rgb-fill-order-2-lzw.tif",
        "rgb-16-predictor.tif",
    ] {
        assert_pixels(name, &shown(name), Layout::Rgb, &pixels(colours));
    }
}

#[test]
fn black_and_white_is_the_same_by_every_fax_machine() {
    for name in [
        "bilevel-none.tif",
        "bilevel-fill-order-2.tif",
        "bilevel-rows.tif",
        "bilevel-group3-1d.tif",
        "bilevel-group3-1d-filled.tif",
        "bilevel-group3-2d.tif",
        "bilevel-group3-2d-filled.tif",
        "bilevel-group3-2d-fill-order-2.tif",
        "bilevel-group4.tif",
        "bilevel-group4-fill-order-2.tif",
    ] {
        assert_pixels(name, &shown(name), Layout::Luma, &pixels(pattern));
    }
}

#[test]
fn greys_of_every_depth_are_rounded_to_eight_bits() {
    for name in [
        "grey-16-predictor.tif",
        "grey-16-predictor-big-endian.tif",
        "grey-32-deflate.tif",
        "grey-12-bit.tif",
    ] {
        assert_pixels(name, &shown(name), Layout::Luma, &pixels(grey));
    }
    let light = shown("grey-float-predictor.tif");
    let expected = pixels(|x, y| {
        let light = f64::from(grey(x, y)[0]) / 255.0;
        let value = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a share of 255")]
        let value = (value * 255.0).round() as u8;
        vec![value]
    });
    assert_pixels("grey-float-predictor.tif", &light, Layout::Luma, &expected);
}

#[test]
fn alpha_and_inks_are_kept_in_planes_and_in_turn() {
    let with_alpha = pixels(|x, y| [colours(x, y), vec![alpha(y)]].concat());
    assert_pixels("rgba-planar.tif", &shown("rgba-planar.tif"), Layout::Rgba, &with_alpha);
    let with_alpha = pixels(|x, y| [grey(x, y), vec![alpha(y)]].concat());
    assert_pixels("grey-alpha.tif", &shown("grey-alpha.tif"), Layout::LumaAlpha, &with_alpha);
    let light = |ink: u32| byte(((255 - ink) * (255 - 20) + 127) / 255);
    let printed = pixels(|x, y| [5 * x, 6 * y, 2 * (x + y)].map(light).to_vec());
    assert_pixels("cmyk-planar.tif", &shown("cmyk-planar.tif"), Layout::Rgb, &printed);
}

/// What libtiff shows of a file.
fn reference(name: &str) -> Vec<u8> {
    image::open(data(name).with_extension("png")).expect("the reference").to_rgb8().into_raw()
}

#[test]
fn palettes_are_looked_up() {
    for name in ["palette.tif", "palette-4-bit.tif"] {
        assert_pixels(name, &shown(name), Layout::Rgb, &reference(name));
    }
}

#[test]
fn jpeg_inside_is_what_libtiff_shows() {
    for name in [
        "rgb-jpeg-ycbcr.tif",
        "rgb-jpeg-ycbcr-tiles.tif",
        "rgb-jpeg-rgb.tif",
        "grey-jpeg.tif",
        "cmyk-jpeg.tif",
    ] {
        let (picture, expected) = (shown(name), reference(name));
        let shown: Vec<u8> = match picture.layout {
            Layout::Luma => picture.pixels.iter().flat_map(|grey| [*grey; 3]).collect(),
            _ => picture.pixels.clone(),
        };
        assert_eq!(shown.len(), expected.len(), "{name}");
        let differences = shown.iter().zip(&expected).map(|(left, right)| f64::from(left.abs_diff(*right)));
        let mean = differences.sum::<f64>() / f64::from(u32::try_from(expected.len()).expect("a size"));
        assert!(mean <= MEAN_DIFFERENCE, "{name}: {mean}");
    }
}

/// A directory of a little-endian TIFF at this place: its entries are of one SHORT or LONG each.
fn directory(place: usize, entries: &[(u16, u32)], next: u32) -> Vec<u8> {
    let mut bytes = u16::try_from(entries.len()).expect("few entries").to_le_bytes().to_vec();
    for (id, value) in entries {
        bytes.extend(
            [&id.to_le_bytes()[..], &4_u16.to_le_bytes(), &1_u32.to_le_bytes(), &value.to_le_bytes()]
                .concat(),
        );
    }
    bytes.extend(next.to_le_bytes());
    assert!(place.is_multiple_of(2));
    bytes
}

/// A file of two directories, of which the first points to the second, with a grey picture of 1 × 1
/// each.
fn nested(first: &[(u16, u32)], second: &[(u16, u32)], pixels: [u8; 2]) -> Vec<u8> {
    let mut file = b"II*\0\x0A\0\0\0".to_vec();
    file.extend(pixels);
    let picture = |place| [(0x0100, 1), (0x0101, 1), (0x0102, 8), (0x0106, 1), (0x0111, place), (0x0117, 1)];
    let entries = |more: &[(u16, u32)], place| {
        let mut entries = [more, &picture(place)[..]].concat();
        // What is said first counts.
        entries.sort_by_key(|(id, _)| *id);
        entries.dedup_by_key(|(id, _)| *id);
        entries
    };
    let length = 2 + (entries(first, 8).len() + 1) * 12 + 4;
    let below = u32::try_from(file.len() + length).expect("a small file");
    file.extend(directory(10, &[entries(first, 8), vec![(0x014A, below)]].concat(), 0));
    file.extend(directory(file.len(), &entries(second, 9), 0));
    file
}

#[test]
fn the_whole_picture_is_shown_and_not_a_smaller_copy() {
    const WHOLE: [(u16, u32); 1] = [(0x00FE, 0)];
    const COPY: [(u16, u32); 1] = [(0x00FE, 1)];
    let pixel = |file: &[u8]| decoded(file).expect("a picture").pixels;
    assert_eq!(pixel(&nested(&WHOLE, &COPY, [10, 200])), [10]);
    assert_eq!(pixel(&nested(&COPY, &WHOLE, [10, 200])), [200]);
    assert_eq!(pixel(&nested(&COPY, &COPY, [10, 200])), [10]);
}

#[test]
fn sensor_data_below_make_a_file_of_raw_data() {
    for photometric in [32803, 34892] {
        let file = nested(&[(0x00FE, 1)], &[(0x0106, photometric)], [10, 200]);
        assert!(matches!(decoded(&file), Err(Refusal::Unsupported)));
    }
}

#[test]
fn refusals_name_the_true_reason() {
    for (id, value, reason) in [
        (0x0106, 32844, "TIFF with LogLuv colours is not supported"),
        (0x0106, 32845, "TIFF with LogLuv colours is not supported"),
        (0x0106, 8, "TIFF with L*a*b* colours is not supported"),
        (0x0106, 99, "TIFF with colours of an unknown kind is not supported"),
        (0x0103, 6, "TIFF with old-style JPEG compression is not supported"),
        (0x0103, 34712, "TIFF with JPEG 2000 inside is not supported"),
        (0x0103, 50000, "TIFF with Zstandard compression is not supported"),
        (0x0103, 50002, "TIFF with JPEG XL inside is not supported"),
        (0x0103, 9999, "TIFF with compression of an unknown kind is not supported"),
        (0x0153, 2, "TIFF with negative numbers is not supported"),
        (0x0153, 3, "TIFF with floating point of this depth is not supported"),
        (0x0102, 24, "TIFF with samples of this depth is not supported"),
        (0x0103, 4, "TIFF with fax compression of more than black and white is not supported"),
    ] {
        let refusal = decoded(&nested(&[(id, value)], &[], [10, 200])).expect_err("a refusal");
        assert_eq!(refusal.to_string(), reason);
    }
}

/// How many rows from the top are as they should be.
fn good_rows(file: &[u8], expected: &[u8], row: usize) -> usize {
    let picture = decoded(file).expect("what there is of it");
    let rows = picture.pixels.chunks(row).zip(expected.chunks(row));
    rows.take_while(|(shown, expected)| shown == expected).count()
}

#[test]
fn what_is_cut_off_is_shown_as_far_as_it_goes() {
    // The directory is behind the pixels in most files; here it is before them.
    let whole = nested(&[], &[], [10, 200]);
    assert!(decoded(&whole[..9]).is_err());
    let name = "rgb-strips.tif";
    let mut file = bytes(name);
    let strips = 37_usize.div_ceil(8);
    assert_eq!(good_rows(&file, &pixels(colours), 150), 37);
    // The place of the third of its strips: a list of so many LONGs, of which the first is 8.
    let list: Vec<u8> = (0..strips)
        .flat_map(|strip| u32::try_from(8 + strip * 1200).expect("a place").to_le_bytes())
        .collect();
    let place = file.windows(list.len()).position(|bytes| bytes == list).expect("the places of the strips");
    file[place + 8..place + 12].copy_from_slice(&[0xFF; 4]);
    assert_eq!(good_rows(&file, &pixels(colours), 150), 16);
    let picture = decoded(&file).expect("the other strips");
    assert_eq!(picture.pixels[24 * 150..], pixels(colours)[24 * 150..], "what comes after is there");
}

#[test]
fn a_damaged_fax_strip_costs_only_itself() {
    let mut file = bytes("bilevel-group3-1d.tif");
    let whole = decoded(&file).expect("a picture").pixels;
    let whole_file = file.clone();
    let mut most = 0;
    // The first of its strips is there.
    for place in 8..154 {
        file[place] ^= 0xFF;
        let damaged = decoded(&file).expect("the other rows").pixels;
        let rows = damaged.chunks(50).zip(whole.chunks(50));
        most = most.max(rows.filter(|(left, right)| left != right).count());
        file.clone_from(&whole_file);
    }
    assert!((1..=16).contains(&most), "{most} rows are different");
}
