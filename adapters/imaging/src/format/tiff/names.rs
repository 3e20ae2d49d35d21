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
        4 => "TIFF with nothing but a transparency mask is not supported",
        8..=10 => "TIFF with L*a*b* colours is not supported",
        32844 | 32845 => "TIFF with LogLuv colours is not supported",
        51177 => "TIFF with a depth map is not supported",
        _ => "TIFF with colours of an unknown kind is not supported",
    }))
}

/// Refuses a compression by its number.
pub fn compression(number: u64) -> Refusal {
    Refusal::Undecodable(match number {
        6 => "TIFF with old-style JPEG compression is not supported",
        9 | 10 | 34661 => "TIFF with JBIG compression is not supported",
        32771 => "TIFF with word-aligned fax rows is not supported",
        32766 => "TIFF with NeXT compression is not supported",
        32809 => "TIFF with ThunderScan compression is not supported",
        32895..=32898 => "TIFF with compression for prepress systems is not supported",
        32908 | 32909 => "TIFF with Pixar compression is not supported",
        32947 => "TIFF with Kodak DCS compression is not supported",
        33003 | 33005 | 34712 => "TIFF with JPEG 2000 inside is not supported",
        34676 | 34677 => "TIFF with LogLuv compression is not supported",
        34887 => "TIFF with LERC compression is not supported",
        34892 => "TIFF with lossy JPEG of raw sensor data is not supported",
        34925 => "TIFF with LZMA compression is not supported",
        34933 => "TIFF with PNG inside is not supported",
        34934 | 22610 => "TIFF with JPEG XR inside is not supported",
        50000 => "TIFF with Zstandard compression is not supported",
        34927 | 50001 => "TIFF with WebP inside is not supported",
        50002 | 52546 => "TIFF with JPEG XL inside is not supported",
        _ => "TIFF with compression of an unknown kind is not supported",
    })
}
