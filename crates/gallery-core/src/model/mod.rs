//! What the gallery is about: accounts, sessions, albums, photos, jobs. Plain data; the rules that
//! change it are in [`usecases`](crate::usecases), the ways to keep it in [`ports`](crate::ports).

mod album;
mod blob;
mod capture_settings;
mod job;
mod job_queue;
mod outgoing_mail;
mod photo;
mod rendition;
mod session;
mod stored_photo;
mod tally;
mod user;

pub use album::{Album, AlbumChange, NewAlbum};
pub use blob::{BlobKey, StoredObject};
pub use capture_settings::CaptureSettings;
pub use job::{Job, JobKind, LeasedJob, MailRequest, NewJob, RequestedMail};
pub use job_queue::{JobCause, JobClass, JobQueue};
pub use outgoing_mail::{Content, OutgoingMail};
pub use photo::{
    Captions, Gps, ImageFacts, Metadata, NewRenditions, NewUpload, Photo, PhotoChange, PhotoFacts, PhotoSort,
    counted_bytes, stored_bytes,
};
pub use rendition::{ImageType, Rendition};
pub use session::{Authenticated, LoginCandidate, NewSession, NewToken, Session, VersionToken};
pub use stored_photo::{PhotoState, StoredPhoto};
pub use tally::Tally;
pub use user::{Receipt, Registration, Usage, User};

use crate::values::{ContentHash, IdempotencyKey, Timestamp, UserId};

/// What a request with an `Idempotency-Key` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// Whose key it is: another account may use the same key.
    pub owner: UserId,
    /// The client's key.
    pub key: IdempotencyKey,
    /// The id of the album or photo that the first request made.
    pub resource: uuid::Uuid,
    /// Hash of the request's content; absent while the first upload is still running.
    pub fingerprint: Option<ContentHash>,
    /// From then on the key may be used for something else.
    pub expires_at: Timestamp,
}
