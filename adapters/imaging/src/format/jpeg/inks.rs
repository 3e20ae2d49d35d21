//! What the three components of a JPEG are: libjpeg's rule (`jdapimin.c`), which people know from
//! every browser. Knows no sample. Tests are in `tests/it/damage.rs`, beside djpeg.

/// Adobe's segment.
pub const APP14: u8 = 0xEE;
/// JFIF's segment.
pub const APP0: u8 = 0xE0;
/// Where Adobe's segment has the colours' transform (Adobe technical note 5116, section 18).
const TRANSFORM: usize = 11;

/// What segments say about colours.
#[derive(Default)]
pub struct Inks {
    jfif: bool,
    /// The colours' transform in Adobe's segment.
    pub adobe: Option<u8>,
}

impl Inks {
    /// Reads a segment, which may be of any kind.
    pub fn read(&mut self, marker: u8, segment: &[u8]) {
        match marker {
            APP0 => self.jfif |= segment.starts_with(b"JFIF\0"),
            // A shorter one is not Adobe's, for libjpeg, whatever it begins with.
            APP14 if segment.starts_with(b"Adobe") => {
                self.adobe = segment.get(TRANSFORM).copied().or(self.adobe);
            }
            _ => {}
        }
    }

    /// Whether three components of these names are red, green and blue: Adobe's segment says it, or
    /// else their names; JFIF knows only YCbCr.
    pub fn are_rgb(&self, names: &[u8]) -> bool {
        !self.jfif && (self.adobe == Some(0) || (self.adobe.is_none() && names == b"RGB"))
    }
}
