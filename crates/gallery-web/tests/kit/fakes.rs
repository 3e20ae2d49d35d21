//! The fakes that only tests of the web need; the others are in `gallery_conformance::fakes`.

use std::ops::Range;
use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;
use gallery_core::model::{Captions, Gps, ImageFacts, ImageType, Metadata, Rendition};
use gallery_core::ports::{
    BlobError, BlobKey, BlobRead, BlobSource, BlobStat, Blobs, Imaging, ImagingError, LinkRequest, Processed,
    RenditionBytes,
};
use gallery_core::values::Timestamp;

/// Believes what the bytes say: `zip` is no photo, `bad` is a damaged one, `boom` is a defect.
pub struct FakeImaging;

#[async_trait]
impl Imaging for FakeImaging {
    async fn process(&self, file: &Path) -> Result<Processed, ImagingError> {
        let bytes = std::fs::read(file).map_err(|error| ImagingError::Failed(error.into()))?;
        match bytes.get(..3) {
            Some(b"zip") => return Err(ImagingError::Unsupported),
            Some(b"bad") => return Err(ImagingError::Undecodable("it is torn".to_owned())),
            Some(b"boo") => panic!("a decoder met its end"),
            _ => {}
        }
        let gps = Gps { latitude: 48.137, longitude: 11.575, altitude: None };
        let metadata = Metadata {
            taken_at: Some(Timestamp::from_millis(1_700_000_000_123)),
            camera: Some("Pinhole One".to_owned()),
            lens: None,
            gps: Some(gps),
            exif: vec![("ISO".to_owned(), "100".to_owned())],
        };
        let (content_type, placeholder) = (ImageType::Jpeg, vec![1, 2, 3]);
        let facts = ImageFacts { content_type, width: 8, height: 6, placeholder, metadata };
        let renditions = Rendition::DERIVED.map(|rendition| RenditionBytes {
            rendition,
            content_type,
            bytes: Bytes::from(rendition.name()),
            width: 8,
            height: 6,
        });
        Ok(Processed { facts, captions: Captions::default(), renditions: renditions.to_vec() })
    }
}

/// An object store that hands out links and nothing else.
pub struct LinkingBlobs;

#[async_trait]
impl Blobs for LinkingBlobs {
    async fn put(&self, _: &BlobKey, _: ImageType, _: BlobSource) -> Result<(), BlobError> {
        Ok(())
    }

    async fn get(&self, _: &BlobKey, _: Option<Range<u64>>) -> Result<BlobRead, BlobError> {
        Err(BlobError::Unavailable("reads go elsewhere".into()))
    }

    async fn stat(&self, _: &BlobKey) -> Result<BlobStat, BlobError> {
        Err(BlobError::NotFound)
    }

    async fn delete(&self, _: &[BlobKey]) -> Result<(), BlobError> {
        Ok(())
    }

    async fn list(&self, _: Option<&BlobKey>, _: u32) -> Result<Vec<BlobStat>, BlobError> {
        Ok(Vec::new())
    }

    async fn link(&self, request: &LinkRequest) -> Result<Option<String>, BlobError> {
        Ok(Some(format!("https://objects.example/{}?{}", request.key, request.lifetime.as_secs())))
    }

    async fn ready(&self) -> Result<(), BlobError> {
        Err(BlobError::Unavailable("connection refused to 10.0.0.7:9000".into()))
    }
}
