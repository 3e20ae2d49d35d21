//! The model test can fail: each of these stores is broken in one method, and is found within the
//! seeds that run by default.

use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use gallery_conformance::model::lens::{Lens, Through};
use gallery_conformance::model::{SEEDS, check_seed, first_difference};
use gallery_core::model::{
    Album, AlbumChange, Authenticated, JobQueue, LeasedJob, NewJob, NewRenditions, NewToken, NewUpload,
    Photo, PhotoChange, StoredPhoto,
};
use gallery_core::ports::{AuditedUser, Conflict, Renewal, SharedStore, Store, StoreError};
use gallery_core::search::{Query, Terms};
use gallery_core::values::{
    AlbumId, Cursor, Page, PageRequest, PasswordHash, PhotoId, SessionId, Timestamp, TokenHash, UserId,
};
use gallery_store_memory::MemoryStore;

fn model() -> SharedStore {
    Arc::new(MemoryStore::new())
}

/// Panics unless the model test finds this store within the default number of seeds.
async fn assert_found<L: Lens>(make: impl Fn() -> L) {
    assert_pair_found(|| {
        let store = Through::shared(model(), make());
        [SharedStore::clone(&store), store]
    })
    .await;
}

async fn assert_pair_found(pair: impl Fn() -> [SharedStore; 2]) {
    let fresh_pair = || -> Ready<([SharedStore; 2], ())> { ready((pair(), ())) };
    let found = first_difference(0..SEEDS, fresh_pair, model).await;
    assert!(found.is_some(), "{SEEDS} seeds did not find it");
}

/// Does not give the bytes of deleted photos back.
#[derive(Default)]
struct ForgetsQuota(Mutex<BTreeMap<UserId, u64>>);

#[async_trait]
impl Lens for ForgetsQuota {
    async fn begin_photo_deletion(
        &self,
        store: &dyn Store,
        id: PhotoId,
        only_pending_before: Option<Timestamp>,
        job: NewJob,
    ) -> Result<(), StoreError> {
        if let Ok(StoredPhoto { owner, bytes, .. }) = store.photo_in_any_state(id).await {
            *self.0.lock().unwrap().entry(owner).or_default() += bytes;
        }
        store.begin_photo_deletion(id, only_pending_before, job).await
    }

    async fn audit_users(
        &self,
        store: &dyn Store,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<AuditedUser>, StoreError> {
        let mut users = store.audit_users(after, limit).await?;
        for user in &mut users {
            user.usage.bytes += self.0.lock().unwrap().get(&user.id).copied().unwrap_or(0);
        }
        Ok(users)
    }
}

#[tokio::test]
async fn model_finds_quota_that_is_not_given_back() {
    assert_found(ForgetsQuota::default).await;
}

/// Goes on finding photos that were deleted.
#[derive(Default)]
struct FindsDeleted(Mutex<Vec<Photo>>);

#[async_trait]
impl Lens for FindsDeleted {
    async fn begin_photo_deletion(
        &self,
        store: &dyn Store,
        id: PhotoId,
        only_pending_before: Option<Timestamp>,
        job: NewJob,
    ) -> Result<(), StoreError> {
        let known = store.photo(id).await;
        self.0.lock().unwrap().extend(known);
        store.begin_photo_deletion(id, only_pending_before, job).await
    }

    async fn search_photos(
        &self,
        store: &dyn Store,
        owner: UserId,
        album: Option<AlbumId>,
        query: &Query,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        let mut found = store.search_photos(owner, album, query, page).await?;
        let deleted = self.0.lock().unwrap();
        let matching = deleted.iter().filter(|photo| {
            photo.owner == owner
                && album.is_none_or(|album| album == photo.album_id)
                && query.matches_photo(&photo.terms(), photo.album_id)
        });
        found.items.extend(matching.cloned());
        Ok(found)
    }
}

#[tokio::test]
async fn model_finds_deleted_photos_in_a_search() {
    assert_found(FindsDeleted::default).await;
}

/// Forgets that a token has a replacement, so that every request gets another one.
struct RenewsAgain;

#[async_trait]
impl Lens for RenewsAgain {
    async fn authenticate(
        &self,
        store: &dyn Store,
        user: UserId,
        token: &TokenHash,
    ) -> Result<Authenticated, StoreError> {
        Ok(Authenticated { replaced_by: None, ..store.authenticate(user, token).await? })
    }

