//! Mails that cannot be sent: a mail system that is away, that refuses, and that reports
//! afterwards.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::kit::fakes::{FaultyBlobs, MockBlobFaults};
use crate::kit::{Bent, PASSWORD, World, client};
use async_trait::async_trait;
use gallery_conformance::fakes::{KeptMails, PlainFeedback};
use gallery_core::mail::Message;
use gallery_core::model::{BlobKey, Job, JobKind, Rendition};
use gallery_core::ports::{BlobError, MailError, Mailer, SuppressionReason};
use gallery_core::usecases::{Caller, Error, JobOutcome, Resend, SUPPRESSED_FOR};
use gallery_core::values::{Email, Generation, PhotoId};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A mail system that a test can make fail.
#[derive(Default)]
struct Moody {
    failure: Mutex<Option<fn() -> MailError>>,
    tries: AtomicU32,
    mails: KeptMails,
}

#[async_trait]
impl Mailer for Moody {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        self.tries.fetch_add(1, Ordering::SeqCst);
        let failure = *self.failure.lock().unwrap();
        match failure {
            Some(failure) => Err(failure()),
            None => self.mails.send(message).await,
        }
    }
}

impl Moody {
    fn world() -> (World, Arc<Self>) {
        let mailer = Arc::new(Self::default());
        (World::bent(Bent { mailer: Some(mailer.clone()), ..Bent::default() }), mailer)
    }

    fn go_away(&self) {
        let away = || MailError::Later("454 <Ann@Example.org>: Throttling failure".into());
        *self.failure.lock().unwrap() = Some(away);
    }

    fn refuse(&self) {
        *self.failure.lock().unwrap() = Some(|| MailError::Never("554 message rejected".into()));
    }

    fn come_back(&self) {
        *self.failure.lock().unwrap() = None;
    }

    /// A confirmed account, logged in.
    async fn member(&self, world: &World) -> Caller {
        world.sign_up("ann@example.org").await.unwrap();
        world.work().await;
        world.gallery.confirm_address(&self.last_token()).await.unwrap();
        world.log_in("ann@example.org").await
    }

    /// The token in the link of the last mail.
    fn last_token(&self) -> String {
        self.mails.last().link.unwrap().rsplit('/').next().unwrap().to_owned()
    }

    /// The subjects of the mails that were sent.
    fn subjects(&self) -> Vec<String> {
        self.mails.all().into_iter().map(|mail| mail.subject).collect()
    }
}

/// Lets this much time pass, in steps of half a minute, while workers work.
async fn work_for(world: &World, seconds: u64) {
    for _ in 0..seconds / 30 {
        world.pass(30);
        world.work().await;
    }
}

/// The mails that wait or are parked.
async fn mails_left(world: &World) -> Vec<Job> {
    let jobs = world.store.jobs(None, 100).await.unwrap();
    jobs.into_iter().filter(|job| job.kind.mail_caused_at().is_some()).collect()
}

async fn reporting(report: &str) -> World {
    let world = World::bent(Bent { feedback: Some(Arc::new(PlainFeedback)), ..Bent::default() });
    world.gallery.mail_feedback(report.as_bytes()).await.unwrap();
    world
}

fn ann() -> Email {
    Email::parse("ann@example.org").unwrap()
}

#[tokio::test]
async fn an_hour_without_mail_system_costs_no_receipt_and_no_sign_up() {
    let (world, mailer) = Moody::world();
    let caller = mailer.member(&world).await;
    mailer.go_away();
    world.gallery.cancel_account(&caller, PASSWORD, &client()).await.unwrap();
    world.work().await;
    for _ in 0..6 {
        world.sign_up("bob@example.org").await.unwrap();
        work_for(&world, 10 * MINUTE).await;
    }
    mailer.come_back();
    // The last of the links has expired; the receipt comes within the longest wait.
    work_for(&world, 10 * MINUTE).await;
    let subjects = mailer.subjects();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert!(subjects[1].contains("cancelled"), "{subjects:?}");
    assert_eq!(mails_left(&world).await, []);
}

#[tokio::test]
async fn a_link_is_sent_within_a_minute_after_the_mail_system_is_back() {
    let (world, mailer) = Moody::world();
    mailer.go_away();
    world.sign_up("ann@example.org").await.unwrap();
    work_for(&world, 8 * MINUTE).await;
    mailer.come_back();
    work_for(&world, MINUTE).await;
    assert_eq!(mailer.subjects().len(), 1);
    world.gallery.confirm_address(&mailer.last_token()).await.unwrap();
}

