//! Photos made by code, with EXIF; and real camera files where the machine has them.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use image::{DynamicImage, GrayImage, ImageFormat, Rgb, RgbImage};
use jpeg_decoder::PixelFormat;

/// A photo to be made.
pub struct Sample {
    width: u32,
    height: u32,
    seed: u8,
    exif: Vec<Field>,
}

impl Sample {
    /// A photo of this size, as stored: red in its top left quarter, shades elsewhere.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, seed: 0, exif: Vec::new() }
    }

    /// With other shades: photos of different seeds have different bytes.
    #[must_use]
    pub fn seed(mut self, seed: u8) -> Self {
        self.seed = seed;
        self
    }

    /// Taken with this camera.
    #[must_use]
    pub fn camera(self, make: &str, model: &str) -> Self {
        self.ascii(Tag::Make, make).ascii(Tag::Model, model)
    }

    /// Taken with this lens.
    #[must_use]
    pub fn lens(self, model: &str) -> Self {
        self.ascii(Tag::LensModel, model)
    }

    /// Taken at this time, as cameras write it: `2024:05:17 10:20:30`.
    #[must_use]
    pub fn taken(self, at: &str) -> Self {
        self.ascii(Tag::DateTimeOriginal, at)
    }

    /// By a clock with this offset from UTC, as cameras write it: `+02:00`.
    #[must_use]
    pub fn offset(self, from_utc: &str) -> Self {
        self.ascii(Tag::OffsetTimeOriginal, from_utc)
    }

    /// To be turned for display, as EXIF numbers it (1–8).
    #[must_use]
    pub fn orientation(self, number: u16) -> Self {
        self.field(Tag::Orientation, Value::Short(vec![number]))
    }

    /// Taken here: degrees north and east, whole metres above the sea.
    #[must_use]
    pub fn gps(self, latitude: f64, longitude: f64, altitude: u32) -> Self {
        self.ascii(Tag::GPSLatitudeRef, if latitude < 0.0 { "S" } else { "N" })
            .field(Tag::GPSLatitude, degrees(latitude))
            .ascii(Tag::GPSLongitudeRef, if longitude < 0.0 { "W" } else { "E" })
            .field(Tag::GPSLongitude, degrees(longitude))
            .field(Tag::GPSAltitudeRef, Value::Byte(vec![0]))
            .field(Tag::GPSAltitude, Value::Rational(vec![Rational { num: altitude, denom: 1 }]))
    }

    /// With a text field of EXIF.
    #[must_use]
    pub fn ascii(self, tag: Tag, text: &str) -> Self {
        self.field(tag, Value::Ascii(vec![text.as_bytes().to_vec()]))
    }

    fn field(mut self, tag: Tag, value: Value) -> Self {
        self.exif.push(Field { tag, ifd_num: In::PRIMARY, value });
        self
    }

    /// As JPEG, with its EXIF.
    pub fn jpeg(&self) -> Vec<u8> {
        let plain = self.plain_jpeg();
        if self.exif.is_empty() {
            return plain;
        }
        let mut tiff = Cursor::new(Vec::new());
        let mut writer = Writer::new();
        self.exif.iter().for_each(|field| writer.push_field(field));
        writer.write(&mut tiff, false).expect("EXIF can be written");
        let segment = [b"Exif\0\0".as_slice(), tiff.get_ref()].concat();
        let length = u16::try_from(segment.len() + 2).expect("EXIF fits into a segment");
        let (start_of_image, rest) = plain.split_at(2);
        [start_of_image, &[0xFF, 0xE1], &length.to_be_bytes(), &segment, rest].concat()
    }

    fn plain_jpeg(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let (width, height) = (u16::try_from(self.width), u16::try_from(self.height));
        let size = width.and_then(|width| Ok((width, height?))).expect("a size that JPEG has");
        jpeg_encoder::Encoder::new(&mut bytes, 90)
            .encode(self.pixels().as_raw(), size.0, size.1, jpeg_encoder::ColorType::Rgb)
            .expect("the picture can be encoded");
        bytes
    }

    /// As PNG, without EXIF.
    pub fn png(&self) -> Vec<u8> {
        self.encode(ImageFormat::Png)
    }

    /// As GIF, without EXIF.
    pub fn gif(&self) -> Vec<u8> {
        self.encode(ImageFormat::Gif)
    }

    /// As lossless WebP, without EXIF.
    pub fn webp(&self) -> Vec<u8> {
        self.encode(ImageFormat::WebP)
    }

    fn encode(&self, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        self.pixels().write_to(&mut bytes, format).expect("the picture can be encoded");
        bytes.into_inner()
    }

    fn pixels(&self) -> RgbImage {
        let shade = |position: u32, of: u32| u8::try_from(position * 200 / of).unwrap_or(u8::MAX);
        RgbImage::from_fn(self.width, self.height, |x, y| {
            if x < self.width / 2 && y < self.height / 2 {
                Rgb([220, 20, 20])
            } else {
                Rgb([self.seed.wrapping_mul(37), 40 + shade(x, self.width), 40 + shade(y, self.height)])
            }
        })
    }
}

