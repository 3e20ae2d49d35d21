//! Jobs: queues, leases, failures, parking.

use gallery_core::model::{
    Content, Job, JobCause, JobKind, MailRequest, NewJob, Receipt, RequestedMail, Tally,
};
use gallery_core::ports::{Conflict, SharedStore};
use gallery_core::texts::Language;
use gallery_core::values::{Generation, PersonName, Timestamp};

use super::World;
use super::reading::{assert_conflict, assert_not_found, in_parallel};
use super::world::{MILLISECOND, email, lease_next};

/// Leases the next job until a minute from `now`.
async fn lease(store: &SharedStore, lease: u64, now: Timestamp) -> Option<Job> {
    let until = now.plus(60_000 * MILLISECOND);
    let leased = lease_next(store, lease, now, until).await?;
    assert_eq!((leased.lease, leased.job.leased_until), (lease, Some(until)));
    Some(leased.job)
}

/// Records a sweep.
async fn sweep(store: &SharedStore, world: &World) -> NewJob {
    let job = world.job(JobKind::Sweep);
    store.enqueue(&job).await.unwrap();
    job
}

pub async fn a_job_of_every_kind_comes_back_unchanged(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let receipt = Receipt {
        to: email("Jörg+X@Bücher.example"),
        name: PersonName::parse("Jörg \"👋\" O'Neil").unwrap(),
        language: Language::German,
        cancelled_at: world.now(),
    };
    let removed = Tally { albums: 1, photos: 2, objects: 3, bytes: 5_000_000_000 };
    let send = |content| JobKind::SendMail { mail: world.outgoing_mail(Some(ann.id), content) };
    let requested_at = world.now();
    let request = |wanted, registration| {
        JobKind::SendRequestedMail(RequestedMail {
            email: email("Eve@x.example"),
            wanted,
            registration,
            language: Some(Language::German),
            requested_at,
        })
    };
    let kinds = [
        JobKind::PurgePhoto { photo: world.photo_id(), owner: ann.id },
        JobKind::PurgeAlbum { album: world.album_id(), owner: ann.id },
        JobKind::PurgeAccount { user: ann.id, receipt: None },
        JobKind::PurgeAccount { user: ann.id, receipt: Some(receipt) },
        JobKind::Reprocess { owner: ann.id, photo: world.photo_id() },
        JobKind::ReprocessAccount { owner: ann.id, after: None },
        JobKind::ReprocessAccount { owner: ann.id, after: Some(world.photo_id()) },
        world.remove_renditions(ann.id, world.photo_id(), Generation::UNNUMBERED).kind,
        world.remove_renditions(ann.id, world.photo_id(), Generation::from_number(u32::MAX)).kind,
        send(Content::ConfirmAddress),
        send(Content::AlreadyRegistered),
        send(Content::ResetPassword { password: "fingerprint".to_owned() }),
        send(Content::PasswordChanged),
        send(Content::AccountCancelled { cancelled_at: world.now(), removed }),
        request(MailRequest::Confirmation, Some(world.user_id())),
        request(MailRequest::PasswordReset, None),
        JobKind::Sweep,
        JobKind::SweepBlobs,
    ];
    for kind in kinds {
        let new = world.job(kind);
        store.enqueue(&new).await.unwrap();
        let job = store.job(new.id).await.unwrap();
        assert_eq!(job.queue(), new.queue());
        assert_eq!((job.id, job.kind, job.due_at), (new.id, new.kind, new.due_at));
        assert_eq!((job.leased_until, job.failures, job.last_error), (None, 0, None));
        assert_eq!((job.parked, job.tally), (false, Tally::default()));
    }
}

pub async fn recording_a_job_again_changes_nothing(store: SharedStore) {
    let world = World::of(&store);
    let job = sweep(&store, &world).await;
    let now = world.now();
    lease(&store, 1, now).await.unwrap();
    let cause = JobCause::Network("another".to_owned());
    let other = NewJob { due_at: world.now(), kind: JobKind::SweepBlobs, cause, id: job.id };
    store.enqueue(&other).await.unwrap();
    let known = store.job(job.id).await.unwrap();
    assert_eq!(known.queue(), job.queue());
    assert_eq!((known.kind, known.due_at), (job.kind, job.due_at));
    assert!(known.leased_until.is_some(), "the lease stands");
    assert_eq!(world.jobs().await.len(), 1);
}

