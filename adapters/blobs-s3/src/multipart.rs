//! Uploading in parts, a few at a time, each streamed from its place in the file. Whatever ends an upload early,
//! an error or a caller who went away, aborts it. Tests: `tests/s3/putting.rs`, `tests/s3/faults.rs`.

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use gallery_core::ports::BlobError;
use tokio::sync::oneshot;

use crate::blobs::Bucket;
use crate::calls::MANY;
use crate::content::Content;
use crate::put::{CACHE_CONTROL, PUT_NAME, Put, unreadable};

/// This many parts of an upload are on their way at once.
const PARALLEL: usize = 4;
/// More parts S3 does not take.
const MOST_PARTS: u64 = 10_000;

impl Bucket {
    /// Works as a task of its own, so that an upload whose caller went away is aborted, too.
    pub(crate) async fn put_in_parts(&self, put: Put) -> Result<(), BlobError> {
        // Spares an upload in vain, and is the only answer where completing knows no condition.
        if self.maker(&put).await?.is_some() {
            return Err(BlobError::AlreadyExists);
        }
        // Dropped with this future.
        let (_waiting, gone) = oneshot::channel::<()>();
        let bucket = self.clone();
        let upload = tokio::spawn(async move { bucket.upload(&put, gone).await });
        upload.await.map_err(|error| BlobError::Unavailable(error.into()))?
    }

    async fn upload(&self, put: &Put, gone: oneshot::Receiver<()>) -> Result<(), BlobError> {
        let upload_id = self.begin(put).await?;
        let result = tokio::select! {
            biased;
            _ = gone => Err(BlobError::Unavailable("nobody waits for this put any more".into())),
            result = self.send_and_complete(put, &upload_id) => result,
        };
        if result.is_err() {
            self.abort(put, &upload_id).await;
        }
        result
    }

    async fn begin(&self, put: &Put) -> Result<String, BlobError> {
        let begun = self.calls.call("CreateMultipartUpload", MANY, || {
            self.calls
                .client
                .create_multipart_upload()
                .bucket(&self.name)
                .key(&put.object)
                .checksum_algorithm(ChecksumAlgorithm::Sha256)
                .content_type(put.content_type)
                .cache_control(CACHE_CONTROL)
                .metadata(PUT_NAME, &put.name)
                .set_server_side_encryption(self.encryption())
                .set_ssekms_key_id(self.key_id())
                .send()
        });
        begun.await?.upload_id.ok_or_else(|| BlobError::Backend("an upload without an id was begun".into()))
    }

    async fn send_and_complete(&self, put: &Put, upload_id: &str) -> Result<(), BlobError> {
        let size = self.part_size.max(put.content.bytes().div_ceil(MOST_PARTS));
        let parts = (1..).zip(put.content.parts(size));
        let parts = parts.map(|(number, part)| self.send(put, upload_id, number, part));
        let parts: Vec<CompletedPart> = stream::iter(parts).buffered(PARALLEL).try_collect().await?;
        let publishing = self.publish(put, "CompleteMultipartUpload", MANY, || {
            let upload = CompletedMultipartUpload::builder().set_parts(Some(parts.clone())).build();
            self.calls
                .client
                .complete_multipart_upload()
                .bucket(&self.name)
                .key(&put.object)
                .upload_id(upload_id)
                .if_none_match("*")
                .multipart_upload(upload)
                .send()
        });
        publishing.await
    }

    async fn send(
        &self,
        put: &Put,
        upload_id: &str,
        number: i32,
        part: Content,
    ) -> Result<CompletedPart, BlobError> {
        let sums = part.checksums().await.map_err(unreadable)?;
        let bytes = part.bytes();
        let sent = self.calls.call("UploadPart", self.calls.limits.upload(bytes), async || {
            let body = part.stream().await.map_err(SdkError::construction_failure)?;
            self.calls
                .client
                .upload_part()
                .bucket(&self.name)
                .key(&put.object)
                .upload_id(upload_id)
                .part_number(number)
                .content_length(i64::try_from(bytes).unwrap_or(i64::MAX))
                .content_md5(&sums.md5)
                .checksum_sha256(&sums.sha256)
                .body(body)
                .send()
                .await
        });
        let sent = sent.await?;
        let part = CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag);
        Ok(part.checksum_sha256(sums.sha256).build())
    }

    async fn abort(&self, put: &Put, upload_id: &str) {
        let aborted = self.calls.call("AbortMultipartUpload", std::time::Duration::ZERO, || {
            let abort = self.calls.client.abort_multipart_upload().bucket(&self.name);
            abort.key(&put.object).upload_id(upload_id).send()
        });
        if let Err(failure) = aborted.await
            && failure.code.as_deref() != Some("NoSuchUpload")
        {
            let cause = failure.story();
            tracing::warn!(
                cause,
                "a multipart upload was not aborted; the bucket's lifecycle rule removes it"
            );
        }
    }
}
