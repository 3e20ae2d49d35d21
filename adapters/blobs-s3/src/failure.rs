//! What a call to S3 came to when it did not succeed, and what that means for the port.
//!
//! Knows the SDK's errors and the service's codes, and nothing of blobs. Tested here with the codes, and by a
//! fault proxy in `tests/s3/faults.rs`.

use std::error::Error;
use std::fmt;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use gallery_aws::story;
use gallery_core::ports::BlobError;

/// Why a call did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// There is no such object.
    Missing,
    /// There is no such bucket.
    NoBucket,
    /// There is an object of this key; nothing happened.
    Exists,
    /// Another request for this key was under way; nothing happened.
    Conflict,
    /// The range begins behind the object's end.
    BadRange,
    /// Throttled, or a body arrived damaged; nothing happened.
    Overload,
    /// No answer, or one that says nothing: it may have happened.
    Unknown,
    /// No space is left.
    Full,
    /// The bucket is in another region.
    Elsewhere,
    /// No credentials, or such as the service does not take.
    Credentials,
    /// The credentials are good, but not for this.
    Denied,
    /// This service does not have the operation.
    Unsupported,
    /// Anything else. Trying again will not help.
    Failed,
}

/// A call that did not succeed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) why: Why,
    pub(crate) operation: &'static str,
    /// The service's own name of the error, if it answered one.
    pub(crate) code: Option<String>,
    /// The object's size in bytes, where a bad range was answered with it.
    pub(crate) object_bytes: Option<u64>,
    /// The bucket's region, where that was answered.
    pub(crate) bucket_region: Option<String>,
    source: Box<dyn Error + Send + Sync>,
}

impl Failure {
    pub(crate) fn new(
        why: Why,
        operation: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { why, operation, code: None, object_bytes: None, bucket_region: None, source: source.into() }
    }

    /// What the SDK says.
    pub(crate) fn of<E>(operation: &'static str, error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let code = error.code().map(str::to_owned);
        let header = |name| error.raw_response().and_then(|answer| answer.headers().get(name));
        let object_bytes = header("content-range").and_then(total);
        let bucket_region = header("x-amz-bucket-region").map(str::to_owned);
        let why = why(&error);
        Self { code, object_bytes, bucket_region, ..Self::new(why, operation, error) }
    }

    /// A request that cannot be made.
    pub(crate) fn incomplete(operation: &'static str, error: impl Error + Send + Sync + 'static) -> Self {
        Self::new(Why::Failed, operation, error)
    }

    /// No answer in time.
    pub(crate) fn timed_out(operation: &'static str) -> Self {
        Self::new(Why::Unknown, operation, "no answer in time")
    }

    /// The whole story in one line.
    pub(crate) fn story(&self) -> String {
        story(&*self.source)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.why {
            Why::Missing => "found no object",
            Why::NoBucket => "found no bucket",
            Why::Exists => "found an object of this key",
            Why::Conflict => "met another request for this key",
            Why::BadRange => "was asked for a range behind the end",
            Why::Overload => "was throttled",
            Why::Unknown => "was not answered",
            Why::Full => "found no space",
            Why::Elsewhere => "was sent to the wrong region",
            Why::Credentials => "was made without valid credentials",
            Why::Denied => "is not allowed",
            Why::Unsupported => "is not known to this service",
            Why::Failed => "failed",
        };
        write!(f, "{} {what}", self.operation)?;
        self.code.as_ref().map_or(Ok(()), |code| write!(f, " ({code})"))
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

impl From<Failure> for BlobError {
    fn from(failure: Failure) -> Self {
        match failure.why {
            Why::Missing => Self::NotFound,
            Why::Exists => Self::AlreadyExists,
            Why::Full => Self::Full,
            // Credentials of a role are renewed; whoever asks again may have good ones.
            Why::Overload | Why::Unknown | Why::Conflict | Why::Credentials => {
                Self::Unavailable(Box::new(failure))
            }
            _ => Self::Backend(Box::new(failure)),
        }
    }
}

/// The size in `bytes */1000` or `bytes 0-9/1000`.
pub(crate) fn total(content_range: &str) -> Option<u64> {
    content_range.rsplit_once('/')?.1.parse().ok()
}

fn why<E>(error: &SdkError<E>) -> Why
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(answer) => {
            of_code(answer.err().code().unwrap_or_default(), answer.raw().status().as_u16())
        }
        SdkError::DispatchFailure(failure) if failure.is_user() => Why::Failed,
        SdkError::ConstructionFailure(_) => Why::Failed,
        // No connection, a lost one, no answer in time, no credentials at the moment, or not S3's words.
        _ => Why::Unknown,
    }
}

