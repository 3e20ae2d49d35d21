//! The fakes that only tests of the core need; the others are in `gallery_conformance::fakes`.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use gallery_core::mail::Message;
use gallery_core::model::{ImageFacts, ImageType, Metadata, Rendition};
use gallery_core::ports::{
    BlobError, BlobKey, BlobRead, BlobSource, BlobStat, Blobs, ByteStream, Imaging, ImagingError, MailError,
    Mailer, Processed, RenditionBytes, Spool, SpoolError, Spooled,
};
use gallery_core::values::{ContentHash, Timestamp};

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
    async fn put(&self, key: &BlobKey, content_type: ImageType, source: BlobSource) -> Result<(), BlobError> {
        self.faults.put(key)?;
        self.inner.put(key, content_type, source).await
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

/// Blobs in memory; tests may damage them.
#[derive(Default)]
pub struct MemoryBlobs(pub Mutex<BTreeMap<BlobKey, Bytes>>);

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn put(&self, key: &BlobKey, _: ImageType, source: BlobSource) -> Result<(), BlobError> {
        let bytes = match source {
            BlobSource::Bytes(bytes) => bytes,
            BlobSource::File { path, .. } => {
                std::fs::read(path).map_err(|e| BlobError::Backend(e.into()))?.into()
            }
        };
        let mut blobs = self.0.lock().unwrap();
        if blobs.contains_key(key) {
            return Err(BlobError::AlreadyExists);
        }
        blobs.insert(key.clone(), bytes);
        Ok(())
    }

    async fn get(&self, key: &BlobKey, range: Option<Range<u64>>) -> Result<BlobRead, BlobError> {
        assert!(range.is_none(), "no test of the core reads a range");
        let bytes = self.0.lock().unwrap().get(key).cloned().ok_or(BlobError::NotFound)?;
        let size = bytes.len() as u64;
        Ok(BlobRead { bytes: size, range: 0..size, stream: Box::pin(stream::iter([Ok(bytes)])) })
    }

    async fn stat(&self, key: &BlobKey) -> Result<BlobStat, BlobError> {
        let bytes = self.0.lock().unwrap().get(key).map(|b| b.len() as u64).ok_or(BlobError::NotFound)?;
        Ok(BlobStat { key: key.clone(), bytes, put_at: Timestamp::from_millis(0) })
    }

    async fn delete(&self, keys: &[BlobKey]) -> Result<(), BlobError> {
        let mut blobs = self.0.lock().unwrap();
        for key in keys {
            blobs.remove(key);
        }
        Ok(())
    }

    async fn list(&self, after: Option<&BlobKey>, limit: u32) -> Result<Vec<BlobStat>, BlobError> {
        let blobs = self.0.lock().unwrap();
        let behind = blobs.iter().filter(|(key, _)| after.is_none_or(|after| *key > after));
        Ok(behind
            .take(limit as usize)
            .map(|(key, b)| BlobStat {
                key: key.clone(),
                bytes: b.len() as u64,
                put_at: Timestamp::from_millis(0),
            })
            .collect())
    }

    async fn ready(&self) -> Result<(), BlobError> {
        Ok(())
    }
}

/// Takes every file for a picture of 8 × 6 pixels.
pub struct FakeImaging;

#[async_trait]
impl Imaging for FakeImaging {
    async fn process(&self, _: &Path) -> Result<Processed, ImagingError> {
        let facts = ImageFacts {
            content_type: ImageType::Jpeg,
            width: 8,
            height: 6,
            placeholder: vec![1, 2, 3],
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
        Ok(Processed { facts, renditions })
    }
}

/// Uploads in temporary files.
pub struct TempSpool;

#[async_trait]
impl Spool for TempSpool {
    async fn receive(&self, mut stream: ByteStream, limit: u64) -> Result<Spooled, SpoolError> {
        let mut received = Vec::new();
        while let Some(chunk) = stream.next().await {
            received.extend_from_slice(&chunk.map_err(SpoolError::Interrupted)?);
            if received.len() as u64 > limit {
                return Err(SpoolError::TooLarge { limit });
            }
        }
        let mut file = tempfile::NamedTempFile::new().map_err(SpoolError::Failed)?;
        file.write_all(&received).map_err(SpoolError::Failed)?;
        let path = file.into_temp_path();
        let place = path.to_path_buf();
        Ok(Spooled::new(&place, received.len() as u64, ContentHash::of(&received), Box::new(path)))
    }
}
