//! The fakes that only tests of the web need; the others are in `gallery_conformance::fakes`.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use gallery_core::model::{BlobKey, Captions, Gps, ImageFacts, ImageType, Metadata, Rendition};
use gallery_core::ports::{
    BlobError, BlobMetadata, BlobRead, BlobSource, BlobStat, Blobs, Imaging, ImagingError, LinkRequest,
    Processed, RenditionBytes,
};
use gallery_core::texts::Text;
use gallery_core::values::Taken;

/// Believes what the bytes say: `zip` is no photo, `bad` is a damaged one, `boom` is a defect.
/// Whatever is looked at after `new` has other renditions than before.
#[derive(Default)]
pub struct FakeImaging(AtomicU32);

#[async_trait]
impl Imaging for FakeImaging {
    async fn process(&self, file: &Path) -> Result<Processed, ImagingError> {
        let bytes = std::fs::read(file).map_err(|error| ImagingError::Failed(error.into()))?;
        match bytes.get(..3) {
            Some(b"zip") => return Err(ImagingError::Unsupported),
            Some(b"bad") => return Err(ImagingError::Undecodable(Text::new("photo-cut-off"))),
            Some(b"boo") => panic!("a decoder met its end"),
            _ => {}
        }
        if bytes.starts_with(b"new") {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
        let made = match self.0.load(Ordering::SeqCst) {
            0 => String::new(),
            more => more.to_string(),
        };
        let gps = Gps { latitude: 48.137, longitude: 11.575, altitude: None };
        let metadata = Metadata {
            taken: (!bytes.starts_with(b"undated"))
                .then(|| Taken::parse("2023-11-15 00:13:20.123 +02:00").expect("a time")),
            camera: Some("Pinhole One".to_owned()),
            lens: None,
            gps: Some(gps),
            exif: vec![("ISO".to_owned(), "100".to_owned())],
        };
        let (content_type, placeholder) = (ImageType::Jpeg, vec![1, 2, 3]);
        let damaged = bytes.starts_with(b"cut");
        let facts = ImageFacts { content_type, width: 8, height: 6, placeholder, damaged, metadata };
        let renditions = Rendition::DERIVED.map(|rendition| RenditionBytes {
            rendition,
            content_type,
            bytes: Bytes::from(format!("{}{made}", rendition.name())),
            width: 8,
            height: 6,
        });
        Ok(Processed {
            facts,
            captions: Captions::default(),
            former_captions: Captions::default(),
            renditions: renditions.to_vec(),
        })
    }
}

/// An object store that hands out links and nothing else.
pub struct LinkingBlobs;

#[async_trait]
impl Blobs for LinkingBlobs {
    async fn put(&self, _: &BlobKey, _: &BlobMetadata, _: BlobSource) -> Result<(), BlobError> {
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