#[tokio::test]
async fn a_link_that_expires_while_it_waits_is_dropped_and_not_parked() {
    let (world, mailer) = Moody::world();
    mailer.go_away();
    world.sign_up("ann@example.org").await.unwrap();
    world.gallery.forgot_password("ann@example.org", &client()).await.unwrap();
    work_for(&world, 10 * MINUTE).await;
    mailer.come_back();
    work_for(&world, 2 * MINUTE).await;
    assert_eq!((mailer.subjects(), mails_left(&world).await), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn a_mail_waits_three_days_with_pauses_of_ten_minutes_and_is_parked_then() {
    let (world, mailer) = Moody::world();
    let caller = mailer.member(&world).await;
    mailer.go_away();
    world.gallery.change_password(&caller, PASSWORD, "red kite at noon", &client()).await.unwrap();
    let before = mailer.tries.load(Ordering::SeqCst);
    work_for(&world, 3 * DAY - HOUR).await;
    let waiting = mails_left(&world).await.pop().expect("it waits");
    assert!(!waiting.parked && waiting.failures > 10);
    assert!(waiting.due_at <= world.gallery.now().plus(Duration::from_mins(10)));
    let tries = mailer.tries.load(Ordering::SeqCst) - before;
    assert!((400..1_000).contains(&tries), "{tries} tries in three days: every 5 to 10 minutes");
    work_for(&world, 2 * HOUR).await;
    let parked = mails_left(&world).await.pop().expect("an operator can look at it");
    assert!(parked.parked && matches!(parked.kind, JobKind::SendMail { .. }));
    let error = parked.last_error.unwrap();
    assert_eq!(error, "the mail cannot be sent now: 454 <…>: Throttling failure", "no address");
}

#[tokio::test]
async fn a_receipt_that_is_refused_can_be_resumed_for_thirty_days_and_is_forgotten_then() {
    let (world, mailer) = Moody::world();
    world.gallery.schedule_upkeep().await.unwrap();
    let caller = mailer.member(&world).await;
    mailer.refuse();
    world.gallery.cancel_account(&caller, PASSWORD, &client()).await.unwrap();
    world.work().await;
    world.pass(29 * DAY);
    world.work().await;
    let receipt = mails_left(&world).await.pop().expect("an operator can look at it");
    assert!(receipt.parked);
    world.store.resume_job(receipt.id, world.gallery.now()).await.unwrap();
    assert_eq!(world.work().await, [JobOutcome::Parked], "refused again");
    mailer.come_back();
    world.pass(2 * DAY);
    world.work().await;
    assert_eq!(mails_left(&world).await, [], "the address of an account that is gone is kept no longer");
    assert_eq!(mailer.subjects().len(), 1, "the confirmation link alone was sent");
}

#[tokio::test]
async fn the_sweeper_is_never_parked() {
    let mut faults = MockBlobFaults::new();
    faults.expect_delete().returning(|_| Err(BlobError::Unavailable("away".into())));
    let blobs = Arc::new(FaultyBlobs::new(faults));
    let world = World::bent(Bent { blobs: Some(blobs.clone()), ..Bent::default() });
    let stray = BlobKey::of(PhotoId::new(world.gallery.now(), &[9; 10]), Generation::FIRST, Rendition::Large);
    blobs.inner.0.lock().unwrap().insert(stray, "lost".into());
    world.gallery.schedule_upkeep().await.unwrap();
    work_for(&world, 3 * HOUR).await;
    let jobs = world.store.jobs(None, 10).await.unwrap();
    let sweeper = jobs.iter().find(|job| job.kind == JobKind::SweepBlobs).unwrap();
    assert!(sweeper.failures > 10 && !sweeper.parked);
    assert!(sweeper.due_at <= world.gallery.now().plus(Duration::from_mins(10)));
}

#[tokio::test]
async fn an_address_that_bounced_gets_no_mail_and_nobody_is_told() {
    let world = reporting("bounced Ann@Example.org").await;
    let why = world.gallery.suppression(&ann()).await.unwrap().unwrap();
    assert_eq!((why.reason, why.reported_at), (SuppressionReason::Bounced, world.gallery.now()));
    world.sign_up("ann@example.org").await.unwrap();
    world.gallery.forgot_password("ann@example.org", &client()).await.unwrap();
    world
        .gallery
        .resend_confirmation(Resend::Address { email: "ann@example.org", sign_up: None }, &client())
        .await
        .unwrap();
    assert_eq!(world.work().await, [JobOutcome::Done, JobOutcome::Done, JobOutcome::Done]);
    assert!(world.mails.all().is_empty());
    world.sign_up("bob@example.org").await.unwrap();
    world.work().await;
    assert_eq!(world.mails.all().len(), 1, "another address is written to");
}

#[tokio::test]
async fn a_suppression_ends_ninety_days_after_the_last_report() {
    let world = reporting("complained ann@example.org").await;
    world.pass(DAY);
    world.gallery.mail_feedback(b"bounced ann@example.org").await.unwrap();
    world.pass(SUPPRESSED_FOR.as_secs());
    assert!(world.gallery.suppression(&ann()).await.unwrap().is_some());
    assert_eq!(world.gallery.sweep().await.unwrap().expired, 0);
    world.pass(1);
    assert_eq!(world.gallery.suppression(&ann()).await.unwrap(), None);
    assert_eq!(world.gallery.sweep().await.unwrap().expired, 1);
    world.sign_up("ann@example.org").await.unwrap();
    world.work().await;
    assert_eq!(world.mails.all().len(), 1);
}

#[tokio::test]
async fn an_operator_can_lift_a_suppression() {
    let world = reporting("bounced ann@example.org\ncomplained bob@example.org").await;
    let lifted = world.gallery.lift_suppression(&ann()).await.unwrap();
    assert_eq!(lifted.map(|lifted| lifted.reason), Some(SuppressionReason::Bounced));
    assert_eq!(world.gallery.lift_suppression(&ann()).await.unwrap(), None);
    for email in ["ann@example.org", "bob@example.org"] {
        world.sign_up(email).await.unwrap();
    }
    world.work().await;
    let to: Vec<_> = world.mails.all().into_iter().map(|mail| mail.to.address).collect();
    assert_eq!(to, [ann()]);
}

#[tokio::test]
async fn reports_that_cannot_be_read_change_nothing() {
    let world = reporting("").await;
    let read = async |report: &str| world.gallery.mail_feedback(report.as_bytes()).await;
    assert!(matches!(read("bounced ann@example.org\nforged").await, Err(Error::ForgedReport(_))));
    assert!(matches!(read("bounced ann@example.org\n{}").await, Err(Error::MalformedReport(_))));
    assert!(matches!(read("bounced ann@example.org\naway").await, Err(Error::Unavailable(_))));
    assert_eq!(world.gallery.suppression(&ann()).await.unwrap(), None);
    let silent = World::new();
    assert!(matches!(silent.gallery.mail_feedback(b"forged").await, Err(Error::NotFound)));
}
