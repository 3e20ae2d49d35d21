//! Photos that cost a decoder what a camera's do: large shapes with borders, texture of all sizes
//! and a sensor's noise, as a JPEG with colour at half the resolution and some 0.3 bytes a pixel.
//! The same ones every time.

use std::fs;
use std::path::Path;

use anyhow::Result;
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, SamplingFactor};

use crate::exif;

/// Widths and heights: 5, 8, 12, 16 and 24 megapixels.
const SIZES: [(u16, u16); 5] = [(2592, 1944), (3264, 2448), (4032, 3024), (4608, 3456), (6000, 4000)];

/// The photo of 12 megapixels that is made in other ways, too.
const OTHER: u16 = 2;

/// Photos made.
const PHOTOS: u16 = 24;

/// What phones and cameras commonly write.
const QUALITY: u8 = 90;

/// Turned clockwise by 90° for display, as EXIF has it.
const PORTRAIT: u16 = 6;

/// Texture: the distance of lattice points in pixels, and how much it adds at most.
const OCTAVES: [(usize, f32); 5] = [(1024, 70.0), (256, 40.0), (64, 22.0), (16, 13.0), (4, 10.0)];

/// What the sensor adds at most.
const NOISE: f32 = 9.0;

/// What ends a JPEG, in bytes.
const END: usize = 2;

/// Writes the JPEGs, every third of them a portrait, and one picture of 12 megapixels as
/// `other.png` and `other.webp`, as `sound.jpeg` and, without its end, as `damaged.jpeg`.
pub fn make(folder: &Path) -> Result<()> {
    for number in 0..PHOTOS {
        let (width, height) = SIZES[usize::from(number) % SIZES.len()];
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, QUALITY);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
        encoder.add_app_segment(1, exif::block(if number % 3 == 2 { PORTRAIT } else { 1 })?)?;
        let pixels = pixels(number.into(), width.into(), height.into());
        encoder.encode(&pixels, width, height, ColorType::Ycbcr)?;
        if number == OTHER {
            fs::write(folder.join("sound.jpeg"), &bytes)?;
            fs::write(folder.join("damaged.jpeg"), &bytes[..bytes.len() - END])?;
        }
        fs::write(folder.join(format!("{number:02}-{width}x{height}.jpg")), bytes)?;
    }
    let (width, height) = SIZES[usize::from(OTHER)];
    let rgb: Vec<u8> =
        pixels(0, width.into(), height.into()).as_chunks().0.iter().copied().flat_map(rgb).collect();
    let (width, height) = (u32::from(width), u32::from(height));
    let mut encoder = png::Encoder::new(fs::File::create(folder.join("other.png"))?, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(&rgb)?;
    let webp = image_webp::WebPEncoder::new(fs::File::create(folder.join("other.webp"))?);
    Ok(webp.encode(&rgb, width, height, image_webp::ColorType::Rgb8)?)
}

/// Brightness and the two colours of each pixel.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "limited to a byte")]
fn pixels(seed: u32, width: usize, height: usize) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(3 * width * height);
    let (mut light, mut blue, mut red) = (vec![0.0; width], vec![0.0; width], vec![0.0; width]);
    let mut noise = Noise(seed ^ 0x9E37_79B9);
    for y in 0..height {
        light.fill(128.0);
        blue.fill(128.0);
        red.fill(128.0);
        for (octave, (step, strength)) in (0..).zip(OCTAVES) {
            add(&mut light, y, step, strength, seed * 31 + octave);
            if octave == 1 {
                // What lies in front is darker, and its border is sharp.
                light.iter_mut().filter(|light| **light > 128.0).for_each(|light| *light -= 50.0);
            }
        }
        for (octave, (step, strength)) in (100..).zip([(512, 30.0), (32, 8.0)]) {
            add(&mut blue, y, step, strength, seed * 31 + octave);
            add(&mut red, y, step, strength, seed * 31 + 10 + octave);
        }
        for ((light, blue), red) in light.iter().zip(&blue).zip(&red) {
            pixels.extend(
                [light + NOISE * noise.next(), *blue, *red].map(|value| value.clamp(0.0, 255.0) as u8),
            );
        }
    }
    pixels
}

/// Adds to a row what lies between random values at the points of a lattice.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn add(row: &mut [f32], y: usize, step: usize, strength: f32, seed: u32) {
    let (above, down) = (y / step, (y % step) as f32 / step as f32);
    let at = |column: usize| {
        let value = |line: usize| random(seed, column, line);
        strength * (value(above) + (value(above + 1) - value(above)) * down)
    };
    for (column, stretch) in row.chunks_mut(step).enumerate() {
        let (from, slope) = (at(column), (at(column + 1) - at(column)) / step as f32);
        stretch.iter_mut().enumerate().for_each(|(x, value)| *value += from + slope * x as f32);
    }
}

/// From -1 to 1, the same for the same point.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "whatever mixes")]
fn random(seed: u32, column: usize, line: usize) -> f32 {
    // The end of MurmurHash3, twice.
    let mix = |mut value: u32| {
        value = (value ^ (value >> 16)).wrapping_mul(0x85EB_CA6B);
        value = (value ^ (value >> 13)).wrapping_mul(0xC2B2_AE35);
        value ^ (value >> 16)
    };
    let mixed = mix(mix(seed.wrapping_mul(0x9E37_79B9) ^ column as u32).wrapping_add(line as u32));
    (mixed >> 16) as f32 / 32_768.0 - 1.0
}

/// A generator of numbers (xorshift, 32 bits).
struct Noise(u32);

impl Noise {
    #[expect(clippy::cast_precision_loss, reason = "16 bits")]
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 16) as f32 / 32_768.0 - 1.0
    }
}

/// JFIF's colours as red, green and blue.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "limited to a byte")]
fn rgb([light, blue, red]: [u8; 3]) -> [u8; 3] {
    let (light, blue, red) = (f32::from(light), f32::from(blue) - 128.0, f32::from(red) - 128.0);
    [light + 1.402 * red, light - 0.344 * blue - 0.714 * red, light + 1.772 * blue]
        .map(|value| value.clamp(0.0, 255.0) as u8)
}
