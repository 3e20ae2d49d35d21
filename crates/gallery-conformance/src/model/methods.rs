//! Every method of the ports of a store, as a table for macros that wrap all of them alike.
//!
//! It must say the same as the traits in `gallery_core::ports`; the compiler compares them.

/// Hands the table to the macro `$consumer`.
macro_rules! port_methods {
    ($consumer:ident) => {
        $consumer! {
            Users {
                fn register(registration: &Registration, mail: &(dyn for<'a> Fn(&'a SignUpOutcome) -> NewJob + Send + Sync)) -> SignUpOutcome;
                fn registration(id: UserId) -> Registration;
                fn registrations_of(email: &EmailKey, limit: u32) -> Vec<Registration>;
                fn confirm_registration(id: UserId, at: Timestamp) -> ();
                fn user(id: UserId) -> User;
                fn user_by_email(email: &EmailKey) -> User;
                fn update_user(id: UserId, name: &PersonName, language: Option<Language>) -> ();
                fn change_password(id: UserId, expected: &PasswordHash, new: &PasswordHash, keep: Option<SessionId>, mail: NewJob) -> ();
                fn rehash_password(id: UserId, expected: &PasswordHash, new: &PasswordHash) -> ();
                fn begin_account_deletion(id: UserId, job: NewJob) -> ();
                fn remove_user(id: UserId, job: JobId, receipt: Option<NewJob>) -> ();
            }
            Sessions {
                fn log_in_candidate(email: &EmailKey) -> Option<LoginCandidate>;
                fn start_session(session: &NewSession) -> ();
                fn authenticate(user: UserId, token: &TokenHash) -> Authenticated;
                fn renew_session(user: UserId, old: &TokenHash, new: &NewToken) -> Renewal;
                fn sessions_of(user: UserId, now: Timestamp) -> Vec<Session>;
                fn end_session(user: UserId, session: SessionId) -> ();
            }
            Albums {
                fn create_album(album: &NewAlbum, terms: &Terms) -> Album;
                fn album(id: AlbumId) -> Album;
                fn albums_of(owner: UserId, query: Option<&Query>, page: &PageRequest) -> Page<Album>;
                fn update_album(id: AlbumId, change: &AlbumChange, terms: &Terms) -> Album;
                fn begin_album_deletion(id: AlbumId, job: NewJob) -> ();
                fn albums_in_any_state(owner: UserId, limit: u32) -> Vec<AlbumId>;
                fn remove_album(id: AlbumId, job: JobId) -> ();
                fn idempotency_record(owner: UserId, key: &IdempotencyKey, now: Timestamp) -> IdempotencyRecord;
            }
            Photos {
                fn begin_upload(upload: &NewUpload) -> u64;
                fn extend_upload(id: PhotoId, deadline: Timestamp) -> ();
                fn publish_photo(id: PhotoId, facts: &PhotoFacts) -> Photo;
                fn photo(id: PhotoId) -> Photo;
                fn photos_of(owner: UserId, sort: PhotoSort, page: &PageRequest) -> Page<Photo>;
                fn photos_in_album(owner: UserId, album: AlbumId, sort: PhotoSort, page: &PageRequest) -> Page<Photo>;
                fn search_photos(owner: UserId, album: Option<AlbumId>, query: &Query, page: &PageRequest) -> Page<Photo>;
                fn update_photo(id: PhotoId, change: &PhotoChange, terms: &Terms) -> Photo;
                fn begin_renditions(id: PhotoId) -> Generation;
                fn replace_renditions(id: PhotoId, new: &NewRenditions, terms: &Terms, job: NewJob) -> Photo;
                fn begin_photo_deletion(id: PhotoId, only_pending_before: Option<Timestamp>, job: NewJob) -> ();
                fn photo_in_any_state(id: PhotoId) -> StoredPhoto;
                fn photos_in_any_state(album: AlbumId, limit: u32) -> Vec<StoredPhoto>;
                fn remove_photos(photos: &[PhotoId], job: JobId) -> ();
                fn overdue_uploads(deadline_before: Timestamp, limit: u32) -> Vec<StoredPhoto>;
            }
            Jobs {
                fn enqueue(job: &NewJob) -> ();
                fn due_queues(now: Timestamp) -> BTreeSet<JobQueue>;
                fn lease_job(queue: JobQueue, lease: u64, now: Timestamp, until: Timestamp) -> Option<LeasedJob>;
                fn extend_lease(job: JobId, lease: u64, until: Timestamp) -> ();
                fn finish_job(job: JobId, lease: u64) -> ();
                fn postpone_job(job: JobId, lease: u64, due_at: Timestamp, error: Option<&str>, parked: bool) -> ();
                fn job(id: JobId) -> Job;
                fn jobs(after: Option<JobId>, limit: u32) -> Vec<Job>;
                fn resume_job(id: JobId, now: Timestamp) -> ();
            }
            Limits {
                fn count(name: &ContentHash, amount: u32, now: Timestamp, ends_at: Timestamp) -> u32;
                fn admit(allowances: &[Allowance], now: Timestamp, ends_at: Timestamp) -> ();
                fn give_back(names: &[ContentHash], now: Timestamp) -> ();
            }
            Suppressions {
                fn suppress(address: &AddressHash, suppression: &Suppression) -> ();
                fn suppression(address: &AddressHash, now: Timestamp) -> Option<Suppression>;
                fn lift_suppression(address: &AddressHash) -> ();
            }
            Expiry {
                fn remove_expired(now: Timestamp, limit: u32) -> u64;
            }
            Audit {
                fn audit_users(after: Option<UserId>, limit: u32) -> Vec<AuditedUser>;
                fn audit_albums(after: Option<AlbumId>, limit: u32) -> Vec<AuditedAlbum>;
                fn audit_photos(after: Option<PhotoId>, limit: u32) -> Vec<AuditedPhoto>;
                fn strays(limit: u32) -> Vec<Stray>;
            }
            Upgrades {
                fn upgrade_progress(number: u32) -> UpgradeProgress;
                fn record_upgrade(number: u32, progress: UpgradeProgress) -> ();
                fn upgrade_album(id: AlbumId) -> ();
                fn upgrade_photo(id: PhotoId) -> ();
            }
        }
    };
}
pub(crate) use port_methods;

/// The names that the table uses, for modules that expand it.
pub(crate) mod names {
    pub use std::collections::BTreeSet;

    pub use gallery_core::model::{
        Album, AlbumChange, Authenticated, IdempotencyRecord, Job, JobQueue, LeasedJob, LoginCandidate,
        NewAlbum, NewJob, NewRenditions, NewSession, NewToken, NewUpload, Photo, PhotoChange, PhotoFacts,
        PhotoSort, Registration, Session, StoredPhoto, User,
    };
    pub use gallery_core::ports::{
        Albums, Allowance, Audit, AuditedAlbum, AuditedPhoto, AuditedUser, Expiry, Jobs, Limits, Photos,
        Renewal, Sessions, SharedStore, SignUpOutcome, Store, StoreError, Stray, Suppression, Suppressions,
        UpgradeProgress, Upgrades, Users,
    };
    pub use gallery_core::search::{Query, Terms};
    pub use gallery_core::texts::Language;
    pub use gallery_core::values::{
        AddressHash, AlbumId, ContentHash, EmailKey, Generation, IdempotencyKey, JobId, Page, PageRequest,
        PasswordHash, PersonName, PhotoId, SessionId, Timestamp, TokenHash, UserId,
    };
}
