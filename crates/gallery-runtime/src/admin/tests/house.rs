//! A data folder with a gallery in memory, whose mailer waits until it is told to go on, and
//! somebody who asks.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use gallery_blobs_disk::{DiskBlobs, DiskSpool};
use gallery_core::Gallery;
use gallery_core::mail::{MailSettings, Mailbox, Message};
use gallery_core::ports::{Clock as _, Imaging, ImagingError, MailError, Mailer, Processed, SharedStore};
use gallery_core::texts::Language;
use gallery_core::usecases::{Client, Ports, Rules, SignUp};
use gallery_core::values::{Email, SecretKey};
use gallery_store_memory::MemoryStore;
use gallery_system::{Argon2Hasher, OsEntropy, SystemClock, TokioJobNotifier};
use tempfile::TempDir;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::super::server::{Limits, Server};
use super::super::{Admin, Output, Reply, Store, ask};
use super::{LONG, USERS};
use crate::folder::DataFolder;

/// Tells of every mail, and waits for leave to send it; panics at some addresses.
struct TestMailer {
    begun: mpsc::UnboundedSender<()>,
    pub leave: Arc<Semaphore>,
}

#[async_trait]
impl Mailer for TestMailer {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        self.begun.send(()).unwrap();
        self.leave.acquire().await.unwrap().forget();
        assert!(!message.to.address.typed().starts_with("panic"), "as the test wants it");
        Ok(())
    }
}

struct NoImaging;

#[async_trait]
impl Imaging for NoImaging {
    async fn process(&self, _: &Path) -> Result<Processed, ImagingError> {
        Err(ImagingError::Unsupported)
    }
}

/// A data folder with a gallery.
pub struct House {
    pub parent: TempDir,
    pub folder: DataFolder,
    pub gallery: Gallery,
    /// Of whoever asks.
    pub language: Language,
    records: SharedStore,
    begun: mpsc::UnboundedReceiver<()>,
    pub leave: Arc<Semaphore>,
    /// Tells of every remark.
    noted: (mpsc::UnboundedSender<()>, mpsc::UnboundedReceiver<()>),
}

impl House {
    pub fn new() -> Self {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::create(&parent.path().join("data")).unwrap();
        let (sender, begun) = mpsc::unbounded_channel();
        let leave = Arc::new(Semaphore::new(0));
        let records: SharedStore = Arc::new(MemoryStore::new());
        let ports = Ports::builder()
            .store(Arc::clone(&records))
            .blobs(Arc::new(DiskBlobs::open(&folder.join("blobs")).unwrap()))
            .mailer(Arc::new(TestMailer { begun: sender, leave: Arc::clone(&leave) }))
            .imaging(Arc::new(NoImaging))
            .spool(Arc::new(DiskSpool::open(&folder.join("spool")).unwrap()))
            .hasher(Arc::new(Argon2Hasher::new(Arc::new(OsEntropy))))
            .clock(Arc::new(SystemClock))
            .entropy(Arc::new(OsEntropy))
            .job_notifier(Arc::new(TokioJobNotifier::default()))
            .build()
            .unwrap();
        let mail_settings = MailSettings {
            site_name: "Gallery".to_owned(),
            base_url: "http://127.0.0.1:1".to_owned(),
            from: Mailbox { name: String::new(), address: Email::parse("gallery@example.org").unwrap() },
            reply_to: None,
        };
        let secret = SecretKey::new("0f4c8a7be21d93650f4c8a7be21d9365").unwrap();
        let gallery = Gallery::new(ports, Rules::new(secret, mail_settings));
        let language = Language::English;
        Self { parent, folder, gallery, language, records, begun, leave, noted: mpsc::unbounded_channel() }
    }

    pub fn store(&self) -> Store {
        Store::new(&self.folder, &self.folder.join("gallery.redb"))
    }

    pub async fn serve(&self) -> Server {
        Server::start(self.folder.path(), self.store(), self.gallery.clone()).await.unwrap()
    }

    pub async fn serve_within(&self, limits: Limits) -> Server {
        Server::start_with(self.folder.path(), self.store(), self.gallery.clone(), limits).await.unwrap()
    }

    /// Records a sign-up that waits, and its mail.
    pub async fn sign_up(&self, email: &str) {
        let form = SignUp { email, password: "blue heron at dusk", name: "Ann" };
        self.gallery.sign_up(form, &Client::default()).await.unwrap();
    }

    /// Makes an account.
    pub async fn member(&self, email: &str) {
        self.sign_up(email).await;
        let address = Email::parse(email).unwrap();
        let [waiting] = &self.records.registrations_of(address.key(), 2).await.unwrap()[..] else {
            panic!("one sign-up waits for {email}")
        };
        self.records.confirm_registration(waiting.id, SystemClock.now()).await.unwrap();
    }

    pub async fn ask(&self, command: &Admin) -> (Result<Reply>, Heard) {
        let mut heard = Heard::default();
        let reply = timeout(LONG, ask(&self.folder, &self.store(), command, self.language, &mut heard)).await;
        (reply.expect("an end"), heard)
    }

    /// The same in a task of its own, which can be aborted.
    pub fn asking(&self, command: Admin) -> JoinHandle<(Result<Reply>, Heard)> {
        let (folder, store, language) = (self.folder.clone(), self.store(), self.language);
        let mut heard = Heard { noted: Some(self.noted.0.clone()), ..Heard::default() };
        tokio::spawn(async move { (ask(&folder, &store, &command, language, &mut heard).await, heard) })
    }

    /// The reason why there is no server.
    pub async fn absent(&self) -> String {
        match self.ask(&USERS).await {
            (Ok(Reply::Absent(why)), heard) if heard.out.is_empty() && heard.notes.is_empty() => {
                why.in_language(self.language)
            }
            other => panic!("{other:?}"),
        }
    }

    /// Returns when so many commands wait for their turn.
    pub async fn waiting(&mut self, commands: usize) {
        for _ in 0..commands {
            timeout(LONG, self.noted.1.recv()).await.expect("a remark").unwrap();
        }
    }

    /// Returns when a job has begun to send a mail, and waits for leave.
    pub async fn begun(&mut self) {
        timeout(LONG, self.begun.recv()).await.expect("a mail is sent").unwrap();
    }
}

/// What came of a command.
#[derive(Debug, Default)]
pub struct Heard {
    pub out: String,
    pub notes: Vec<String>,
    noted: Option<mpsc::UnboundedSender<()>>,
}

#[async_trait]
impl Output for Heard {
    async fn write(&mut self, text: &str) -> Result<()> {
        self.out += text;
        Ok(())
    }

    async fn note(&mut self, text: &str) -> Result<()> {
        self.notes.push(text.to_owned());
        if let Some(noted) = &self.noted {
            noted.send(()).unwrap();
        }
        Ok(())
    }
}
