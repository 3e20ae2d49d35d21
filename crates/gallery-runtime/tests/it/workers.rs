//! The workers over the memory store: they run what is due, outlive what fails and panics, and stop
//! in order.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gallery_core::Gallery;
use gallery_core::mail::{MailSettings, Mailbox, Message};
use gallery_core::model::BlobKey;
use gallery_core::ports::{
    BlobError, BlobMetadata, BlobRead, BlobSource, BlobStat, Blobs, ByteStream, Clock, Imaging, ImagingError,
    MailError, Mailer, Processed, Spool, SpoolError, Spooled,
};
use gallery_core::usecases::{Client, Ports, Rules, SignUp, Throttling};
use gallery_core::values::{Email, SecretKey};
use gallery_runtime::Workers;
use gallery_store_memory::MemoryStore;
use gallery_system::{Argon2Hasher, OsEntropy, SystemClock, TokioJobNotifier};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;

/// Far more than anything here takes.
const LONG: Duration = Duration::from_mins(1);

/// A mailer that tells of every mail, waits for leave to send it, and misbehaves for some
/// addresses.
struct TestMailer {
    begun: mpsc::UnboundedSender<String>,
    sent: mpsc::UnboundedSender<String>,
    leave: Arc<Semaphore>,
}

#[async_trait]
impl Mailer for TestMailer {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        let to = message.to.address.typed().to_owned();
        self.begun.send(to.clone()).unwrap();
        self.leave.acquire().await.unwrap().forget();
        assert!(!to.starts_with("panic"), "as the test wants it");
        self.sent.send(to).unwrap();
        Ok(())
    }
}

/// No photo is ever uploaded here.
struct NoPhotos;

#[async_trait]
impl Blobs for NoPhotos {
    async fn put(&self, _: &BlobKey, _: &BlobMetadata, _: BlobSource) -> Result<(), BlobError> {
        Err(BlobError::Full)
    }

    async fn get(&self, _: &BlobKey, _: Option<std::ops::Range<u64>>) -> Result<BlobRead, BlobError> {
        Err(BlobError::NotFound)
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

    async fn ready(&self) -> Result<(), BlobError> {
        Ok(())
    }
}

#[async_trait]
impl Imaging for NoPhotos {
    async fn process(&self, _: &std::path::Path) -> Result<Processed, ImagingError> {
        Err(ImagingError::Unsupported)
    }
}

#[async_trait]
impl Spool for NoPhotos {
    async fn receive(&self, _: ByteStream, limit: u64) -> Result<Spooled, SpoolError> {
        Err(SpoolError::TooLarge { limit })
    }
}

struct House {
    gallery: Gallery,
    leave: Arc<Semaphore>,
    begun: mpsc::UnboundedReceiver<String>,
    sent: mpsc::UnboundedReceiver<String>,
}

impl House {
    fn new() -> Self {
        let (begun_sender, begun) = mpsc::unbounded_channel();
        let (sent_sender, sent) = mpsc::unbounded_channel();
        let leave = Arc::new(Semaphore::new(0));
        let mailer = TestMailer { begun: begun_sender, sent: sent_sender, leave: Arc::clone(&leave) };
        let ports = Ports::builder()
            .store(Arc::new(MemoryStore::new()))
            .blobs(Arc::new(NoPhotos))
            .mailer(Arc::new(mailer))
            .imaging(Arc::new(NoPhotos))
            .spool(Arc::new(NoPhotos))
            .hasher(Arc::new(Argon2Hasher::new(Arc::new(OsEntropy))))
            .clock(Arc::new(SystemClock))
            .entropy(Arc::new(OsEntropy))
            .job_notifier(Arc::new(TokioJobNotifier::default()))
            .build()
            .unwrap();
        let from = Mailbox { name: String::new(), address: Email::parse("gallery@example.org").unwrap() };
        let rules = Rules::new(
            SecretKey::new("0f4c8a7be21d93650f4c8a7be21d9365").unwrap(),
            MailSettings {
                site_name: "Gallery".to_owned(),
                base_url: "http://127.0.0.1:1".to_owned(),
                from,
                reply_to: None,
            },
        )
        .with_quota_bytes(1)
        .with_max_upload_bytes(1)
        .with_throttling(Throttling::default().with_mails_per_client(2_000));
        Self { gallery: Gallery::new(ports, rules), leave, begun, sent }
    }

