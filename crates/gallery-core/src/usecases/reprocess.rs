//! Renditions made anew from the originals, and what is read from them: after a decoder was mended,
//! or settings changed. What an owner typed or edited is never touched (see `captions`).
//!
//! The row names a new generation before any blob of it is put, and shows it in one unit of work; a
//! job removes what it replaced, when no link to it is good any more. Whatever is interrupted
//! leaves the photo as it was: blobs of a generation that never came to be shown are found by the
//! sweeper, once the next attempt has named a newer one.
//!
//! Tested in `tests/it/reprocess.rs` and `tests/it/reprocess_meanwhile.rs`; against stores in
//! `gallery-conformance`.

use std::time::Duration;

use super::albums::ATTEMPTS;
use super::jobs::{Failure, PARKED_AFTER, RetryPolicy};
use super::{Error, Gallery};
use crate::model::{
    BlobKey, ImageFacts, JobKind, LeasedJob, NewJob, NewRenditions, Photo, PhotoSort, Rendition, StoredObject,
};
use crate::ports::{BlobError, Conflict, ImagingError, SpoolError, Spooled, StoreError};
use crate::values::{ContentHash, Cursor, Email, Generation, JobId, PageRequest, PhotoId, UserId};

/// What was replaced stays for 15 minutes: longer than any link to it is good, and than any page
/// that shows it is read before it is loaded again.
const REPLACED_KEPT_FOR: Duration = Duration::from_mins(15);
/// Photos of an account that one job makes anew before it records the next job.
const BATCH_SIZE: u32 = 10;
/// Accounts looked up in one step.
const ACCOUNTS_PER_BATCH: u32 = 500;

