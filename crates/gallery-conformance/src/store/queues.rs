//! Queues of jobs: by class and cause, found when they have work, and apart from each other.

use std::collections::BTreeSet;

use gallery_core::model::{Content, JobCause, JobClass, JobKind, JobQueue, NewJob};
use gallery_core::ports::SharedStore;
use gallery_core::token::SIGN_UP_LIFETIME;
use gallery_core::values::{Shard, Timestamp, UserId};

use super::World;
use super::world::{MILLISECOND, lease_next};

/// A job of each class.
fn kinds(world: &World, owner: UserId) -> Vec<JobKind> {
    let photo = world.photo_id();
    let content = Content::PasswordChanged;
    let kinds = vec![
        JobKind::PurgePhoto { photo, owner },
        JobKind::SendMail { mail: world.outgoing_mail(None, content) },
        JobKind::Reprocess { owner, photo },
        JobKind::Sweep,
    ];
    let classes: BTreeSet<JobClass> = kinds.iter().map(JobKind::class).collect();
    assert_eq!(classes.len(), JobClass::ALL.len(), "a kind of each class");
    kinds
}

/// A network whose jobs are of this shard.
fn network_of(shard: Shard) -> JobCause {
    let networks = (0..).map(|n| JobCause::Network(format!("network {n}")));
    networks.into_iter().find(|network| network.shard() == shard).unwrap()
}

/// Records a mail that this network has caused.
async fn mail_from(store: &SharedStore, world: &World, network: &JobCause, due_at: Timestamp) -> NewJob {
    let content = Content::PasswordChanged;
    let kind = JobKind::SendMail { mail: world.outgoing_mail(None, content) };
    let job = NewJob { due_at, ..world.job(kind).caused_by(network.clone()) };
    store.enqueue(&job).await.unwrap();
    job
}

fn shard(number: u8) -> Shard {
    Shard::from_number(number).unwrap()
}

/// The job that this queue hands out, until a minute from now.
async fn taken(store: &SharedStore, queue: JobQueue, now: Timestamp) -> Option<NewJob> {
    let leased = store.lease_job(queue, 1, now, now.plus(60_000 * MILLISECOND)).await.unwrap()?;
    let job = leased.job;
    assert_eq!(job.queue(), queue);
    let cause = network_of(job.shard);
    Some(NewJob { id: job.id, kind: job.kind, due_at: job.due_at, cause })
}

pub async fn a_job_is_found_in_its_own_queue(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let mut recorded = Vec::new();
    for kind in kinds(&world, ann.id) {
        for shard in Shard::all() {
            let job = world.job(kind.clone()).caused_by(network_of(shard));
            store.enqueue(&job).await.unwrap();
            recorded.push(job);
        }
    }
    let now = world.now();
    let named = store.due_queues(now).await.unwrap();
    assert_eq!(named, JobQueue::all().collect(), "every queue has work");
    for job in recorded {
        assert_eq!(taken(&store, job.queue(), now).await, Some(job.clone()));
        assert_eq!(taken(&store, job.queue(), now).await, None, "there was one");
    }
    assert_eq!(lease_next(&store, 2, now, now.plus(MILLISECOND)).await, None);
}

pub async fn a_hundred_jobs_of_one_cause_hide_no_other(store: SharedStore) {
    let world = World::of(&store);
    let (eve, ann) = (network_of(shard(3)), network_of(shard(4)));
    let first = mail_from(&store, &world, &eve, world.now()).await;
    for _ in 0..99 {
        mail_from(&store, &world, &eve, world.now()).await;
    }
    let only = mail_from(&store, &world, &ann, world.now()).await;
    let now = world.now();
    let named = store.due_queues(now).await.unwrap();
    assert!(named.contains(&only.queue()) && named.contains(&first.queue()), "{named:?}");
    assert_eq!(taken(&store, only.queue(), now).await, Some(only));
    assert_eq!(taken(&store, first.queue(), now).await, Some(first), "its oldest");
}

