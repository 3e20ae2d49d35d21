//! What two sides must have in common, and how a difference is told.

use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};

use gallery_core::model::{BlobKey, IdempotencyRecord, Job, JobKind, PhotoState, Session, Usage};
use gallery_core::ports::{AuditedAlbum, AuditedPhoto, AuditedUser, Blobs as _, Stray};
use gallery_core::search::Terms;
use gallery_core::values::{AlbumId, IdempotencyKey, UserId};

use super::action::{Answer, Outcome};
use super::side::{Performed, Side, Task};
use super::world::World;
use crate::store::invariants::{self, Whole};

/// Everything that a side holds, without what the ports leave open.
#[derive(Debug, PartialEq)]
struct Contents {
    users: Vec<AuditedUser>,
    albums: Vec<AuditedAlbum>,
    photos: Vec<AuditedPhoto>,
    jobs: Vec<Job>,
    sessions: Vec<Session>,
    keys: Vec<IdempotencyRecord>,
    strays: BTreeSet<(&'static str, String)>,
    blobs: Vec<BlobKey>,
}

impl Contents {
    async fn read(side: &Side, world: &World) -> Self {
        let store = &side.stores[1];
        let mut whole = Whole::read(&**store).await;
        whole.users.sort_by_key(|user| user.id);
        whole.albums.sort_by_key(|album| album.id);
        whole.photos.sort_by_key(|photo| photo.row.id);
        forget_what_is_open(&mut whole);
        let (mut sessions, mut keys) = (Vec::new(), Vec::new());
        for user in &world.accounts {
            sessions.extend(store.sessions_of(*user, side.now()).await.expect("sessions are listed"));
            for key in 0..3 {
                let key = IdempotencyKey::parse(&format!("key-{key}")).expect("a key");
                keys.extend(store.idempotency_record(*user, &key, side.now()).await);
            }
        }
        let strays = store.strays(100).await.expect("strays are listed").into_iter();
        Self {
            users: whole.users,
            albums: whole.albums,
            photos: whole.photos,
            jobs: store.jobs(None, 1_000).await.expect("jobs are listed"),
            sessions,
            keys,
            strays: strays.map(|Stray { kind, about }| (kind, about)).collect(),
            blobs: listed(side).await,
        }
    }
}

/// Usage, counts, covers and postings of what is marked, and the objects of deleted photos: nobody
/// sees them any more.
fn forget_what_is_open(whole: &mut Whole) {
    for user in whole.users.iter_mut().filter(|user| user.deleting) {
        user.usage = Usage::default();
    }
    let leaving: BTreeSet<UserId> =
        whole.users.iter().filter(|user| user.deleting).map(|user| user.id).collect();
    for album in whole.albums.iter_mut().filter(|album| album.deleting || leaving.contains(&album.owner)) {
        (album.photo_count, album.cover, album.postings) = (0, None, Terms::default());
    }
    let marked: BTreeSet<AlbumId> = whole
        .albums
        .iter()
        .filter(|album| album.deleting || leaving.contains(&album.owner))
        .map(|album| album.id)
        .collect();
    for photo in &mut whole.photos {
        if photo.row.state == PhotoState::Deleting || marked.contains(&photo.row.album_id) {
            photo.postings = Terms::default();
        }
        if photo.row.state == PhotoState::Deleting {
            photo.row.objects.clear();
        }
    }
}

async fn listed(side: &Side) -> Vec<BlobKey> {
    let blobs = side.blobs.list(None, u32::MAX).await.expect("blobs are listed");
    blobs.into_iter().map(|blob| blob.key).collect()
}

/// How what the sides hold differs; `None` when it does not.
pub async fn contents(store: &Side, model: &Side, world: &World) -> Option<String> {
    let (store, model) = (Contents::read(store, world).await, Contents::read(model, world).await);
    (store != model).then(|| format!("the contents differ\n{}", lines(&store, &model)))
}

/// The invariants that a store breaks after everything was swept.
pub async fn invariants(side: &Side, world: &World) -> Vec<String> {
    let mut broken = Vec::new();
    let task = Task::plain(super::action::Action::Verify);
    if let Ok(Answer::Report(report)) = side.perform(&task).await.outcome.result {
        if !report.is_clean() {
            broken.push(report.to_string());
        }
    } else {
        broken.push("verification failed".to_owned());
    }
    invariants::check(&*side.stores[0]).await;
    let contents = Contents::read(side, world).await;
    let text = format!("{contents:?}");
    for (user, job) in &world.cancelled {
        if contents.jobs.iter().any(|left| left.id == *job) {
            broken.push(format!("job {job} did not remove account {user}"));
        } else if text.contains(&user.to_string()) {
            broken.push(format!("I6: account {user} is removed, but a record names it"));
        }
    }
    broken
}

/// True for a job that is left when everything is done: it comes back by itself, or waits for an
/// operator.
pub fn is_standing(job: &Job) -> bool {
    matches!(job.kind, JobKind::Sweep | JobKind::SweepBlobs) || (job.parked && !job.kind.is_deletion())
}

/// An outcome in a few words.
pub fn shortly(outcome: &Outcome) -> String {
    let text = match &outcome.result {
        Ok(Answer::Album(album)) => format!("Ok(Album({}))", album.id),
        Ok(Answer::Photo(photo)) => format!("Ok(Photo({}))", photo.id),
        Ok(Answer::Albums(page)) => format!("Ok({} albums)", page.items.len()),
        Ok(Answer::Photos(_, page)) => format!("Ok({} photos)", page.items.len()),
        Ok(Answer::Account(user)) => format!("Ok(Account({}))", user.id),
        Ok(Answer::LoggedIn { user, .. }) => format!("Ok(LoggedIn({}))", user.id),
        Ok(Answer::Sessions(sessions)) => format!("Ok({} sessions)", sessions.len()),
        Ok(Answer::Rendition { bytes, .. }) => format!("Ok({} bytes)", bytes.len()),
        other => format!("{other:?}"),
    };
    text.chars().take(120).collect()
}

/// How what became of a task differs.
pub fn describe(store: &Performed, model: &Performed) -> String {
    let mut text = String::new();
    let mut part = |name: &str, differs: bool, lines: String| {
        if differs {
            let _ = writeln!(text, "{name}\n{lines}");
        }
    };
    part("the answers differ", store.outcome != model.outcome, lines(&store.outcome, &model.outcome));
    part(
        "what was answered meanwhile differs",
        store.meanwhile != model.meanwhile,
        lines(&store.meanwhile, &model.meanwhile),
    );
    part("the port calls differ", store.calls != model.calls, whole(&store.calls, &model.calls));
    part("the mails differ", store.mails != model.mails, lines(&store.mails, &model.mails));
    part("the clocks differ", store.now != model.now, lines(&store.now, &model.now));
    text
}

fn whole(store: &impl Debug, model: &impl Debug) -> String {
    format!("  store: {store:?}\n  model: {model:?}")
}

/// The lines in which the two differ, below those that say where that is.
fn lines(store: &impl Debug, model: &impl Debug) -> String {
    let (store, model) = (format!("{store:#?}"), format!("{model:#?}"));
    let (left, right): (Vec<_>, Vec<_>) = (store.lines().collect(), model.lines().collect());
    if left == right {
        return "  in what is never printed".to_owned();
    }
    let mut text = String::new();
    if left.len() == right.len() {
        for (at, (one, other)) in left.iter().zip(&right).enumerate().filter(|(_, (one, other))| one != other)
        {
            let _ = writeln!(text, "  at {}", place(&left, at));
            let _ = writeln!(text, "    store: {}\n    model: {}", one.trim(), other.trim());
        }
        return text;
    }
    let same = left.iter().zip(&right).take_while(|(one, other)| one == other).count();
    let most = left.len().min(right.len()) - same;
    let tail = left.iter().rev().zip(right.iter().rev()).take(most).take_while(|(one, other)| one == other);
    let tail = tail.count();
    let _ = writeln!(text, "  at {}", place(&left, same));
    for (name, side) in [("store", &left), ("model", &right)] {
        let differing = side[same..side.len() - tail].iter().map(|line| line.trim());
        let _ = writeln!(text, "    {name}: {}", differing.collect::<Vec<_>>().join(" "));
    }
    text
}

/// The lines above this one that hold it: each the last one that is indented less.
fn place(lines: &[&str], at: usize) -> String {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let mut path = Vec::new();
    let mut depth = lines.get(at).map_or(0, |line| indentation(line));
    for line in lines[..at.min(lines.len())].iter().rev() {
        if indentation(line) < depth {
            depth = indentation(line);
            path.push(line.trim().trim_end_matches(['{', '(', '[', ' ']));
        }
    }
    path.reverse();
    path.join(" › ")
}