/// Whose renditions shall be made anew.
#[derive(Debug, Clone, Copy)]
pub enum ReprocessScope<'a> {
    /// One photo's, by its id; in errors the field `photo`.
    Photo(&'a str),
    /// One account's, by its id or address; in errors the field `account`.
    Account(&'a str),
    /// Everybody's.
    All,
}

impl Gallery {
    /// Records the jobs that make renditions, and what is read from files, anew from the originals,
    /// and returns how many: one for a photo or an account. Workers do them, one photo of an
    /// account after the other, while the gallery is in use. A photo whose original cannot be
    /// decoded keeps what it has, and its job is parked with the reason.
    ///
    /// [`Error::NotFound`] when there is no such photo or account, or it is being deleted;
    /// [`Error::Invalid`] with the fields of [`ReprocessScope`].
    pub async fn reprocess(&self, scope: ReprocessScope<'_>) -> Result<u64, Error> {
        let kinds = match scope {
            ReprocessScope::Photo(id) => {
                let photo = id.parse().map_err(|invalid| Error::field("photo", invalid))?;
                let owner = self.ports.store.photo(photo).await?.owner;
                vec![JobKind::Reprocess { owner, photo }]
            }
            ReprocessScope::Account(name) => {
                vec![JobKind::ReprocessAccount { owner: self.account_named(name).await?, after: None }]
            }
            ReprocessScope::All => return self.reprocess_all().await,
        };
        self.record(kinds).await
    }

    async fn account_named(&self, name: &str) -> Result<UserId, Error> {
        if let Ok(id) = name.parse() {
            return Ok(self.ports.store.user(id).await?.id);
        }
        let email = Email::parse(name).map_err(|invalid| Error::field("account", invalid))?;
        Ok(self.ports.store.user_by_email(email.key()).await?.id)
    }

    async fn reprocess_all(&self) -> Result<u64, Error> {
        let (mut recorded, mut after) = (0, None);
        loop {
            let users = self.ports.store.audit_users(after, ACCOUNTS_PER_BATCH).await?;
            let Some(last) = users.last() else { return Ok(recorded) };
            after = Some(last.id);
            let with_photos = users.iter().filter(|user| !user.deleting && user.usage.photos > 0);
            let kinds = with_photos.map(|user| JobKind::ReprocessAccount { owner: user.id, after: None });
            recorded += self.record(kinds.collect()).await?;
        }
    }

    async fn record(&self, kinds: Vec<JobKind>) -> Result<u64, Error> {
        let mut recorded = 0;
        for kind in kinds {
            self.ports.store.enqueue(&self.new_job(kind)).await?;
            recorded += 1;
        }
        self.ports.job_notifier.notify();
        Ok(recorded)
    }

    /// Does one batch of an account's photos, newest first: photos uploaded meanwhile need nothing.
    /// What is left is a job of its own, so that progress outlives the process. A photo that cannot
    /// be done gets a job of its own, too, and the others go on.
    pub(super) async fn reprocess_account(
        &self,
        leased: &LeasedJob,
        owner: UserId,
        after: Option<PhotoId>,
    ) -> Result<(), Failure> {
        // After a failure the photo that caused it comes first, alone.
        let limit = if leased.job.failures == 0 { BATCH_SIZE } else { 1 };
        let cursor = after.map(|id| Cursor { order: 0, id: id.uuid() }.encode());
        let request = PageRequest::new(Some(limit), cursor.as_deref()).map_err(Error::internal)?;
        let page = match self.ports.store.photos_of(owner, PhotoSort::Uploaded, &request).await {
            Err(StoreError::NotFound) => return Ok(()),
            other => other.map_err(Error::from)?,
        };
        let mut done = None;
        for photo in &page.items {
            let result = self.reprocess_photo(leased, photo.id).await;
            self.keep_lease(leased).await?;
            if let Err(failure) = result {
                let may_pass = !matches!(failure.retry, RetryPolicy::Never);
                if may_pass && leased.job.failures + 1 < PARKED_AFTER {
                    return match done {
                        None => Err(failure),
                        Some(done) => self.go_on_after(leased, owner, done).await,
                    };
                }
                let kind = JobKind::Reprocess { owner, photo: photo.id };
                self.record_once(leased, photo.id, kind).await?;
            }
            done = Some(photo.id);
        }
        match page.next {
            None => Ok(()),
            Some(next) => self.go_on_after(leased, owner, PhotoId::from_uuid(next.id)).await,
        }
    }

    async fn go_on_after(&self, leased: &LeasedJob, owner: UserId, done: PhotoId) -> Result<(), Failure> {
        let kind = JobKind::ReprocessAccount { owner, after: Some(done) };
        self.record_once(leased, done, kind).await
    }

    /// Records a job that a job causes: the same one, however often that runs.
    async fn record_once(&self, cause: &LeasedJob, about: PhotoId, kind: JobKind) -> Result<(), Failure> {
        let (cause, about) = (cause.job.id.uuid(), about.uuid());
        let id = named_job(kind.name(), [cause.as_bytes(), about.as_bytes()]);
        let job = NewJob::new(id, kind, self.now());
        Ok(self.ports.store.enqueue(&job).await.map_err(Error::from)?)
    }

    /// Makes a photo's renditions anew. Nothing is left to do for one that was deleted, whatever
    /// failed.
    pub(super) async fn reprocess_photo(&self, leased: &LeasedJob, id: PhotoId) -> Result<(), Failure> {
        match self.make_anew(leased, id).await {
            Ok(()) => Ok(()),
            Err(failure) => match self.ports.store.photo(id).await {
                Err(StoreError::NotFound) => Ok(()),
                _ => Err(failure),
            },
        }
    }

    async fn make_anew(&self, leased: &LeasedJob, id: PhotoId) -> Result<(), Failure> {
        let store = &self.ports.store;
        let photo = store.photo(id).await.map_err(Error::from)?;
        let file = self.original_of(&photo).await?;
        self.keep_lease(leased).await?;
        let processed = self.ports.imaging.process(&file.path).await.map_err(keeps_its_renditions)?;
        self.keep_lease(leased).await?;
        let generation = store.begin_renditions(id).await.map_err(Error::from)?;
        let made = match self.put_renditions(id, generation, &processed.renditions).await {
            Ok(made) => made,
            Err(error) => {
                self.give_up(id, generation).await;
                return Err(error.into());
            }
        };
        match self.show_renditions(id, generation, &processed.facts, &made).await {
            Ok(true) => {
                let account = self.pseudonym(photo.owner);
                tracing::info!(account, %generation, "renditions made anew");
                self.renew_texts(id, &processed).await.map_err(Error::from)?;
            }
            // Somebody else began after this, and will finish.
            Ok(false) => self.give_up(id, generation).await,
            Err(error) => {
                // After any other error the photo may show them.
                if matches!(error, StoreError::NotFound | StoreError::Conflict(_)) {
                    self.give_up(id, generation).await;
                }
                return Err(Error::from(error).into());
            }
        }
        Ok(())
    }

    /// The original in a temporary file, as it was when it was uploaded.
    async fn original_of(&self, photo: &Photo) -> Result<Spooled, Failure> {
        let missing = || for_good("the photo keeps its renditions: its original is missing".to_owned());
        let damaged =
            || for_good("the photo keeps its renditions: its original is not what was put".to_owned());
        let recorded = photo.facts.object(Rendition::Original).ok_or_else(missing)?;
        let read = match self.ports.blobs.get(&recorded.key(photo.id), None).await {
            Err(BlobError::NotFound) => return Err(missing()),
            other => other.map_err(Error::from)?,
        };
        let file = match self.ports.spool.receive(read.stream, recorded.bytes).await {
            Err(SpoolError::TooLarge { .. }) => return Err(damaged()),
            other => other.map_err(Error::from)?,
        };
        if (file.bytes, file.sha256) == (recorded.bytes, recorded.sha256) { Ok(file) } else { Err(damaged()) }
    }

    /// Makes the photo show renditions of this generation, whatever its owner edits meanwhile;
    /// false when a newer generation has been named since.
    async fn show_renditions(
        &self,
        id: PhotoId,
        generation: Generation,
        image: &ImageFacts,
        made: &[StoredObject],
    ) -> Result<bool, StoreError> {
        let store = &self.ports.store;
        for _ in 0..ATTEMPTS {
            let Photo { version, owner, facts, .. } = store.photo(id).await?;
            if facts.generation() == generation {
                // The attempt before did it, although nobody knew.
                return Ok(true);
            }
            let replaced = facts.objects.iter().filter(|object| object.rendition != Rendition::Original);
            let replaced: Vec<_> = replaced.map(|object| (object.generation, object.rendition)).collect();
            let facts = facts.with_renditions(image, made);
            let new =
                NewRenditions { version, generation, image: image.clone(), objects: facts.objects.clone() };
            let job = self.removal_job(id, owner, replaced);
            match store.replace_renditions(id, &new, &facts.terms(), job).await {
                Err(StoreError::Conflict(Conflict::Stale)) => {}
                other => return other.map(|_| true),
            }
            if store.photo_in_any_state(id).await?.generation != generation {
                return Ok(false);
            }
        }
        Err(StoreError::Conflict(Conflict::Stale))
    }

    /// Removes the blobs of a generation that will not be shown. What cannot be removed now is left
    /// to the sweeper.
    async fn give_up(&self, id: PhotoId, generation: Generation) {
        let keys = Rendition::DERIVED.map(|rendition| BlobKey::of(id, generation, rendition));
        if let Err(error) = self.ports.blobs.delete(&keys).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "renditions are left to the sweeper");
        }
    }

    /// The job that removes these renditions of a photo, all of one generation, when nobody fetches
    /// them any more.
    fn removal_job(&self, photo: PhotoId, owner: UserId, objects: Vec<(Generation, Rendition)>) -> NewJob {
        let replaced = objects.first().map_or(Generation::UNNUMBERED, |(generation, _)| *generation);
        let kind = JobKind::RemoveRenditions { photo, owner, objects };
        NewJob::new(removal_job_id(photo, replaced), kind, self.now().plus(REPLACED_KEPT_FOR))
    }

    /// Whether a job waits to remove the photo's renditions of this generation. One that is parked
    /// waits no more.
    pub(super) async fn awaits_removal(&self, key: &BlobKey) -> Result<bool, Error> {
        match self.ports.store.job(removal_job_id(key.photo(), key.generation())).await {
            Err(StoreError::NotFound) => Ok(false),
            other => Ok(!other?.parked),
        }
    }

    /// Removes blobs that were replaced. What the photo owns stays: while it is being deleted, that
    /// is all.
    pub(super) async fn remove_renditions(
        &self,
        photo: PhotoId,
        objects: &[(Generation, Rendition)],
    ) -> Result<(), Error> {
        let row = self.row_of(photo).await?;
        let keys = objects.iter().map(|(generation, rendition)| BlobKey::of(photo, *generation, *rendition));
        let keys: Vec<_> = keys.filter(|key| !row.as_ref().is_some_and(|row| row.owns(key))).collect();
        Ok(self.ports.blobs.delete(&keys).await?)
    }
}

/// The id of a job that is known by what it is about: recorded again, it is the same job.
fn named_job(kind: &str, about: [&[u8]; 2]) -> JobId {
    let hash = ContentHash::of_fields([kind.as_bytes(), about[0], about[1]]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    JobId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// A generation is replaced once.
fn removal_job_id(photo: PhotoId, replaced: Generation) -> JobId {
    named_job("remove_renditions", [photo.uuid().as_bytes(), &replaced.number().to_be_bytes()])
}

fn for_good(reason: String) -> Failure {
    Failure { reason, retry: RetryPolicy::Never }
}

/// Another attempt will not help a file that cannot be decoded.
fn keeps_its_renditions(error: ImagingError) -> Failure {
    match error {
        ImagingError::Unsupported | ImagingError::TooManyPixels { .. } | ImagingError::Undecodable(_) => {
            for_good(format!("the photo keeps its renditions: {error}"))
        }
        other => Error::from(other).into(),
    }
}