    fn workers(&self, count: u16) -> Workers {
        // They are notified; a look at the clock would come too late for any test.
        Workers::start(&self.gallery, &Arc::default(), count, 10 * LONG)
    }

    async fn sign_up(&self, email: &str) {
        let form = SignUp { email, password: "blue heron at dusk", name: "Ann" };
        self.gallery.sign_up(form, &Client::default()).await.unwrap();
    }
}

async fn next(from: &mut mpsc::UnboundedReceiver<String>) -> String {
    timeout(LONG, from.recv()).await.expect("something happens").unwrap()
}

#[tokio::test]
async fn a_mail_is_sent_as_soon_as_it_is_recorded() {
    let mut house = House::new();
    house.leave.add_permits(2);
    let workers = house.workers(1);
    for email in ["ann@example.org", "bob@example.org"] {
        house.sign_up(email).await;
        assert_eq!(next(&mut house.sent).await, email);
    }
    timeout(LONG, workers.stop(LONG)).await.unwrap();
}

#[tokio::test]
async fn a_thousand_forged_requests_delay_no_confirmation_mail() {
    let mut house = House::new();
    // Of another shard than Ann's network, which has no address here.
    let forger = Client { address: "203.0.113.9".to_owned(), ..Client::default() };
    for n in 0..1_000 {
        house.gallery.forgot_password(&format!("nobody{n}@example.org"), &forger).await.unwrap();
    }
    house.sign_up("ann@example.org").await;
    let workers = house.workers(1);
    // It waits for leave to send the mail, and runs no other job meanwhile.
    assert_eq!(next(&mut house.begun).await, "ann@example.org");
    let left = house.gallery.jobs(None, 2_000).await.unwrap();
    let requests = left.iter().filter(|job| job.kind.name() == "answer_request").count();
    assert!(requests >= 998, "{requests} requests are left");
    house.leave.add_permits(1);
    assert_eq!(next(&mut house.sent).await, "ann@example.org");
    timeout(LONG, workers.stop(LONG)).await.unwrap();
}

#[tokio::test]
async fn a_panic_ends_neither_the_worker_nor_the_process() {
    let mut house = House::new();
    house.leave.add_permits(2);
    house.sign_up("panic@example.org").await;
    let workers = house.workers(1);
    assert_eq!(next(&mut house.begun).await, "panic@example.org");
    house.sign_up("ann@example.org").await;
    assert_eq!(next(&mut house.sent).await, "ann@example.org");
    timeout(LONG, workers.stop(LONG)).await.unwrap();
}

#[tokio::test]
async fn stopping_finishes_the_job_under_way_and_begins_no_other() {
    let mut house = House::new();
    house.sign_up("ann@example.org").await;
    house.sign_up("bob@example.org").await;
    let workers = house.workers(1);
    next(&mut house.begun).await;
    let leave = Arc::clone(&house.leave);
    let stopping = workers.stop(LONG);
    let finishing = async {
        tokio::task::yield_now().await;
        leave.add_permits(2);
    };
    timeout(LONG, async { tokio::join!(stopping, finishing) }).await.unwrap();
    next(&mut house.sent).await;
    assert!(house.begun.try_recv().is_err(), "the other mail waits");
    assert!(house.gallery.run_due_job().await.unwrap().is_some(), "for the next worker");
}

#[tokio::test]
async fn a_job_that_takes_too_long_is_cut_off_and_stays_in_the_queue() {
    let mut house = House::new();
    house.sign_up("ann@example.org").await;
    let workers = house.workers(1);
    next(&mut house.begun).await;
    timeout(LONG, workers.stop(Duration::ZERO)).await.unwrap();
    assert!(house.sent.try_recv().is_err());
    let jobs = house.gallery.jobs(None, 10).await.unwrap();
    assert!(jobs.iter().any(|job| job.kind.name() == "send_mail"), "{jobs:?}");
}

#[tokio::test]
async fn the_sweeper_is_scheduled_at_the_start() {
    let house = House::new();
    let workers = house.workers(2);
    let sweeps = async {
        loop {
            let jobs = house.gallery.jobs(None, 10).await.unwrap();
            let now = SystemClock.now();
            if jobs.len() == 2 && jobs.iter().all(|job| job.due_at > now) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, sweeps).await.expect("both sweeps run, and come back later");
    timeout(LONG, workers.stop(LONG)).await.unwrap();
}
