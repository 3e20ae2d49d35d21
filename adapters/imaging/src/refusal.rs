//! Why a photo is refused. Knows no format and nothing of what decodes; who sends the photo reads
//! these words. What is refused is tested in `tests/it/hostile.rs` and `tests/it/formats.rs`.

use std::io::ErrorKind;

use gallery_core::texts::Text;
use gallery_resize::ScaleError;

/// Why a file is no photo.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The bytes are of no known type.
    #[error("not a supported type of photo")]
    Unsupported,
    /// The file is damaged or made to cost too much: the key of the text that says so.
    #[error("{}", Text::new(.0))]
    Undecodable(&'static str),
    /// The file could not be read.
    #[error("the file could not be read")]
    Io(#[source] std::io::Error),
    /// Scaling failed.
    #[error(transparent)]
    Scale(#[from] ScaleError),
}

impl Refusal {
    /// Its time is over.
    pub const TOO_LONG: Self = Self::Undecodable("photo-takes-too-long");
    /// Headers do not agree with each other, or with the picture.
    pub const CONTRADICTING: Self = Self::Undecodable("photo-contradicting-headers");
    /// The file ends within its header.
    pub const CUT_OFF: Self = Self::Undecodable("photo-header-cut-off");
}

/// What a file says can lead to places that no file has, or behind its end: that is its fault, not
/// the machine's.
impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
                Self::Undecodable("photo-points-outside")
            }
            _ => Self::Io(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_machines_faults_are_the_machines() {
        let refusal = |kind: ErrorKind| Refusal::from(std::io::Error::from(kind));
        for kind in [ErrorKind::InvalidInput, ErrorKind::InvalidData, ErrorKind::UnexpectedEof] {
            assert!(matches!(refusal(kind), Refusal::Undecodable(_)), "{kind:?}");
        }
        for kind in [ErrorKind::NotFound, ErrorKind::PermissionDenied, ErrorKind::StorageFull] {
            assert!(matches!(refusal(kind), Refusal::Io(_)), "{kind:?}");
        }
    }
}
