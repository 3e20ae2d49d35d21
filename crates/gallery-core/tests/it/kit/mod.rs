//! A gallery over the memory store, whose other ports a test can bend: a clock that stands still,
//! passwords that are hashed by not hashing them, blobs and mails in memory. Ports that must
//! misbehave are mocks.

pub mod fakes;
pub mod scene;

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use gallery_core::Gallery;
use gallery_core::mail::{MailSettings, Mailbox};
use gallery_core::model::{Album, Photo, Usage};
use gallery_core::ports::{Blobs, ByteStream, Feedback, Imaging, Mailer, PasswordHasher, SharedStore};
use gallery_core::usecases::{
    Caller, Client, Error, JobOutcome, Ports, Rules, SignUp, Throttling, Upload, UploadDetails,
};
use gallery_core::values::{Email, SecretKey};
use gallery_store_memory::MemoryStore;

use fakes::FakeImaging;
use gallery_conformance::fakes::{
    CountingEntropy, KeptMails, MemoryBlobs, PlainHasher, SilentJobNotifier, StoppedClock, TempSpool,
};

pub const PASSWORD: &str = "blue heron at dusk";

/// A gallery and the fakes behind it.
pub struct World {
    pub gallery: Gallery,
    pub clock: Arc<StoppedClock>,
    pub mails: Arc<KeptMails>,
    pub blobs: Arc<MemoryBlobs>,
    pub store: SharedStore,
}

/// Bytes of a photo's renditions here: their names.
pub const RENDITION_BYTES: u64 = 16;
/// What the records of an album or photo count, in bytes.
pub const RECORD_BYTES: u64 = Usage::RECORD_BYTES;

/// What so many albums count, and photos whose originals have these sizes, in bytes.
pub fn counted(albums: u64, originals: &[u64]) -> u64 {
    let photos = originals.iter().map(|original| original + RENDITION_BYTES + RECORD_BYTES);
    albums * RECORD_BYTES + photos.sum::<u64>()
}

/// What a test wants to be different.
#[derive(Default)]
pub struct Bent {
    pub blobs: Option<Arc<dyn Blobs>>,
    pub mailer: Option<Arc<dyn Mailer>>,
    pub feedback: Option<Arc<dyn Feedback>>,
    pub imaging: Option<Arc<dyn Imaging>>,
    pub hasher: Option<Arc<dyn PasswordHasher>>,
    pub store: Option<SharedStore>,
    pub quota_bytes: Option<u64>,
    pub without_captions: bool,
    pub rating_tags: bool,
    pub throttling: Option<Throttling>,
}

impl World {
    pub fn new() -> Self {
        Self::bent(Bent::default())
    }

    pub fn bent(bent: Bent) -> Self {
        let clock = Arc::new(StoppedClock::default());
        let mails = Arc::new(KeptMails::default());
        let blobs = Arc::new(MemoryBlobs::default());
        let store = bent.store.unwrap_or_else(|| Arc::new(MemoryStore::new()));
        let ports = Ports::builder()
            .store(store.clone())
            .blobs(bent.blobs.unwrap_or_else(|| blobs.clone()))
            .mailer(bent.mailer.unwrap_or_else(|| mails.clone()))
            .feedback(bent.feedback)
            .imaging(bent.imaging.unwrap_or_else(|| Arc::new(FakeImaging::default())))
            .spool(Arc::new(TempSpool))
            .hasher(bent.hasher.unwrap_or_else(|| Arc::new(PlainHasher)))
            .clock(clock.clone())
            .entropy(Arc::new(CountingEntropy::default()))
            .job_notifier(Arc::new(SilentJobNotifier))
            .build()
            .unwrap();
        let rules = Rules::new(
            SecretKey::new("0123456789abcdef0123456789abcdef").unwrap(),
            MailSettings {
                site_name: "Gallery".to_owned(),
                base_url: "http://gallery.test".to_owned(),
                from: Mailbox {
                    name: "Gallery".to_owned(),
                    address: Email::parse("gallery@example.org").unwrap(),
                },
                reply_to: None,
            },
        )
        .with_quota_bytes(bent.quota_bytes.unwrap_or(1_000_000))
        .with_max_upload_bytes(1_000)
        .with_embedded_captions(!bent.without_captions)
        .with_rating_tags(bent.rating_tags)
        .with_throttling(bent.throttling.unwrap_or_default());
        Self { gallery: Gallery::new(ports, rules), clock, mails, blobs, store }
    }

    pub fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub async fn sign_up(&self, email: &str) -> Result<String, Error> {
        let form = SignUp { email, password: PASSWORD, name: "Ann" };
        self.gallery.sign_up(form, &client()).await
    }

    /// Runs jobs until none is due; returns what became of them.
    pub async fn work(&self) -> Vec<JobOutcome> {
        let mut ran = Vec::new();
        while let Some(outcome) = self.gallery.run_due_job().await.unwrap() {
            ran.push(outcome);
            assert!(ran.len() < 1_000, "jobs without end");
        }
        ran
    }

    /// The token in the link of the last mail.
    pub fn last_token(&self) -> String {
        let link = self.mails.last().link.expect("the last mail has a link");
        link.rsplit('/').next().unwrap().to_owned()
    }

    /// A confirmed account, logged in.
    pub async fn member(&self, email: &str) -> Caller {
        self.sign_up(email).await.unwrap();
        self.work().await;
        self.gallery.confirm_address(&self.last_token()).await.unwrap();
        self.log_in(email).await
    }

    pub async fn log_in(&self, email: &str) -> Caller {
        let logged_in = self.gallery.log_in(email, PASSWORD, &client()).await.unwrap();
        self.gallery.authenticate(&logged_in.token.expose()).await.unwrap()
    }

    pub async fn album(&self, caller: &Caller) -> Album {
        self.gallery.create_album(caller, "Summer", "", None).await.unwrap()
    }

    pub async fn begin(
        &self,
        caller: &Caller,
        album: &Album,
        bytes: &'static [u8],
        key: Option<&str>,
    ) -> Result<Upload, Error> {
        let mut upload = self.gallery.begin_upload(caller, album.id, Some(bytes.len() as u64), key).await?;
        match self.gallery.receive_file(&mut upload, body(bytes)).await {
            Ok(()) => Ok(upload),
            Err(error) => {
                self.gallery.abandon_upload(upload).await;
                Err(error)
            }
        }
    }

    pub async fn upload(
        &self,
        caller: &Caller,
        album: &Album,
        bytes: &'static [u8],
        key: Option<&str>,
    ) -> Result<Photo, Error> {
        let upload = self.begin(caller, album, bytes, key).await?;
        let details =
            UploadDetails { file_name: Some("heron.jpg"), title: Some("Heron"), ..UploadDetails::default() };
        self.gallery.finish_upload(upload, details).await
    }

    /// Bytes that the account counts against its quota.
    pub async fn used_bytes(&self, caller: &Caller) -> u64 {
        self.store.user(caller.user.id).await.unwrap().usage.bytes
    }

    pub async fn assert_sound(&self) {
        let report = self.gallery.verify().await.unwrap();
        assert!(report.is_clean(), "{report}");
    }
}

pub fn client() -> Client {
    Client { address: "192.0.2.1".to_owned(), ..Client::default() }
}

pub fn body(bytes: &'static [u8]) -> ByteStream {
    Box::pin(stream::iter([Ok(bytes.into())]))
}