    async fn renew_session(
        &self,
        store: &dyn Store,
        user: UserId,
        old: &TokenHash,
        new: &NewToken,
    ) -> Result<Renewal, StoreError> {
        store.renew_session(user, old, new).await.map(|_| Renewal::Issued)
    }
}

#[tokio::test]
async fn model_finds_a_second_renewal_of_a_token() {
    assert_found(|| RenewsAgain).await;
}

/// Changes a password whatever the stored hash is, so that a link for a new password works twice.
struct RedeemsTwice;

#[async_trait]
impl Lens for RedeemsTwice {
    async fn change_password(
        &self,
        store: &dyn Store,
        id: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
        keep: Option<SessionId>,
        mail: NewJob,
    ) -> Result<(), StoreError> {
        match store.change_password(id, expected, new, keep, mail.clone()).await {
            Err(StoreError::Conflict(Conflict::PasswordChanged)) => {
                let current = store.user(id).await?.password_hash;
                store.change_password(id, &current, new, keep, mail).await
            }
            other => other,
        }
    }
}

#[tokio::test]
async fn model_finds_a_link_that_works_twice() {
    assert_found(|| RedeemsTwice).await;
}

/// Changes an album whatever its version is.
struct LosesUpdates;

#[async_trait]
impl Lens for LosesUpdates {
    async fn update_album(
        &self,
        store: &dyn Store,
        id: AlbumId,
        change: &AlbumChange,
        terms: &Terms,
    ) -> Result<Album, StoreError> {
        let version = store.album(id).await?.version;
        store.update_album(id, &AlbumChange { version, ..change.clone() }, terms).await
    }
}

#[tokio::test]
async fn model_finds_a_lost_update() {
    assert_found(|| LosesUpdates).await;
}

/// Hands out jobs that another worker holds.
struct LeasesTwice;

#[async_trait]
impl Lens for LeasesTwice {
    async fn lease_job(
        &self,
        store: &dyn Store,
        queue: JobQueue,
        lease: u64,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LeasedJob>, StoreError> {
        let all = store.jobs(None, 100).await?;
        let held =
            all.iter().filter(|job| job.due_at <= now && !job.parked).filter_map(|job| job.leased_until);
        let now = held.chain([now]).max().unwrap_or(now);
        store.lease_job(queue, lease, now, until).await
    }
}

#[tokio::test]
async fn model_finds_a_job_that_is_leased_twice() {
    assert_found(|| LeasesTwice).await;
}

/// Takes an upload for overdue at its deadline, not only after it.
struct SweepsEarly;

#[async_trait]
impl Lens for SweepsEarly {
    async fn overdue_uploads(
        &self,
        store: &dyn Store,
        deadline_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredPhoto>, StoreError> {
        let later = Timestamp::from_millis(deadline_before.millis() + 1);
        store.overdue_uploads(later, limit).await
    }

    async fn begin_photo_deletion(
        &self,
        store: &dyn Store,
        id: PhotoId,
        only_pending_before: Option<Timestamp>,
        job: NewJob,
    ) -> Result<(), StoreError> {
        let later = only_pending_before.map(|before| Timestamp::from_millis(before.millis() + 1));
        store.begin_photo_deletion(id, later, job).await
    }
}

#[tokio::test]
async fn model_finds_a_deadline_that_is_a_millisecond_early() {
    assert_found(|| SweepsEarly).await;
}

/// Reserves quota once more when an upload begins again after a lost reply.
struct ReservesTwice;

#[async_trait]
impl Lens for ReservesTwice {
    async fn begin_upload(&self, store: &dyn Store, upload: &NewUpload) -> Result<u64, StoreError> {
        let repeated = store.photo_in_any_state(upload.id).await.is_ok();
        let id = if repeated { PhotoId::new(upload.created_at, &[7; 10]) } else { upload.id };
        store.begin_upload(&NewUpload { id, ..upload.clone() }).await
    }
}

#[tokio::test]
async fn model_finds_a_repeated_call_that_counts_twice() {
    assert_found(|| ReservesTwice).await;
}

/// Switches to new renditions and leaves the photo to be found by what was read from its file
/// before.
struct ForgetsPostings;

#[async_trait]
impl Lens for ForgetsPostings {
    async fn replace_renditions(
        &self,
        store: &dyn Store,
        id: PhotoId,
        new: &NewRenditions,
        _: &Terms,
        job: NewJob,
    ) -> Result<Photo, StoreError> {
        let before = store.photo(id).await?.terms();
        store.replace_renditions(id, new, &before, job).await
    }
}

#[tokio::test]
async fn model_finds_postings_that_do_not_follow_new_renditions() {
    assert_found(|| ForgetsPostings).await;
}

/// Begins every page with the last item of the page before.
struct RepeatsItems;

#[async_trait]
impl Lens for RepeatsItems {
    async fn albums_of(
        &self,
        store: &dyn Store,
        owner: UserId,
        query: Option<&Query>,
        page: &PageRequest,
    ) -> Result<Page<Album>, StoreError> {
        let Some(Cursor { order, .. }) = page.after() else {
            return store.albums_of(owner, query, page).await;
        };
        let from = PageRequest::new(
            Some(page.limit()),
            Some(&Cursor { order: order + 1, ..page.after().unwrap() }.encode()),
        );
        store.albums_of(owner, query, &from.unwrap()).await
    }
}

#[tokio::test]
async fn model_finds_pages_that_overlap() {
    assert_found(|| RepeatsItems).await;
}

/// Each instance goes on answering what it read of an album before.
#[derive(Default)]
struct Caches(Mutex<BTreeMap<AlbumId, Album>>);

#[async_trait]
impl Lens for Caches {
    async fn album(&self, store: &dyn Store, id: AlbumId) -> Result<Album, StoreError> {
        let fresh = store.album(id).await?;
        Ok(self.0.lock().unwrap().entry(id).or_insert(fresh).clone())
    }

