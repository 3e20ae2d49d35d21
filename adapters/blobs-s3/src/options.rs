//! What must be known to use S3, and the client made of it.
//!
//! Knows the SDK's configuration, and nothing of objects. Tested in `tests/it/opening.rs`.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    Builder, RequestChecksumCalculation, ResponseChecksumValidation, StalledStreamProtectionConfig,
};
use gallery_aws::ClientOptions;

use crate::error::{BucketLocation, OpenError};

/// The longest lifetime of a presigned address.
pub const LONGEST_LINK: Duration = Duration::from_mins(5);

/// The smallest part of a multipart upload that S3 takes, but for the last.
const SMALLEST_PART: u64 = 5 * 1024 * 1024;

/// Which bucket to use, and how. Credentials are not among it: they come from the SDK's default
/// chain (environment, profile, role of the task or machine).
#[derive(Debug, Clone)]
pub struct S3Options {
    /// The bucket. It is never created.
    pub bucket: String,
    /// What the keys of objects begin with, as `gallery/`. Several galleries may share a bucket.
    pub prefix: String,
    /// The bucket's region; without one, the SDK's default chain knows (`AWS_REGION`, profile,
    /// machine). Where nothing says it and there is an `endpoint`, it is `us-east-1`.
    pub region: Option<String>,
    /// The address of something that speaks S3. Without one it is the region's own, unless
    /// `AWS_ENDPOINT_URL_S3` or the profile says something else.
    pub endpoint: Option<String>,
    /// The bucket stands in the path of addresses, not before the host's name; for services other
    /// than S3.
    pub path_style: bool,
    /// How objects are encrypted where they lie.
    pub encryption: Encryption,
    /// Who delivers photos.
    pub delivery: Delivery,
    /// From this many bytes on, a blob is uploaded in parts.
    pub multipart_threshold: u64,
    /// Size of a part in bytes, at least 5 MiB.
    pub part_size: u64,
    /// How long calls may take.
    pub limits: TimeLimits,
}

/// How objects are encrypted where they lie. AWS encrypts every object anyway; the difference is
/// the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// As the bucket says; the gallery says nothing.
    BucketDefault,
    /// With a key that S3 manages ("SSE-S3", AES-256).
    S3,
    /// With a key of the key management service ("SSE-KMS").
    Kms {
        /// The key: its id, its ARN, or an alias.
        key_id: String,
    },
}

/// Who delivers photos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The gallery, with all header fields that it sends with any answer.
    Proxied,
    /// S3: clients are sent to a presigned address with a fixed content type and disposition. S3
    /// cannot add `nosniff` or a content security policy, so originals stay attachments and the
    /// type is an image's.
    Presigned {
        /// How long an address is good, [`LONGEST_LINK`] at most. It ends sooner with the
        /// credentials it was signed with.
        lifetime: Duration,
    },
}

/// How long calls may take. A call that takes longer has an unknown outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeLimits {
    /// To make a connection.
    pub connect: Duration,
    /// One attempt at a small call, from the request to the answer's header fields; also, how long
    /// the next bytes of a body may be awaited.
    pub answer: Duration,
    /// A small call with all its attempts.
    pub whole: Duration,
    /// The slowest upload, in bytes a second: what bodies need at this speed is added to both
    /// limits.
    pub slowest_upload: u32,
}

impl S3Options {
    /// This bucket, as it is usually used.
    pub fn new(bucket: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            prefix: String::new(),
            region: None,
            endpoint: None,
            path_style: false,
            encryption: Encryption::BucketDefault,
            delivery: Delivery::Proxied,
            multipart_threshold: 16 * 1024 * 1024,
            part_size: 8 * 1024 * 1024,
            limits: TimeLimits::default(),
        }
    }

    /// Wishes that can be refused before anything is asked.
    fn check(&self) -> Result<(), OpenError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
        if !(3..=63).contains(&self.bucket.len()) || !self.bucket.bytes().all(allowed) {
            return Err(OpenError::BadBucket(self.bucket.clone()));
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!-_.*'()/".contains(&byte);
        if self.prefix.len() > 512 || self.prefix.starts_with('/') || !self.prefix.bytes().all(plain) {
            return Err(OpenError::BadPrefix(self.prefix.clone()));
        }
        if let Delivery::Presigned { lifetime } = self.delivery
            && !(Duration::from_secs(1)..=LONGEST_LINK).contains(&lifetime)
        {
            return Err(OpenError::BadLifetime(lifetime));
        }
        if self.part_size < SMALLEST_PART || self.limits.slowest_upload == 0 {
            return Err(OpenError::BadLimits);
        }
        Ok(())
    }
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(1),
            answer: Duration::from_secs(3),
            whole: Duration::from_secs(8),
            slowest_upload: 128 * 1024,
        }
    }
}

impl TimeLimits {
    /// What a body of this size may need.
    pub(crate) fn upload(&self, bytes: u64) -> Duration {
        // Exact below 2^53 bytes.
        #[expect(clippy::cast_precision_loss)]
        Duration::from_secs_f64(bytes as f64 / f64::from(self.slowest_upload.max(1)))
    }
}

/// Finds out region, endpoint and credentials.
pub(crate) async fn connect(options: &S3Options) -> Result<(Client, BucketLocation), OpenError> {
    options.check()?;
    let (config, endpoint) = ClientOptions {
        service: "S3",
        region: options.region.as_deref(),
        fallback_region: options.endpoint.as_ref().map(|_| "us-east-1"),
        endpoint: options.endpoint.as_deref(),
        connect_timeout: options.limits.connect,
        read_timeout: None,
    }
    .connect()
    .await?;
    let config = Builder::from(&config)
        .force_path_style(options.path_style)
        // `calls` limits the time; `content` makes checksums before the body is sent, because not
        // every server knows them behind it.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    let location = BucketLocation { bucket: options.bucket.clone(), endpoint };
    Ok((Client::from_conf(config.build()), location))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(change: impl FnOnce(&mut S3Options)) -> Option<String> {
        let mut options = S3Options::new("photos");
        change(&mut options);
        options.check().err().map(|error| error.to_string())
    }

    #[test]
    fn wishes_that_cannot_be_met_are_refused_with_a_reason() {
        assert_eq!(refusal(|_| {}), None);
        assert_eq!(refusal(|options| options.prefix = "a/b-1/".into()), None);
        for bucket in ["", "ab", "Photos", "a/b", "photos?"] {
            assert!(refusal(|options| options.bucket = bucket.into()).unwrap().contains("3 to 63"));
        }
        for prefix in ["/a", "a b", "ä", "a\n", &"x".repeat(513)] {
            assert!(refusal(|options| options.prefix = prefix.into()).unwrap().contains("512"));
        }
        for seconds in [0, 301] {
            let delivery = Delivery::Presigned { lifetime: Duration::from_secs(seconds) };
            assert!(refusal(|options| options.delivery = delivery).unwrap().contains("300 seconds"));
        }
        assert!(refusal(|options| options.part_size = SMALLEST_PART - 1).unwrap().contains("5 MiB"));
    }

    #[test]
    fn bodies_get_the_time_they_need() {
        let limits = TimeLimits { slowest_upload: 1024, ..TimeLimits::default() };
        assert_eq!(limits.upload(0), Duration::ZERO);
        assert_eq!(limits.upload(60 * 1024), Duration::from_mins(1));
    }
}