pub async fn a_job_that_is_due_later_is_found_then(store: SharedStore) {
    let world = World::of(&store);
    let network = network_of(shard(5));
    let later = world.now().plus(100_000 * MILLISECOND);
    let job = mail_from(&store, &world, &network, later).await;
    for now in [world.now(), later.minus(MILLISECOND)] {
        store.due_queues(now).await.unwrap();
        assert_eq!(taken(&store, job.queue(), now).await, None, "not yet");
    }
    assert!(store.due_queues(later).await.unwrap().contains(&job.queue()));
    assert_eq!(taken(&store, job.queue(), later).await, Some(job));
}

pub async fn a_queue_that_ran_empty_is_found_again(store: SharedStore) {
    let world = World::of(&store);
    let network = network_of(shard(6));
    let mut now = world.now();
    for _ in 0..5 {
        let job = mail_from(&store, &world, &network, now).await;
        assert!(store.due_queues(now).await.unwrap().contains(&job.queue()));
        assert_eq!(taken(&store, job.queue(), now).await, Some(job.clone()));
        store.finish_job(job.id, 1).await.unwrap();
        // Time passes, and workers look: a store may remember that there was nothing.
        for pause in [1, 500, 5_000, 30_000, 70_000] {
            now = now.plus(pause * MILLISECOND);
            store.due_queues(now).await.unwrap();
            assert_eq!(taken(&store, job.queue(), now).await, None);
        }
    }
}

pub async fn a_job_stays_in_its_queue(store: SharedStore) {
    let world = World::of(&store);
    let network = network_of(shard(7));
    let job = mail_from(&store, &world, &network, world.now()).await;
    let mut now = world.now();
    for failures in 1..4 {
        assert!(store.due_queues(now).await.unwrap().contains(&job.queue()));
        let leased = store.lease_job(job.queue(), 1, now, now.plus(MILLISECOND)).await.unwrap().unwrap();
        assert_eq!((leased.job.id, leased.job.failures), (job.id, failures - 1));
        // Another worker finds nothing meanwhile.
        store.due_queues(now).await.unwrap();
        assert_eq!(taken(&store, job.queue(), now).await, None);
        let due_at = now.plus(1_000 * MILLISECOND);
        store.postpone_job(job.id, 1, due_at, Some("451"), failures == 3).await.unwrap();
        now = due_at;
    }
    assert_eq!(taken(&store, job.queue(), now).await, None, "it is parked");
    store.resume_job(job.id, now).await.unwrap();
    assert!(store.due_queues(now).await.unwrap().contains(&job.queue()));
    assert_eq!(taken(&store, job.queue(), now).await.map(|job| job.id), Some(job.id));
}

pub async fn a_job_whose_worker_died_is_found_again(store: SharedStore) {
    let world = World::of(&store);
    let job = mail_from(&store, &world, &network_of(shard(8)), world.now()).await;
    let now = world.now();
    assert!(taken(&store, job.queue(), now).await.is_some());
    for seconds in [1, 30, 59] {
        let later = now.plus(seconds * 1_000 * MILLISECOND);
        store.due_queues(later).await.unwrap();
        assert_eq!(taken(&store, job.queue(), later).await, None, "the lease lasts");
    }
    let ended = now.plus(60_000 * MILLISECOND);
    assert!(store.due_queues(ended).await.unwrap().contains(&job.queue()));
    assert_eq!(taken(&store, job.queue(), ended).await.map(|job| job.id), Some(job.id));
}

pub async fn mails_of_strangers_go_with_their_registration(store: SharedStore) {
    let world = World::of(&store);
    let registration = world.sign_up("ann@example.org");
    let network = network_of(shard(9));
    let mail = world.mail(registration.id, Content::ConfirmAddress);
    let mail = mail.caused_by(network.clone());
    store.register(&registration, &|_| mail.clone()).await.unwrap();
    assert_eq!(store.job(mail.id).await.unwrap().queue(), mail.queue());
    assert_eq!(mail.queue(), JobQueue { class: JobClass::Mail, shard: shard(9) });
    let late = registration.created_at.plus(SIGN_UP_LIFETIME).plus(MILLISECOND);
    store.remove_expired(late, 10).await.unwrap();
    assert_eq!(world.jobs().await, [], "nobody waits for it any more");
    assert_eq!(lease_next(&store, 1, late, late.plus(MILLISECOND)).await, None);
}
