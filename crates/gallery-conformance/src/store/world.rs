//! Fixtures: accounts, albums, photos, sessions and jobs, the same in every run.
//!
//! A [`World`] has a clock that only its own use moves, and makes ids of that clock: nothing comes
//! from the system. It must not know an adapter. It is exercised by every scenario.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use gallery_core::model::{
    Album, Content, Job, JobKind, LeasedJob, NewAlbum, NewJob, NewSession, NewToken, NewUpload, OutgoingMail,
    Photo, PhotoChange, PhotoFacts, Receipt, Registration, Session, User,
};
use gallery_core::ports::{SharedStore, SignUpOutcome, StoreError};
use gallery_core::search::Terms;
use gallery_core::texts::Language;
use gallery_core::values::{
    AlbumId, AlbumName, ContentHash, Description, Email, IdempotencyKey, JobId, PasswordHash, PersonName,
    PhotoId, SessionId, Tags, Timestamp, TokenHash, UserAgent, UserId,
};

pub use super::samples::{
    PHOTO_BYTES, PHOTO_COUNTS, RECORD_BYTES, RENDITION_BYTES, facts, facts_of_size, object,
};

/// Bytes that an account of [`World`] may hold.
pub const QUOTA_BYTES: u64 = 100_000_000_000;
/// How long a session token of [`World`] is good.
pub const TOKEN_LIFETIME: Duration = Duration::from_mins(5);
/// How long a session of [`World`] lasts at most.
pub const SESSION_LIFETIME: Duration = Duration::from_hours(8);

/// One millisecond.
pub const MILLISECOND: Duration = Duration::from_millis(1);

/// A store, a clock, and what can be made with both.
pub struct World {
    pub(super) store: SharedStore,
    ticks: AtomicI64,
}

impl World {
    /// A world around this store.
    pub fn of(store: &SharedStore) -> Self {
        Self { store: SharedStore::clone(store), ticks: AtomicI64::new(0) }
    }

    /// The time; a second later with every call.
    pub fn now(&self) -> Timestamp {
        let ticks = self.ticks.fetch_add(1, Ordering::Relaxed);
        Timestamp::from_millis(1_795_335_330_007 + ticks * 1_000)
    }

    /// A day from now: what ends then has not ended within a scenario.
    pub fn tomorrow(&self) -> Timestamp {
        self.now().plus(Duration::from_hours(24))
    }

    /// The instant and the "random" bytes of a new id.
    fn seed(&self) -> (Timestamp, [u8; 10]) {
        let now = self.now();
        let mut random = [7; 10];
        random[..8].copy_from_slice(&now.millis().to_be_bytes());
        (now, random)
    }

    /// The id of a new account.
    pub fn user_id(&self) -> UserId {
        let (at, random) = self.seed();
        UserId::new(at, &random)
    }

    /// The id of a new album.
    pub fn album_id(&self) -> AlbumId {
        let (at, random) = self.seed();
        AlbumId::new(at, &random)
    }

    /// The id of a new photo.
    pub fn photo_id(&self) -> PhotoId {
        let (at, random) = self.seed();
        PhotoId::new(at, &random)
    }

    /// The id of a new job.
    pub fn job_id(&self) -> JobId {
        let (at, random) = self.seed();
        JobId::new(at, &random)
    }

    /// The id of a new session.
    pub fn session_id(&self) -> SessionId {
        let (at, random) = self.seed();
        SessionId::new(at, &random)
    }

    // Accounts

    /// A sign-up with this address.
    pub fn sign_up(&self, address: &str) -> Registration {
        Registration {
            id: self.user_id(),
            email: email(address),
            name: PersonName::parse("Ann Lee").unwrap(),
            language: Some(Language::German),
            password_hash: first_password(),
            created_at: self.now(),
            quota_bytes: QUOTA_BYTES,
        }
    }

