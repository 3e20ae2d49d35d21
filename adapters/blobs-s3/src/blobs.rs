//! The port `Blobs` in a bucket. Must not know how calls are made. Tests: `tests/s3/`.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::operation::list_objects_v2::builders::ListObjectsV2FluentBuilder;
use gallery_core::model::ImageType;
use gallery_core::ports::{BlobError, BlobKey, BlobRead, BlobSource, BlobStat, Blobs, LinkRequest};

use crate::calls::Calls;
use crate::error::OpenError;
use crate::open;
use crate::options::{Delivery, Encryption, S3Options};
use crate::put::PutNames;
use crate::turns::Turns;

/// Blobs in a bucket of S3. Any number of processes may share it.
pub struct S3Blobs {
    bucket: Bucket,
    warnings: Vec<String>,
}

/// A bucket, and how it is used.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) calls: Arc<Calls>,
    pub(crate) name: String,
    pub(crate) prefix: String,
    pub(crate) encryption: Encryption,
    pub(crate) delivery: Delivery,
    pub(crate) multipart_threshold: u64,
    pub(crate) part_size: u64,
    /// The bucket keeps versions, and the gallery may remove them.
    pub(crate) removes_versions: bool,
    pub(crate) names: Arc<PutNames>,
    pub(crate) turns: Arc<Turns>,
}

impl S3Blobs {
    /// Opens a bucket: finds credentials and region, checks that the bucket is there and may be listed, and finds
    /// out whether it keeps versions.
    pub async fn open(options: S3Options) -> Result<Self, OpenError> {
        let (bucket, warnings) = open::open(options).await?;
        Ok(Self { bucket, warnings })
    }

    /// What whoever runs this should know before photos are uploaded, a line each: that erasure will not be
    /// complete, or cannot be known to be. Empty when all is well.
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

impl Bucket {
    /// The key of a blob's object.
    pub(crate) fn object(&self, key: &BlobKey) -> String {
        format!("{}{key}", self.prefix)
    }

    /// The smallest question that needs what every other needs: bucket, credentials, the right to list.
    pub(crate) fn list_one(&self) -> ListObjectsV2FluentBuilder {
        let prefix = format!("{}{}", self.prefix, BlobKey::PREFIX);
        self.calls.client.list_objects_v2().bucket(&self.name).prefix(prefix).max_keys(1)
    }
}

#[async_trait]
impl Blobs for S3Blobs {
    /// Dropping the future aborts an upload in parts, and cuts the connection of any other.
    async fn put(&self, key: &BlobKey, content_type: ImageType, source: BlobSource) -> Result<(), BlobError> {
        self.bucket.put(key, content_type, source).await
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
