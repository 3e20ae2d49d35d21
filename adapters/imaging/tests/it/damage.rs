//! Damaged and unusual files: shown as far as they go, said to be damaged when something is
//! missing, and of JPEG, the same picture as djpeg's (libjpeg-turbo, which is what people know from
//! every browser), row by row. Files that cjpeg did not make are in `tests/damaged`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use image::{ImageFormat, Rgb, RgbImage, Rgba};

use crate::photos::{data, decoded, process};
use crate::samples::{encoded, quarters, waves, with_segment};

/// The most that a row of the large rendition may differ from djpeg's on average, in luma and in
/// any colour: it is a JPEG of its own, with colours at half the resolution, and chroma was scaled
/// in another way.
const TOLERANCE: (u64, u64) = (12, 40);

/// What a program of libjpeg-turbo makes of a file.
fn run(program: &str, options: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let mut command = Command::new(program);
    command.args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child =
        command.spawn().unwrap_or_else(|error| panic!("{program} (libjpeg-turbo-progs): {error}"));
    let mut stdin = child.stdin.take().expect("its input");
    let input = input.to_vec();
    // It may stop reading before the end.
    let writing = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("its output");
    writing.join().expect("written");
    // djpeg says 2 after warnings.
    output.status.code().is_some_and(|code| code == 0 || code == 2).then_some(output.stdout)
}

/// djpeg's picture; None when it makes none.
fn djpeg(jpeg: &[u8]) -> Option<RgbImage> {
    let bmp = run("djpeg", &["-rgb", "-bmp"], jpeg)?;
    Some(image::load_from_memory_with_format(&bmp, ImageFormat::Bmp).ok()?.to_rgb8())
}

/// A JPEG by cjpeg.
fn cjpeg(picture: &RgbImage, options: &[&str]) -> Option<Vec<u8>> {
    let mut ppm = format!("P6 {} {} 255\n", picture.width(), picture.height()).into_bytes();
    ppm.extend_from_slice(picture.as_raw());
    run("cjpeg", options, &ppm).filter(|jpeg| !jpeg.is_empty())
}

/// Processes a JPEG; its large rendition must be this picture, in every row. Returns whether it is
/// said to be damaged.
fn shown_like(name: &str, jpeg: &[u8], expected: &RgbImage) -> bool {
    let processed = process(jpeg).unwrap_or_else(|error| panic!("{name}: {error}"));
    let large = decoded(&processed.renditions[0]);
    assert_eq!(large.dimensions(), expected.dimensions(), "{name}");
    let width = u64::from(large.width());
    for (y, (found, expected)) in large.rows().zip(expected.rows()).enumerate() {
        let (mut luma, mut colours) = (0, 0);
        for (Rgba([red, green, blue, _]), Rgb(expected)) in found.zip(expected) {
            let found = [*red, *green, *blue];
            let off = found.iter().zip(expected).map(|(left, right)| u64::from(left.abs_diff(*right)));
            luma += luma_of(found).abs_diff(luma_of(*expected));
            colours += off.max().unwrap_or(0);
        }
        let off = (luma / width, colours / width);
        assert!(off.0 <= TOLERANCE.0 && off.1 <= TOLERANCE.1, "{name}: row {y} is off by {off:?} on average");
    }
    processed.facts.damaged
}

fn luma_of([red, green, blue]: [u8; 3]) -> u64 {
    (u64::from(red) * 299 + u64::from(green) * 587 + u64::from(blue) * 114) / 1000
}

/// The same with djpeg's picture.
fn shown_like_djpeg(name: &str, jpeg: &[u8]) -> bool {
    shown_like(name, jpeg, &djpeg(jpeg).unwrap_or_else(|| panic!("djpeg refuses {name}")))
}

fn file(name: &str) -> Vec<u8> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/damaged");
    std::fs::read(folder.join(name)).expect("a file of the tests")
}

