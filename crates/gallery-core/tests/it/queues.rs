//! Turns between those who cause jobs: nobody's thousand jobs delay another's one.

use std::sync::Arc;

use gallery_conformance::fakes::KeptMails;
use gallery_core::model::{JobClass, JobKind, JobQueue, NewJob};
use gallery_core::ports::UpgradeProgress;
use gallery_core::usecases::{Client, JobOutcome, SignUp, Throttling};
use gallery_core::values::{JobId, PhotoId, Shard, Timestamp, UserId};
use uuid::Uuid;

use crate::kit::{Bent, PASSWORD, World};

fn from(address: &str) -> Client {
    Client { address: address.to_owned(), ..Client::default() }
}

fn world() -> World {
    let throttling = Throttling::default().with_mails_per_client(u32::MAX / 8);
    World::bent(Bent { throttling: Some(throttling), ..Bent::default() })
}

/// The queues of all recorded jobs.
async fn queues(world: &World) -> Vec<JobQueue> {
    let jobs = world.store.jobs(None, u32::MAX).await.unwrap();
    jobs.iter().map(gallery_core::model::Job::queue).collect()
}

async fn run(world: &World) -> Option<JobOutcome> {
    world.gallery.run_due_job().await.unwrap()
}

/// How many jobs run until this many mails are sent.
async fn jobs_until_sent(world: &World, mails: &Arc<KeptMails>, count: usize) -> usize {
    let mut ran = 0;
    while mails.all().len() < count {
        assert_eq!(run(world).await, Some(JobOutcome::Done));
        ran += 1;
    }
    ran
}

#[tokio::test]
async fn rule_54_a_thousand_requests_from_one_network_delay_no_mail_of_another() {
    let world = world();
    for n in 0..1_000 {
        let client = from(&format!("2001:db8:1:2::{n:x}"));
        world.gallery.forgot_password(&format!("nobody{n}@example.org"), &client).await.unwrap();
    }
    let forged = queues(&world).await;
    assert!(forged.iter().all(|queue| *queue == forged[0]), "one network is one cause");

    let form = SignUp { email: "ann@example.org", password: PASSWORD, name: "Ann" };
    world.gallery.sign_up(form, &from("192.0.2.7")).await.unwrap();
    assert_ne!(queues(&world).await.last(), Some(&forged[0]), "take another address for Ann");
    let ran = jobs_until_sent(&world, &world.mails, 1).await;
    assert!(ran <= 2, "it was sent after {ran} jobs");
    assert_eq!(world.mails.last().to.address.typed(), "ann@example.org");
}

#[tokio::test]
async fn what_strangers_cause_goes_by_their_network_and_holds_no_address() {
    let world = world();
    let shard_of = async |address: &str| {
        // An address gets only so many mails.
        let email = format!("{}@example.org", address.replace([':', '.'], "-").trim_matches('-'));
        world.gallery.forgot_password(&email, &from(address)).await.unwrap();
        let job = world.store.jobs(None, u32::MAX).await.unwrap().pop().unwrap();
        assert!(!format!("{job:?}").contains(address), "{job:?}");
        job.shard
    };
    let one = shard_of("2001:db8:1:2:3:4:5:6").await;
    assert_eq!(shard_of("2001:db8:1:2:ffff::1").await, one, "a /64");
    assert_eq!(shard_of("::ffff:192.0.2.1").await, shard_of("192.0.2.1").await);
    let mut others = Vec::new();
    for n in 0..100 {
        others.push(shard_of(&format!("198.51.100.{n}")).await);
    }
    assert!(Shard::all().all(|shard| others.contains(&shard)), "{others:?}");
}

#[tokio::test]
async fn an_owners_thousand_deletions_delay_nobody_elses_one() {
    let world = World::new();
    let now = world.gallery.now();
    let record = async |number: u128, owner: UserId| {
        let kind = JobKind::PurgePhoto { photo: PhotoId::from_uuid(Uuid::from_u128(number)), owner };
        let job = NewJob::new(JobId::from_uuid(Uuid::from_u128(number)), kind, now);
        world.store.enqueue(&job).await.unwrap();
        job
    };
    let [ann, bob] = [1, 2].map(|number| UserId::from_uuid(Uuid::from_u128(number)));
    for number in 0..1_000 {
        record(number, ann).await;
    }
    let only = record(5_000, bob).await;
    assert_ne!(only.queue(), record(5_001, ann).await.queue(), "take another id for Bob");
    for _ in 0..2 {
        assert_eq!(run(&world).await, Some(JobOutcome::Done));
    }
    assert!(world.store.job(only.id).await.is_err(), "it is done");
    assert_eq!(queues(&world).await.len(), 1_000);
}

#[tokio::test]
async fn classes_take_turns() {
    let world = World::new();
    let ann = world.member("ann@example.org").await;
    world.work().await;
    let now = world.gallery.now();
    for number in 0..100 {
        let photo = PhotoId::from_uuid(Uuid::from_u128(number));
        let kind = JobKind::PurgePhoto { photo, owner: ann.user.id };
        let id = JobId::from_uuid(Uuid::from_u128(1_000 + number));
        world.store.enqueue(&NewJob::new(id, kind, now)).await.unwrap();
    }
    world.store.record_upgrade(1, UpgradeProgress::Done).await.unwrap();
    world.gallery.schedule_upkeep().await.unwrap();
    world.gallery.forgot_password("ann@example.org", &from("192.0.2.9")).await.unwrap();
    for _ in 0..5 {
        run(&world).await;
    }
    let left = world.store.jobs(None, u32::MAX).await.unwrap();
    let due = left.iter().filter(|job| job.due_at <= now).map(|job| job.kind.class());
    let due: Vec<JobClass> = due.collect();
    assert!(due.iter().all(|class| *class == JobClass::Deletion), "{due:?}");
    assert_eq!(due.len(), 98, "the mail, two sweeps, and two deletions ran");
}

#[tokio::test]
async fn a_job_that_waits_again_does_not_hold_up_its_queue() {
    let world = World::new();
    let at = |seconds: i64| Timestamp::from_millis(world.gallery.now().millis() + seconds * 1_000);
    let owner = UserId::from_uuid(Uuid::from_u128(1));
    let job = |number: u128, due_at| {
        let kind = JobKind::PurgePhoto { photo: PhotoId::from_uuid(Uuid::from_u128(number)), owner };
        NewJob::new(JobId::from_uuid(Uuid::from_u128(number)), kind, due_at)
    };
    world.store.enqueue(&job(1, at(60))).await.unwrap();
    world.store.enqueue(&job(2, at(0))).await.unwrap();
    assert_eq!(run(&world).await, Some(JobOutcome::Done));
    assert_eq!(run(&world).await, None);
    world.pass(60);
    assert_eq!(run(&world).await, Some(JobOutcome::Done));
}