    /// Records a sign-up with its mail.
    pub async fn register(&self, new: &Registration) -> SignUpOutcome {
        let mail = |outcome: &SignUpOutcome| match outcome {
            SignUpOutcome::Registered => self.mail(new.id, Content::ConfirmAddress),
            SignUpOutcome::AlreadyRegistered(known) => self.mail(known.id, Content::AlreadyRegistered),
        };
        self.store.register(new, &mail).await.unwrap()
    }

    /// A registration of this address that waits for its confirmation.
    pub async fn registration(&self, address: &str) -> Registration {
        let new = self.sign_up(address);
        assert_eq!(self.register(&new).await, SignUpOutcome::Registered);
        new
    }

    /// A confirmed account with this address, whose mail has been sent.
    pub async fn user(&self, address: &str) -> User {
        let waiting = self.registration(address).await;
        self.store.confirm_registration(waiting.id, self.now()).await.unwrap();
        for job in self.jobs().await {
            if job.kind.user() == Some(waiting.id) {
                self.finish(job.id).await;
            }
        }
        self.store.user(waiting.id).await.unwrap()
    }

    // Sessions

    /// A token that is issued now.
    pub fn token(&self) -> NewToken {
        let issued_at = self.now();
        NewToken {
            hash: TokenHash::from_bytes(*ContentHash::of(&issued_at.millis().to_be_bytes()).as_bytes()),
            issued_at,
            expires_at: issued_at.plus(TOKEN_LIFETIME),
        }
    }

    /// A session to be started now, with the password of the sign-up.
    pub fn log_in(&self, user: UserId) -> NewSession {
        let id = self.session_id();
        let token = self.token();
        let session = Session {
            id,
            user_id: user,
            created_at: token.issued_at,
            last_seen_at: token.issued_at,
            ends_at: token.issued_at.plus(SESSION_LIFETIME),
            user_agent: UserAgent::clean("Mozilla/5.0"),
        };
        NewSession { session, token, password: first_password(), version: None }
    }

    /// A started session.
    pub async fn session(&self, user: UserId) -> NewSession {
        let new = self.log_in(user);
        self.store.start_session(&new).await.unwrap();
        new
    }

    // Albums and photos

    /// An album to be created.
    pub fn new_album(&self, owner: UserId, name: &str) -> NewAlbum {
        NewAlbum {
            id: self.album_id(),
            owner,
            name: AlbumName::parse(name).unwrap(),
            description: Description::parse("").unwrap(),
            created_at: self.now(),
            idempotency: None,
        }
    }

    /// Creates an album.
    pub async fn create(&self, new: &NewAlbum) -> Result<Album, StoreError> {
        self.store.create_album(new, &Terms::of_album(&new.name, &new.description)).await
    }

    /// An album of this name.
    pub async fn album(&self, owner: UserId, name: &str) -> Album {
        self.create(&self.new_album(owner, name)).await.unwrap()
    }

    /// An upload to be begun.
    pub fn new_upload(&self, album: &Album) -> NewUpload {
        let id = self.photo_id();
        let created_at = self.now();
        NewUpload {
            id,
            album_id: album.id,
            owner: album.owner,
            created_at,
            deadline: created_at.plus(NewUpload::LIFETIME),
            wanted_bytes: 2 * PHOTO_BYTES,
            idempotency: None,
        }
    }

    /// An upload that has begun.
    pub async fn upload(&self, album: &Album) -> NewUpload {
        let upload = self.new_upload(album);
        self.store.begin_upload(&upload).await.unwrap();
        upload
    }

    /// A ready photo with this title.
    pub async fn photo(&self, album: &Album, title: &str) -> Photo {
        self.photo_with(album, &facts(title)).await
    }

    /// A ready photo with these facts.
    pub async fn photo_with(&self, album: &Album, facts: &PhotoFacts) -> Photo {
        let upload = self.upload(album).await;
        self.store.publish_photo(upload.id, facts).await.unwrap()
    }

