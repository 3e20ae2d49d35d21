//! Photos made by code: every format, with EXIF data, orientation, alpha, and built to harm.

use std::io::{Cursor, Write as _};

use exif::experimental::Writer;
use exif::{Context, Field, In, Rational, SRational, Tag, Value};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use tiff::encoder::TiffEncoder;
use tiff::encoder::colortype::RGB8;

/// Which byte order EXIF data have.
const LITTLE_ENDIAN: bool = true;

/// A picture whose quarters tell how it was turned: red, green / blue, white.
pub fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x * 2 < width, y * 2 < height) {
        (true, true) => Rgb([220, 30, 30]),
        (false, true) => Rgb([30, 200, 30]),
        (true, false) => Rgb([30, 30, 210]),
        (false, false) => Rgb([240, 240, 240]),
    })
}

/// A picture with gentle detail everywhere.
pub fn waves(width: u32, height: u32) -> RgbImage {
    // Up and down between 0 and 252, in 128 steps.
    let wave = |at: u32| u8::try_from((at % 128).min(127 - at % 128) * 4).unwrap_or(u8::MAX);
    RgbImage::from_fn(width, height, |x, y| Rgb([wave(x), wave(y), wave(x / 2 + y / 3)]))
}

/// The quarters with a transparent lower right corner, half transparent in the lower left.
pub fn holed(width: u32, height: u32) -> RgbaImage {
    let quarters = quarters(width, height);
    RgbaImage::from_fn(width, height, |x, y| {
        let Rgb([red, green, blue]) = *quarters.get_pixel(x, y);
        let alpha = match (x * 2 < width, y * 2 < height) {
            (_, true) => 255,
            (true, false) => 128,
            (false, false) => 0,
        };
        Rgba([red, green, blue, alpha])
    })
}

/// A picture in a format.
pub fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let picture = picture.into();
    if format == ImageFormat::Jpeg {
        return jpeg(&picture);
    }
    let mut bytes = Cursor::new(Vec::new());
    if format == ImageFormat::Tiff {
        let (width, height) = (picture.width(), picture.height());
        let mut encoder = TiffEncoder::new(&mut bytes).expect("a header");
        encoder.write_image::<RGB8>(width, height, picture.to_rgb8().as_raw()).expect("an encoder");
    } else {
        picture.write_to(&mut bytes, format).expect("an encoder");
    }
    bytes.into_inner()
}

/// A picture as baseline JPEG: grey or 4:2:0.
fn jpeg(picture: &DynamicImage) -> Vec<u8> {
    let colours = match picture {
        DynamicImage::ImageLuma8(_) => jpeg_encoder::ColorType::Luma,
        _ => jpeg_encoder::ColorType::Rgb,
    };
    let side = |side: u32| u16::try_from(side).expect("a size that JPEG has");
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    encoder
        .encode(picture.as_bytes(), side(picture.width()), side(picture.height()), colours)
        .expect("an encoder");
    bytes
}

