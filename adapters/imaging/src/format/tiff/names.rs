//! What is not supported in a TIFF, by the names that people know: those of TIFF 6.0, its
//! supplements and technical notes, and of libtiff's `tiff.h`.

use crate::refusal::Refusal;

/// JPEG as supplement 2 of TIFF 6.0 has it.
pub const JPEG: u64 = 7;

/// Colours of raw sensor data: behind filters, and without.
const SENSOR: [u64; 2] = [32803, 34892];

/// Whether the picture is raw sensor data.
pub fn is_of_sensor(photometric: u64) -> bool {
    SENSOR.contains(&photometric)
}

/// The refusal of colours that are not supported.
pub fn refused_colours(photometric: u64) -> Option<Refusal> {
    Some(Refusal::Undecodable(match photometric {
        0..=3 | 5 | 6 => return None,
        4 => "tiff-mask-alone",
        8..=10 => "tiff-lab-colours",
        32844 | 32845 => "tiff-logluv-colours",
        51177 => "tiff-depth-map",
        _ => "tiff-colours-unknown",
    }))
}

/// Refuses a compression by its number.
pub fn compression(number: u64) -> Refusal {
    Refusal::Undecodable(match number {
        6 => "tiff-old-style-jpeg-compression",
        9 | 10 | 34661 => "tiff-jbig-compression",
        32771 => "tiff-word-aligned-fax-rows",
        32766 => "tiff-next-compression",
        32809 => "tiff-thunderscan-compression",
        32895..=32898 => "tiff-prepress-compression",
        32908 | 32909 => "tiff-pixar-compression",
        32947 => "tiff-kodak-dcs-compression",
        33003 | 33005 | 34712 => "tiff-jpeg-2000-inside",
        34676 | 34677 => "tiff-logluv-compression",
        34887 => "tiff-lerc-compression",
        34892 => "tiff-raw-lossy-jpeg",
        34925 => "tiff-lzma-compression",
        34933 => "tiff-png-inside",
        34934 | 22610 => "tiff-jpeg-xr-inside",
        50000 => "tiff-zstandard-compression",
        34927 | 50001 => "tiff-webp-inside",
        50002 | 52546 => "tiff-jpeg-xl-inside",
        _ => "tiff-compression-unknown",
    })
}
