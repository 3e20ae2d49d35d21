//! The gallery as an employee directory: adapters behind the ports, the service's own account, and
//! the album. Knows nothing of HTTP.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gallery_blobs_disk::DiskSpool;
use gallery_blobs_s3::{S3Blobs, S3Options};
use gallery_core::Gallery;
use gallery_core::mail::{MailSettings, Mailbox, Message};
use gallery_core::model::Session;
use gallery_core::ports::{Entropy as _, MailError, Mailer, Users as _};
use gallery_core::usecases::{Caller, Client, Ports, Rules, SignUp};
use gallery_core::values::{AlbumId, Email, PageRequest, SecretKey, SessionId, UserAgent};
use gallery_imaging::{Limits, RustImaging};
use gallery_store_nosql::{DynamoOptions, DynamoStore};
use gallery_system::{Argon2Hasher, OsEntropy, SystemClock, TokioJobNotifier};

pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The most bytes of one photo.
pub const MAX_PHOTO_BYTES: u64 = 20_000_000;

/// The service's own account. Nobody logs in to it.
const ACCOUNT: &str = "directory@example.org";

/// Where things are. Region and credentials come from the AWS SDK's default chain.
#[derive(Debug, Clone)]
pub struct Settings {
    pub records: DynamoOptions,
    pub photos: S3Options,
    /// A folder for uploads under way.
    pub spool: PathBuf,
}

/// What every request needs.
#[derive(Clone)]
pub struct Directory {
    pub gallery: Gallery,
    /// The service itself.
    pub caller: Arc<Caller>,
    pub album: AlbumId,
}

/// The core's mails are about accounts, and the only one here has no reader.
struct NoMail;

#[async_trait]
impl Mailer for NoMail {
    async fn send(&self, _: &Message) -> Result<(), MailError> {
        Ok(())
    }
}

impl Directory {
    /// Creates tables, account and album; doing it again changes nothing. The role that does it may
    /// create tables, which that of the instances may not.
    pub async fn create(settings: Settings) -> Outcome<()> {
        DynamoStore::create_tables(settings.records.clone()).await?;
        let (gallery, store) = gallery(settings).await?;
        let password = format!("{:032x}", u128::from_be_bytes(gallery.random()));
        let sign_up = SignUp { email: ACCOUNT, password: &password, name: "Directory" };
        gallery.sign_up(sign_up, &Client { address: "127.0.0.1".into(), ..Client::default() }).await?;
        // The link in the mail does this for people.
        for waiting in store.registrations_of(Email::parse(ACCOUNT)?.key(), 1).await? {
            store.confirm_registration(waiting.id, gallery.now()).await?;
        }
        let caller = caller(&gallery, &store).await?;
        if gallery.albums(&caller, None, &PageRequest::new(None, None)?).await?.items.is_empty() {
            gallery.create_album(&caller, "Employees", "", Some("employees")).await?;
        }
        Ok(())
    }

    /// Opens what was created.
    pub async fn open(settings: Settings) -> Outcome<Self> {
        let (gallery, store) = gallery(settings).await?;
        let caller = Arc::new(caller(&gallery, &store).await?);
        let albums = gallery.albums(&caller, None, &PageRequest::new(None, None)?).await?;
        let album = albums.items.first().ok_or("there is no album: run `create` first")?.id;
        Ok(Self { gallery, caller, album })
    }

    /// Runs jobs, for ever: what was deleted is removed from S3 here.
    pub async fn work(&self) {
        loop {
            match self.gallery.run_due_job().await {
                Ok(Some(_)) => continue,
                Ok(None) => {}
                Err(error) => tracing::warn!(error = &error as &dyn Error, "no job could be leased"),
            }
            // What other instances record is not heard of.
            let _ = tokio::time::timeout(Duration::from_secs(5), self.gallery.job_notified()).await;
        }
    }
}

async fn gallery(settings: Settings) -> Outcome<(Gallery, Arc<DynamoStore>)> {
    let (entropy, store) = (Arc::new(OsEntropy), Arc::new(DynamoStore::open(settings.records).await?));
    let blobs = S3Blobs::open(settings.photos).await?;
    for warning in blobs.warnings() {
        tracing::warn!("{warning}");
    }
    let ports = Ports::builder()
        .store(store.clone())
        .blobs(Arc::new(blobs))
        .spool(Arc::new(DiskSpool::open(&settings.spool)?))
        .imaging(Arc::new(RustImaging::new(Limits::default())))
        .mailer(Arc::new(NoMail))
        .hasher(Arc::new(Argon2Hasher::new(entropy.clone())))
        .clock(Arc::new(SystemClock))
        .entropy(entropy.clone())
        .job_notifier(Arc::new(TokioJobNotifier::default()))
        .build()?;
    // It signs links and sessions, and there are none: no instance needs the key of another.
    let mut secret = [0; 32];
    entropy.fill(&mut secret);
    let from = Mailbox { name: String::new(), address: Email::parse(ACCOUNT)? };
    let (site_name, base_url) = ("Directory".into(), "https://directory.example.org".into());
    let mail_settings = MailSettings { site_name, base_url, from, reply_to: None };
    let rules = Rules::new(SecretKey::new(secret)?, mail_settings)
        .with_max_upload_bytes(MAX_PHOTO_BYTES)
        .with_embedded_captions(false);
    Ok((Gallery::new(ports, rules), store))
}

/// The service acts for its account without a log-in, and so without a session in the store.
async fn caller(gallery: &Gallery, store: &DynamoStore) -> Outcome<Caller> {
    let user = store.user_by_email(Email::parse(ACCOUNT)?.key()).await?;
    let now = gallery.now();
    let session = Session {
        id: SessionId::new(now, &gallery.random()),
        user_id: user.id,
        created_at: now,
        last_seen_at: now,
        ends_at: now,
        user_agent: UserAgent::default(),
    };
    Ok(Caller { user, session, fresh_token: None })
}