/// One small photo of each format.
pub fn one_of_each() -> [(&'static str, Vec<u8>); 5] {
    [
        ("jpeg", encoded(waves(160, 120), ImageFormat::Jpeg)),
        ("png", encoded(waves(80, 60), ImageFormat::Png)),
        ("gif", encoded(quarters(160, 120), ImageFormat::Gif)),
        ("webp", encoded(waves(40, 30), ImageFormat::WebP)),
        ("progressive", Progressive { width: 640, height: 480, scans: 10 }.encode()),
    ]
}

/// EXIF data with these fields.
pub fn exif_of(fields: &[Field]) -> Vec<u8> {
    let mut writer = Writer::new();
    for field in fields {
        writer.push_field(field);
    }
    let mut bytes = Cursor::new(Vec::new());
    writer.write(&mut bytes, LITTLE_ENDIAN).expect("EXIF data");
    bytes.into_inner()
}

/// A field of the photo's own directories.
pub fn field(tag: Tag, value: Value) -> Field {
    Field { tag, ifd_num: In::PRIMARY, value }
}

/// Text, with its NUL.
pub fn text(value: &str) -> Value {
    Value::Ascii(vec![value.as_bytes().to_vec()])
}

/// Fractions.
pub fn rational(values: &[(u32, u32)]) -> Value {
    Value::Rational(values.iter().map(|(num, denom)| Rational { num: *num, denom: *denom }).collect())
}

/// A signed fraction.
pub fn signed(num: i32, denom: i32) -> Value {
    Value::SRational(vec![SRational { num, denom }])
}

/// EXIF data with nothing but an orientation.
pub fn orientation_exif(orientation: u16) -> Vec<u8> {
    exif_of(&[field(Tag::Orientation, Value::Short(vec![orientation]))])
}

/// What a camera writes.
pub fn camera_exif() -> Vec<u8> {
    exif_of(&camera_fields())
}

/// What a camera writes, as fields.
pub fn camera_fields() -> Vec<Field> {
    let mut comment = b"UNICODE\0".to_vec();
    comment.extend("Zoë".encode_utf16().flat_map(u16::to_le_bytes));
    let mut fields = vec![
        field(Tag::Make, text("Canon")),
        field(Tag::Model, text("Canon EOS 40D")),
        field(Tag::Orientation, Value::Short(vec![6])),
        field(Tag::XResolution, rational(&[(72, 1)])),
        field(Tag::ResolutionUnit, Value::Short(vec![2])),
        field(Tag::Copyright, text("A. Photographer")),
        field(Tag::ExposureTime, rational(&[(1, 60)])),
        field(Tag::FNumber, rational(&[(28, 10)])),
        field(Tag::ExposureProgram, Value::Short(vec![2])),
        field(Tag::PhotographicSensitivity, Value::Short(vec![400])),
        field(Tag::ExifVersion, Value::Undefined(b"0232".to_vec(), 0)),
        field(Tag::DateTimeOriginal, text("2008:10:22 16:28:39")),
        field(Tag::OffsetTimeOriginal, text("+02:00")),
        field(Tag::ComponentsConfiguration, Value::Undefined(vec![1, 2, 3, 0], 0)),
        field(Tag::ShutterSpeedValue, signed(6, 1)),
        field(Tag::ApertureValue, rational(&[(2_970_854, 1_000_000)])),
        field(Tag::ExposureBiasValue, signed(-1, 3)),
        field(Tag::SubjectDistance, rational(&[(u32::MAX, 0)])),
        field(Tag::Flash, Value::Short(vec![16])),
        field(Tag::FocalLength, rational(&[(24, 1)])),
        field(Tag::UserComment, Value::Undefined(comment, 0)),
        field(Tag::SubSecTimeOriginal, text("042")),
        field(Tag::ColorSpace, Value::Short(vec![1])),
        field(Tag::CustomRendered, Value::Short(vec![77])),
        field(Tag::LensSpecification, rational(&[(24, 1), (70, 1), (28, 10), (28, 10)])),
        field(Tag::LensModel, text("EF24-70mm f/2.8L USM")),
        // Not in exiftool's table, so not printed.
        field(Tag(Context::Exif, 0xFDE1), text("unknown")),
    ];
    fields.extend(place_fields());
    fields
}

/// Where and when, from satellites.
pub fn place_fields() -> Vec<Field> {
    vec![
        field(Tag::GPSVersionID, Value::Byte(vec![2, 3, 0, 0])),
        field(Tag::GPSLatitudeRef, text("N")),
        field(Tag::GPSLatitude, rational(&[(43, 1), (28, 1), (281, 100)])),
        field(Tag::GPSLongitudeRef, text("W")),
        field(Tag::GPSLongitude, rational(&[(11, 1), (53, 1), (646, 100)])),
        field(Tag::GPSAltitudeRef, Value::Byte(vec![1])),
        field(Tag::GPSAltitude, rational(&[(7, 2)])),
        field(Tag::GPSTimeStamp, rational(&[(14, 1), (28, 1), (1724, 100)])),
        field(Tag::GPSDateStamp, text("2008:10:22")),
    ]
}

/// A JPEG with this EXIF data.
pub fn jpeg_with_exif(exif: &[u8]) -> Vec<u8> {
    with_exif(&encoded(quarters(64, 48), ImageFormat::Jpeg), exif)
}

/// A JPEG's bytes with EXIF data after its first marker.
pub fn with_exif(jpeg: &[u8], exif: &[u8]) -> Vec<u8> {
    with_segment(jpeg, 0xE1, &[b"Exif\0\0", exif].concat())
}

/// A JPEG's bytes with a segment after its first marker.
pub fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    push_segment(&mut bytes, marker, content);
    bytes.extend_from_slice(&jpeg[2..]);
    bytes
}