pub async fn the_job_that_is_due_for_longest_comes_first(store: SharedStore) {
    let world = World::of(&store);
    let [older, newer, future] = std::array::from_fn(|_| world.job(JobKind::Sweep));
    let (early, late, now) = (world.now(), world.now(), world.now());
    store.enqueue(&NewJob { due_at: late, ..older.clone() }).await.unwrap();
    store.enqueue(&NewJob { due_at: early, ..newer.clone() }).await.unwrap();
    store.enqueue(&NewJob { due_at: now.plus(MILLISECOND), ..future.clone() }).await.unwrap();

    assert_eq!(lease(&store, 1, now).await.unwrap().id, newer.id, "the age of a job does not matter");
    assert_eq!(lease(&store, 2, now).await.unwrap().id, older.id);
    assert_eq!(lease(&store, 3, now).await, None, "nothing else is due");
    assert_eq!(
        lease(&store, 3, now.plus(MILLISECOND)).await.unwrap().id,
        future.id,
        "due exactly now is due"
    );
}

pub async fn of_many_workers_one_gets_a_job(store: SharedStore) {
    let world = World::of(&store);
    for _ in 0..3 {
        sweep(&store, &world).await;
    }
    let now = world.now();
    let leased = in_parallel(20, |n| {
        let store = SharedStore::clone(&store);
        async move { lease_next(&store, u64::from(n), now, now.plus(MILLISECOND)).await }
    })
    .await;
    // A worker that lost a race may find nothing, and looks again.
    let mut got: Vec<_> = leased.into_iter().flatten().map(|leased| leased.job.id).collect();
    while let Some(leased) = lease_next(&store, 99, now, now.plus(MILLISECOND)).await {
        got.push(leased.job.id);
    }
    got.sort();
    let all: Vec<_> = world.jobs().await.into_iter().map(|job| job.id).collect();
    assert_eq!(got, all, "every job is leased once");
}

pub async fn a_lease_that_ends_lets_another_worker_in(store: SharedStore) {
    let world = World::of(&store);
    let job = sweep(&store, &world).await;
    let now = world.now();
    let until = now.plus(MILLISECOND * 10);
    lease_next(&store, u64::MAX, now, until).await.unwrap();
    assert_eq!(lease(&store, 2, until.minus(MILLISECOND)).await, None);
    assert_eq!(lease(&store, 2, until).await.unwrap().id, job.id, "a lease until now is not beyond now");

    assert_conflict(store.extend_lease(job.id, u64::MAX, world.now()).await, Conflict::LeaseLost);
    assert_conflict(store.finish_job(job.id, u64::MAX).await, Conflict::LeaseLost);
    let postponed = store.postpone_job(job.id, u64::MAX, world.now(), Some("late"), true).await;
    assert_conflict(postponed, Conflict::LeaseLost);
    let known = store.job(job.id).await.unwrap();
    assert_eq!((known.failures, known.parked, known.last_error), (0, false, None));
    store.finish_job(job.id, 2).await.unwrap();
}

pub async fn an_extended_lease_lasts(store: SharedStore) {
    let world = World::of(&store);
    let job = sweep(&store, &world).await;
    let now = world.now();
    lease_next(&store, 1, now, now.plus(MILLISECOND)).await.unwrap();
    let until = now.plus(MILLISECOND * 100);
    store.extend_lease(job.id, 1, until).await.unwrap();
    assert_eq!(store.job(job.id).await.unwrap().leased_until, Some(until));
    assert_eq!(lease(&store, 2, until.minus(MILLISECOND)).await, None);
    store.finish_job(job.id, 1).await.unwrap();
}

pub async fn a_finished_job_is_gone(store: SharedStore) {
    let world = World::of(&store);
    let job = sweep(&store, &world).await;
    assert_conflict(store.finish_job(job.id, 1).await, Conflict::LeaseLost);
    lease(&store, 1, world.now()).await.unwrap();
    store.finish_job(job.id, 1).await.unwrap();
    store.finish_job(job.id, 1).await.unwrap();
    assert_not_found(store.job(job.id).await);
    assert_not_found(store.resume_job(job.id, world.now()).await);
    assert_conflict(store.extend_lease(job.id, 1, world.now()).await, Conflict::LeaseLost);
    let postponed = store.postpone_job(job.id, 1, world.now(), None, false).await;
    assert_conflict(postponed, Conflict::LeaseLost);
    assert_eq!(world.jobs().await, []);
}

