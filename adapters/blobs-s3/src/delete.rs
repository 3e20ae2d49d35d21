//! Deleting: a thousand keys at a time, with all their versions where the bucket keeps versions.
//! Must not know how calls are made. Tests: the conformance suite, `tests/it/versions.rs`,
//! `tests/it/faults.rs`.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::error::BuildError;
use aws_sdk_s3::types::{Delete, Error as KeyError, ObjectIdentifier};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use gallery_core::model::BlobKey;
use gallery_core::ports::BlobError;
use gallery_core::values::PhotoId;

use crate::bucket::Bucket;
use crate::calls::MANY;
use crate::failure::{Failure, blob_error};

/// More keys one call does not take.
const BATCH: usize = 1000;
/// The versions of this many photos are looked for before they are removed, …
const PHOTOS: usize = 250;
/// … this many photos at a time.
const PARALLEL: usize = 8;
/// What a service answers for a key and means to be asked again.
const PASSING: [&str; 5] =
    ["InternalError", "SlowDown", "ServiceUnavailable", "OperationAborted", "RequestTimeout"];
/// What a service answers for a key that is not there.
const GONE: [&str; 2] = ["NoSuchKey", "NoSuchVersion"];

impl Bucket {
    pub(crate) async fn delete(&self, keys: &[BlobKey]) -> Result<(), BlobError> {
        if self.removes_versions {
            return self.delete_versions(keys).await;
        }
        let objects: BTreeSet<String> = keys.iter().map(|key| self.object(key)).collect();
        let named = objects.iter().map(|object| ObjectIdentifier::builder().key(object).build());
        self.delete_named(named.collect::<Result<_, _>>().map_err(incomplete)?).await
    }

    /// Removes every version and every delete marker of these objects.
    async fn delete_versions(&self, keys: &[BlobKey]) -> Result<(), BlobError> {
        // A photo's blobs have one beginning: one call finds the versions of all.
        let mut photos = BTreeMap::<PhotoId, BTreeSet<String>>::new();
        for key in keys {
            photos.entry(key.photo()).or_default().insert(self.object(key));
        }
        let photos: Vec<_> = photos.into_iter().collect();
        for some in photos.chunks(PHOTOS) {
            let found = stream::iter(some.to_vec()).map(|(photo, objects)| self.versions(photo, objects));
            let found: Vec<Vec<ObjectIdentifier>> = found.buffer_unordered(PARALLEL).try_collect().await?;
            self.delete_named(found.concat()).await?;
        }
        Ok(())
    }

    /// The versions and delete markers of these objects of a photo.
    async fn versions(
        &self,
        photo: PhotoId,
        objects: BTreeSet<String>,
    ) -> Result<Vec<ObjectIdentifier>, BlobError> {
        let prefix = format!("{}{}{photo}/", self.prefix, BlobKey::PREFIX);
        let (mut found, mut key, mut version) = (Vec::new(), None::<String>, None::<String>);
        loop {
            let page = self.calls.call("ListObjectVersions", MANY, || {
                let list = self.calls.client.list_object_versions().bucket(&self.name).prefix(&prefix);
                list.set_key_marker(key.clone()).set_version_id_marker(version.clone()).send()
            });
            let page = page.await.map_err(blob_error)?;
            let versions = page.versions().iter().map(|version| (version.key(), version.version_id()));
            let markers = page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
            for (key, version) in versions.chain(markers) {
                let (Some(key), Some(version)) = (key, version) else { continue };
                if objects.contains(key) {
                    let identifier = ObjectIdentifier::builder().key(key).version_id(version);
                    found.push(identifier.build().map_err(incomplete)?);
                }
            }
            (key, version) = (page.next_key_marker, page.next_version_id_marker);
            if page.is_truncated != Some(true) || key.is_none() {
                return Ok(found);
            }
        }
    }

    async fn delete_named(&self, mut objects: Vec<ObjectIdentifier>) -> Result<(), BlobError> {
        while !objects.is_empty() {
            let rest = objects.split_off(objects.len().min(BATCH));
            let errors = self.delete_batch(objects).await.map_err(blob_error)?;
            refused(&errors)?;
            objects = rest;
        }
        Ok(())
    }

    /// Deletes a thousand keys at most, and returns what was said of single ones.
    pub(crate) async fn delete_batch(
        &self,
        objects: Vec<ObjectIdentifier>,
    ) -> Result<Vec<KeyError>, Failure> {
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build();
        let delete = delete.map_err(|error| Failure::unsendable("DeleteObjects", error))?;
        let answer = self.calls.call("DeleteObjects", MANY, || {
            let objects = self.calls.client.delete_objects().bucket(&self.name);
            objects.delete(delete.clone()).send()
        });
        Ok(answer.await?.errors.unwrap_or_default())
    }
}

/// What the answers for single keys mean for all.
fn refused(errors: &[KeyError]) -> Result<(), BlobError> {
    let codes = errors.iter().map(|error| error.code().unwrap_or("no code"));
    let mut counts = BTreeMap::<&str, usize>::new();
    for code in codes.filter(|code| !GONE.contains(code)) {
        *counts.entry(code).or_default() += 1;
    }
    if counts.is_empty() {
        return Ok(());
    }
    let refusals: Vec<String> = counts.iter().map(|(code, count)| format!("{count} × {code}")).collect();
    let refusals = format!("keys were not deleted: {}", refusals.join(", "));
    if counts.keys().all(|code| PASSING.contains(code)) {
        Err(BlobError::Unavailable(refusals.into()))
    } else {
        Err(BlobError::Backend(refusals.into()))
    }
}

fn incomplete(error: BuildError) -> BlobError {
    blob_error(Failure::unsendable("DeleteObjects", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(codes: &[&str]) -> Result<(), BlobError> {
        let errors = codes.iter().map(|code| KeyError::builder().key("k").code(*code).build());
        refused(&errors.collect::<Vec<_>>())
    }

    #[test]
    fn answers_for_single_keys_are_read() {
        assert!(errors(&[]).is_ok());
        assert!(errors(&["NoSuchKey", "NoSuchVersion"]).is_ok());
        let away = errors(&["SlowDown", "NoSuchKey", "InternalError"]).unwrap_err();
        assert!(matches!(away, BlobError::Unavailable(_)), "{away:?}");
        let Err(BlobError::Backend(refusals)) = errors(&["SlowDown", "AccessDenied", "AccessDenied"]) else {
            panic!("it is no passing trouble")
        };
        assert_eq!(refusals.to_string(), "keys were not deleted: 2 × AccessDenied, 1 × SlowDown");
    }
}
