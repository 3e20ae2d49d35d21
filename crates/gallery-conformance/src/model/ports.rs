//! The ports beside the store, as histories need them: alike on both sides, and away when a history
//! says so.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use gallery_core::mail::Message;
use gallery_core::model::{BlobKey, Captions, Gps, ImageFacts, ImageType, Metadata, Rendition};
use gallery_core::ports::{
    BlobError, BlobMetadata, BlobRead, BlobSource, BlobStat, Blobs, Imaging, ImagingError, MailError, Mailer,
    Processed, RenditionBytes,
};
use gallery_core::texts::Text;
use gallery_core::values::Taken;

use super::operation::MailFault;
use crate::fakes::MemoryBlobs;

/// Finds in a file what its first byte says, and something else whenever it looks at the same file
/// again, as after a decoder was mended. At the third look it finds nothing.
#[derive(Default)]
pub struct PictureImaging(Mutex<BTreeMap<(u8, usize), u8>>);

/// How many kinds of files there are.
pub const CONTENTS: u8 = 8;

impl PictureImaging {
    /// How often a file like this was looked at before.
    fn looks(&self, file: (u8, usize)) -> u8 {
        let mut looks = self.0.lock().unwrap();
        let before = looks.entry(file).or_default();
        *before = before.wrapping_add(1);
        *before - 1
    }
}

#[async_trait]
impl Imaging for PictureImaging {
    async fn process(&self, file: &Path) -> Result<Processed, ImagingError> {
        let bytes = std::fs::read(file).map_err(|error| ImagingError::Failed(error.into()))?;
        let look = self.looks((bytes[0], bytes.len()));
        let metadata = match bytes[0] % CONTENTS {
            6 => return Err(ImagingError::Unsupported),
            7 => return Err(ImagingError::Undecodable(Text::new("photo-cut-off"))),
            _ if look == 2 => return Err(ImagingError::Undecodable(Text::new("photo-cut-off"))),
            kind => metadata(kind.wrapping_add(look) % 6),
        };
        let facts = ImageFacts {
            content_type: ImageType::Jpeg,
            width: 8,
            height: 6,
            placeholder: vec![1, 2, bytes[0]],
            damaged: bytes[0].wrapping_add(look) % 5 == 0,
            metadata,
        };
        let renditions = Rendition::DERIVED.map(|rendition| RenditionBytes {
            rendition,
            content_type: ImageType::Jpeg,
            bytes: Bytes::from(format!("{} of {}, look {look}", rendition.name(), bytes[0])),
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

/// Several cameras, none, and times before 1970, equal ones and none.
fn metadata(kind: u8) -> Metadata {
    let taken = match kind {
        0 => None,
        1 => Some("1969-12-31"),
        2 => Some("2023-11-14 22:13:20.123 -11:00"),
        3 => Some("2023-11-14 22:13:20.123 +02:00"),
        _ => Some("2027-01-15 08:00"),
    };
    let camera = (kind % 2 == 1).then(|| "Pinhole One".to_owned());
    let exif = (0..kind).map(|n| (format!("Tag {n}"), format!("été {n}")));
    Metadata {
        taken: taken.map(|text| Taken::parse(text).expect("a time")),
        camera,
        lens: (kind == 3).then(|| "海 50mm f/1.8".to_owned()),
        gps: (kind == 4).then_some(Gps {
            latitude: -33.856_784,
            longitude: 151.215_296_7,
            altitude: Some(-1.5),
        }),
        exif: exif.collect(),
    }
}

/// A mail system that is away, or refuses, while it is told to.
#[derive(Default)]
pub struct MoodyMailer(Mutex<(Option<MailFault>, Vec<Message>)>);

impl MoodyMailer {
    /// From now on it fails like this.
    pub fn set(&self, fault: Option<MailFault>) {
        self.0.lock().unwrap().0 = fault;
    }

    /// The mails that were sent since the last call.
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.0.lock().unwrap().1)
    }
}

#[async_trait]
impl Mailer for MoodyMailer {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        let mut state = self.0.lock().unwrap();
        match state.0 {
            Some(MailFault::Later) => Err(MailError::Later("away, as planned".into())),
            Some(MailFault::Never) => Err(MailError::Never("refused, as planned".into())),
            None => {
                state.1.push(message.clone());
                Ok(())
            }
        }
    }
}

/// Blobs in memory that cannot be written while they are away.
#[derive(Default)]
pub struct MoodyBlobs {
    inner: MemoryBlobs,
    away: AtomicBool,
}

impl MoodyBlobs {
    /// From now on they are away, or not.
    pub fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    fn check(&self) -> Result<(), BlobError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(BlobError::Unavailable("away, as planned".into()));
        }
        Ok(())
    }
}

#[async_trait]
impl Blobs for MoodyBlobs {
    async fn put(&self, key: &BlobKey, metadata: &BlobMetadata, source: BlobSource) -> Result<(), BlobError> {
        // The original arrives before the blobs are away, so that some of a photo's blobs are
        // there.
        if key.rendition() != Rendition::Original {
            self.check()?;
        }
        self.inner.put(key, metadata, source).await
    }

    async fn get(&self, key: &BlobKey, range: Option<Range<u64>>) -> Result<BlobRead, BlobError> {
        self.check()?;
        self.inner.get(key, range).await
    }

    async fn stat(&self, key: &BlobKey) -> Result<BlobStat, BlobError> {
        self.check()?;
        self.inner.stat(key).await
    }

    async fn delete(&self, keys: &[BlobKey]) -> Result<(), BlobError> {
        self.check()?;
        self.inner.delete(keys).await
    }

    async fn list(&self, after: Option<&BlobKey>, limit: u32) -> Result<Vec<BlobStat>, BlobError> {
        self.inner.list(after, limit).await
    }

    async fn ready(&self) -> Result<(), BlobError> {
        self.check()
    }
}
