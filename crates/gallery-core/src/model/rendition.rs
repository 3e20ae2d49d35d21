//! The forms in which a photo is stored and served, and the types of their files. Plain data:
//! nothing here knows a key or a blob store.

use serde::{Deserialize, Serialize};

/// The image types the gallery takes and serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ImageType {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// GIF.
    Gif,
    /// WebP.
    WebP,
    /// AVIF: AV1 in HEIF.
    Avif,
    /// HEIC: HEVC in HEIF.
    Heic,
    /// TIFF.
    Tiff,
    /// BMP.
    Bmp,
}

impl ImageType {
    /// The media type (IANA).
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Avif => "image/avif",
            Self::Heic => "image/heic",
            Self::Tiff => "image/tiff",
            Self::Bmp => "image/bmp",
        }
    }

    /// The type's own name, in small letters: the second half of its media type.
    pub fn name(self) -> &'static str {
        self.media_type().trim_start_matches("image/")
    }

    /// The usual ending of a file name, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Avif => "avif",
            Self::Heic => "heic",
            Self::Tiff => "tif",
            Self::Bmp => "bmp",
        }
    }
}

/// The forms in which a photo is stored and served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rendition {
    /// The file as uploaded.
    Original,
    /// At most 2,048 pixels on the longest side.
    Large,
    /// At most 1,024 pixels on the longest side.
    Medium,
    /// At most 320 pixels on the longest side.
    Small,
}

impl Rendition {
    /// The original and all renditions, the largest first.
    pub const ALL: [Self; 4] = [Self::Original, Self::Large, Self::Medium, Self::Small];
    /// What imaging makes, the largest first.
    pub const DERIVED: [Self; 3] = [Self::Large, Self::Medium, Self::Small];

    /// The name in addresses and blob keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Large => "large",
            Self::Medium => "medium",
            Self::Small => "small",
        }
    }

    /// The rendition with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rendition| rendition.name() == name)
    }

    /// The most pixels on the longest side; the original has no such limit.
    pub fn max_side(self) -> Option<u32> {
        match self {
            Self::Original => None,
            Self::Large => Some(2048),
            Self::Medium => Some(1024),
            Self::Small => Some(320),
        }
    }
}
