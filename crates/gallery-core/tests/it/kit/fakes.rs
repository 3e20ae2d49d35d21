//! The fakes that only tests of the core need; the others are in `gallery_conformance::fakes`.

use std::ops::Range;
use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;
use gallery_conformance::fakes::MemoryBlobs;
use gallery_core::mail::Message;
use gallery_core::model::{BlobKey, Captions, ImageFacts, ImageType, Metadata, Rendition};
use gallery_core::ports::{
    BlobError, BlobMetadata, BlobRead, BlobSource, BlobStat, Blobs, Imaging, ImagingError, MailError, Mailer,
    Processed, RenditionBytes,
};

/// When blobs misbehave: asked before every put and delete.
#[mockall::automock]
pub trait BlobFaults: Send + Sync {
    fn put(&self, key: &BlobKey) -> Result<(), BlobError>;
    fn delete(&self, keys: &[BlobKey]) -> Result<(), BlobError>;
}

/// Blobs in memory that misbehave as a test says.
pub struct FaultyBlobs {
    pub faults: MockBlobFaults,
    pub inner: MemoryBlobs,
}

impl FaultyBlobs {
    pub fn new(faults: MockBlobFaults) -> Self {
        Self { faults, inner: MemoryBlobs::default() }
    }
}

#[async_trait]
impl Blobs for FaultyBlobs {
    async fn put(&self, key: &BlobKey, metadata: &BlobMetadata, source: BlobSource) -> Result<(), BlobError> {
        self.faults.put(key)?;
        self.inner.put(key, metadata, source).await
    }

    async fn get(&self, key: &BlobKey, range: Option<Range<u64>>) -> Result<BlobRead, BlobError> {
        self.inner.get(key, range).await
    }

    async fn stat(&self, key: &BlobKey) -> Result<BlobStat, BlobError> {
        self.inner.stat(key).await
    }

    async fn delete(&self, keys: &[BlobKey]) -> Result<(), BlobError> {
        self.faults.delete(keys)?;
        self.inner.delete(keys).await
    }

    async fn list(&self, after: Option<&BlobKey>, limit: u32) -> Result<Vec<BlobStat>, BlobError> {
        self.inner.list(after, limit).await
    }

    async fn ready(&self) -> Result<(), BlobError> {
        self.inner.ready().await
    }
}

mockall::mock! {
    /// A mail system that misbehaves as a test says.
    pub Mailer {}
    #[async_trait]
    impl Mailer for Mailer {
        async fn send(&self, message: &Message) -> Result<(), MailError>;
    }
}

mockall::mock! {
    /// Imaging that misbehaves as a test says.
    pub Imaging {}
    #[async_trait]
    impl Imaging for Imaging {
        async fn process(&self, file: &Path) -> Result<Processed, ImagingError>;
    }
}

/// Takes every file for a picture of 8 × 6 pixels, with these captions.
#[derive(Default)]
pub struct FakeImaging {
    pub captions: Captions,
}

#[async_trait]
impl Imaging for FakeImaging {
    async fn process(&self, _: &Path) -> Result<Processed, ImagingError> {
        let facts = ImageFacts {
            content_type: ImageType::Jpeg,
            width: 8,
            height: 6,
            placeholder: vec![1, 2, 3],
            damaged: false,
            metadata: Metadata { camera: Some("Pinhole One".to_owned()), ..Metadata::default() },
        };
        let renditions = Rendition::DERIVED
            .map(|rendition| RenditionBytes {
                rendition,
                content_type: ImageType::Jpeg,
                bytes: Bytes::from(rendition.name()),
                width: 8,
                height: 6,
            })
            .to_vec();
        Ok(Processed {
            facts,
            captions: self.captions.clone(),
            former_captions: Captions::default(),
            renditions,
        })
    }
}
