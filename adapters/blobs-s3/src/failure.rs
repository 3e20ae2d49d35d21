//! What a call to S3 came to when it did not succeed, and what that means for the port.
//!
//! Knows the service's codes, and nothing of blobs. Tested here with the codes, and by a fault
//! proxy in `tests/it/faults.rs`.

use gallery_aws::{CallError, Classify, ErrorResponse};
use gallery_core::ports::BlobError;

/// Why a call did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// There is no such object.
    Missing,
    /// There is no such bucket.
    NoBucket,
    /// The range begins behind the object's end.
    BadRange,
    /// Throttled, another operation was in the way, or a body arrived damaged; nothing happened.
    Throttled,
    /// No answer, or one that says nothing: it may have happened.
    UnknownOutcome,
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
pub(crate) type Failure = CallError<FailureKind>;

impl Classify for FailureKind {
    const THROTTLED: Self = Self::Throttled;
    const UNKNOWN_OUTCOME: Self = Self::UnknownOutcome;
    const FAILED: Self = Self::Failed;

    fn of(response: &ErrorResponse<'_>) -> Self {
        of_code(response.code, response.status)
    }

    fn phrase(self) -> &'static str {
        match self {
            Self::Missing => "found no object",
            Self::NoBucket => "found no bucket",
            Self::BadRange => "was asked for a range behind the end",
            Self::Throttled => "was throttled",
            Self::UnknownOutcome => "was not answered",
            Self::Full => "found no space",
            Self::Elsewhere => "was sent to the wrong region",
            Self::Credentials => "was made without valid credentials",
            Self::Denied => "is not allowed",
            Self::Unsupported => "is not known to this service",
            Self::Failed => "failed",
        }
    }
}

/// What a failed call means for the port.
pub(crate) fn blob_error(failure: Failure) -> BlobError {
    match failure.kind {
        FailureKind::Missing => BlobError::NotFound,
        FailureKind::Full => BlobError::Full,
        // Credentials of a role are renewed; whoever asks again may have good ones.
        FailureKind::Throttled | FailureKind::UnknownOutcome | FailureKind::Credentials => {
            BlobError::Unavailable(Box::new(failure))
        }
        _ => BlobError::Backend(Box::new(failure)),
    }
}

/// The size in `bytes */1000` or `bytes 0-9/1000`.
pub(crate) fn total(content_range: &str) -> Option<u64> {
    content_range.rsplit_once('/')?.1.parse().ok()
}

/// Codes of the API reference, "Error responses". An answer to HEAD has no code, only a status.
fn of_code(code: &str, status: u16) -> FailureKind {
    match code {
        "NoSuchBucket" => FailureKind::NoBucket,
        "NoSuchKey" | "NoSuchVersion" | "NotFound" => FailureKind::Missing,
        "InvalidRange" => FailureKind::BadRange,
        "SlowDown"
        | "ServiceUnavailable"
        | "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "TooManyRequests"
        | "OperationAborted"
        | "BadDigest"
        | "XAmzContentSHA256Mismatch" => FailureKind::Throttled,
        "RequestTimeout" | "InternalError" => FailureKind::UnknownOutcome,
        "QuotaExceeded" | "InsufficientStorage" | "XMinioStorageFull" => FailureKind::Full,
        "PermanentRedirect"
        | "TemporaryRedirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException"
        | "IncorrectEndpoint" => FailureKind::Elsewhere,
        "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "ExpiredToken"
        | "InvalidToken"
        | "TokenRefreshRequired"
        | "RequestTimeTooSkewed"
        | "RequestExpired" => FailureKind::Credentials,
        "AccessDenied" | "AllAccessDisabled" | "AccountProblem" => FailureKind::Denied,
        "NotImplemented" | "MethodNotAllowed" => FailureKind::Unsupported,
        // An upload is no object: that it is gone says nothing of the object.
        "NoSuchUpload" => FailureKind::Failed,
        _ => of_status(status),
    }
}

fn of_status(status: u16) -> FailureKind {
    match status {
        301 | 307 => FailureKind::Elsewhere,
        403 => FailureKind::Denied,
        404 => FailureKind::Missing,
        416 => FailureKind::BadRange,
        429 | 503 => FailureKind::Throttled,
        501 => FailureKind::Unsupported,
        507 => FailureKind::Full,
        500.. => FailureKind::UnknownOutcome,
        _ => FailureKind::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_decides_before_the_status() {
        assert_eq!(of_code("SlowDown", 500), FailureKind::Throttled);
        assert_eq!(of_code("OperationAborted", 409), FailureKind::Throttled);
        assert_eq!(of_code("NoSuchBucket", 404), FailureKind::NoBucket);
        assert_eq!(of_code("NoSuchUpload", 404), FailureKind::Failed);
        assert_eq!(of_code("", 404), FailureKind::Missing);
        assert_eq!(of_code("SomethingNew", 503), FailureKind::Throttled);
        assert_eq!(of_code("SomethingNew", 502), FailureKind::UnknownOutcome);
        assert_eq!(of_code("SomethingNew", 400), FailureKind::Failed);
    }

    #[test]
    fn the_port_says_what_was_found() {
        let error = |kind| blob_error(Failure::new(kind, "GetObject", "x"));
        assert!(matches!(error(FailureKind::Missing), BlobError::NotFound));
        assert!(matches!(error(FailureKind::Full), BlobError::Full));
        for kind in [FailureKind::Throttled, FailureKind::UnknownOutcome, FailureKind::Credentials] {
            assert!(matches!(error(kind), BlobError::Unavailable(_)), "{kind:?}");
        }
        // A bucket that is gone must not pass for a blob that is.
        for kind in [FailureKind::NoBucket, FailureKind::Denied, FailureKind::Elsewhere, FailureKind::Failed]
        {
            assert!(matches!(error(kind), BlobError::Backend(_)), "{kind:?}");
        }
    }

    #[test]
    fn sizes_are_read_from_content_ranges() {
        assert_eq!(total("bytes */1000"), Some(1000));
        assert_eq!(total("bytes 0-9/12"), Some(12));
        assert_eq!(total("bytes 0-9/*"), None);
        assert_eq!(total("1000"), None);
    }
}
