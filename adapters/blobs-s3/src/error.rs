//! What stands against using a bucket, found when it is opened: in one line, with what to do.

use std::fmt;
use std::time::Duration;

use gallery_aws::Missing;

use crate::failure::{Failure, Why};
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
        "{place} does not accept the AWS credentials: they are wrong, have expired, or the clock is wrong ({cause})"
    )]
    Credentials {
        /// What was asked.
        place: Place,
        /// What it said.
        cause: String,
    },
    /// The credentials are good, but not for this.
    #[error("the AWS credentials may not use {place}: allow {action} ({cause})")]
    Denied {
        /// What was asked.
        place: Place,
        /// What must be allowed, as IAM names it.
        action: &'static str,
        /// What it said.
        cause: String,
    },
    /// There is no such bucket.
    #[error("{place} does not exist: create it, or check the bucket's name, the endpoint and the account")]
    MissingBucket {
        /// What was asked.
        place: Place,
    },
    /// The bucket is in another region.
    #[error("{place} is in another region: set the region to {found}")]
    WrongRegion {
        /// What was asked.
        place: Place,
        /// The bucket's region, or how to find it.
        found: String,
    },
    /// Nobody answers, or not in time.
    #[error("{place} cannot be reached: check the network, the region and the endpoint ({cause})")]
    Unreachable {
        /// What was asked.
        place: Place,
        /// What happened instead of an answer.
        cause: String,
    },
    /// Anything else.
    #[error("{place} failed at {operation}: {cause}")]
    Failed {
        /// What was asked.
        place: Place,
        /// What it was asked for.
        operation: &'static str,
        /// What it said.
        cause: String,
    },
}

impl OpenError {
    /// What a failed call means for whoever sets this up.
    pub(crate) fn of(place: &Place, failure: &Failure) -> Self {
        let (place, operation, cause) = (place.clone(), failure.operation, failure.story());
        match failure.why {
            Why::NoBucket | Why::Missing => Self::MissingBucket { place },
            Why::Elsewhere => {
                let found =
                    failure.bucket_region.clone().unwrap_or_else(|| format!("the bucket's ({cause})"));
                Self::WrongRegion { place, found }
            }
            Why::Credentials => Self::Credentials { place, cause },
            Why::Denied => Self::Denied { place, action: action(operation), cause },
            Why::Unknown => Self::Unreachable { place, cause },
            _ => Self::Failed { place, operation, cause },
        }
    }
}

impl From<Missing> for OpenError {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Region => Self::NoRegion,
            Missing::Credentials(reason) => Self::NoCredentials(reason),
        }
    }
}

/// Which bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub(crate) bucket: String,
    pub(crate) region: String,
    pub(crate) endpoint: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bucket, region, endpoint } = self;
        match endpoint {
            Some(endpoint) => write!(f, "bucket {bucket} in S3 at {endpoint} (region {region})"),
            None => write!(f, "bucket {bucket} in S3 in region {region}"),
        }
    }
}
