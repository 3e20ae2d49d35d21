//! Opening a bucket: is it there, may it be used, and what will deleting leave? Must not know the
//! port. Tests: `tests/it/opening.rs`, `tests/it/versions.rs`.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::types::{BucketVersioningStatus, ObjectIdentifier};

use crate::bucket::Bucket;
use crate::calls::Calls;
use crate::error::{BucketLocation, OpenError};
use crate::failure::{Failure, FailureKind};
use crate::options::{S3Options, connect};

/// An object that never is: deleting a version of it shows whether versions may be deleted.
const NO_OBJECT: &str = "photos/no-photo";

/// Opens a bucket; returns what is to be known about it besides.
pub(crate) async fn open(options: S3Options) -> Result<(Bucket, Vec<String>), OpenError> {
    let (client, location) = connect(&options).await?;
    let mut bucket = Bucket {
        calls: Arc::new(Calls::new(client, options.limits)),
        name: options.bucket,
        prefix: options.prefix,
        encryption: options.encryption,
        delivery: options.delivery,
        multipart_threshold: options.multipart_threshold,
        part_size: options.part_size,
        removes_versions: false,
    };
    let refused = |failure: Failure| OpenError::of(&location, &failure);
    let listed = bucket.calls.call("ListObjectsV2", Duration::ZERO, || bucket.list_one().send());
    listed.await.map_err(refused)?;
    let mut warnings = Vec::new();
    match versions(&bucket).await {
        Ok(keeps) => bucket.removes_versions = keeps,
        Err(Obstacle::Failure(failure)) if failure.kind == FailureKind::UnknownOutcome => {
            return Err(refused(failure));
        }
        Err(obstacle) => warnings.push(warning(&location, &obstacle)),
    }
    Ok((bucket, warnings))
}

/// Why old versions of blobs may outlive them.
enum Obstacle {
    /// Nobody says whether there are any.
    Failure(Failure),
    /// There are, but they may not be removed.
    MayNot(&'static str, String),
}

/// Whether the bucket keeps versions that must be, and can be, removed.
async fn versions(bucket: &Bucket) -> Result<bool, Obstacle> {
    let asked = bucket.calls.call("GetBucketVersioning", Duration::ZERO, || {
        bucket.calls.client.get_bucket_versioning().bucket(&bucket.name).send()
    });
    // Suspended versioning leaves what was kept before.
    let kept = [BucketVersioningStatus::Enabled, BucketVersioningStatus::Suspended];
    if !asked.await.map_err(Obstacle::Failure)?.status().is_some_and(|status| kept.contains(status)) {
        return Ok(false);
    }
    let object = format!("{}{NO_OBJECT}", bucket.prefix);
    let listed = bucket.calls.call("ListObjectVersions", Duration::ZERO, || {
        let list = bucket.calls.client.list_object_versions().bucket(&bucket.name);
        list.prefix(&object).max_keys(1).send()
    });
    listed.await.map_err(|failure| obstacle("s3:ListBucketVersions", failure))?;
    let version = ObjectIdentifier::builder().key(object).version_id("null").build();
    let version = version.map_err(|error| Obstacle::Failure(Failure::unsendable("DeleteObjects", error)))?;
    let errors = bucket.delete_batch(vec![version]).await;
    let errors = errors.map_err(|failure| obstacle("s3:DeleteObjectVersion", failure))?;
    match errors.iter().find(|error| error.code() == Some("AccessDenied")) {
        Some(error) => {
            let cause = error.message().unwrap_or("AccessDenied").to_owned();
            Err(Obstacle::MayNot("s3:DeleteObjectVersion", cause))
        }
        None => Ok(true),
    }
}

fn obstacle(action: &'static str, failure: Failure) -> Obstacle {
    if failure.kind == FailureKind::Denied {
        Obstacle::MayNot(action, failure.cause())
    } else {
        Obstacle::Failure(failure)
    }
}

fn warning(location: &BucketLocation, obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::MayNot(action, cause) => format!(
            "erasure will not be complete: {location} keeps versions, and the AWS credentials may not remove them: \
             allow {action}, or deleted photos stay in the bucket as old versions ({cause})"
        ),
        Obstacle::Failure(failure) if failure.kind == FailureKind::Denied => format!(
            "erasure may not be complete: the AWS credentials may not ask whether {location} keeps versions: allow \
             s3:GetBucketVersioning; if it does, deleted photos stay in the bucket as old versions ({})",
            failure.cause()
        ),
        Obstacle::Failure(failure) => format!(
            "erasure may not be complete: {location} does not say whether it keeps versions; if it does, deleted \
             photos stay in the bucket as old versions ({}: {})",
            failure.operation,
            failure.cause()
        ),
    }
}
