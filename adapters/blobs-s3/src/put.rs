//! Putting a blob: in one request below a threshold, in parts from there on. Must not know how calls are made.
//! Tests: the conformance suite, `tests/s3/putting.rs`, `tests/s3/faults.rs`.

use std::error::Error;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::ServerSideEncryption;
use gallery_core::model::ImageType;
use gallery_core::ports::{BlobError, BlobKey, BlobSource};

use crate::blobs::Bucket;
use crate::content::Content;
use crate::failure::{Failure, Why};
use crate::options::Encryption;

/// What browsers and proxies may do with an object: its key is never used for another.
pub(crate) const CACHE_CONTROL: &str = "private, max-age=31536000, immutable";
/// Where an object's metadata names the put that made it.
pub(crate) const PUT_NAME: &str = "gallery-put";

/// Names puts, each differently from every other anywhere.
#[derive(Debug)]
pub(crate) struct PutNames {
    process: u128,
    count: AtomicU64,
}

impl PutNames {
    pub(crate) fn new() -> Self {
        // The keys of a new state are random.
        let half = || u128::from(RandomState::new().hash_one(0_u8));
        Self { process: half() << 64 | half(), count: AtomicU64::new(0) }
    }

    fn next(&self) -> String {
        format!("{:032x}-{}", self.process, self.count.fetch_add(1, Ordering::Relaxed))
    }
}

/// What objects of one put have in common, whether it is made in one request or in parts.
#[derive(Debug)]
pub(crate) struct Put {
    /// The object's key.
    pub(crate) object: String,
    pub(crate) content_type: &'static str,
    /// This put's name.
    pub(crate) name: String,
    pub(crate) content: Content,
}

/// Who made an object.
pub(crate) enum Maker {
    ThisPut,
    Another,
}

impl Bucket {
    pub(crate) async fn put(
        &self,
        key: &BlobKey,
        content_type: ImageType,
        source: BlobSource,
    ) -> Result<(), BlobError> {
        let object = self.object(key);
        let content = Content::of(source).await.map_err(unreadable)?;
        let put = Put { object, content_type: content_type.media_type(), name: self.names.next(), content };
        let _turn = self.turns.take(&put.object).await;
        if put.content.bytes() < self.multipart_threshold {
            self.put_whole(&put).await
        } else {
            self.put_in_parts(put).await
        }
    }

    async fn put_whole(&self, put: &Put) -> Result<(), BlobError> {
        let sums = put.content.checksums().await.map_err(unreadable)?;
        let bytes = put.content.bytes();
        let publishing = self.publish(put, "PutObject", self.calls.limits.upload(bytes), async || {
            let body = put.content.stream().await.map_err(SdkError::construction_failure)?;
            self.calls
                .client
                .put_object()
                .bucket(&self.name)
                .key(&put.object)
                .if_none_match("*")
                .content_type(put.content_type)
                .cache_control(CACHE_CONTROL)
                .content_length(i64::try_from(bytes).unwrap_or(i64::MAX))
                .content_md5(&sums.md5)
                .checksum_sha256(&sums.sha256)
                .metadata(PUT_NAME, &put.name)
                .set_server_side_encryption(self.encryption())
                .set_ssekms_key_id(self.key_id())
                .body(body)
                .send()
                .await
        });
        publishing.await
    }

    /// Makes the request that gives an object its key, if need be again, until it is known what became of it.
    ///
    /// An attempt whose answer was lost may have made the object. So before the next one, and after a refusal that
    /// may be to what it did, the object is asked whose it is. That also answers for services that refuse a large
    /// body by closing the connection: their refusal may never be read. A conflict is over when the other request
    /// is, and then there is its object, or none.
    pub(crate) async fn publish<T, E, F>(
        &self,
        put: &Put,
        operation: &'static str,
        extra: Duration,
        send: impl Fn() -> F + Send + Sync,
    ) -> Result<(), BlobError>
    where
        F: Future<Output = Result<T, SdkError<E>>> + Send,
        T: Send,
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let mut patience = self.calls.patience(extra);
        let mut doubtful = false;
        loop {
            let Err(failure) = patience.attempt(operation, Box::pin(send())).await else { return Ok(()) };
            doubtful |= failure.why == Why::Unknown;
            let again = patience.again(&failure).await;
            let look = match failure.why {
                Why::Unknown | Why::Overload => doubtful && again,
                Why::Conflict => doubtful || !again,
                _ => doubtful,
            };
            match if look { self.maker(put).await? } else { None } {
                Some(Maker::ThisPut) => return Ok(()),
                Some(Maker::Another) => return Err(BlobError::AlreadyExists),
                None if again => {}
                // It was there, and is gone again.
                None if look && failure.why == Why::Exists => {
                    return Err(BlobError::Unavailable(Box::new(failure)));
                }
                None => return Err(failure.into()),
            }
        }
    }

    /// Who made the object that has this put's key; `None` when there is none.
    pub(crate) async fn maker(&self, put: &Put) -> Result<Option<Maker>, Failure> {
        match self.head(&put.object).await {
            Ok(object) => {
                let name = object.metadata().and_then(|metadata| metadata.get(PUT_NAME));
                Ok(Some(if name == Some(&put.name) { Maker::ThisPut } else { Maker::Another }))
            }
            Err(failure) if failure.why == Why::Missing => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    pub(crate) fn encryption(&self) -> Option<ServerSideEncryption> {
        match self.encryption {
            Encryption::BucketDefault => None,
            Encryption::S3 => Some(ServerSideEncryption::Aes256),
            Encryption::Kms { .. } => Some(ServerSideEncryption::AwsKms),
        }
    }

    pub(crate) fn key_id(&self) -> Option<String> {
        match &self.encryption {
            Encryption::Kms { key_id } => Some(key_id.clone()),
            Encryption::BucketDefault | Encryption::S3 => None,
        }
    }
}

/// The source cannot be read, or is not what was promised.
pub(crate) fn unreadable(error: std::io::Error) -> BlobError {
    BlobError::Backend(error.into())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_puts_have_one_name() {
        let (one, two) = (PutNames::new(), PutNames::new());
        let names: HashSet<String> = (0..100).flat_map(|_| [one.next(), two.next()]).collect();
        assert_eq!(names.len(), 200);
    }
}