/// The parts of a JPEG: what is before the data of its last scan, the restart intervals without
/// their markers, and what is behind.
fn intervals(jpeg: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>, Vec<u8>) {
    let marker = |at: usize| jpeg[at] == 0xFF && !matches!(jpeg[at + 1], 0 | 0xFF | 0xD0..=0xD7);
    let scan = jpeg.windows(2).rposition(|two| two == [0xFF, 0xDA]).expect("a scan");
    let begin = scan + 2 + usize::from(u16::from_be_bytes([jpeg[scan + 2], jpeg[scan + 3]]));
    let end = (begin..jpeg.len() - 1).find(|at| marker(*at)).unwrap_or(jpeg.len());
    let mut parts = vec![Vec::new()];
    let mut at = begin;
    while at < end {
        if jpeg[at] == 0xFF && matches!(jpeg[at + 1], 0xD0..=0xD7) {
            parts.push(Vec::new());
            at += 2;
        } else {
            parts.last_mut().expect("one").push(jpeg[at]);
            at += 1;
        }
    }
    (jpeg[..begin].to_vec(), parts, jpeg[end..].to_vec())
}

/// A JPEG of these intervals, each with the number of the marker before it; the first has none.
fn joined(head: &[u8], parts: &[(usize, &[u8])], tail: &[u8]) -> Vec<u8> {
    let mut jpeg = head.to_vec();
    for (place, (number, data)) in parts.iter().enumerate() {
        if place > 0 {
            jpeg.extend([0xFF, 0xD0 + u8::try_from((number + 7) % 8).expect("below 8")]);
        }
        jpeg.extend_from_slice(data);
    }
    jpeg.extend_from_slice(tail);
    jpeg
}

#[test]
fn files_of_other_projects_reports_are_whole() {
    for (name, is_damaged) in [
        ("without-eoi.jpg", false),
        ("without-eoi-samsung-trailer.jpg", false),
        ("16-rows-without-eoi.jpg", false),
        ("adobe-segment-of-11-bytes.jpg", false),
        ("one-restart-interval-lost.jpg", true),
    ] {
        assert_eq!(shown_like_djpeg(name, &file(name)), is_damaged, "{name}");
    }
}

#[test]
fn lost_restart_intervals_cost_only_themselves() {
    for options in
        [&["-restart", "1", "-sample", "2x2"][..], &["-restart", "5B"], &["-restart", "1", "-grayscale"]]
    {
        let whole = cjpeg(&waves(200, 160), options).expect("a JPEG");
        assert!(!shown_like_djpeg("nothing lost", &whole));
        let (head, parts, tail) = intervals(&whole);
        let numbered: Vec<(usize, &[u8])> = parts.iter().map(Vec::as_slice).enumerate().collect();
        let check = |name: &str, parts: &[(usize, &[u8])], tail: &[u8]| {
            let name = format!("{options:?}, {name}");
            assert!(shown_like_djpeg(&name, &joined(&head, parts, tail)), "{name} is damaged");
        };
        for at in [1, 4, numbered.len() - 2] {
            for count in 1..=2 {
                let left = [&numbered[..at], &numbered[(at + count).min(numbered.len())..]].concat();
                check(&format!("{count} lost at {at}"), &left, &tail);
            }
            let twice = [&numbered[..=at], &numbered[at..]].concat();
            check(&format!("the one at {at} twice"), &twice, &tail);
            let mut empty = numbered.clone();
            empty[at].1 = &[];
            check(&format!("nothing of the one at {at}"), &empty, &tail);
            // Between sound markers, with a sound end, nothing tells that an interval is damaged.
            let mut short = numbered.clone();
            short[at].1 = &short[at].1[..short[at].1.len() / 2];
            check(&format!("half of the one at {at}"), &short, &[]);
            let long = [numbered[at].1, &[0x12, 0x34, 0x56]].concat();
            let mut longer = numbered.clone();
            longer[at].1 = &long;
            check(&format!("more of the one at {at}"), &longer, &[]);
        }
        let (last, before) = numbered.split_last().expect("an interval");
        for length in [0, last.1.len() / 4, last.1.len() / 2] {
            let short = [before, &[(last.0, &last.1[..length])]].concat();
            check(&format!("{length} bytes of the last"), &short, &tail);
        }
        check("without the last", before, &tail);
    }
}

