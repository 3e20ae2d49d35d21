//! The ports: what the core needs of the world, as traits documented like contracts.
//!
//! Ports are named by role (`Albums`, `Blobs`, `Clock`); adapters by technology (`SqliteStore`,
//! `DiskBlobs`). A port is used as `Arc<dyn Port>`, hence `async_trait`.
//!
//! # How to add a port method
//!
//! 1. Say what the use case needs to happen *wholly or not at all*: that is the method. One port
//!    method is one unit of work; there is no begin and no commit, because DynamoDB has none to
//!    offer. The core decides what cascades, an adapter decides how.
//! 2. Document it as a contract: what is atomic, what a repetition does, what every error MUST
//!    mean, what the next reader sees. A method that changes something takes the instant from its
//!    caller.
//! 3. Write its scenarios in `gallery-conformance`, 15 to 40 lines each, and add them to the
//!    suite's list: every adapter then has them as named tests.
//! 4. Implement it in `gallery-store-memory` first, which is the reference, then in every other
//!    adapter.
//!
//! # Contract of every method
//!
//! * A time-out is "unknown", never "failed": [`StoreError::Unavailable`] MUST be answered when the
//!   outcome is not known, and every method MUST be safe to call again after it.
//! * After a method returned Ok, every reader on every instance MUST see its effect.
//! * What is marked as deleting, or lies under it, MUST NOT be seen by any method whose
//!   documentation does not say "in any state".

mod albums;
mod audit;
mod blobs;
mod error;
mod expiry;
mod feedback;
mod imaging;
mod jobs;
mod limits;
mod mailer;
mod photos;
mod sessions;
mod spool;
mod store;
mod suppressions;
mod system;
mod upgrades;
mod users;

pub use albums::Albums;
pub use audit::{Audit, AuditedAlbum, AuditedPhoto, AuditedUser, Stray};
pub use blobs::{BlobError, BlobMetadata, BlobRead, BlobSource, BlobStat, Blobs, ByteStream, LinkRequest};
pub use error::{Conflict, StoreError};
pub use expiry::Expiry;
pub use feedback::{Feedback, FeedbackError, MailEvent};
pub use imaging::{Imaging, ImagingError, Processed, RenditionBytes};
pub use jobs::Jobs;
pub use limits::{Allowance, Limits};
pub use mailer::{MailError, Mailer};
pub use photos::Photos;
pub use sessions::{Renewal, Sessions};
pub use spool::{Spool, SpoolError, Spooled};
pub use store::{SharedStore, Store};
pub use suppressions::{Suppression, SuppressionReason, Suppressions};
pub use system::{Clock, Entropy, HashError, HashQueue, JobNotifier, PasswordHasher, Verdict};
pub use upgrades::{UpgradeProgress, Upgrades};
pub use users::{SignUpOutcome, Users};