/// Codes of the API reference, "Error responses". An answer to HEAD has no code, only a status.
fn of_code(code: &str, status: u16) -> Why {
    match code {
        "NoSuchBucket" => Why::NoBucket,
        "NoSuchKey" | "NoSuchVersion" | "NotFound" => Why::Missing,
        "PreconditionFailed" => Why::Exists,
        "ConditionalRequestConflict" | "OperationAborted" => Why::Conflict,
        "InvalidRange" => Why::BadRange,
        "SlowDown"
        | "ServiceUnavailable"
        | "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "TooManyRequests"
        | "BadDigest"
        | "XAmzContentSHA256Mismatch" => Why::Overload,
        "RequestTimeout" | "InternalError" => Why::Unknown,
        "QuotaExceeded" | "InsufficientStorage" | "XMinioStorageFull" => Why::Full,
        "PermanentRedirect"
        | "TemporaryRedirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException"
        | "IncorrectEndpoint" => Why::Elsewhere,
        "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "ExpiredToken"
        | "InvalidToken"
        | "TokenRefreshRequired"
        | "RequestTimeTooSkewed"
        | "RequestExpired" => Why::Credentials,
        "AccessDenied" | "AllAccessDisabled" | "AccountProblem" => Why::Denied,
        "NotImplemented" | "MethodNotAllowed" => Why::Unsupported,
        // An upload is no object: that it is gone says nothing of the object.
        "NoSuchUpload" => Why::Failed,
        _ => of_status(status),
    }
}

fn of_status(status: u16) -> Why {
    match status {
        301 | 307 => Why::Elsewhere,
        403 => Why::Denied,
        404 => Why::Missing,
        412 => Why::Exists,
        416 => Why::BadRange,
        429 | 503 => Why::Overload,
        501 => Why::Unsupported,
        507 => Why::Full,
        500.. => Why::Unknown,
        _ => Why::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_decides_before_the_status() {
        assert_eq!(of_code("SlowDown", 500), Why::Overload);
        assert_eq!(of_code("NoSuchBucket", 404), Why::NoBucket);
        assert_eq!(of_code("NoSuchUpload", 404), Why::Failed);
        assert_eq!(of_code("", 404), Why::Missing);
        assert_eq!(of_code("SomethingNew", 503), Why::Overload);
        assert_eq!(of_code("SomethingNew", 502), Why::Unknown);
        assert_eq!(of_code("SomethingNew", 400), Why::Failed);
    }

    #[test]
    fn the_port_says_what_was_found() {
        let error = |why| BlobError::from(Failure::new(why, "GetObject", "x"));
        assert!(matches!(error(Why::Missing), BlobError::NotFound));
        assert!(matches!(error(Why::Exists), BlobError::AlreadyExists));
        assert!(matches!(error(Why::Full), BlobError::Full));
        for why in [Why::Overload, Why::Unknown, Why::Conflict, Why::Credentials] {
            assert!(matches!(error(why), BlobError::Unavailable(_)), "{why:?}");
        }
        // A bucket that is gone must not pass for a blob that is.
        for why in [Why::NoBucket, Why::Denied, Why::Elsewhere, Why::Failed] {
            assert!(matches!(error(why), BlobError::Backend(_)), "{why:?}");
        }
    }

    #[test]
    fn the_code_stands_in_the_text() {
        let failure =
            Failure { code: Some("AccessDenied".into()), ..Failure::new(Why::Denied, "PutObject", "x") };
        assert_eq!(failure.to_string(), "PutObject is not allowed (AccessDenied)");
        assert_eq!(story(&failure), "PutObject is not allowed (AccessDenied): x");
    }

    #[test]
    fn sizes_are_read_from_content_ranges() {
        assert_eq!(total("bytes */1000"), Some(1000));
        assert_eq!(total("bytes 0-9/12"), Some(12));
        assert_eq!(total("bytes 0-9/*"), None);
        assert_eq!(total("1000"), None);
    }
}