fn push_segment(bytes: &mut Vec<u8>, marker: u8, content: &[u8]) {
    let length = u16::try_from(content.len() + 2).expect("a segment's length");
    bytes.extend([0xFF, marker]);
    bytes.extend(length.to_be_bytes());
    bytes.extend_from_slice(content);
}

/// A PNG's bytes with a chunk after its header.
pub fn with_chunk(png: &[u8], kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    const AFTER_HEADER: usize = 8 + 25;
    [&png[..AFTER_HEADER], &chunk(kind, content), &png[AFTER_HEADER..]].concat()
}

/// A PNG chunk.
pub fn chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("a chunk's length");
    let checked = [&kind, content].concat();
    let mut crc = flate2::Crc::new();
    crc.update(&checked);
    [&length.to_be_bytes(), checked.as_slice(), &crc.sum().to_be_bytes()].concat()
}

/// Bytes compressed as in PNG.
pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("compressed bytes");
    encoder.finish().expect("compressed bytes")
}

/// As many MiB of zeros, compressed to a thousandth: one piece that needs nothing before it, again
/// and again.
pub fn deflated_zeros(mebibytes: usize) -> Vec<u8> {
    const ZLIB_HEADER: [u8; 2] = [0x78, 0x9C];
    let zeros = vec![0; 1 << 20];
    let mut deflate = flate2::Compress::new(flate2::Compression::best(), false);
    let mut piece = Vec::with_capacity(16 * 1024);
    deflate.compress_vec(&zeros, &mut piece, flate2::FlushCompress::Full).expect("a compressed piece");
    assert_eq!(deflate.total_in(), 1 << 20, "it holds all zeros");
    [ZLIB_HEADER.as_slice(), &piece.repeat(mebibytes)].concat()
}

/// A small PNG whose colour profile is 300 MiB long.
pub fn profile_bomb() -> Vec<u8> {
    let profile = [b"icc\0\0".as_slice(), &deflated_zeros(300)].concat();
    with_chunk(&encoded(quarters(64, 48), ImageFormat::Png), *b"iCCP", &profile)
}

/// A PNG that promises this size and holds a few rows of it.
pub fn png_bomb(width: u32, height: u32) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 0]);
    png_of(&header, &deflated(&vec![0; 300_000]))
}

/// A PNG of this header and compressed rows.
pub fn png_of(header: &[u8], rows: &[u8]) -> Vec<u8> {
    let chunks = [chunk(*b"IHDR", header), chunk(*b"IDAT", rows), chunk(*b"IEND", &[])].concat();
    [b"\x89PNG\r\n\x1a\n".as_slice(), &chunks].concat()
}

/// A progressive JPEG in three colours without subsampling, black left of its middle and white
/// right of it; after its first scan, which has the colours, come scans that say nothing, in few
/// bytes.
pub struct Progressive {
    pub width: u16,
    pub height: u16,
    pub scans: u8,
}

