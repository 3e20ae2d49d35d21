//! What people and workers can do with a gallery: the use cases, as methods of [`Gallery`].
//!
//! A use case takes what a person sent (texts are parsed here, once, into values), checks the rules
//! and whose it is, and calls ports. It knows no HTTP: a JSON API, pages and a command call the
//! same methods.
//!
//! Their documentation names the errors of the domain. Beside those every use case may return
//! [`Error::Unavailable`] (something it depends on is away: trying again is safe) and
//! [`Error::Internal`] (a defect), and whatever writes [`Error::Full`].
//!
//! Behaviour against misbehaving ports is tested in `tests/it/`; against stores in
//! `gallery-conformance`.

mod accounts;
mod albums;
mod captions;
mod counter_locks;
mod deletion;
mod errors;
mod idempotency;
mod jobs;
mod mails;
mod passwords;
mod photos;
mod ports;
mod reprocess;
mod rules;
mod service;
mod sessions;
mod sweep;
mod throttle;
mod turns;
mod upgrade;
mod uploads;
mod verify;

use std::sync::Arc;
use std::time::Duration;

pub use accounts::{AccountPatch, Resend, SignUp};
pub use albums::AlbumPatch;
pub use errors::{Error, FieldError};
pub use jobs::JobOutcome;
pub use mails::SUPPRESSED_FOR;
pub use photos::{OpenRendition, PhotoPatch, RenditionLink, TakenPatch};
pub use ports::{MissingPort, Ports, PortsBuilder};
pub use reprocess::ReprocessScope;
pub use rules::{Rules, Throttling};
pub use sessions::{Caller, LoggedIn, SESSION_LIFETIME, TOKEN_LIFETIME, TOKEN_RENEWAL_AGE};
pub use sweep::Swept;
pub use throttle::Client;
pub use uploads::{Pulse, Upload, UploadDetails};
pub use verify::{Report, Violation};

use self::counter_locks::CounterLocks;
use self::turns::Turns;
use crate::model::{JobKind, NewJob};
use crate::token::Signer;
use crate::values::{JobId, Timestamp, UserId};

/// A photo gallery: all use cases over one set of ports. Cheap to clone.
#[derive(Clone)]
pub struct Gallery {
    ports: Ports,
    rules: Arc<Rules>,
    signer: Signer,
    counter_locks: Arc<CounterLocks>,
    turns: Arc<Turns>,
}

impl Gallery {
    /// A gallery over these ports. Nothing is called yet; several galleries over one store are
    /// instances of one gallery, and must have the same [`Rules::secret`].
    pub fn new(ports: Ports, rules: Rules) -> Self {
        let signer = Signer::new(rules.secret.clone());
        let (counter_locks, turns) = (Arc::new(CounterLocks::new()), Arc::new(Turns::default()));
        Self { ports, rules: Arc::new(rules), signer, counter_locks, turns }
    }

    /// What the operator decided.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Now, by the gallery's clock.
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// Returns whether the store and the blob store can be used now, within about two seconds; for
    /// a probe.
    pub async fn ready(&self) -> Result<(), Error> {
        self.ports.store.ready().await?;
        self.ports.blobs.ready().await?;
        Ok(())
    }

    /// Random bytes, of the gallery's source: for ids, and for jitter.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.ports.entropy.fill(&mut bytes);
        bytes
    }

    /// Now, for a change of something that was last changed at this instant: later, also when the
    /// clock was set back, so that what clients compare moves on with every change.
    fn time_after(&self, last: Timestamp) -> Timestamp {
        self.now().max(last.plus(Duration::from_millis(1)))
    }

    /// What logs call an account: a keyed fingerprint of its id. The log outlives the account, and
    /// must not hold an id of it then (`docs/invariants.md`, I6).
    fn pseudonym(&self, user: UserId) -> String {
        self.signer.fingerprint(&user.to_string())
    }

    fn new_job(&self, kind: JobKind) -> NewJob {
        let now = self.now();
        NewJob::new(JobId::new(now, &self.random()), kind, now)
    }
}