    /// A change of the photo that changes nothing yet.
    pub fn change(&self, photo: &Photo) -> PhotoChange {
        PhotoChange {
            version: photo.version,
            title: photo.facts.title.clone(),
            description: photo.facts.description.clone(),
            tags: photo.facts.tags.clone(),
            taken_override: photo.facts.taken_override,
            album_id: photo.album_id,
            updated_at: self.now(),
        }
    }

    /// Applies a change to a photo, with the terms that follow from it.
    pub async fn update(&self, photo: &Photo, change: &PhotoChange) -> Result<Photo, StoreError> {
        let changed = PhotoFacts {
            title: change.title.clone(),
            description: change.description.clone(),
            tags: change.tags.clone(),
            taken_override: change.taken_override,
            ..photo.facts.clone()
        };
        self.store.update_photo(photo.id, change, &changed.terms()).await
    }

    // Jobs

    /// A job that is due now.
    pub fn job(&self, kind: JobKind) -> NewJob {
        NewJob::new(self.job_id(), kind, self.now())
    }

    /// The job that a photo's deletion records.
    pub fn purge_photo(&self, photo: PhotoId, owner: UserId) -> NewJob {
        self.job(JobKind::PurgePhoto { photo, owner })
    }

    /// The job that an album's deletion records.
    pub fn purge_album(&self, album: &Album) -> NewJob {
        self.job(JobKind::PurgeAlbum { album: album.id, owner: album.owner })
    }

    /// The job that an account's deletion records.
    pub fn purge_account(&self, user: &User) -> NewJob {
        let receipt = Receipt {
            to: user.email.clone(),
            name: user.name.clone(),
            language: Language::German,
            cancelled_at: self.now(),
        };
        self.job(JobKind::PurgeAccount { user: user.id, receipt: Some(receipt) })
    }

    /// A mail to an account that waits to be sent.
    pub fn mail(&self, user: UserId, content: Content) -> NewJob {
        self.job(JobKind::SendMail { mail: self.outgoing_mail(Some(user), content) })
    }

    /// A mail.
    pub fn outgoing_mail(&self, user: Option<UserId>, content: Content) -> OutgoingMail {
        OutgoingMail {
            user,
            to: email("ann@example.org"),
            name: PersonName::parse("Ann Lee").unwrap(),
            language: Language::German,
            issued_at: self.now(),
            content,
        }
    }

    /// Every job of the store.
    pub async fn jobs(&self) -> Vec<Job> {
        self.store.jobs(None, 1_000).await.unwrap()
    }

    /// The mails that wait to be sent to this account, in order of their jobs.
    pub async fn mails_to(&self, user: UserId) -> Vec<Content> {
        let jobs = self.jobs().await.into_iter();
        jobs.filter_map(|job| match job.kind {
            JobKind::SendMail { mail } if mail.user == Some(user) => Some(mail.content),
            _ => None,
        })
        .collect()
    }

    /// Finishes one job, which is due, as a worker that had nothing to do.
    pub async fn finish(&self, job: JobId) {
        let now = self.now();
        let until = now.plus(MILLISECOND);
        while let Some(leased) = lease_next(&self.store, 2, now, until).await {
            if leased.job.id == job {
                self.store.finish_job(job, leased.lease).await.unwrap();
                return;
            }
        }
        panic!("job {job} is not due");
    }
}

/// Leases a job of any queue, as a worker does that has no turns to keep.
pub async fn lease_next(
    store: &SharedStore,
    lease: u64,
    now: Timestamp,
    until: Timestamp,
) -> Option<LeasedJob> {
    for queue in store.due_queues(now).await.unwrap() {
        if let Some(leased) = store.lease_job(queue, lease, now, until).await.unwrap() {
            return Some(leased);
        }
    }
    None
}

/// An address.
pub fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

/// Tags.
pub fn tags(list: &str) -> Tags {
    Tags::parse_list(list).unwrap()
}

/// An idempotency key.
pub fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

/// The hash of the password that every account has at first.
fn first_password() -> PasswordHash {
    PasswordHash::from_phc("$argon2id$first")
}
