//! What is put: a blob's object as a request sends it, whether in one piece or in parts. Makes no
//! call. Tests: those of `put`.

use aws_sdk_s3::types::ServerSideEncryption;
use gallery_core::ports::BlobMetadata;

use crate::content::Content;
use crate::options::Encryption;

/// What browsers and proxies may do with an object: its key is never used for another.
pub(crate) const CACHE_CONTROL: &str = "private, max-age=31536000, immutable";
/// Where an object's metadata has the SHA-256 of all bytes, in hexadecimal. Of an object in parts
/// S3 itself keeps only a checksum of checksums.
pub(crate) const SHA256: &str = "sha256";

/// An object to be put.
#[derive(Debug)]
pub(crate) struct Upload {
    /// The object's key.
    pub(crate) object: String,
    pub(crate) metadata: BlobMetadata,
    pub(crate) content: Content,
}

impl Encryption {
    pub(crate) fn algorithm(&self) -> Option<ServerSideEncryption> {
        match self {
            Self::BucketDefault => None,
            Self::S3 => Some(ServerSideEncryption::Aes256),
            Self::Kms { .. } => Some(ServerSideEncryption::AwsKms),
        }
    }

    pub(crate) fn key_id(&self) -> Option<String> {
        match self {
            Self::Kms { key_id } => Some(key_id.clone()),
            Self::BucketDefault | Self::S3 => None,
        }
    }
}