/// Of a progressive picture, some detail is lost where an interval of one scan is.
#[test]
fn lost_restart_intervals_of_progressive_pictures_cost_detail() {
    let whole = cjpeg(&waves(200, 160), &["-progressive", "-restart", "1"]).expect("a JPEG");
    assert!(!shown_like_djpeg("nothing lost", &whole));
    let (head, parts, tail) = intervals(&whole);
    let numbered: Vec<(usize, &[u8])> = parts.iter().map(Vec::as_slice).enumerate().collect();
    for at in [1, 4, numbered.len() - 2] {
        let left = [&numbered[..at], &numbered[at + 1..]].concat();
        assert!(shown_like_djpeg(&format!("one lost at {at}"), &joined(&head, &left, &tail)), "at {at}");
    }
}

#[test]
fn what_was_cut_off_is_shown_until_there() {
    let whole = cjpeg(&waves(200, 160), &["-sample", "2x2"]).expect("a JPEG");
    let (head, _, _) = intervals(&whole);
    let data = whole.len() - 2 - head.len();
    for share in 1..=9 {
        let end = head.len() + data * share / 10;
        let name = format!("{share} tenths");
        assert!(shown_like_djpeg(&name, &whole[..end]), "{name} are damaged");
        // A program that mends files may have given it a new end.
        let ended = [&whole[..end], &[0xFF, 0xD9]].concat();
        assert!(shown_like_djpeg(&name, &ended), "{name} with an end are damaged");
    }
    // A new end within the last row.
    let last = data / 10;
    for lost in [3, 8, 20, last / 4, last / 2, last] {
        let ended = [&whole[..whole.len() - 2 - lost], &[0xFF, 0xD9]].concat();
        assert!(shown_like_djpeg(&format!("{lost} bytes lost"), &ended), "{lost} lost bytes are damage");
    }
    assert!(!shown_like_djpeg("without its end", &whole[..whole.len() - 2]));
    assert!(!shown_like_djpeg("with a trailer", &[&whole[..whole.len() - 2], &[0, 0, 1, 10, 14]].concat()));
}

/// djpeg guesses at detail that is missing, so there is nothing to compare with.
#[test]
fn progressive_pictures_that_were_cut_off_are_whole_with_less_detail() {
    let whole = cjpeg(&waves(200, 160), &["-progressive"]).expect("a JPEG");
    let exact = waves(200, 160);
    // A program that mends files may have given it a new end; when only the last scan is not all
    // there, nothing tells so.
    for (share, tolerance, tail) in [(9, 20, &[][..]), (5, 40, &[]), (5, 40, &[0xFF, 0xD9])] {
        let processed = process(&[&whole[..whole.len() * share / 10], tail].concat()).expect("a photo");
        assert!(processed.facts.damaged, "{share} tenths");
        let large = decoded(&processed.renditions[0]);
        let off =
            large.pixels().zip(exact.pixels()).map(|(left, right)| u64::from(left[1].abs_diff(right[1])));
        assert!(off.sum::<u64>() / (200 * 160) < tolerance, "{share} tenths");
    }
}

