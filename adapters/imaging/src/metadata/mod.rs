//! What a file says about its photo besides pixels: the blocks as they stand in the file, and what
//! they say.
//!
//! `exif` reads what the camera wrote, `xmp` and `iptc` what people and editors did; `captions`
//! chooses where several say something and `boilerplate` knows what says nothing, `moment` and
//! `text` read dates and make texts harmless. Nothing here knows an image format, and nothing
//! fails: what cannot be read is left out. Compared with exiftool in `tests/it/exiftool.rs`.

mod boilerplate;
mod captions;
mod exif;
mod iptc;
mod moment;
mod text;
mod xmp;

use gallery_core::model::{Captions, Metadata};
use gallery_core::values::Taken;

use crate::picture::Orientation;
use captions::Found;
use exif::Exif;
pub use exif::{ByteOrder, Directory, Kind};
use iptc::Iptc;
use xmp::Xmp;

/// Blocks of metadata as a format's header gives them: unread, each of bounded length.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Blocks {
    /// EXIF data, from the TIFF header on.
    pub exif: Option<Vec<u8>>,
    /// An XMP packet (ISO 16684-1): XML in UTF-8.
    pub xmp: Option<Vec<u8>>,
    /// IPTC-IIM records (IIM 4.2), from the first tag marker on.
    pub iptc: Option<Vec<u8>>,
    /// An ICC profile (ICC.1).
    pub icc: Option<Vec<u8>>,
}

/// What the blocks say.
#[derive(Debug)]
pub struct Said {
    /// EXIF's orientation, else XMP's; values that do not exist are none.
    pub orientation: Orientation,
    /// What the camera wrote.
    pub metadata: Metadata,
    /// What people wrote.
    pub captions: Captions,
    /// The same by the rules before `boilerplate`.
    pub former_captions: Captions,
}

impl Blocks {
    /// Takes what others have of a kind that is missing here.
    pub fn fill(&mut self, others: Self) {
        let Self { exif, xmp, iptc, icc } = others;
        let kinds =
            [(&mut self.exif, exif), (&mut self.xmp, xmp), (&mut self.iptc, iptc), (&mut self.icc, icc)];
        for (mine, other) in kinds {
            if mine.is_none() {
                *mine = other;
            }
        }
    }

    /// Reads everything but the profile.
    pub fn read(&self) -> Said {
        let exif = self.exif.as_deref().map(Exif::read).unwrap_or_default();
        let xmp = self.xmp.as_deref().map(Xmp::read).unwrap_or_default();
        let iptc = self.iptc.as_deref().map(Iptc::read).unwrap_or_default();
        let found = Found::in_blocks(&exif, &xmp, &iptc);
        let orientation = [exif.orientation(), xmp.orientation].into_iter().flatten();
        Said {
            orientation: orientation
                .into_iter()
                .find_map(Orientation::from_exif)
                .unwrap_or(Orientation::Upright),
            captions: found.captions(),
            former_captions: found.former_captions(),
            metadata: Metadata {
                taken: taken(&exif, &xmp, &iptc),
                camera: exif.camera(),
                lens: exif.lens(),
                gps: exif.gps(),
                exif: exif.printed(),
            },
        }
    }
}

/// When the photo was taken: the first of these that makes sense.
///
/// 1. EXIF `DateTimeOriginal` with `SubSecTimeOriginal` and `OffsetTimeOriginal`, else `OffsetTime`
/// 2. XMP `exif:DateTimeOriginal`, `photoshop:DateCreated`
/// 3. IPTC date created (2:55) and time created (2:60)
/// 4. EXIF `DateTimeDigitized` with `SubSecTimeDigitized` and `OffsetTimeDigitized`, else
///    `OffsetTime`
/// 5. XMP `exif:DateTimeDigitized`, `xmp:CreateDate`
/// 6. EXIF `GPSDateStamp` and `GPSTimeStamp`, which are in UTC
///
/// That is the order of the Metadata Working Group's guidelines (see `captions`): what says when
/// the photo was taken is before what says when it became a file, which for a scan is decades
/// later. The satellites come last because some cameras keep their last fix for hours.
fn taken(exif: &Exif<'_>, xmp: &Xmp, iptc: &Iptc) -> Option<Taken> {
    exif.original_time()
        .or(xmp.created)
        .or(iptc.created)
        .or_else(|| exif.digitized_time())
        .or(xmp.digitized)
        .or_else(|| exif.satellite_time())
}
