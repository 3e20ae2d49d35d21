//! The port `Blobs` in a bucket. Must not know how calls are made. Tests: `tests/it/`.

use std::fmt;
use std::ops::Range;

use async_trait::async_trait;
use gallery_core::model::BlobKey;
use gallery_core::ports::{BlobError, BlobMetadata, BlobRead, BlobSource, BlobStat, Blobs, LinkRequest};

use crate::bucket::Bucket;
use crate::error::OpenError;
use crate::open;
use crate::options::S3Options;

/// Blobs in a bucket of S3. Any number of processes may share it.
pub struct S3Blobs {
    bucket: Bucket,
    warnings: Vec<String>,
}

impl S3Blobs {
    /// Opens a bucket: finds credentials and region, checks that the bucket is there and may be
    /// listed, and finds out whether it keeps versions.
    pub async fn open(options: S3Options) -> Result<Self, OpenError> {
        let (bucket, warnings) = open::open(options).await?;
        Ok(Self { bucket, warnings })
    }

    /// What whoever runs this should know before photos are uploaded, a line each: that erasure
    /// will not be complete, or cannot be known to be. Empty when all is well.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl fmt::Debug for S3Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bucket { name, prefix, removes_versions, .. } = &self.bucket;
        f.debug_struct("S3Blobs")
            .field("bucket", name)
            .field("prefix", prefix)
            .field("removes_versions", removes_versions)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Blobs for S3Blobs {
    /// Dropping the future aborts an upload in parts, and cuts the connection of any other.
    async fn put(&self, key: &BlobKey, metadata: &BlobMetadata, source: BlobSource) -> Result<(), BlobError> {
        self.bucket.put(key, metadata, source).await
    }

    async fn get(&self, key: &BlobKey, range: Option<Range<u64>>) -> Result<BlobRead, BlobError> {
        self.bucket.get(key, range).await
    }

    async fn stat(&self, key: &BlobKey) -> Result<BlobStat, BlobError> {
        self.bucket.stat(key).await
    }

    async fn delete(&self, keys: &[BlobKey]) -> Result<(), BlobError> {
        self.bucket.delete(keys).await
    }

    async fn list(&self, after: Option<&BlobKey>, limit: u32) -> Result<Vec<BlobStat>, BlobError> {
        self.bucket.list(after, limit).await
    }

    async fn link(&self, request: &LinkRequest) -> Result<Option<String>, BlobError> {
        self.bucket.link(request).await
    }

    async fn ready(&self) -> Result<(), BlobError> {
        self.bucket.ready().await
    }
}
