//! The fakes behind the kit: each the simplest thing that keeps its port's contract.

use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use gallery_core::mail::Message;
use gallery_core::model::{Gps, ImageFacts, ImageType, Metadata, Rendition};
use gallery_core::ports::{
    Bell, BlobError, BlobKey, BlobRead, BlobSource, BlobStat, Blobs, Clock, Entropy, HashError, Imaging,
    ImagingError, LinkRequest, MailError, Mailer, PasswordHasher, Processed, RenditionBytes, Verdict,
};
use gallery_core::values::{Password, PasswordHash, Timestamp};

/// A clock that moves only when it is told to, or slept on.
pub struct StoppedClock(AtomicI64);

impl StoppedClock {
    pub fn new() -> Self {
        Self(AtomicI64::new(1_795_335_330_000))
    }

    pub fn advance(&self, duration: Duration) {
        self.0.fetch_add(i64::try_from(duration.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

#[async_trait]
impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
        tokio::task::yield_now().await;
    }
}

/// Bytes that never repeat.
#[derive(Default)]
pub struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        for (byte, count) in buffer.iter_mut().rev().zip(count.iter().rev().chain(std::iter::repeat(&0x5a))) {
            *byte = *count;
        }
    }
}

/// "Hashes" by keeping the password, so that tests are fast.
pub struct PlainHasher;

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        Ok(PasswordHash::from_phc(format!("$plain${}", password.expose())))
    }

    async fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<Verdict, HashError> {
        let matches = hash.as_str() == format!("$plain${}", password.expose());
        Ok(if matches { Verdict::Match { weak: false } } else { Verdict::Mismatch })
    }
}

pub struct SilentBell;

impl Bell for SilentBell {
    fn ring(&self) {}
}

/// Mails in memory.
#[derive(Default)]
pub struct KeptMails(Mutex<Vec<Message>>);

impl KeptMails {
    pub fn all(&self) -> Vec<Message> {
        self.0.lock().unwrap().clone()
    }

    pub fn last(&self) -> Message {
        self.all().pop().expect("a mail was sent")
    }
}

#[async_trait]
impl Mailer for KeptMails {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        self.0.lock().unwrap().push(message.clone());
        Ok(())
    }
}

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
        Ok(Processed { facts, renditions: renditions.to_vec() })
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
