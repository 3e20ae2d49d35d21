//! Reading, listing and linking. Must not know how calls are made. Tests: the conformance suite,
//! `tests/it/links.rs`, `tests/it/faults.rs`.

use std::io;
use std::ops::Range;
use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::{ByteStream as Body, DateTime};
use aws_sdk_s3::types::{ChecksumMode, Object};
use futures_util::stream;
use gallery_core::model::BlobKey;
use gallery_core::ports::{BlobError, BlobRead, BlobStat, ByteStream, LinkRequest};
use gallery_core::values::Timestamp;

use crate::bucket::Bucket;
use crate::failure::{FailureKind, blob_error, total};
use crate::options::{Delivery, LONGEST_LINK};

/// As many keys as one call lists.
const PAGE: i32 = 1000;

impl Bucket {
    pub(crate) async fn get(&self, key: &BlobKey, wish: Option<Range<u64>>) -> Result<BlobRead, BlobError> {
        let header = match &wish {
            None => None,
            Some(range) => match range_header(range) {
                Some(header) => Some(header),
                None => return Err(self.bad_range(key, None).await),
            },
        };
        let object = self.object(key);
        // A part has no checksum of its own.
        let verified = header.is_none().then_some(ChecksumMode::Enabled);
        let answer = self.calls.call("GetObject", Duration::ZERO, || {
            let get = self.calls.client.get_object().bucket(&self.name).key(&object);
            get.set_range(header.clone()).set_checksum_mode(verified.clone()).send()
        });
        let answer = match answer.await {
            Err(failure) if failure.kind == FailureKind::BadRange => {
                return Err(self.bad_range(key, failure.header("content-range").and_then(total)).await);
            }
            answer => answer.map_err(blob_error)?,
        };
        let length = count(answer.content_length());
        let (range, bytes) = match answer.content_range() {
            Some(text) => parse_content_range(text)
                .ok_or_else(|| BlobError::Backend(format!("the content range is \"{text}\"").into()))?,
            // Nothing of nothing.
            None if wish.is_some() && length == 0 => return Err(BlobError::BadRange { bytes: 0 }),
            None => (0..length, length),
        };
        if wish.is_some_and(|wish| range != (wish.start..wish.end.min(bytes))) {
            return Err(BlobError::Backend("another range was answered than was asked for".into()));
        }
        Ok(BlobRead { bytes, range, stream: self.deliver(answer.body) })
    }

    /// The error for a range without a byte; asks for the blob's size where it is not known.
    async fn bad_range(&self, key: &BlobKey, bytes: Option<u64>) -> BlobError {
        match bytes {
            Some(bytes) => BlobError::BadRange { bytes },
            None => match self.stat(key).await {
                Ok(stat) => BlobError::BadRange { bytes: stat.bytes },
                Err(error) => error,
            },
        }
    }

    /// The body, piece by piece, at the reader's pace; S3 has a limited time for each.
    fn deliver(&self, body: Body) -> ByteStream {
        let limit = self.calls.limits.answer;
        Box::pin(stream::try_unfold(body, move |mut body| async move {
            match tokio::time::timeout(limit, body.next()).await {
                Ok(Some(Ok(piece))) => Ok(Some((piece, body))),
                Ok(Some(Err(error))) => Err(io::Error::other(error)),
                Ok(None) => Ok(None),
                Err(elapsed) => Err(io::Error::new(io::ErrorKind::TimedOut, elapsed)),
            }
        }))
    }

    pub(crate) async fn stat(&self, key: &BlobKey) -> Result<BlobStat, BlobError> {
        let object = self.object(key);
        let head = || self.calls.client.head_object().bucket(&self.name).key(&object).send();
        let found = self.calls.call("HeadObject", Duration::ZERO, head).await.map_err(blob_error)?;
        let (bytes, put_at) = (count(found.content_length()), timestamp(found.last_modified()));
        Ok(BlobStat { key: key.clone(), bytes, put_at })
    }