#[test]
fn damaged_codes_give_what_libjpeg_makes_of_them() {
    let whole = cjpeg(&waves(200, 160), &["-restart", "1"]).expect("a JPEG");
    let (head, parts, _) = intervals(&whole);
    let middle = head.len() + parts[0].len() + parts[1].len() + 10;
    let mut told = 0;
    for at in middle..middle + 40 {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x5A;
        // Without an end, so that it is looked at closely.
        damaged.truncate(whole.len() - 2);
        // A byte of 255 would begin a marker, and the byte behind one belongs to it.
        if damaged[at] == 0xFF || whole[at] == 0xFF || whole[at - 1] == 0xFF {
            continue;
        }
        told += u32::from(shown_like_djpeg(&format!("byte {at}"), &damaged));
    }
    assert!(told >= 10, "most of them are said to be damaged: {told}");
}

/// All samplings that libjpeg makes, and those that it makes and does not take.
#[test]
fn any_sampling_is_shown() {
    let picture = waves(120, 88);
    let (mut compared, mut made) = (0, 0);
    let luma = (1..=4).flat_map(|h| (1..=4).map(move |v| format!("{h}x{v}")));
    let colours = ["1x1,1x1", "1x2,2x1", "2x1,2x1", "2x2,1x1", "3x1,1x3", "1x4,1x1"];
    for (luma, colours) in luma.flat_map(|luma| colours.map(|colours| (luma.clone(), colours))) {
        for kind in [&[][..], &["-progressive"]] {
            let sampling = format!("{luma},{colours}");
            let options = [&["-quality", "95", "-sample", &sampling], kind].concat();
            let Some(jpeg) = cjpeg(&picture, &options) else { continue };
            let name = format!("{sampling} {kind:?}");
            let is_damaged = match djpeg(&jpeg) {
                Some(expected) => {
                    compared += 1;
                    shown_like(&name, &jpeg, &expected)
                }
                None => process(&jpeg).unwrap_or_else(|error| panic!("{name}: {error}")).facts.damaged,
            };
            made += 1;
            assert!(!is_damaged, "{name}");
        }
    }
    assert!(compared >= 80, "{compared} compared of {made}");
}

#[test]
fn adobe_segments_of_any_length_are_read() {
    let plain = cjpeg(&quarters(64, 48), &["-quality", "95"]).expect("a JPEG");
    for length in 5..=20 {
        for transform in [0, 1, 2, 77] {
            let mut segment = b"Adobe\0\x64\0\0\0\0".to_vec();
            segment.resize(length, transform);
            let name = format!("{length} bytes with {transform}");
            assert!(!shown_like_djpeg(&name, &with_segment(&plain, 0xEE, &segment)), "{name}");
        }
    }
}

/// Another picture behind the first: in a trailer of its own (MPF, gain maps), and in the EXIF
/// data.
#[test]
fn pictures_within_a_file_are_never_shown_instead() {
    let other = encoded(RgbImage::from_pixel(320, 240, Rgb([250, 0, 250])), ImageFormat::Jpeg);
    let exif_with_thumbnail = [b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0".as_slice(), &other].concat();
    for options in [&[][..], &["-progressive"], &["-restart", "1"]] {
        let picture = cjpeg(&waves(200, 160), options).expect("a JPEG");
        let without_end = &picture[..picture.len() - 2];
        for (name, jpeg) in [
            ("behind", [&picture, other.as_slice()].concat()),
            ("behind, without an end", [without_end, &other].concat()),
            ("behind zeros", [&picture, [0; 64].as_slice(), &other].concat()),
            ("thumbnail", with_segment(&picture, 0xE1, &exif_with_thumbnail)),
        ] {
            let name = format!("{name}, {options:?}");
            let expected = djpeg(&picture).expect("a picture");
            assert!(!shown_like(&name, &jpeg, &expected), "{name}");
        }
        // What is left of the picture, and grey: not the other one.
        let cut = picture.len() / 2;
        let processed = process(&[&picture[..cut], other.as_slice()].concat()).expect("a photo");
        assert!(processed.facts.damaged && processed.facts.width == 200, "{options:?}");
        let pink = decoded(&processed.renditions[0])
            .pixels()
            .filter(|pixel| pixel[1] < 40 && pixel[2] > 210)
            .count();
        assert!(pink < 2_000, "{options:?}: {pink} pixels");
    }
}

/// A file without its last bytes; of each format of which a part can be shown.
#[test]
fn every_format_says_that_it_is_damaged() {
    let rows = RgbImage::from_fn(200, 160, |x, y| {
        Rgb([u8::try_from(x).unwrap_or(0), u8::try_from(y).unwrap_or(0), 40])
    });
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::Bmp] {
        let whole = encoded(rows.clone(), format);
        assert!(!process(&whole).expect("a photo").facts.damaged, "{format:?}");
        let part = &whole[..whole.len() * 3 / 4];
        let processed = process(part).unwrap_or_else(|error| panic!("{format:?}: {error}"));
        assert!(processed.facts.damaged, "{format:?}");
        assert_eq!((processed.facts.width, processed.facts.height), (200, 160), "{format:?}");
    }
}

