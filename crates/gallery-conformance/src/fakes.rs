//! Fakes of the small ports, for tests of use cases and of the web: each the simplest thing that
//! keeps its port's contract. They are no adapters: no process serves with them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use gallery_core::mail::Message;
use gallery_core::model::BlobKey;
use gallery_core::ports::{
    BlobError, BlobMetadata, BlobRead, BlobSource, BlobStat, Blobs, ByteStream, Clock, Entropy, Feedback,
    FeedbackError, HashError, HashQueue, JobNotifier, MailError, MailEvent, Mailer, PasswordHasher, Spool,
    SpoolError, Spooled, Verdict,
};
use gallery_core::values::{ContentHash, Email, Password, PasswordHash, Timestamp};

/// A clock that moves only when it is told to, or slept on.
pub struct StoppedClock(AtomicI64);

impl Default for StoppedClock {
    /// Some day in November 2026.
    fn default() -> Self {
        Self(AtomicI64::new(1_795_335_330_000))
    }
}

impl StoppedClock {
    /// Moves the clock into the future.
    pub fn advance(&self, duration: Duration) {
        self.0.fetch_add(i64::try_from(duration.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Sets the clock back, as operators do.
    pub fn set_back(&self, duration: Duration) {
        self.0.fetch_sub(i64::try_from(duration.as_millis()).unwrap(), Ordering::SeqCst);
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

/// Bytes that follow from a seed, in no order: ids of one instant are not in the order in which
/// they were made.
pub struct SeededEntropy(AtomicU64);

impl SeededEntropy {
    /// The bytes of this seed.
    pub fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for SeededEntropy {
    /// `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
    fn fill(&self, buffer: &mut [u8]) {
        const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
        for chunk in buffer.chunks_mut(8) {
            let mut z = self.0.fetch_add(GAMMA, Ordering::SeqCst).wrapping_add(GAMMA);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_be_bytes()[..chunk.len()]);
        }
    }
}

/// "Hashes" by keeping the password, so that tests are fast.
pub struct PlainHasher;

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, password: &Password, _: HashQueue) -> Result<PasswordHash, HashError> {
        Ok(PasswordHash::from_phc(format!("$plain${}", password.expose())))
    }

    async fn verify(
        &self,
        password: &Password,
        hash: &PasswordHash,
        _: HashQueue,
    ) -> Result<Verdict, HashError> {
        let matches = hash.as_str() == format!("$plain${}", password.expose());
        Ok(if matches { Verdict::Match { weak: false } } else { Verdict::Mismatch })
    }
}

/// A notifier that nobody hears: tests run jobs themselves.
pub struct SilentJobNotifier;

impl JobNotifier for SilentJobNotifier {
    fn notify(&self) {}
}

/// Mails in memory.
#[derive(Default)]
pub struct KeptMails(Mutex<Vec<Message>>);

impl KeptMails {
    /// All mails, oldest first.
    pub fn all(&self) -> Vec<Message> {
        self.0.lock().unwrap().clone()
    }

    /// The newest mail.
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

/// A mail system that reports in plain words, one event a line: `bounced ann@example.org`,
/// `complained …`. It is not reached for `away`, did not make `forged`, and says nothing in an
/// empty report.
pub struct PlainFeedback;

#[async_trait]
impl Feedback for PlainFeedback {
    async fn read(&self, body: &[u8], _: Timestamp) -> Result<Vec<MailEvent>, FeedbackError> {
        let malformed = || FeedbackError::Malformed("not in plain words".to_owned());
        let report = std::str::from_utf8(body).map_err(|_| malformed())?;
        let event = |line: &str| match line.split_once(' ') {
            _ if line == "away" => Err(FeedbackError::Unavailable("nobody answers".into())),
            _ if line == "forged" => Err(FeedbackError::Forged("not our words".to_owned())),
            Some((said, address)) => {
                let address = Email::parse(address).map_err(|_| malformed())?;
                match said {
                    "bounced" => Ok(MailEvent::Bounced { address }),
                    "complained" => Ok(MailEvent::Complained { address }),
                    _ => Err(malformed()),
                }
            }
            None => Err(malformed()),
        };
        report.lines().map(event).collect()
    }
}

/// Objects in memory; tests may damage them.
#[derive(Default)]
pub struct MemoryBlobs(pub Mutex<BTreeMap<BlobKey, Bytes>>);

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn put(&self, key: &BlobKey, _: &BlobMetadata, source: BlobSource) -> Result<(), BlobError> {
        let bytes = match source {
            BlobSource::Bytes(bytes) => bytes,
            BlobSource::File { path, .. } => {
                std::fs::read(path).map_err(|error| BlobError::Backend(error.into()))?.into()
            }
        };
        let before = self.0.lock().unwrap().insert(key.clone(), bytes.clone());
        assert!(before.is_none_or(|before| before == bytes), "other bytes were put under the key {key}");
        Ok(())
    }

    async fn get(&self, key: &BlobKey, range: Option<Range<u64>>) -> Result<BlobRead, BlobError> {
        let whole = self.0.lock().unwrap().get(key).cloned().ok_or(BlobError::NotFound)?;
        let bytes = whole.len() as u64;
        let range = match range {
            Some(range) if range.is_empty() || range.start >= bytes => {
                return Err(BlobError::BadRange { bytes });
            }
            Some(range) => range.start..range.end.min(bytes),
            None => 0..bytes,
        };
        let part = whole.slice(usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap());
        Ok(BlobRead { bytes, range, stream: Box::pin(stream::iter([Ok(part)])) })
    }

    async fn stat(&self, key: &BlobKey) -> Result<BlobStat, BlobError> {
        let blobs = self.0.lock().unwrap();
        blobs.get(key).map(|bytes| stat(key, bytes)).ok_or(BlobError::NotFound)
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
        Ok(behind.take(limit as usize).map(|(key, bytes)| stat(key, bytes)).collect())
    }

    async fn ready(&self) -> Result<(), BlobError> {
        Ok(())
    }
}

fn stat(key: &BlobKey, bytes: &Bytes) -> BlobStat {
    BlobStat { key: key.clone(), bytes: bytes.len() as u64, put_at: Timestamp::from_millis(0) }
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
