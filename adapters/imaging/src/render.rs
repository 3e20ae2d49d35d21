//! From the large picture to renditions and placeholder, without any metadata. Knows no source
//! format; tests are in `tests/it/renditions.rs`.

use bytes::Bytes;
use gallery_core::model::{ImageType, Rendition};
use gallery_core::ports::RenditionBytes;
use image_webp::WebPEncoder;
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, QuantizationTableType, SamplingFactor};

use crate::picture::{Layout, Orientation, Picture, Size};
use gallery_resize::{ScaleError, Scaler, unweigh, weigh};

/// Quality of the JPEG renditions on libjpeg's scale, by measurement: docs/adr/0014.
const JPEG_QUALITY: u8 = 80;
/// A thumbhash is made from at most this many pixels a side; its reference code asks for it.
const PLACEHOLDER_SIDE: u32 = 100;

/// Scaling or encoding failed: a fault of this program, not of the photo.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error(transparent)]
    Scale(#[from] ScaleError),
    #[error("JPEG could not be written")]
    Jpeg(#[from] jpeg_encoder::EncodingError),
    #[error("WebP could not be written")]
    WebP(#[from] image_webp::EncodingError),
}

/// What is made of a picture.
#[derive(Debug)]
pub struct Rendered {
    /// A thumbhash.
    pub placeholder: Vec<u8>,
    /// The largest first.
    pub renditions: Vec<RenditionBytes>,
}

/// The size of the large rendition of a picture of this size.
pub fn large_size(size: Size) -> Size {
    size.within(Rendition::Large.max_side().unwrap_or(u32::MAX))
}

/// Bytes of memory that scaling and rendering take besides the decoder: all rows at the large
/// rendition's width, the scaled planes, the large picture, and the same once more while it is
/// turned or encoded.
pub fn working_bytes(size: Size, channels: u64) -> u64 {
    /// Bands, coefficients and encoders.
    const REST: u64 = 8 << 20;
    let large = large_size(size);
    let scaled_once = u64::from(large.width.get()) * u64::from(size.height.get());
    channels * (scaled_once + large.pixels()) + 8 * large.pixels() + REST
}

/// Makes everything of the large picture. Smaller renditions are scaled from it.
pub fn render(large: Picture, orientation: Orientation) -> Result<Rendered, RenderError> {
    let large = large.oriented(orientation).without_useless_alpha();
    let mut scaler = Scaler::default();
    let medium = scaled(&mut scaler, &large, Rendition::Medium.max_side())?;
    let small = scaled(&mut scaler, medium.as_ref().unwrap_or(&large), Rendition::Small.max_side())?;
    let smallest = small.as_ref().or(medium.as_ref()).unwrap_or(&large);
    let tiny = scaled(&mut scaler, smallest, Some(PLACEHOLDER_SIDE))?;
    let placeholder = thumbhash(tiny.as_ref().unwrap_or(smallest));

    let pictures = [&large, medium.as_ref().unwrap_or(&large), smallest];
    let mut renditions: Vec<RenditionBytes> = Vec::with_capacity(pictures.len());
    for (rendition, picture) in Rendition::DERIVED.into_iter().zip(pictures) {
        // A small photo is its own thumbnail: what is the same is encoded once.
        let made = match renditions.last() {
            Some(larger) if (larger.width, larger.height) == picture.size.sides() => {
                RenditionBytes { rendition, ..larger.clone() }
            }
            _ => encoded(rendition, picture)?,
        };
        renditions.push(made);
    }
    Ok(Rendered { placeholder, renditions })
}

/// A copy in which no side is longer than this; None when none is. Alpha is not premultiplied, here
/// and there.
fn scaled(
    scaler: &mut Scaler,
    picture: &Picture,
    max_side: Option<u32>,
) -> Result<Option<Picture>, ScaleError> {
    let size = max_side.map_or(picture.size, |max| picture.size.within(max));
    if size == picture.size {
        return Ok(None);
    }
    let channels = u8::try_from(picture.layout.channels()).unwrap_or(u8::MAX);
    let mut pixels = vec![0; size.width.get() as usize * size.height.get() as usize * usize::from(channels)];
    if picture.layout.has_alpha() {
        let mut weighted = picture.pixels.clone();
        weigh(&mut weighted, channels);
        scaler.scale((&weighted, picture.size.sides()), (&mut pixels, size.sides()), channels)?;
        unweigh(&mut pixels, channels);
    } else {
        scaler.scale((&picture.pixels, picture.size.sides()), (&mut pixels, size.sides()), channels)?;
    }
    Ok(Some(Picture { size, layout: picture.layout, pixels }))
}

fn thumbhash(picture: &Picture) -> Vec<u8> {
    let rgba: Vec<u8> = picture
        .pixels
        .chunks_exact(picture.layout.channels())
        .flat_map(|pixel| match *pixel {
            [grey] => [grey, grey, grey, u8::MAX],
            [grey, alpha] => [grey, grey, grey, alpha],
            [red, green, blue] => [red, green, blue, u8::MAX],
            [red, green, blue, alpha, ..] => [red, green, blue, alpha],
            [] => [0; 4],
        })
        .collect();
    let (width, height) = (picture.size.width.get() as usize, picture.size.height.get() as usize);
    thumbhash::rgba_to_thumb_hash(width, height, &rgba)
}

/// Photos become JPEG; what has transparent pixels becomes lossless WebP, as JPEG has no alpha.
fn encoded(rendition: Rendition, picture: &Picture) -> Result<RenditionBytes, RenderError> {
    let (content_type, bytes) = match picture.layout {
        Layout::Luma => (ImageType::Jpeg, jpeg(picture, ColorType::Luma)?),
        Layout::Rgb => (ImageType::Jpeg, jpeg(picture, ColorType::Rgb)?),
        Layout::LumaAlpha => (ImageType::WebP, webp(picture, image_webp::ColorType::La8)?),
        Layout::Rgba => (ImageType::WebP, webp(picture, image_webp::ColorType::Rgba8)?),
    };
    let (width, height) = picture.size.sides();
    Ok(RenditionBytes { rendition, content_type, bytes: Bytes::from(bytes), width, height })
}

fn jpeg(picture: &Picture, colours: ColorType) -> Result<Vec<u8>, RenderError> {
    // A rendition's sides are at most 2,048.
    let side = |side: std::num::NonZeroU32| u16::try_from(side.get()).unwrap_or(u16::MAX);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, JPEG_QUALITY);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    encoder.set_quantization_tables(
        QuantizationTableType::KleinSilversteinCarney,
        QuantizationTableType::KleinSilversteinCarney,
    );
    encoder.set_optimized_huffman_tables(true);
    encoder.encode(&picture.pixels, side(picture.size.width), side(picture.size.height), colours)?;
    Ok(bytes)
}

fn webp(picture: &Picture, colours: image_webp::ColorType) -> Result<Vec<u8>, RenderError> {
    let mut bytes = Vec::new();
    let (width, height) = picture.size.sides();
    WebPEncoder::new(&mut bytes).encode(&picture.pixels, width, height, colours)?;
    Ok(bytes)
}
