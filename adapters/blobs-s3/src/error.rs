//! What stands against using a bucket, found when it is opened: in one line, with what to do.

use std::fmt;
use std::time::Duration;

use gallery_aws::{ClientError, Endpoint};

use crate::failure::{Failure, FailureKind};
use crate::policy::action;

/// Why a bucket cannot be used for blobs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No region anywhere.
    #[error("no AWS region is set: set it in the configuration, in AWS_REGION or in the AWS profile")]
    NoRegion,
    /// The endpoint is no address.
    #[error("the S3 endpoint \"{0}\" is not of the form http://host:port or https://host")]
    BadEndpoint(String),
    /// No bucket has such a name.
    #[error(
        "\"{0}\" cannot be a bucket: names have 3 to 63 lower-case letters, digits, \".\" and \"-\", and no prefix"
    )]
    BadBucket(String),
    /// Keys would not be plain.
    #[error(
        "the prefix \"{0}\" cannot be used: it may have up to 512 letters, digits and !-_.*'()/, and must not begin \
         with \"/\""
    )]
    BadPrefix(String),
    /// Presigned addresses would be good for too long, or not at all.
    #[error("presigned addresses cannot be good for {} seconds: choose 1 to 300 seconds", .0.as_secs())]
    BadLifetime(Duration),
    /// Sizes that S3 does not take.
    #[error("parts of an upload need at least 5 MiB, and the slowest upload at least 1 byte a second")]
    BadLimits,
    /// The default chain found no credentials.
    #[error(
        "no AWS credentials were found: give this machine a role, or set AWS_ACCESS_KEY_ID and \
         AWS_SECRET_ACCESS_KEY, or AWS_PROFILE ({0})"
    )]
    NoCredentials(String),
    /// S3 does not take the credentials.
    #[error(
        "{location} does not accept the AWS credentials: they are wrong, have expired, or the clock is wrong ({cause})"
    )]
    Credentials {
        /// What was asked.
        location: BucketLocation,
        /// What it said.
        cause: String,
    },
    /// The credentials are good, but not for this.
    #[error("the AWS credentials may not use {location}: allow {action} ({cause})")]
    Denied {
        /// What was asked.
        location: BucketLocation,
        /// What must be allowed, as IAM names it.
        action: &'static str,
        /// What it said.
        cause: String,
    },
    /// There is no such bucket.
    #[error("{location} does not exist: create it, or check the bucket's name, the endpoint and the account")]
    MissingBucket {
        /// What was asked.
        location: BucketLocation,
    },
    /// The bucket is in another region.
    #[error("{location} is in another region: set the region to {found}")]
    WrongRegion {
        /// What was asked.
        location: BucketLocation,
        /// The bucket's region, or how to find it.
        found: String,
    },
    /// Nobody answers, or not in time.
    #[error("{location} cannot be reached: check the network, the region and the endpoint ({cause})")]
    Unreachable {
        /// What was asked.
        location: BucketLocation,
        /// What happened instead of an answer.
        cause: String,
    },
    /// Anything else.
    #[error("{location} failed at {operation}: {cause}")]
    Failed {
        /// What was asked.
        location: BucketLocation,
        /// What it was asked for.
        operation: &'static str,
        /// What it said.
        cause: String,
    },
}

impl OpenError {
    /// What a failed call means for whoever sets this up.
    pub(crate) fn of(location: &BucketLocation, failure: &Failure) -> Self {
        let (location, operation, cause) = (location.clone(), failure.operation, failure.cause());
        match failure.kind {
            FailureKind::NoBucket | FailureKind::Missing => Self::MissingBucket { location },
            FailureKind::Elsewhere => {
                let found = failure.header("x-amz-bucket-region").map(str::to_owned);
                let found = found.unwrap_or_else(|| format!("the bucket's ({cause})"));
                Self::WrongRegion { location, found }
            }
            FailureKind::Credentials => Self::Credentials { location, cause },
            FailureKind::Denied => Self::Denied { location, action: action(operation), cause },
            FailureKind::UnknownOutcome => Self::Unreachable { location, cause },
            _ => Self::Failed { location, operation, cause },
        }
    }
}

impl From<ClientError> for OpenError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::BadEndpoint(endpoint) => Self::BadEndpoint(endpoint),
            ClientError::NoRegion => Self::NoRegion,
            ClientError::NoCredentials(reason) => Self::NoCredentials(reason),
        }
    }
}

/// Which bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketLocation {
    pub(crate) bucket: String,
    pub(crate) endpoint: Endpoint,
}

impl fmt::Display for BucketLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bucket {} in {}", self.bucket, self.endpoint)
    }
}