    pub(crate) async fn list(&self, after: Option<&BlobKey>, limit: u32) -> Result<Vec<BlobStat>, BlobError> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let prefix = format!("{}{}", self.prefix, BlobKey::PREFIX);
        let (mut found, mut from) = (Vec::new(), after.map(|key| self.object(key)));
        while found.len() < limit {
            let wanted = i32::try_from(limit - found.len()).unwrap_or(PAGE).min(PAGE);
            let page = self.calls.call("ListObjectsV2", Duration::ZERO, || {
                let list = self.calls.client.list_objects_v2().bucket(&self.name).prefix(&prefix);
                list.set_start_after(from.clone()).max_keys(wanted).send()
            });
            let page = page.await.map_err(blob_error)?;
            found.extend(page.contents().iter().filter_map(|object| self.listed(object)));
            // Goes on after the last key, a blob's or not: that needs no token of the service.
            from = page.contents().last().and_then(Object::key).map(str::to_owned);
            if from.is_none() || page.is_truncated() != Some(true) {
                break;
            }
        }
        Ok(found)
    }

    /// The blob that an object is; `None` for somebody else's object.
    fn listed(&self, object: &Object) -> Option<BlobStat> {
        let key = BlobKey::from_listed(object.key()?.strip_prefix(self.prefix.as_str())?)?;
        Some(BlobStat { key, bytes: count(object.size()), put_at: timestamp(object.last_modified()) })
    }

    pub(crate) async fn link(&self, request: &LinkRequest) -> Result<Option<String>, BlobError> {
        let Delivery::Presigned { lifetime } = self.delivery else { return Ok(None) };
        let lifetime = request.lifetime.min(lifetime).min(LONGEST_LINK).max(Duration::from_secs(1));
        let presigning =
            PresigningConfig::expires_in(lifetime).map_err(|error| BlobError::Backend(error.into()))?;
        let get = self.calls.client.get_object().bucket(&self.name).key(self.object(&request.key));
        let get = get
            .response_content_type(request.content_type.media_type())
            .response_content_disposition(&request.disposition);
        // Asks nobody but, now and then, for credentials.
        let signing = Box::pin(get.presigned(presigning));
        let signed = self.calls.retrier.once("GetObject", self.calls.limits.answer, signing).await;
        Ok(Some(signed.map_err(blob_error)?.uri().to_owned()))
    }

    /// Lists one object, once and within a second.
    pub(crate) async fn ready(&self) -> Result<(), BlobError> {
        let listing = Box::pin(self.list_one().send());
        let listed = self.calls.retrier.once("ListObjectsV2", Duration::from_secs(1), listing).await;
        listed.map(drop).map_err(blob_error)
    }
}

/// The value of `Range`; `None` when no blob can have a byte there. The end may be any number:
/// servers count in 63 bits.
fn range_header(range: &Range<u64>) -> Option<String> {
    let largest = i64::MAX.unsigned_abs();
    if range.is_empty() || range.start >= largest {
        return None;
    }
    Some(if range.end >= largest {
        format!("bytes={}-", range.start)
    } else {
        format!("bytes={}-{}", range.start, range.end - 1)
    })
}

/// The range, half-open, and the whole's size in `bytes 0-9/1000`.
fn parse_content_range(text: &str) -> Option<(Range<u64>, u64)> {
    let (first, last) = text.strip_prefix("bytes ")?.split_once('/')?.0.split_once('-')?;
    let range = first.parse().ok()?..last.parse::<u64>().ok()?.checked_add(1)?;
    Some((range, total(text)?))
}

fn count(bytes: Option<i64>) -> u64 {
    bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default()
}

fn timestamp(time: Option<&DateTime>) -> Timestamp {
    Timestamp::from_millis(time.and_then(|time| time.to_millis().ok()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_asked_for_as_http_counts() {
        assert_eq!(range_header(&(0..1)).as_deref(), Some("bytes=0-0"));
        assert_eq!(range_header(&(5..100)).as_deref(), Some("bytes=5-99"));
        assert_eq!(range_header(&(5..u64::MAX)).as_deref(), Some("bytes=5-"));
        assert_eq!(range_header(&(5..5)), None);
        assert_eq!(range_header(&(u64::MAX - 1..u64::MAX)), None);
    }

    #[test]
    fn content_ranges_are_read() {
        assert_eq!(parse_content_range("bytes 5-9/100"), Some((5..10, 100)));
        for text in ["bytes */100", "5-9/100", "bytes 5-9/*", "bytes 5/100", ""] {
            assert_eq!(parse_content_range(text), None, "{text}");
        }
    }
}
