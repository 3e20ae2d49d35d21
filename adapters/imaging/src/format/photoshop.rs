//! Image resources of Photoshop, in which JPEG and TIFF files carry IPTC data (Adobe Photoshop File
//! Formats Specification, "Image Resource Blocks"). Never trusts a length.

/// The resource that holds IPTC-IIM records.
const IPTC: [u8; 2] = [0x04, 0x04];

/// The IPTC data in these resources.
pub fn iptc(mut resources: &[u8]) -> Option<Vec<u8>> {
    loop {
        let rest = resources.strip_prefix(b"8BIM")?;
        let (id, rest) = rest.split_first_chunk::<2>()?;
        // A name with its length before it, together an even number of bytes.
        let name = usize::from(*rest.first()?) + 1;
        let rest = rest.get(name + name % 2..)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let data = rest.get(..length)?;
        if *id == IPTC {
            return Some(data.to_vec());
        }
        resources = rest.get(length + length % 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_iptc_behind_other_resources() {
        let resources =
            b"8BIM\x03\xed\x00\x00\x00\x00\x00\x03abc\x008BIM\x04\x04\x03one\x00\x00\x00\x02\x1c\x02";
        assert_eq!(iptc(resources).as_deref(), Some(&[0x1c, 2][..]));
    }

    #[test]
    fn trusts_no_length() {
        for damaged in
            [&b"8BIM"[..], b"8BIM\x04\x04\xff", b"8BIM\x04\x04\x00\x00\xff\xff\xff\xff", b"8BPS", b""]
        {
            assert_eq!(iptc(damaged), None);
        }
    }
}