    async fn update_album(
        &self,
        store: &dyn Store,
        id: AlbumId,
        change: &AlbumChange,
        terms: &Terms,
    ) -> Result<Album, StoreError> {
        self.0.lock().unwrap().remove(&id);
        store.update_album(id, change, terms).await
    }
}

#[tokio::test]
async fn model_finds_what_one_instance_does_not_know_of_the_other() {
    assert_pair_found(|| {
        let store = model();
        let [one, other] = [SharedStore::clone(&store), store];
        [Through::shared(one, Caches::default()), Through::shared(other, Caches::default())]
    })
    .await;
}

/// Forgets what an owner said of a photo's time when the photo moves.
struct ForgetsTheTime;

#[async_trait]
impl Lens for ForgetsTheTime {
    async fn update_photo(
        &self,
        store: &dyn Store,
        id: PhotoId,
        change: &PhotoChange,
        terms: &Terms,
    ) -> Result<Photo, StoreError> {
        let stays = store.photo(id).await?.album_id == change.album_id;
        let taken_override = change.taken_override.filter(|_| stays);
        store.update_photo(id, &PhotoChange { taken_override, ..change.clone() }, terms).await
    }
}

#[tokio::test]
async fn model_finds_a_time_that_does_not_move_along() {
    assert_found(|| ForgetsTheTime).await;
}

/// What is told of a difference is short enough to be read.
#[tokio::test]
async fn model_shrinks_a_history_to_a_few_steps() {
    let fresh_pair = || -> Ready<([SharedStore; 2], ())> {
        let store = Through::shared(model(), ForgetsQuota::default());
        ready(([SharedStore::clone(&store), store], ()))
    };
    let (seed, long) = first_difference(0..SEEDS, fresh_pair, model).await.unwrap();
    let short = check_seed(seed, &fresh_pair, &model).await.unwrap_err();
    assert!(short.contains(&format!("GALLERY_MODEL_SEED={seed}")), "{short}");
    assert!(short.lines().count() < long.lines().count(), "{short}");
    assert!(short.contains(", 1 are left") || short.contains(", 2 are left"), "{short}");
    assert!(short.contains("bytes"), "{short}");
}