/// Degrees as EXIF has them: whole degrees, whole minutes, thousandths of a second.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "180 degrees fit")]
fn degrees(angle: f64) -> Value {
    let thousandths = (angle.abs() * 3_600_000.0).round() as u32;
    Value::Rational(vec![
        Rational { num: thousandths / 3_600_000, denom: 1 },
        Rational { num: thousandths / 60_000 % 60, denom: 1 },
        Rational { num: thousandths % 60_000, denom: 1000 },
    ])
}

/// The red quarter's place in a picture as served: which of left and right, top and bottom.
pub fn red_corner(bytes: &[u8]) -> (&'static str, &'static str) {
    let picture = decoded(bytes).to_rgb8();
    let (width, height) = picture.dimensions();
    for (horizontal, x) in [("left", width / 5), ("right", width - width / 5 - 1)] {
        for (vertical, y) in [("top", height / 5), ("bottom", height - height / 5 - 1)] {
            let Rgb([red, green, blue]) = *picture.get_pixel(x, y);
            if red > 150 && green < 80 && blue < 80 {
                return (horizontal, vertical);
            }
        }
    }
    panic!("no red corner in a picture of {width}×{height}");
}

/// Width and height of a picture.
pub fn size_of(bytes: &[u8]) -> (u32, u32) {
    let picture = decoded(bytes);
    (picture.width(), picture.height())
}

/// A picture as served: by decoders that the gallery does not use for JPEG.
fn decoded(bytes: &[u8]) -> DynamicImage {
    if !bytes.starts_with(b"\xFF\xD8") {
        return image::load_from_memory(bytes).expect("a picture");
    }
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    let pixels = decoder.decode().expect("a picture");
    let info = decoder.info().expect("its size");
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    match info.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
        _ => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
    }
    .expect("all of its pixels")
}

/// Real camera files in a folder of the collection: below `GALLERY_PHOTOS`, else in `shared/photos`
/// beside the checkout. Empty where there is no collection; tests have their own photos and use
/// these in addition.
pub fn camera_files(folder: &str) -> Vec<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("/"));
    let collection = std::env::var_os("GALLERY_PHOTOS").map_or(beside.join("shared/photos"), PathBuf::from);
    let Ok(entries) = std::fs::read_dir(collection.join(folder)) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn exiftool_reads_what_samples_carry() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("a.jpg");
        let sample = Sample::new(60, 40).camera("Canon", "EOS 40D").lens("35mm").taken("2024:05:17 10:20:30");
        std::fs::write(&file, sample.orientation(6).gps(-33.856_784, 151.215_297, 12).jpeg())
            .expect("a file");
        let output = Command::new("exiftool").args(["-json", "-n"]).arg(&file).output();
        let output = output.expect("exiftool runs; `cargo xtask test` installs it");
        let read: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON of exiftool");
        let read = &read[0];
        assert_eq!(read["Warning"], serde_json::Value::Null);
        assert_eq!((&read["ImageWidth"], &read["ImageHeight"]), (&60.into(), &40.into()));
        assert_eq!(
            (&read["Make"], &read["Model"], &read["LensModel"]),
            (&"Canon".into(), &"EOS 40D".into(), &"35mm".into())
        );
        assert_eq!(
            (&read["Orientation"], &read["DateTimeOriginal"]),
            (&6.into(), &"2024:05:17 10:20:30".into())
        );
        let near =
            |name: &str, expected: f64| (read[name].as_f64().expect(name) - expected).abs() < 0.000_001;
        assert!(
            near("GPSLatitude", -33.856_784)
                && near("GPSLongitude", 151.215_297)
                && near("GPSAltitude", 12.0)
        );
    }

    #[test]
    fn the_red_corner_is_found_where_it_is() {
        assert_eq!(red_corner(&Sample::new(60, 40).jpeg()), ("left", "top"));
        assert_eq!(size_of(&Sample::new(60, 40).png()), (60, 40));
    }
}
