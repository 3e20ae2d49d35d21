//! Why a photo is refused. Knows no format and nothing of what decodes; who sends the photo reads
//! these words. What is refused is tested in `tests/it/hostile.rs` and `tests/it/formats.rs`.

use gallery_resize::ScaleError;

/// Why a file is no photo. The words are for the person who sent it.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The bytes are of no known type.
    #[error("not a supported type of photo")]
    Unsupported,
    /// The file is damaged or made to cost too much.
    #[error("{0}")]
    Undecodable(&'static str),
    /// The file could not be read.
    #[error("the file could not be read")]
    Io(#[from] std::io::Error),
    /// Scaling failed.
    #[error(transparent)]
    Scale(#[from] ScaleError),
}

impl Refusal {
    /// Its time is over.
    pub const TOO_LONG: Self = Self::Undecodable("it takes too long to decode");
    /// Headers do not agree with each other, or with the picture.
    pub const CONTRADICTING: Self = Self::Undecodable("it has contradicting headers");
    /// The file ends within its header.
    pub const CUT_OFF: Self = Self::Undecodable("its header is cut off");
}
