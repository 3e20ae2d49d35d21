//! Metadata in text chunks of a PNG: `Raw profile type exif` and its like, as `ImageMagick` has
//! written them since before there was a chunk for EXIF data, and the XMP packet. What is
//! compressed is inflated to a bounded length, and not often. Tests are in `tests/it/blocks.rs`.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

use crate::format::header::{MAX_BLOCK_BYTES, MAX_EXIF_BYTES, MAX_ICC_BYTES, without_identifier};
use crate::format::photoshop;
use crate::metadata::Blocks;

/// Bytes of a text chunk that are enough to know whether a profile is in it.
pub const KEYWORD_BYTES: u64 = 24;
/// Most bytes of a text chunk with a profile: two digits for each byte, and a line end after each
/// 36 of them.
pub const MAX_PROFILE_BYTES: u64 = MAX_EXIF_BYTES * 2 + MAX_EXIF_BYTES / 16;

const RAW_PROFILE: &[u8] = b"Raw profile type ";
/// What begins an international text chunk with an XMP packet (XMP specification, part 3, 1.1.5),
/// and a JPEG's segment with one.
const XMP_KEYWORD: &[u8] = b"XML:com.adobe.xmp\0";
const XMP_SEGMENT: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// Begins IPTC records.
const IPTC_MARKER: u8 = 0x1C;

/// Inflates chunks, few of them: a small file could hold many that become long.
pub struct Inflater {
    left: u8,
}

impl Default for Inflater {
    fn default() -> Self {
        Self { left: 16 }
    }
}

impl Inflater {
    /// None when it is damaged or longer, and after too many.
    fn inflated(&mut self, data: &[u8], most: u64) -> Option<Vec<u8>> {
        self.left = self.left.checked_sub(1)?;
        let mut bytes = Vec::new();
        ZlibDecoder::new(data).take(most + 1).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 <= most).then_some(bytes)
    }

    /// The XMP packet in an international text chunk.
    pub fn xmp(&mut self, chunk: &[u8]) -> Option<Vec<u8>> {
        self.international(chunk, MAX_BLOCK_BYTES)
    }

    /// The text of an international text chunk (PNG, 11.3.3.4): keyword, compression flag and
    /// method, language tag, translated keyword, text.
    fn international(&mut self, chunk: &[u8], most: u64) -> Option<Vec<u8>> {
        let end = chunk.iter().position(|byte| *byte == 0)?;
        let (flags, rest) = chunk[end + 1..].split_first_chunk::<2>()?;
        let text = rest.splitn(3, |byte| *byte == 0).nth(2)?;
        if flags[0] == 0 {
            return (text.len() as u64 <= most).then(|| text.to_vec());
        }
        self.inflated(text, most)
    }

    /// The profile in an iCCP chunk (PNG, 11.3.2.3): name, compression method, data.
    pub fn icc(&mut self, chunk: &[u8]) -> Option<Vec<u8>> {
        let end = chunk.iter().position(|byte| *byte == 0)?;
        self.inflated(chunk.get(end + 2..)?, MAX_ICC_BYTES)
    }

    /// What a text chunk of this kind holds (PNG, 11.3.3), as far as it is metadata.
    pub fn blocks(&mut self, chunk: &[u8], kind: [u8; 4]) -> Blocks {
        self.profile(chunk, kind).map(blocks).unwrap_or_default()
    }

    /// The bytes of a profile.
    fn profile(&mut self, chunk: &[u8], kind: [u8; 4]) -> Option<Vec<u8>> {
        let end = chunk.iter().position(|byte| *byte == 0)?;
        match &kind {
            b"zTXt" => unpacked(&self.inflated(chunk.get(end + 2..)?, MAX_PROFILE_BYTES)?),
            b"iTXt" => unpacked(&self.international(chunk, MAX_PROFILE_BYTES)?),
            _ => unpacked(chunk.get(end + 1..)?),
        }
    }
}

/// Whether an international text chunk that begins like this holds an XMP packet.
pub fn is_packet(begin: &[u8]) -> bool {
    begin.starts_with(XMP_KEYWORD)
}

/// Whether a text chunk that begins like this may hold metadata.
pub fn is_raw(begin: &[u8]) -> bool {
    let kind = begin.strip_prefix(RAW_PROFILE).unwrap_or_default();
    [&b"exif\0"[..], b"APP1\0", b"xmp\0", b"iptc\0", b"8bim\0"].iter().any(|known| kind.starts_with(known))
}

/// The bytes of a profile whose text is its name, its length, and its bytes in hexadecimal, a line
/// each.
fn unpacked(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.trim_ascii_start().splitn(3, |byte| *byte == b'\n');
    let (_name, length, digits) = (lines.next()?, lines.next()?, lines.next()?);
    let length: usize = str::from_utf8(length).ok()?.trim().parse().ok()?;
    let mut digits = digits.iter().filter_map(|digit| char::from(*digit).to_digit(16));
    let bytes = std::iter::from_fn(|| u8::try_from(digits.next()? << 4 | digits.next()?).ok());
    let bytes: Vec<u8> = bytes.take(length).collect();
    (bytes.len() == length).then_some(bytes)
}

/// A profile as the block that it is, by its beginning: the names are not always true.
fn blocks(profile: Vec<u8>) -> Blocks {
    let mut blocks = Blocks::default();
    let exif = without_identifier(&profile);
    if exif.starts_with(b"II") || exif.starts_with(b"MM") {
        blocks.exif = Some(exif.to_vec());
    } else if let Some(xmp) = profile.strip_prefix(XMP_SEGMENT) {
        blocks.xmp = Some(xmp.to_vec());
    } else if profile.trim_ascii_start().starts_with(b"<") {
        blocks.xmp = Some(profile);
    } else if profile.first() == Some(&IPTC_MARKER) {
        blocks.iptc = Some(profile);
    } else {
        blocks.iptc = photoshop::iptc(&profile);
    }
    blocks
}
