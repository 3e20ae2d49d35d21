//! A bucket, and how it is used. Must not know what is done with it: reading, putting and deleting
//! are in modules over this one, the port in `blobs`.

use std::sync::Arc;

use aws_sdk_s3::operation::list_objects_v2::builders::ListObjectsV2FluentBuilder;
use gallery_core::model::BlobKey;

use crate::calls::Calls;
use crate::options::{Delivery, Encryption};

/// A bucket, and how it is used.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) calls: Arc<Calls>,
    pub(crate) name: String,
    pub(crate) prefix: String,
    pub(crate) encryption: Encryption,
    pub(crate) delivery: Delivery,
    pub(crate) multipart_threshold: u64,
    pub(crate) part_size: u64,
    /// The bucket keeps versions, and the gallery may remove them.
    pub(crate) removes_versions: bool,
}

impl Bucket {
    /// The key of a blob's object.
    pub(crate) fn object(&self, key: &BlobKey) -> String {
        format!("{}{key}", self.prefix)
    }

    /// The smallest question that needs what every other needs: bucket, credentials, the right to
    /// list.
    pub(crate) fn list_one(&self) -> ListObjectsV2FluentBuilder {
        let prefix = format!("{}{}", self.prefix, BlobKey::PREFIX);
        self.calls.client.list_objects_v2().bucket(&self.name).prefix(prefix).max_keys(1)
    }
}
