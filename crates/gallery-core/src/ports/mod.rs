//! The ports: what the core needs of the world, as traits documented like contracts.
//!
//! Ports are named by role (`Albums`, `Blobs`, `Clock`); adapters by technology (`SqliteStore`,
//! `DiskBlobs`). A port is used as `Arc<dyn Port>`, hence `async_trait`.
//!
//! # How to add a port method
//!
//! 1. Say what the use case needs to happen *wholly or not at all*: that is the method. One port method is
//!    one unit of work; there is no begin and no commit, because DynamoDB has none to offer. The core
//!    decides what cascades, an adapter decides how.
//! 2. Document it as a contract: what is atomic, what a repetition does, what every error MUST mean, what
//!    the next reader sees. A method that changes something takes the instant from its caller.
//! 3. Write its scenarios in `gallery-conformance`, 15 to 40 lines each, and add them to the suite's list:
//!    every adapter then has them as named tests.
//! 4. Implement it in `gallery-store-memory` first, which is the reference, then in every other adapter.
//!
//! # Contract of every method
//!
//! * A time-out is "unknown", never "failed": [`StoreError::Unavailable`] MUST be answered when the outcome
//!   is not known, and every method MUST be safe to call again after it.
//! * After a method returned Ok, every reader on every instance MUST see its effect.
//! * What is marked as deleting, or lies under it, MUST NOT be seen by any method whose documentation does
//!   not say "in any state".

mod albums;
mod audit;
mod blobs;
mod feedback;
mod imaging;
mod jobs;
mod limits;
mod mailer;
mod photos;
mod sessions;
mod spool;
mod suppressions;
mod system;
mod users;

use std::sync::Arc;

use async_trait::async_trait;

pub use albums::Albums;
pub use audit::{Audit, AuditedAlbum, AuditedPhoto, AuditedUser, Stray};
pub use blobs::{BlobError, BlobKey, BlobRead, BlobSource, BlobStat, Blobs, ByteStream, LinkRequest};
pub use feedback::{Feedback, FeedbackError, MailEvent};
pub use imaging::{Imaging, ImagingError, Processed, RenditionBytes};
pub use jobs::Jobs;
pub use limits::Limits;
pub use mailer::{MailError, Mailer};
pub use photos::Photos;
pub use sessions::{Renewal, Sessions};
pub use spool::{Spool, SpoolError, Spooled};
pub use suppressions::{Suppression, SuppressionReason, Suppressions};
pub use system::{Bell, Clock, Entropy, HashError, PasswordHasher, Verdict};
pub use users::{Registration, Users};

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// What the method is about is not there, or not in a state in which it can be seen. Nothing changed.
    #[error("not found")]
    NotFound,
    /// The change contradicts what the store holds. Nothing changed.
    #[error("conflict: {0:?}")]
    Conflict(Conflict),
    /// The store is away, overloaded, or did not answer in time: whether anything changed is unknown. Try again.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store answered what this code does not understand. Trying again will not help.
    #[error("the store failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a change contradicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Conflict {
    /// The thing was changed since the version on which this change is based.
    Stale,
    /// The account has no quota left at all.
    QuotaExceeded,
    /// The owner used this `Idempotency-Key` before.
    IdempotencyKeyUsed,
    /// The stored password hash is not the expected one any more.
    PasswordChanged,
    /// The photo that shall be the cover is not a ready photo of the album.
    NotInAlbum,
    /// There is still something under it.
    NotEmpty,
    /// The lease has ended or is another worker's.
    LeaseLost,
}

/// All records of a gallery: what an adapter for a database implements.
#[async_trait]
pub trait Store:
    Users + Sessions + Albums + Photos + Jobs + Limits + Suppressions + Audit + Send + Sync + 'static
{
    /// Answers whether the store can be reached and used now, within about a second.
    async fn ready(&self) -> Result<(), StoreError>;

    /// Finishes up to `limit` things that a crash has left half done within the store, and answers how many it
    /// found. For a store whose transactions cannot hold a whole photo's postings; the sweeper calls it. Any other
    /// has nothing to finish.
    async fn finish_interrupted(&self, limit: u32) -> Result<u64, StoreError>;
}

/// A shared store.
pub type SharedStore = Arc<dyn Store>;
