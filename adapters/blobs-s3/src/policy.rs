//! What a role must be allowed. Tested in `tests/it/faults.rs`: these are the operations that are
//! used, no more.

/// Every operation of S3 that this crate asks for, with the IAM actions that allow it.
///
/// `s3:ListBucket`, `s3:ListBucketVersions` and `s3:GetBucketVersioning` are about the bucket, the
/// others about its objects below the prefix. `ListObjectVersions` and `s3:DeleteObjectVersion` are
/// needed where the bucket keeps versions only. Encryption by the key management service needs
/// `kms:GenerateDataKey` and `kms:Decrypt` besides.
pub const OPERATIONS: &[(&str, &[&str])] = &[
    ("AbortMultipartUpload", &["s3:AbortMultipartUpload"]),
    ("CompleteMultipartUpload", &["s3:PutObject"]),
    ("CreateMultipartUpload", &["s3:PutObject"]),
    ("DeleteObjects", &["s3:DeleteObject", "s3:DeleteObjectVersion"]),
    ("GetBucketVersioning", &["s3:GetBucketVersioning"]),
    ("GetObject", &["s3:GetObject"]),
    ("HeadObject", &["s3:GetObject"]),
    ("ListObjectVersions", &["s3:ListBucketVersions"]),
    ("ListObjectsV2", &["s3:ListBucket"]),
    ("PutObject", &["s3:PutObject"]),
    ("UploadPart", &["s3:PutObject"]),
];

/// The IAM action that allows an operation, the first if it takes several.
pub(crate) fn action(operation: &'static str) -> &'static str {
    let known = OPERATIONS.iter().find(|(name, _)| *name == operation);
    known.and_then(|(_, actions)| actions.first()).copied().unwrap_or(operation)
}
