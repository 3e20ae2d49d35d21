//! From a decoded picture to renditions and placeholder, without any metadata. Knows no source format; tests are
//! in `tests/imaging/renditions.rs`.

use bytes::Bytes;
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{MulDiv, ResizeOptions, Resizer};
use gallery_core::model::{ImageType, Rendition};
use gallery_core::ports::RenditionBytes;
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;

use crate::picture::{Layout, Orientation, Picture, Size};

/// Quality of the JPEG renditions on libjpeg's scale: the usual middle between size and visible artefacts.
const JPEG_QUALITY: u8 = 82;
/// A thumbhash is made from at most this many pixels a side; its reference code asks for it.
const PLACEHOLDER_SIDE: u32 = 100;

/// Scaling or encoding failed: a fault of this program, not of the photo.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("scaling failed")]
    Resize(#[from] fast_image_resize::ResizeError),
    #[error("scaling failed: {0}")]
    Buffer(#[from] fast_image_resize::ImageBufferError),
    #[error("alpha could not be premultiplied")]
    Alpha(#[from] fast_image_resize::ImageError),
    #[error("JPEG could not be written")]
    Jpeg(#[from] image::ImageError),
    #[error("PNG could not be written")]
    Png(#[from] png::EncodingError),
}

/// What is made of a picture.
#[derive(Debug)]
pub struct Rendered {
    /// The size as displayed.
    pub size: Size,
    /// A thumbhash.
    pub placeholder: Vec<u8>,
    /// The largest first.
    pub renditions: Vec<RenditionBytes>,
}

/// Bytes of memory that rendering takes besides the picture: what was scaled horizontally only, the large
/// rendition, and the same once more while it is turned or encoded.
pub fn working_bytes(size: Size, channels: u64) -> u64 {
    let large = size.within(Rendition::Large.max_side().unwrap_or(u32::MAX));
    let scaled_once = u64::from(large.width.get()) * u64::from(size.height.get());
    channels * (scaled_once + 2 * large.pixels())
}

/// Makes everything of a picture. Smaller renditions are scaled from the large one.
pub fn render(picture: Picture, orientation: Orientation) -> Result<Rendered, RenderError> {
    let size = picture.size.oriented(orientation);
    let mut scaler = Scaler::new();
    // Colours are weighted by their alpha while scaling, so that what is transparent does not shine through.
    let large = scaler.scaled_down(scaler.premultiplied(picture)?, Rendition::Large.max_side())?;
    let large = large.oriented(orientation).without_useless_alpha();

    let medium = scaler.scaled(&large, Rendition::Medium.max_side())?;
    let small = scaler.scaled(&large, Rendition::Small.max_side())?;
    let placeholder = scaler.scaled(&small, Some(PLACEHOLDER_SIDE))?;
    let placeholder = thumbhash(&scaler.straight(placeholder)?);

    let mut renditions = Vec::with_capacity(Rendition::DERIVED.len());
    for (rendition, picture) in Rendition::DERIVED.into_iter().zip([large, medium, small]) {
        renditions.push(encoded(rendition, &scaler.straight(picture)?)?);
    }
    Ok(Rendered { size, placeholder, renditions })
}

/// Scales with `fast_image_resize`: Lanczos, three lobes.
struct Scaler {
    resizer: Resizer,
    alpha: MulDiv,
}

impl Scaler {
    fn new() -> Self {
        Self { resizer: Resizer::new(), alpha: MulDiv::new() }
    }

    fn premultiplied(&self, mut picture: Picture) -> Result<Picture, RenderError> {
        if picture.layout.has_alpha() {
            self.alpha.multiply_alpha_inplace(&mut as_image(&mut picture)?)?;
        }
        Ok(picture)
    }

    fn straight(&self, mut picture: Picture) -> Result<Picture, RenderError> {
        if picture.layout.has_alpha() {
            self.alpha.divide_alpha_inplace(&mut as_image(&mut picture)?)?;
        }
        Ok(picture)
    }

    /// The picture itself when it is small enough already.
    fn scaled_down(&mut self, picture: Picture, max_side: Option<u32>) -> Result<Picture, RenderError> {
        if max_side.is_none_or(|max| picture.size.within(max) == picture.size) {
            return Ok(picture);
        }
        self.scaled(&picture, max_side)
    }

    /// A copy in which no side is longer than this.
    fn scaled(&mut self, picture: &Picture, max_side: Option<u32>) -> Result<Picture, RenderError> {
        let size = max_side.map_or(picture.size, |max| picture.size.within(max));
        if size == picture.size {
            return Ok(picture.clone());
        }
        let pixel_type = picture.layout.pixel_type();
        let (width, height) = (picture.size.width.get(), picture.size.height.get());
        let source = ImageRef::new(width, height, &picture.pixels, pixel_type)?;
        let mut target = Image::new(size.width.get(), size.height.get(), pixel_type);
        self.resizer.resize(&source, &mut target, &ResizeOptions::new().use_alpha(false))?;
        // What was scaled horizontally can be large; it is not needed again.
        self.resizer.reset_internal_buffers();
        Ok(Picture { size, layout: picture.layout, pixels: target.into_vec() })
    }
}

fn as_image(picture: &mut Picture) -> Result<Image<'_>, RenderError> {
    let (width, height) = (picture.size.width.get(), picture.size.height.get());
    Ok(Image::from_slice_u8(width, height, &mut picture.pixels, picture.layout.pixel_type())?)
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

/// Photos become JPEG; what has transparent pixels becomes PNG, as JPEG has no alpha and the WebP encoder at
/// hand is lossless and not smaller.
fn encoded(rendition: Rendition, picture: &Picture) -> Result<RenditionBytes, RenderError> {
    let (width, height) = (picture.size.width.get(), picture.size.height.get());
    let mut bytes = Vec::new();
    let content_type = match picture.layout {
        Layout::Luma | Layout::Rgb => {
            let colours =
                if picture.layout == Layout::Luma { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
            JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).encode(
                &picture.pixels,
                width,
                height,
                colours,
            )?;
            ImageType::Jpeg
        }
        Layout::LumaAlpha | Layout::Rgba => {
            let colours = if picture.layout == Layout::LumaAlpha {
                png::ColorType::GrayscaleAlpha
            } else {
                png::ColorType::Rgba
            };
            let mut encoder = png::Encoder::new(&mut bytes, width, height);
            encoder.set_color(colours);
            encoder.set_depth(png::BitDepth::Eight);
            let mut writer = encoder.write_header()?;
            writer.write_image_data(&picture.pixels)?;
            writer.finish()?;
            ImageType::Png
        }
    };
    Ok(RenditionBytes { rendition, content_type, bytes: Bytes::from(bytes), width, height })
}
