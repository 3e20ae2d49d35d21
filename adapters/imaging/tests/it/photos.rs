//! Running the pipeline on bytes or files, and finding real camera files.

use std::path::{Path, PathBuf};

use gallery_core::ports::{Imaging as _, ImagingError, Processed, RenditionBytes};
use gallery_imaging::{Limits, RustImaging};
use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::PixelFormat;

/// Processes bytes with the default limits.
pub fn process(bytes: &[u8]) -> Result<Processed, ImagingError> {
    process_within(Limits::default(), bytes)
}

/// Processes bytes within limits.
pub fn process_within(limits: Limits, bytes: &[u8]) -> Result<Processed, ImagingError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("upload");
    std::fs::write(&file, bytes).expect("a file in it");
    process_file(limits, &file)
}

/// Processes a file within limits.
pub fn process_file(limits: Limits, file: &Path) -> Result<Processed, ImagingError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(RustImaging::new(limits).process(file))
}

/// A rendition as it was decoded again: width, height, and red, green, blue, alpha of each pixel.
pub fn decoded(rendition: &RenditionBytes) -> image::RgbaImage {
    picture(&rendition.bytes).to_rgba8()
}

/// A picture, decoded by decoders that the gallery does not use for JPEG.
pub fn picture(bytes: &[u8]) -> DynamicImage {
    if !bytes.starts_with(b"\xFF\xD8") {
        return image::load_from_memory(bytes).expect("a picture that can be decoded");
    }
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    let pixels = decoder.decode().expect("a JPEG that can be decoded");
    let info = decoder.info().expect("its size");
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    match info.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
        _ => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
    }
    .expect("all of its pixels")
}

/// The folder with real camera files: named by `GALLERY_PHOTOS`, or `shared/photos` beside the
/// checkout.
pub fn camera_files() -> Option<PathBuf> {
    let folder = std::env::var_os("GALLERY_PHOTOS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/photos"), PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// Small files, most of them by other programs.
pub fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

/// All files under a folder whose name ends like this, in order; with any end, if this is empty.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if extension.is_empty()
            || path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(extension))
        {
            found.push(path);
        }
    }
    found.sort();
    found
}
