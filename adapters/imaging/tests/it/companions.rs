//! HEIF files with further pictures: thumbnails and gain maps. Those are never shown instead of the
//! picture, not even when that is damaged. What lies behind and within JPEG files is in `damage`.

use gallery_core::ports::ImagingError;

use crate::photos::{data, decoded, process};

/// A coded picture, taken out of a file of `tests/data`.
struct Coded {
    config: Vec<u8>,
    size: Vec<u8>,
    data: Vec<u8>,
}

impl Coded {
    fn of(name: &str) -> Self {
        let file = std::fs::read(data().join(name)).expect("a file of the tests");
        let found = |kind: &[u8; 4]| {
            let at = file.windows(4).position(|window| window == kind).expect("a box") - 4;
            let length = u32::from_be_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]);
            file[at..at + length as usize].to_vec()
        };
        Self { config: found(b"av1C"), size: found(b"ispe"), data: found(b"mdat")[8..].to_vec() }
    }
}

/// A box (ISO/IEC 14496-12, 4.2).
fn boxed(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).expect("a small box");
    [&length.to_be_bytes(), kind, content].concat()
}

/// A box with a version.
fn full(kind: &[u8], version: u8, content: &[u8]) -> Vec<u8> {
    boxed(kind, &[&[version, 0, 0, 0], content].concat())
}

/// What the first picture is to the second.
enum Companion {
    Thumbnail,
    GainMap,
}

/// A file with another picture as its first item, and the picture that is to be shown as the
/// second.
fn file(other: &Coded, shown: &Coded, companion: &Companion) -> Vec<u8> {
    const GAIN_MAP: &[u8] = b"urn:com:apple:photo:2020:aux:hdrgainmap\0";
    let brands = boxed(b"ftyp", b"avif\0\0\0\0avifmif1miaf");
    let meta = |first: usize| {
        let second = first + other.data.len();
        let place = |item: u8, offset: usize, length: usize| {
            let number = |value: usize| u32::try_from(value).expect("a small file").to_be_bytes();
            [&[0, item, 0, 0, 0, 1][..], &number(offset), &number(length)].concat()
        };
        let places = [place(1, first, other.data.len()), place(2, second, shown.data.len())].concat();
        let item = |item: u8| full(b"infe", 2, &[&[0, item, 0, 0], b"av01".as_slice(), b"\0"].concat());
        let reference = match companion {
            Companion::Thumbnail => b"thmb",
            Companion::GainMap => b"auxl",
        };
        let properties = boxed(
            b"ipco",
            &[&other.config, &other.size, &shown.config, &shown.size, &full(b"auxC", 0, GAIN_MAP)]
                .map(Vec::as_slice)
                .concat(),
        );
        let of_the_other: &[u8] = match companion {
            Companion::Thumbnail => &[0, 1, 2, 0x81, 2],
            Companion::GainMap => &[0, 1, 3, 0x81, 2, 5],
        };
        let associations =
            full(b"ipma", 0, &[&[0, 0, 0, 2], of_the_other, [0, 2, 2, 0x83, 4].as_slice()].concat());
        let content = [
            full(b"hdlr", 0, b"\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            full(b"pitm", 0, &[0, 2]),
            full(b"iloc", 0, &[&[0x44, 0, 0, 2], places.as_slice()].concat()),
            full(b"iinf", 0, &[vec![0, 2], item(1), item(2)].concat()),
            full(b"iref", 0, &boxed(reference, &[0, 1, 0, 1, 0, 2])),
            boxed(b"iprp", &[properties, associations].concat()),
        ];
        full(b"meta", 0, &content.concat())
    };
    let first = brands.len() + meta(0).len() + 8;
    let content = boxed(b"mdat", &[other.data.as_slice(), &shown.data].concat());
    [brands, meta(first), content].concat()
}

#[test]
fn thumbnails_and_gain_maps_are_never_shown_instead_of_the_picture() {
    let (other, shown) = (Coded::of("grey.avif"), Coded::of("quarters.avif"));
    for companion in [Companion::Thumbnail, Companion::GainMap] {
        let whole = file(&other, &shown, &companion);
        let processed = process(&whole).expect("a photo");
        let large = decoded(&processed.renditions[0]);
        let [red, green, blue, alpha] = large.get_pixel(32, 24).0;
        assert!(red > 180 && green < 70 && blue < 70 && alpha == 255, "the first quarter is red");
        assert!(!processed.facts.damaged);
        // Without the picture, there is nothing to show.
        let refusal = process(&whole[..whole.len() - shown.data.len()]).expect_err("a refusal");
        assert!(matches!(refusal, ImagingError::Undecodable(_)), "{refusal:?}");
    }
}
