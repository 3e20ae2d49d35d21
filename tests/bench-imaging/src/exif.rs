//! What a camera writes into its files.

use std::io::Cursor;

use anyhow::Result;
use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};

/// The block of a photo that is to be turned so for display, as it stands in a JPEG's APP1.
pub fn block(orientation: u16) -> Result<Vec<u8>> {
    let text = |tag, text: &str| field(tag, Value::Ascii(vec![text.as_bytes().to_vec()]));
    let ratio = |tag, num, denom| field(tag, Value::Rational(vec![Rational { num, denom }]));
    let fields = [
        text(Tag::Make, "Gallery"),
        text(Tag::Model, "Bench"),
        field(Tag::Orientation, Value::Short(vec![orientation])),
        text(Tag::DateTimeOriginal, "2024:05:17 10:20:30"),
        text(Tag::OffsetTimeOriginal, "+02:00"),
        text(Tag::LensModel, "Gallery 35mm F1.8"),
        ratio(Tag::ExposureTime, 1, 250),
        ratio(Tag::FNumber, 18, 10),
        ratio(Tag::FocalLength, 35, 1),
        field(Tag::PhotographicSensitivity, Value::Short(vec![100])),
        text(Tag::GPSLatitudeRef, "N"),
        field(Tag::GPSLatitude, degrees(48, 12)),
        text(Tag::GPSLongitudeRef, "E"),
        field(Tag::GPSLongitude, degrees(16, 22)),
    ];
    let (mut tiff, mut writer) = (Cursor::new(Vec::new()), Writer::new());
    for field in &fields {
        writer.push_field(field);
    }
    writer.write(&mut tiff, false)?;
    Ok([b"Exif\0\0".as_slice(), tiff.get_ref()].concat())
}

fn field(tag: Tag, value: Value) -> Field {
    Field { tag, ifd_num: In::PRIMARY, value }
}

fn degrees(degrees: u32, minutes: u32) -> Value {
    Value::Rational([degrees, minutes, 0].map(|num| Rational { num, denom: 1 }).to_vec())
}
