//! Looking into photos: the port [`Imaging`].

use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;

use crate::model::{Captions, ImageFacts, ImageType, Rendition};
use crate::texts::Text;

/// Why a file is no photo that the gallery takes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImagingError {
    /// The bytes are of no supported type.
    #[error("not a supported type of photo")]
    Unsupported,
    /// The header promises more pixels than are allowed.
    #[error("{width} × {height} pixels are more than {max_megapixels} megapixels")]
    TooManyPixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// What is allowed, in millions of pixels.
        max_megapixels: u32,
    },
    /// The file is damaged or costs too much to decode, so that no picture can be shown.
    #[error("the photo cannot be decoded: {0}")]
    Undecodable(Text),
    /// All decoders are busy; try again in some seconds.
    #[error("too many photos are being processed")]
    Busy,
    /// The machine failed: the file could not be read, or a thread died.
    #[error("imaging failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What was made of a photo.
#[derive(Debug, Clone)]
pub struct Processed {
    /// What was read from the file.
    pub facts: ImageFacts,
    /// What people wrote into it.
    pub captions: Captions,
    /// What earlier rules made of the same file: a photo that still has it has what its file gave
    /// it.
    pub former_captions: Captions,
    /// The three renditions, the largest first. They carry no metadata.
    pub renditions: Vec<RenditionBytes>,
}

/// One rendition.
#[derive(Debug, Clone)]
pub struct RenditionBytes {
    /// Which one.
    pub rendition: Rendition,
    /// Its type.
    pub content_type: ImageType,
    /// Its bytes.
    pub bytes: Bytes,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Sniffs, measures, decodes, orients and scales photos.
#[async_trait]
pub trait Imaging: Send + Sync + 'static {
    /// Reads a file and makes everything of it. The type MUST come from the bytes; the limits MUST
    /// be checked on the header, before anything is decoded; a file of which a part can be decoded
    /// is shown with that part, and said to be damaged. No rendition MUST have more pixels than the
    /// photo. MUST NOT panic and MUST NOT block the caller's thread, whatever the file holds.
    /// Metadata that cannot be read is left out.
    async fn process(&self, file: &Path) -> Result<Processed, ImagingError>;
}
