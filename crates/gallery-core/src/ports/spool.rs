//! Receiving uploads: the port [`Spool`].

use std::fmt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::ByteStream;
use crate::values::ContentHash;

/// Why an upload was not received.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpoolError {
    /// More bytes arrived than allowed.
    #[error("over {limit} bytes arrived")]
    TooLarge {
        /// What was allowed, in bytes.
        limit: u64,
    },
    /// The sender's stream ended with an error.
    #[error("the upload was interrupted")]
    Interrupted(#[source] std::io::Error),
    /// No space is left for temporary files.
    #[error("no space is left for uploads")]
    Full,
    /// Temporary files cannot be written.
    #[error("the upload could not be written")]
    Failed(#[source] std::io::Error),
}

/// A received upload: a temporary file that disappears when this is dropped.
pub struct Spooled {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: ContentHash,
    guard: Box<dyn Send + Sync>,
}

impl Spooled {
    /// A received file; dropping `guard` removes it.
    pub fn new(path: &Path, bytes: u64, sha256: ContentHash, guard: Box<dyn Send + Sync>) -> Self {
        Self { path: path.to_owned(), bytes, sha256, guard }
    }
}

impl fmt::Debug for Spooled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _ = &self.guard;
        f.debug_struct("Spooled")
            .field("bytes", &self.bytes)
            .field("sha256", &self.sha256)
            .finish_non_exhaustive()
    }
}

/// Streams uploads, and originals that are looked into again, to bounded temporary files, so that
/// memory does not depend on their size.
#[async_trait]
pub trait Spool: Send + Sync + 'static {
    /// Writes the stream to a temporary file while counting and hashing it; stops reading, and
    /// removes the file, as soon as more than `limit` bytes have arrived or the stream fails.
    async fn receive(&self, stream: ByteStream, limit: u64) -> Result<Spooled, SpoolError>;
}
