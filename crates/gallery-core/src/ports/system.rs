//! Time, randomness, password hashing and the notifier of workers.

use std::time::Duration;

use async_trait::async_trait;

use crate::values::{Password, PasswordHash, Timestamp};

/// The time. Nothing else in the gallery asks the system for it.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// Now, UTC. May be earlier than the answer before: the operator may set the clock.
    fn now(&self) -> Timestamp;

    /// Returns after this time has passed.
    async fn sleep(&self, duration: Duration);
}

/// Randomness. Nothing else in the gallery asks the system for it.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the buffer with bytes that nobody can guess: tokens are made of them. There is no
    /// error: an adapter that has none MUST panic.
    fn fill(&self, buffer: &mut [u8]);
}

/// Tells workers in this process that a job is due, so that they need not wait for their next look.
#[async_trait]
pub trait JobNotifier: Send + Sync + 'static {
    /// Wakes a worker; cheap, and harmless when there is none.
    fn notify(&self);

    /// Returns when there was a notification since the last time somebody waited. A notification
    /// that nobody waits for SHOULD be remembered; notifications that come together may be one.
    /// Other instances are not heard, and a notifier may be silent, as it is unless an adapter says
    /// otherwise: so workers look for jobs every now and then, too.
    async fn notified(&self) {
        std::future::pending::<()>().await;
    }
}

/// Why a password was not hashed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HashError {
    /// All threads for hashing are taken; try again in some seconds.
    #[error("too many passwords are being hashed")]
    Busy,
    /// The hasher failed, or the stored hash is damaged.
    #[error("password hashing failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a stored hash says about a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password.
    Match {
        /// The hash was made with weaker parameters than today's.
        weak: bool,
    },
    /// It is another password.
    Mismatch,
}

/// Which queue a hash waits in. Each has its own places, and all take turns at the machine's cores,
/// so that a flood in one does not keep another waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashQueue {
    /// Sign-ups.
    SignUp,
    /// Log-ins.
    LogIn,
    /// What somebody does who is logged in, or has a link from a mail.
    Account,
}

impl HashQueue {
    /// Every queue.
    pub const ALL: [Self; 3] = [Self::SignUp, Self::LogIn, Self::Account];
}

/// Hashes passwords, slowly and off the async threads.
#[async_trait]
pub trait PasswordHasher: Send + Sync + 'static {
    /// A salted hash (argon2id, m = 19,456 KiB, t = 2, p = 1 or stronger; OWASP Password Storage).
    async fn hash(&self, password: &Password, queue: HashQueue) -> Result<PasswordHash, HashError>;

    /// Compares a password with a stored hash; takes as long as hashing, whatever the answer. A
    /// damaged hash is [`HashError::Failed`], never a mismatch.
    async fn verify(
        &self,
        password: &Password,
        hash: &PasswordHash,
        queue: HashQueue,
    ) -> Result<Verdict, HashError>;
}