/// What is left of a JPEG in a strip or tile is shown; below it is black.
#[test]
fn jpeg_within_a_tiff_says_that_it_is_damaged() {
    for name in ["rgb-jpeg-rgb.tif", "rgb-jpeg-ycbcr.tif", "grey-jpeg.tif"] {
        let whole = std::fs::read(data().join("tiff").join(name)).expect("a file of the tests");
        let sound = process(&whole).expect("a photo");
        assert!(!sound.facts.damaged, "{name}");
        // Behind the last scan; the tables, which end like a picture, may come later.
        let scan = whole.windows(2).rposition(|two| two == [0xFF, 0xDA]).expect("a scan");
        let length = whole[scan..].windows(2).position(|two| two == [0xFF, 0xD9]).expect("an end");
        let end = scan + length;
        // As much that what is lost is not only what fills up the last strip.
        let cut = end - 40;
        let mut damaged = whole.clone();
        damaged[cut..end + 2].fill(0);
        damaged[cut..cut + 2].copy_from_slice(&[0xFF, 0xD9]);
        let processed = process(&damaged).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(processed.facts.damaged, "{name}");
        let large = decoded(&processed.renditions[0]);
        assert_ne!(large, decoded(&sound.renditions[0]), "{name}");
        let Rgba([red, green, blue, _]) = *large.get_pixel(large.width() - 1, large.height() - 1);
        assert!(red < 30 && green < 30 && blue < 30, "{name}: {red} {green} {blue}");
    }
}

#[test]
fn webp_that_is_cut_off_is_shown_until_there() {
    let whole = std::fs::read(data().join("quarters-lossy.webp")).expect("a file of the tests");
    assert!(!process(&whole).expect("a photo").facts.damaged);
    // Where nothing takes more bytes than were cut off, it is refused.
    let shown: Vec<_> = (1..40).filter_map(|cut| process(&whole[..whole.len() - cut]).ok()).collect();
    assert!(!shown.is_empty());
    for processed in shown {
        assert!(processed.facts.damaged);
        let Rgba([red, green, blue, _]) = *decoded(&processed.renditions[0]).get_pixel(16, 12);
        assert!(red > 180 && green < 70 && blue < 70, "the first quarter is red");
    }
    let lossless = encoded(waves(200, 160), ImageFormat::WebP);
    assert!(process(&lossless[..40]).is_err(), "there is nothing to see");
}

#[test]
fn a_missing_tile_is_grey_and_the_others_are_shown() {
    let whole = std::fs::read(data().join("quarters-grid.avif")).expect("a file of the tests");
    assert!(!process(&whole).expect("a photo").facts.damaged);
    let processed = process(&whole[..whole.len() - 20]).expect("a photo");
    assert!(processed.facts.damaged);
    let large = decoded(&processed.renditions[0]);
    let [red, green, blue, _] = large.get_pixel(32, 24).0;
    assert!(red > 180 && green < 70 && blue < 70, "the first tile is red");
}
