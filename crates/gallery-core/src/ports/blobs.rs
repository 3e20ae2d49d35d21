//! Objects: the port [`Blobs`].

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_core::Stream;

use crate::model::{BlobKey, ImageType};
use crate::values::{ContentHash, Timestamp};

/// Bytes as they arrive.
pub type ByteStream = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>;

/// Why a blob store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// There is no such blob.
    #[error("no such blob")]
    NotFound,
    /// The range begins behind the blob's end.
    #[error("the range begins behind the end of {bytes} bytes")]
    BadRange {
        /// The blob's size in bytes.
        bytes: u64,
    },
    /// No space is left.
    #[error("no space is left for blobs")]
    Full,
    /// The blob store is away, overloaded or did not answer in time: the outcome is unknown. Try
    /// again.
    #[error("the blob store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The blob store answered what this code does not understand. Trying again will not help.
    #[error("the blob store failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What is recorded beside a blob's bytes, by a blob store that keeps metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobMetadata {
    /// The type of the bytes.
    pub content_type: ImageType,
    /// SHA-256 of all bytes.
    pub sha256: ContentHash,
}

/// What shall be put.
#[derive(Debug, Clone)]
pub enum BlobSource {
    /// Bytes in memory: a rendition.
    Bytes(Bytes),
    /// A file that stays as it is while it is read: a spooled original. It may be on another file
    /// system.
    File {
        /// Where it is.
        path: PathBuf,
        /// Its size in bytes.
        bytes: u64,
    },
}

impl BlobSource {
    /// Size in bytes.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { bytes, .. } => *bytes,
        }
    }
}

/// A blob that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobStat {
    /// Its key.
    pub key: BlobKey,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was put, by the blob store's clock.
    pub put_at: Timestamp,
}

/// A blob being read.
pub struct BlobRead {
    /// Size of the whole blob in bytes.
    pub bytes: u64,
    /// The part that the stream delivers; the whole blob unless a range was asked for.
    pub range: Range<u64>,
    /// The bytes.
    pub stream: ByteStream,
}

impl fmt::Debug for BlobRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobRead")
            .field("bytes", &self.bytes)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

/// A wish for an address from which a client can fetch a blob by itself.
#[derive(Debug, Clone)]
pub struct LinkRequest {
    /// The blob.
    pub key: BlobKey,
    /// The `Content-Type` of the answer.
    pub content_type: ImageType,
    /// The `Content-Disposition` of the answer.
    pub disposition: String,
    /// How long the address may be good.
    pub lifetime: Duration,
}

/// Objects, never changed, readable by the gallery alone.
#[async_trait]
pub trait Blobs: Send + Sync + 'static {
    /// Puts a blob: wholly or not at all, durable when it returns. Idempotent: putting the same
    /// bytes under a key again is Ok, and a reader MUST see one whole blob at any time, whatever
    /// puts race. Callers MUST NOT put other bytes under a key that was used; keys carry photo and
    /// generation, so they never do.
    ///
    /// An interrupted put MUST leave nothing that [`get`](Self::get) or [`list`](Self::list) finds.
    async fn put(&self, key: &BlobKey, metadata: &BlobMetadata, source: BlobSource) -> Result<(), BlobError>;

    /// Reads a blob, or the part of it that lies in `range` (half-open, in bytes; cut at the blob's
    /// end). `BadRange` when the range is empty or begins at or behind the end. A blob of 0 bytes
    /// is read without a range.
    async fn get(&self, key: &BlobKey, range: Option<Range<u64>>) -> Result<BlobRead, BlobError>;

    /// Size and age of a blob, or `NotFound`.
    async fn stat(&self, key: &BlobKey) -> Result<BlobStat, BlobError>;

    /// Removes blobs, any number of them. One that is not there counts as removed. When this
    /// returns Ok, all are gone; after an error some may be, and calling it again is safe.
    async fn delete(&self, keys: &[BlobKey]) -> Result<(), BlobError>;

    /// Up to `limit` blobs after this key, in byte order of their keys. Files or objects that are
    /// no blobs of a gallery are left out.
    async fn list(&self, after: Option<&BlobKey>, limit: u32) -> Result<Vec<BlobStat>, BlobError>;

    /// An address, good for at most `lifetime`, from which a client can fetch the blob by itself;
    /// `None` when the gallery is to deliver the bytes.
    async fn link(&self, request: &LinkRequest) -> Result<Option<String>, BlobError> {
        let _ = request;
        Ok(None)
    }

    /// Returns whether the blob store can be reached and used now, within about a second.
    async fn ready(&self) -> Result<(), BlobError>;
}