pub async fn a_postponed_job_counts_its_failures(store: SharedStore) {
    let world = World::of(&store);
    let job = sweep(&store, &world).await;
    for (failures, reason) in [(1, "mail system: 451 \"try again\""), (2, "Zeitüberschreitung 👻")] {
        let now = world.now();
        lease(&store, 7, now).await.unwrap();
        store.postpone_job(job.id, 7, now.plus(MILLISECOND * 5), Some(reason), false).await.unwrap();
        let known = store.job(job.id).await.unwrap();
        assert_eq!((known.failures, known.last_error.as_deref()), (failures, Some(reason)));
        assert_eq!((known.due_at, known.leased_until), (now.plus(MILLISECOND * 5), None));
        assert_eq!(lease(&store, 8, now.plus(MILLISECOND * 4)).await, None);
        assert_conflict(store.finish_job(job.id, 7).await, Conflict::LeaseLost);
    }
    let now = world.now();
    lease(&store, 9, now).await.unwrap();
    store.postpone_job(job.id, 9, world.now(), None, false).await.unwrap();
    let known = store.job(job.id).await.unwrap();
    assert_eq!((known.failures, known.last_error), (0, None), "a job that ran well has no failures");
}

pub async fn a_parked_job_waits_until_it_is_resumed(store: SharedStore) {
    let world = World::of(&store);
    let job = sweep(&store, &world).await;
    lease(&store, 1, world.now()).await.unwrap();
    store.postpone_job(job.id, 1, world.now(), Some("poison"), true).await.unwrap();
    assert!(store.job(job.id).await.unwrap().parked);
    assert_eq!(lease(&store, 2, world.now()).await, None);

    let now = world.now();
    store.resume_job(job.id, now).await.unwrap();
    let known = store.job(job.id).await.unwrap();
    assert_eq!((known.parked, known.failures, known.due_at), (false, 0, now));
    assert_eq!(lease(&store, 2, now).await.unwrap().id, job.id);
}

pub async fn a_parked_deletion_is_leased_when_it_is_due(store: SharedStore) {
    let world = World::of(&store);
    let ann = world.user("ann@example.org").await;
    let kinds = [
        JobKind::PurgePhoto { photo: world.photo_id(), owner: ann.id },
        JobKind::PurgeAlbum { album: world.album_id(), owner: ann.id },
        JobKind::PurgeAccount { user: ann.id, receipt: None },
    ];
    for kind in kinds {
        let job = world.job(kind);
        store.enqueue(&job).await.unwrap();
        let now = world.now();
        lease(&store, 1, now).await.unwrap();
        let due_at = now.plus(MILLISECOND * 9);
        store.postpone_job(job.id, 1, due_at, Some("blobs away"), true).await.unwrap();
        assert_eq!(lease(&store, 2, due_at.minus(MILLISECOND)).await, None);
        let leased = lease(&store, 2, due_at).await.unwrap();
        assert_eq!((leased.id, leased.parked, leased.failures), (job.id, true, 1));
        store.finish_job(job.id, 2).await.unwrap();
    }
}

pub async fn jobs_are_listed_in_order_of_their_ids(store: SharedStore) {
    let world = World::of(&store);
    let mut ids: Vec<_> = (0..5).map(|_| world.job_id()).collect();
    for n in [3, 0, 4, 1, 2] {
        let job = NewJob { id: ids[n], ..world.job(JobKind::Sweep) };
        store.enqueue(&job.caused_by(JobCause::Network(n.to_string()))).await.unwrap();
    }
    ids.sort();
    let list = async |after, limit| -> Vec<_> {
        store.jobs(after, limit).await.unwrap().into_iter().map(|job| job.id).collect()
    };
    assert_eq!(list(None, 10).await, ids);
    assert_eq!(list(None, 2).await, ids[..2]);
    assert_eq!(list(Some(ids[1]), 2).await, ids[2..4]);
    assert_eq!(list(Some(ids[3]), 2).await, ids[4..]);
    assert_eq!(list(Some(ids[4]), 2).await, []);
}