impl Progressive {
    /// The start of a file that promises this size.
    pub fn bomb(width: u16, height: u16, length: usize) -> Vec<u8> {
        let mut bytes = Self { width: 2000, height: 100, scans: 1 }.encode();
        let frame = bytes.windows(2).position(|marker| marker == [0xFF, 0xC2]).expect("a frame");
        bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
        bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
        bytes.truncate(length);
        bytes
    }

    /// The file.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8];
        push_segment(&mut bytes, 0xDB, &[&[0], [1_u8; 64].as_slice()].concat());
        let [h1, h0] = self.height.to_be_bytes();
        let [w1, w0] = self.width.to_be_bytes();
        let components = [1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0];
        push_segment(&mut bytes, 0xC2, &[[8, h1, h0, w1, w0, 3].as_slice(), &components].concat());
        // DC: categories 0 to 11; AC: ends of block runs 0 to 14. All codes have four bits.
        push_segment(&mut bytes, 0xC4, &huffman_table(0x00, (0..12).collect()));
        push_segment(&mut bytes, 0xC4, &huffman_table(0x10, (0..15).map(|run| run << 4).collect()));
        push_segment(&mut bytes, 0xDA, &[3, 1, 0, 2, 0, 3, 0, 0, 0, 0x00]);
        bytes.extend(self.colours());
        for scan in 1..self.scans {
            push_segment(&mut bytes, 0xDA, &[1, 1 + scan % 3, 0, 1, 63, 0x00]);
            bytes.extend(self.nothing());
        }
        bytes.extend([0xFF, 0xD9]);
        bytes
    }

    fn blocks(&self) -> (u32, u32) {
        (u32::from(self.width).div_ceil(8), u32::from(self.height).div_ceil(8))
    }

    /// First DC scan: each row begins black and turns white in its middle; both other components
    /// stay at zero.
    fn colours(&self) -> Vec<u8> {
        let (columns, rows) = self.blocks();
        let mut bits = Bits::default();
        let mut last = 0_i32;
        for _ in 0..rows {
            for column in 0..columns {
                let level = if column * 2 < columns { -1000 } else { 1000 };
                let difference = level - last;
                last = level;
                if difference == 0 {
                    bits.push(0, 4);
                } else {
                    // Its category, then it, or its complement when it is negative (T.81, F.1.2.1).
                    let category = 32 - difference.unsigned_abs().leading_zeros();
                    let value = if difference < 0 { difference - 1 } else { difference };
                    bits.push(category, 4);
                    bits.push(value.cast_unsigned() & ((1 << category) - 1), category);
                }
                bits.push(0, 4);
                bits.push(0, 4);
            }
        }
        bits.finish()
    }

    /// A first AC scan in which every block is zero (T.81, G.1.2.2): runs of ends of block.
    fn nothing(&self) -> Vec<u8> {
        let (columns, rows) = self.blocks();
        let mut left = columns * rows;
        let mut bits = Bits::default();
        while left > 0 {
            let exponent = left.ilog2().min(14);
            let run = left.min((2 << exponent) - 1);
            bits.push(exponent, 4);
            bits.push(run - (1 << exponent), exponent);
            left -= run;
        }
        bits.finish()
    }
}

/// A table in which every symbol's code is its place, in four bits (T.81, B.2.4.2).
fn huffman_table(class: u8, symbols: Vec<u8>) -> Vec<u8> {
    let mut table = vec![class, 0, 0, 0, u8::try_from(symbols.len()).expect("few symbols")];
    table.extend([0; 12]);
    table.extend(symbols);
    table
}

/// Entropy-coded bits, stuffed.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    current: u8,
    used: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        for place in (0..count).rev() {
            self.current = self.current << 1 | u8::from(value >> place & 1 == 1);
            self.used += 1;
            if self.used == 8 {
                self.bytes.push(self.current);
                if self.current == 0xFF {
                    self.bytes.push(0);
                }
                (self.current, self.used) = (0, 0);
            }
        }
    }

    fn finish(mut self) -> Vec<u8> {
        while self.used != 0 {
            self.push(1, 1);
        }
        self.bytes
    }
}
