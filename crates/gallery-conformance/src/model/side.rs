//! One of the two sides that a history is performed on: a store, two instances of the gallery over
//! it, and ports that behave alike on both sides.

use std::sync::Arc;
use std::time::Duration;

use gallery_core::Gallery;
use gallery_core::mail::{MailSettings, Mailbox, Message};
use gallery_core::ports::SharedStore;
use gallery_core::usecases::{Ports, Rules, Throttling};
use gallery_core::values::{Email, SecretKey, Timestamp};

use super::action::{self, Action, Outcome};
use super::faulty::{Call, Fault, FaultyStore, Gate, Reply};
use super::lens::{Ordered, Through};
use super::operation::MailFault;
use super::ports::{MoodyBlobs, MoodyMailer, PictureImaging};
use super::slots::Slots;
use crate::fakes::{PlainHasher, SeededEntropy, SilentJobNotifier, StoppedClock, TempSpool};

/// Bytes of originals that an account may hold: some three photos.
const QUOTA: u64 = 16_000;
/// The most bytes of one photo.
const MAX_UPLOAD: u64 = 500;

/// An action on an instance, with what goes wrong meanwhile.
#[derive(Debug, Clone)]
pub struct Task {
    /// Which of the two instances performs it.
    pub instance: usize,
    /// What is done.
    pub action: Action,
    /// What happens at the n-th port call.
    pub fault: Option<(usize, Fault)>,
    /// What the other instance performs when this one has stopped; without it, stopping is a crash.
    pub meanwhile: Option<Action>,
    /// How mail fails.
    pub mail: Option<MailFault>,
    /// Whether the blob store is away.
    pub no_blobs: bool,
}

impl Task {
    /// An action on the first instance, undisturbed.
    pub fn plain(action: Action) -> Self {
        Self { instance: 0, action, fault: None, meanwhile: None, mail: None, no_blobs: false }
    }
}

/// What became of a task.
#[derive(Debug, PartialEq)]
pub struct Performed {
    /// Of its action.
    pub outcome: Outcome,
    /// Of what was performed meanwhile.
    pub meanwhile: Option<Outcome>,
    /// The port calls of each instance.
    pub calls: [Vec<Call>; 2],
    /// The mails that were sent.
    pub mails: Vec<Message>,
    /// The time after it.
    pub now: Timestamp,
}

/// One side.
pub struct Side {
    /// The store as each instance has it, without a gate.
    pub stores: [SharedStore; 2],
    /// The blobs, which both instances share.
    pub blobs: Arc<MoodyBlobs>,
    galleries: [Gallery; 2],
    gates: [Arc<Gate>; 2],
    clock: Arc<StoppedClock>,
    mailer: Arc<MoodyMailer>,
    slots: Slots,
}

impl Side {
    /// Two instances over these two handles of one store. What is random follows from the seed.
    pub fn new(stores: [SharedStore; 2], seed: u64) -> Self {
        let stores = stores.map(|store| Through::shared(store, Ordered));
        let gates = [Arc::new(Gate::default()), Arc::new(Gate::default())];
        let (clock, mailer) = (Arc::new(StoppedClock::default()), Arc::new(MoodyMailer::default()));
        let (blobs, imaging) = (Arc::new(MoodyBlobs::default()), Arc::new(PictureImaging::default()));
        let entropy = Arc::new(SeededEntropy::new(seed));
        let gallery = |instance: usize| {
            let (store, gate) = (SharedStore::clone(&stores[instance]), Arc::clone(&gates[instance]));
            let ports = Ports::builder()
                .store(Arc::new(FaultyStore::new(store, gate)))
                .blobs(blobs.clone())
                .mailer(mailer.clone())
                .imaging(imaging.clone())
                .spool(Arc::new(TempSpool))
                .hasher(Arc::new(PlainHasher))
                .clock(clock.clone())
                .entropy(entropy.clone())
                .job_notifier(Arc::new(SilentJobNotifier))
                .build()
                .expect("every port");
            Gallery::new(ports, rules())
        };
        let galleries = [gallery(0), gallery(1)];
        Self { stores, blobs, galleries, gates, clock, mailer, slots: Slots::default() }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.galleries[0].now()
    }

    /// Moves the clock.
    pub fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// Performs a task.
    pub async fn perform(&self, task: &Task) -> Performed {
        let (one, other) = (task.instance, 1 - task.instance);
        self.gates[one].begin(task.fault);
        self.gates[other].begin(None);
        self.mailer.set(task.mail);
        self.blobs.set_away(task.no_blobs);
        let mut meanwhile = None;
        let outcome = {
            // Futures of use cases are large: two of them do not fit on a test's stack.
            let mut work = Box::pin(action::perform(&self.galleries[one], &self.slots, &task.action));
            loop {
                tokio::select! {
                    biased;
                    outcome = &mut work => break outcome,
                    () = self.gates[one].stopped() => {}
                }
                let Some(action) = &task.meanwhile else { break Outcome::crashed() };
                meanwhile =
                    Some(Box::pin(action::perform(&self.galleries[other], &self.slots, action)).await);
                self.gates[one].resume();
            }
        };
        let mut calls = [self.gates[0].calls(), self.gates[1].calls()];
        for (instance, outcome) in [(one, Some(&outcome)), (other, meanwhile.as_ref())] {
            if outcome.is_some_and(lacks_session) {
                calls[instance].iter_mut().for_each(forget_expired_token);
            }
        }
        Performed { outcome, meanwhile, calls, mails: self.mailer.take(), now: self.now() }
    }
}

fn lacks_session(outcome: &Outcome) -> bool {
    outcome.result == Err("NoSession".to_owned())
}

/// Ports leave open how long a store knows a token that has expired, and that of a session that has
/// ended since: its caller compares the expiry. Only an action that was refused for want of a
/// session may have been told of one; to any other the two replies are different.
fn forget_expired_token(call: &mut Call) {
    if call.method == "authenticate" && call.reply == Some(Reply::NotFound) {
        call.reply = Some(Reply::Done);
    }
}

fn rules() -> Rules {
    let address = Email::parse("gallery@example.org").expect("an address");
    Rules::new(
        SecretKey::new("0123456789abcdef0123456789abcdef").expect("a secret"),
        MailSettings {
            site_name: "Gallery".to_owned(),
            base_url: "http://gallery.test".to_owned(),
            from: Mailbox { name: "Gallery".to_owned(), address },
            reply_to: None,
        },
    )
    .with_quota_bytes(QUOTA)
    .with_max_upload_bytes(MAX_UPLOAD)
    .with_throttling(Throttling::default().with_failures_per_account(3).with_mails_per_address(5))
}
