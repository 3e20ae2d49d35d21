//! What is uploaded: bytes in memory or a part of a file, streamed as often as it takes, with
//! checksums made beforehand, so that every server can verify them. Must not know what a blob is.
//! Tests: below, and the conformance suite.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;

use aws_sdk_s3::primitives::{ByteStream, Length};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use gallery_core::ports::BlobSource;
use md5::Md5;
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

/// A file is read in pieces of this many bytes.
const BUFFER: usize = 64 * 1024;

/// Bytes to be sent.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Memory(Bytes),
    File { path: PathBuf, range: Range<u64> },
}

/// Checksums in base 64, as header fields have them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Checksums {
    /// S3 verifies it and keeps it.
    pub(crate) sha256: String,
    /// For services that know no other.
    pub(crate) md5: String,
}

impl Content {
    /// The source, if it is of the size that it promises.
    pub(crate) async fn of(source: BlobSource) -> io::Result<Self> {
        match source {
            BlobSource::Bytes(bytes) => Ok(Self::Memory(bytes)),
            BlobSource::File { path, bytes } => {
                let found = tokio::fs::metadata(&path).await?.len();
                if found != bytes {
                    let text = format!("the source has {found} bytes instead of {bytes}");
                    return Err(io::Error::new(ErrorKind::InvalidData, text));
                }
                Ok(Self::File { path, range: 0..bytes })
            }
        }
    }

    /// Size in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { range, .. } => range.end - range.start,
        }
    }

    /// The content in parts of this many bytes; the last is smaller.
    pub(crate) fn parts(&self, size: u64) -> Vec<Self> {
        (0..self.bytes().div_ceil(size))
            .map(|number| self.part(number * size..((number + 1) * size).min(self.bytes())))
            .collect()
    }

    fn part(&self, part: Range<u64>) -> Self {
        match self {
            // What is in memory can be counted in `usize`.
            Self::Memory(bytes) => {
                let index = |at: u64| usize::try_from(at).unwrap_or(bytes.len());
                Self::Memory(bytes.slice(index(part.start)..index(part.end)))
            }
            Self::File { path, range } => {
                let range = range.start + part.start..range.start + part.end;
                Self::File { path: path.clone(), range }
            }
        }
    }

    /// Reads it once.
    pub(crate) async fn checksums(&self) -> io::Result<Checksums> {
        let content = self.clone();
        let work = move || match content {
            Self::Memory(bytes) => checksums(&bytes[..], bytes.len() as u64),
            Self::File { path, range } => {
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(range.start))?;
                checksums(file, range.end - range.start)
            }
        };
        spawn_blocking(work).await.map_err(io::Error::other)?
    }

    /// The bytes for a request, from their beginning.
    pub(crate) async fn stream(&self) -> io::Result<ByteStream> {
        match self {
            Self::Memory(bytes) => Ok(bytes.clone().into()),
            // The SDK does not stream nothing.
            Self::File { range, .. } if range.is_empty() => Ok(Bytes::new().into()),
            Self::File { path, range } => {
                let part = ByteStream::read_from().path(path).buffer_size(BUFFER).offset(range.start);
                let part = part.length(Length::Exact(range.end - range.start)).build();
                part.await.map_err(io::Error::other)
            }
        }
    }
}

fn checksums(source: impl Read, bytes: u64) -> io::Result<Checksums> {
    let (mut sha256, mut md5) = (Sha256::new(), Md5::new());
    let (mut source, mut buffer, mut left) = (source.take(bytes), vec![0; BUFFER], bytes);
    loop {
        let read = source.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        sha256.update(&buffer[..read]);
        md5.update(&buffer[..read]);
        left -= read as u64;
    }
    if left > 0 {
        return Err(io::Error::new(ErrorKind::UnexpectedEof, "the source became shorter"));
    }
    Ok(Checksums { sha256: STANDARD.encode(sha256.finalize()), md5: STANDARD.encode(md5.finalize()) })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    async fn all(content: &Content) -> Vec<u8> {
        content.stream().await.unwrap().collect().await.unwrap().to_vec()
    }

    #[tokio::test]
    async fn parts_of_a_file_and_of_memory_are_the_same() {
        let bytes: Vec<u8> = (0..=255).cycle().take(200_000).collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let source = BlobSource::File { path: file.path().to_owned(), bytes: 200_000 };
        let file = Content::of(source).await.unwrap();
        let memory = Content::of(BlobSource::Bytes(bytes.clone().into())).await.unwrap();
        for size in [70_000, 100_000, 199_999, 200_000, 200_001] {
            let (from_file, from_memory) = (file.parts(size), memory.parts(size));
            assert_eq!(from_file.len() as u64, 200_000_u64.div_ceil(size));
            let mut joined = Vec::new();
            for (a, b) in from_file.iter().zip(&from_memory) {
                assert_eq!(a.checksums().await.unwrap(), b.checksums().await.unwrap());
                joined.extend(all(a).await);
            }
            assert!(joined == bytes, "parts of {size}");
        }
        // It is read as often as it takes.
        assert!(all(&file).await == bytes && all(&file).await == bytes);
    }

    #[tokio::test]
    async fn checksums_are_those_of_the_standards() {
        let sums = Content::Memory("abc".into()).checksums().await.unwrap();
        // FIPS 180-2, appendix B.1, and RFC 1321, appendix A.5.
        assert_eq!(sums.sha256, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        assert_eq!(sums.md5, "kAFQmDzST7DWlj99KOF/cg==");
    }

    #[tokio::test]
    async fn a_file_of_another_size_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let source = |bytes| BlobSource::File { path: file.path().to_owned(), bytes };
        assert_eq!(Content::of(source(1)).await.unwrap_err().kind(), ErrorKind::InvalidData);
        let empty = Content::of(source(0)).await.unwrap();
        assert!(all(&empty).await.is_empty());
        let shrunk = Content::File { path: file.path().to_owned(), range: 0..1 };
        assert_eq!(shrunk.checksums().await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }
}
