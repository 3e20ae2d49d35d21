//! A store seen through a [`Lens`]: every port method passes through a method of the lens, which by
//! default does nothing to it.
//!
//! The model test looks through [`Ordered`], which sorts what the ports list in no order. Tests
//! that prove that the model test notices a broken store break one method of a store in a lens of
//! their own.

use std::sync::Arc;

use async_trait::async_trait;

#[allow(clippy::wildcard_imports, reason = "the table's names")]
use super::methods::names::*;
use super::methods::port_methods;

/// A store whose methods pass through a lens.
pub struct Through<L> {
    store: SharedStore,
    lens: L,
}

impl<L: Lens> Through<L> {
    /// The store, seen through the lens.
    pub fn shared(store: SharedStore, lens: L) -> SharedStore {
        Arc::new(Self { store, lens })
    }
}

macro_rules! define_lens {
    ($($port:ident { $(fn $method:ident($($argument:ident: $type:ty),*) -> $answer:ty;)* })*) => {
        /// What a lens does to each method of a store: hands it on, unless it says otherwise.
        #[async_trait]
        pub trait Lens: Send + Sync + 'static {
            $($(
                /// See the port's method.
                async fn $method(
                    &self,
                    store: &dyn Store,
                    $($argument: $type),*
                ) -> Result<$answer, StoreError> {
                    store.$method($($argument),*).await
                }
            )*)*
        }

        $(
            #[async_trait]
            impl<L: Lens> $port for Through<L> {
                $(
                    async fn $method(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                        self.lens.$method(&*self.store, $($argument),*).await
                    }
                )*
            }
        )*
    };
}
port_methods!(define_lens);

#[async_trait]
impl<L: Lens> Store for Through<L> {
    async fn ready(&self) -> Result<(), StoreError> {
        self.store.ready().await
    }

    async fn finish_interrupted(&self, limit: u32) -> Result<u64, StoreError> {
        self.store.finish_interrupted(limit).await
    }
}

/// Sorts the lists whose order the ports leave open, so that use cases go through them in one order
/// over every store, names the queues that have work and no others, of which none may have been
/// left out, and does not count what expired: a store may keep the tokens of an ended
/// session until they expire, or remove what expired by itself.
pub struct Ordered;

#[async_trait]
impl Lens for Ordered {
    async fn remove_expired(&self, store: &dyn Store, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        store.remove_expired(now, limit).await.map(|_| 0)
    }

    async fn due_queues(&self, store: &dyn Store, now: Timestamp) -> Result<BTreeSet<JobQueue>, StoreError> {
        let named = store.due_queues(now).await?;
        let jobs = store.jobs(None, u32::MAX).await?;
        let due = jobs.iter().filter(|job| job.is_available(now)).map(Job::queue);
        let due: BTreeSet<JobQueue> = due.collect();
        assert!(due.is_subset(&named), "{due:?} have work, but only {named:?} are named");
        Ok(due)
    }

    async fn albums_in_any_state(
        &self,
        store: &dyn Store,
        owner: UserId,
        limit: u32,
    ) -> Result<Vec<AlbumId>, StoreError> {
        let mut albums = store.albums_in_any_state(owner, limit).await?;
        albums.sort_unstable();
        Ok(albums)
    }

    async fn photos_in_any_state(
        &self,
        store: &dyn Store,
        album: AlbumId,
        limit: u32,
    ) -> Result<Vec<StoredPhoto>, StoreError> {
        let mut photos = store.photos_in_any_state(album, limit).await?;
        photos.sort_unstable_by_key(|photo| photo.id);
        Ok(photos)
    }

    async fn overdue_uploads(
        &self,
        store: &dyn Store,
        deadline_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredPhoto>, StoreError> {
        let mut photos = store.overdue_uploads(deadline_before, limit).await?;
        photos.sort_unstable_by_key(|photo| photo.id);
        Ok(photos)
    }
}
