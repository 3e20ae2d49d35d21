//! Putting a blob: in one request below a threshold, in parts from there on. Retrying is safe,
//! because a key never gets other bytes. Must not know retries and deadlines. Tests: the
//! conformance suite, `tests/it/putting.rs`, `tests/it/faults.rs`.

use aws_sdk_s3::error::SdkError;
use gallery_core::model::BlobKey;
use gallery_core::ports::{BlobError, BlobMetadata, BlobSource};

use crate::bucket::Bucket;
use crate::content::Content;
use crate::failure::{Failure, blob_error};
use crate::multipart;
use crate::upload::{CACHE_CONTROL, SHA256, Upload};

impl Bucket {
    pub(crate) async fn put(
        &self,
        key: &BlobKey,
        metadata: &BlobMetadata,
        source: BlobSource,
    ) -> Result<(), BlobError> {
        let content = Content::of(source).await.map_err(|error| BlobError::Backend(error.into()))?;
        let upload = Upload { object: self.object(key), metadata: *metadata, content };
        let done = if upload.content.bytes() < self.multipart_threshold {
            self.put_whole(&upload).await
        } else {
            multipart::put(self, upload).await
        };
        done.map_err(blob_error)
    }

    async fn put_whole(&self, upload: &Upload) -> Result<(), Failure> {
        let operation = "PutObject";
        let Upload { object, metadata, content } = upload;
        let sums = content.checksums().await.map_err(|error| Failure::unsendable(operation, error))?;
        let bytes = content.bytes();
        let request = self.calls.call(operation, self.calls.limits.upload(bytes), async || {
            let body = content.stream().await.map_err(SdkError::construction_failure)?;
            self.calls
                .client
                .put_object()
                .bucket(&self.name)
                .key(object)
                .content_type(metadata.content_type.media_type())
                .cache_control(CACHE_CONTROL)
                .content_length(i64::try_from(bytes).unwrap_or(i64::MAX))
                .content_md5(&sums.md5)
                .checksum_sha256(&sums.sha256)
                .metadata(SHA256, metadata.sha256.hex())
                .set_server_side_encryption(self.encryption.algorithm())
                .set_ssekms_key_id(self.encryption.key_id())
                .body(body)
                .send()
                .await
        });
        request.await.map(drop)
    }
}
