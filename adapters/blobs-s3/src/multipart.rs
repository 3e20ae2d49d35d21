//! Uploading in parts, a few at a time, each streamed from its place in the file. Whatever ends an
//! upload early, an error or a caller who went away, aborts it. An upload that may have been
//! completed is made again from its start: few services recognise one that they have completed.
//! Tests: `tests/it/putting.rs`, `tests/it/faults.rs`.

use std::time::Duration;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use gallery_aws::Idempotency::NotIdempotent;
use gallery_aws::RetryClass;
use tokio::sync::oneshot;

use crate::bucket::Bucket;
use crate::calls::MANY;
use crate::content::Content;
use crate::failure::{Failure, FailureKind};
use crate::upload::{CACHE_CONTROL, SHA256, Upload};

/// This many parts of an upload are on their way at once.
const PARALLEL: usize = 4;
/// More parts S3 does not take.
const MOST_PARTS: u64 = 10_000;
/// What a service answers for an upload that is not there.
const NO_UPLOAD: &str = "NoSuchUpload";
const COMPLETE: &str = "CompleteMultipartUpload";

/// Works as a task of its own, so that an upload whose caller went away is aborted, too.
pub(crate) async fn put(bucket: &Bucket, upload: Upload) -> Result<(), Failure> {
    // Dropped with this future.
    let (_waiting, gone) = oneshot::channel::<()>();
    let uploader = Uploader { bucket: bucket.clone(), upload };
    let work = tokio::spawn(async move { uploader.put(gone).await });
    work.await.map_err(interrupted)?
}

/// The put ended early; whoever asks again may succeed.
fn interrupted(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Failure::new(FailureKind::UnknownOutcome, "PutObject", cause)
}

/// Whether the upload may have been completed: the reply was lost, or the upload is not there.
fn may_be_complete(failure: &Failure) -> bool {
    let is_lost = failure.operation == COMPLETE && failure.kind == FailureKind::UnknownOutcome;
    is_lost || failure.code.as_deref() == Some(NO_UPLOAD)
}

struct Uploader {
    bucket: Bucket,
    upload: Upload,
}

impl Uploader {
    async fn put(&self, mut gone: oneshot::Receiver<()>) -> Result<(), Failure> {
        let Self { bucket, upload } = self;
        let mut attempts = bucket.calls.attempts(MANY + bucket.calls.limits.upload(upload.content.bytes()));
        loop {
            let id = self.begin().await?;
            let result = tokio::select! {
                biased;
                _ = &mut gone => Err(interrupted("nobody waits for this put any more")),
                result = self.send_and_complete(&id) => result,
            };
            let Err(failure) = result else { return Ok(()) };
            self.abort(&id).await;
            if !may_be_complete(&failure) || !attempts.pause(RetryClass::UnknownOutcome).await {
                return Err(failure);
            }
        }
    }

    async fn begin(&self) -> Result<String, Failure> {
        let operation = "CreateMultipartUpload";
        let Self { bucket, upload } = self;
        let begun = bucket.calls.call(operation, MANY, || {
            bucket
                .calls
                .client
                .create_multipart_upload()
                .bucket(&bucket.name)
                .key(&upload.object)
                .checksum_algorithm(ChecksumAlgorithm::Sha256)
                .content_type(upload.metadata.content_type.media_type())
                .cache_control(CACHE_CONTROL)
                .metadata(SHA256, upload.metadata.sha256.hex())
                .set_server_side_encryption(bucket.encryption.algorithm())
                .set_ssekms_key_id(bucket.encryption.key_id())
                .send()
        });
        let id = begun.await?.upload_id;
        id.ok_or_else(|| Failure::new(FailureKind::Failed, operation, "an upload without an id was begun"))
    }

    async fn send_and_complete(&self, id: &str) -> Result<(), Failure> {
        let Self { bucket, upload } = self;
        let size = bucket.part_size.max(upload.content.bytes().div_ceil(MOST_PARTS));
        let parts = (1..).zip(upload.content.parts(size));
        let parts = parts.map(|(number, part)| self.send(id, number, part));
        let parts: Vec<CompletedPart> = stream::iter(parts).buffered(PARALLEL).try_collect().await?;
        let mut attempts = bucket.calls.attempts(MANY);
        let completed = attempts.call(COMPLETE, NotIdempotent, || {
            let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.clone())).build();
            let complete = bucket.calls.client.complete_multipart_upload().bucket(&bucket.name);
            complete.key(&upload.object).upload_id(id).multipart_upload(parts).send()
        });
        completed.await.map(drop)
    }

    async fn send(&self, id: &str, number: i32, part: Content) -> Result<CompletedPart, Failure> {
        let operation = "UploadPart";
        let Self { bucket, upload } = self;
        let sums = part.checksums().await.map_err(|error| Failure::unsendable(operation, error))?;
        let bytes = part.bytes();
        let sent = bucket.calls.call(operation, bucket.calls.limits.upload(bytes), async || {
            let body = part.stream().await.map_err(SdkError::construction_failure)?;
            bucket
                .calls
                .client
                .upload_part()
                .bucket(&bucket.name)
                .key(&upload.object)
                .upload_id(id)
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

    async fn abort(&self, id: &str) {
        let Self { bucket, upload } = self;
        let aborted = bucket.calls.call("AbortMultipartUpload", Duration::ZERO, || {
            let abort = bucket.calls.client.abort_multipart_upload().bucket(&bucket.name);
            abort.key(&upload.object).upload_id(id).send()
        });
        if let Err(failure) = aborted.await
            && failure.code.as_deref() != Some(NO_UPLOAD)
        {
            let cause = failure.cause();
            tracing::warn!(
                cause,
                "a multipart upload was not aborted; the bucket's lifecycle rule removes it"
            );
        }
    }
}
