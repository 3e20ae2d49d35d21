//! Albums and idempotency records: the port `Albums`.

use async_trait::async_trait;
use gallery_core::model::{Album, AlbumChange, IdempotencyRecord, NewAlbum, NewJob};
use gallery_core::ports::{Albums, Conflict, StoreError};
use gallery_core::search::{Query, Terms};
use gallery_core::values::{AlbumId, IdempotencyKey, JobId, Page, PageRequest, PhotoId, Timestamp, UserId};

use crate::index::Found;
use crate::keys;
use crate::records::{AlbumHead, KeyRecord, Listed};
use crate::slot::Slot;
use crate::store::ItemStore;
use crate::table::Engine;
use crate::unit::{Unit, unit_of_work};

#[async_trait]
impl<E: Engine> Albums for ItemStore<E> {
    async fn create_album(&self, new: &NewAlbum, terms: &Terms) -> Result<Album, StoreError> {
        let (album, unsettled) = unit_of_work!(self, |unit| unit.create_album(new, terms).await?);
        if unsettled {
            self.settle(new.id.uuid()).await?;
        }
        Ok(album)
    }

    async fn album(&self, id: AlbumId) -> Result<Album, StoreError> {
        let (head, _) = self.reading().live_album(id).await?;
        Ok(head.album(id))
    }

    async fn albums_of(
        &self,
        owner: UserId,
        query: Option<&Query>,
        page: &PageRequest,
    ) -> Result<Page<Album>, StoreError> {
        match query {
            Some(query) => self.found_albums(owner, query, page).await,
            None => self.listed_albums(owner, page).await,
        }
    }

    async fn update_album(
        &self,
        id: AlbumId,
        change: &AlbumChange,
        terms: &Terms,
    ) -> Result<Album, StoreError> {
        let (album, unsettled) = unit_of_work!(self, |unit| unit.update_album(id, change, terms).await?);
        if unsettled {
            self.settle(id.uuid()).await?;
        }
        Ok(album)
    }

    async fn begin_album_deletion(&self, id: AlbumId, job: NewJob) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| {
            match unit.live_album(id).await {
                Err(StoreError::NotFound) => {}
                Err(other) => return Err(other),
                Ok((mut head, mut owner)) => {
                    head.deleting = true;
                    owner.usage.albums = owner.usage.albums.saturating_sub(1);
                    owner.usage.photos = owner.usage.photos.saturating_sub(head.photo_count);
                    owner.usage.bytes = owner.usage.bytes.saturating_sub(head.bytes);
                    unit.put(&keys::album(id), &head)?;
                    unit.put(&keys::user(head.owner), &owner)?;
                    unit.record_job(&job).await?;
                }
            }
        });
        Ok(())
    }

    async fn albums_in_any_state(&self, owner: UserId, limit: u32) -> Result<Vec<AlbumId>, StoreError> {
        let all = keys::of_user(owner).starting_with("album#").limit(limit as usize);
        let items = self.engine.query(&all).await?;
        Ok(items.iter().filter_map(|item| keys::id_in(&item.key)).map(AlbumId::from_uuid).collect())
    }

    async fn remove_album(&self, id: AlbumId, job: JobId) -> Result<(), StoreError> {
        self.purge_album(id, job).await
    }

    async fn idempotency_record(
        &self,
        owner: UserId,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<IdempotencyRecord, StoreError> {
        let slot = keys::idempotency(owner, key);
        let mut unit = self.reading();
        unit.load([slot.key().clone(), keys::user(owner).into_key()]).await?;
        unit.live_user(owner).await?;
        let record = unit.found(&slot).await?;
        if record.expires_at < now {
            return Err(StoreError::NotFound);
        }
        Ok(record.of(owner, key))
    }
}

impl<E: Engine> Unit<'_, E> {
    async fn create_album(&mut self, new: &NewAlbum, terms: &Terms) -> Result<(Album, bool), StoreError> {
        let (slot, account) = (keys::album(new.id), keys::user(new.owner));
        let key = new.idempotency.as_ref().map(|(key, ..)| keys::idempotency(new.owner, key));
        let wanted = [slot.key().clone(), account.key().clone(), keys::index(new.id.uuid()).into_key()];
        self.load(wanted.into_iter().chain(key.map(Slot::into_key))).await?;
        let mut owner = self.live_user(new.owner).await?;
        match &new.idempotency {
            Some((key, fingerprint, expires_at)) => {
                let fingerprint = Some(*fingerprint);
                let record = KeyRecord { resource: new.id.uuid(), fingerprint, expires_at: *expires_at };
                self.record_key(new.owner, key, &record, new.created_at).await?;
            }
            // Without a key, the repetition of a creation whose answer was lost is answered again.
            None => {
                if let Some(known) = self.read(&slot).await? {
                    let unsettled = self.read(&keys::index(new.id.uuid())).await?;
                    let unsettled = unsettled.is_some_and(|index| !index.settled);
                    return Ok((known.live()?.album(new.id), unsettled));
                }
            }
        }
        let head = AlbumHead::fresh(new);
        owner.count(head.bytes)?;
        owner.usage.albums += 1;
        self.put(&account, &owner)?;
        self.put(&slot, &head)?;
        self.put(&keys::listed_album(new.owner, new.id), &Listed {})?;
        let found = Found { owner: new.owner, id: new.id.uuid(), album: None, terms };
        let unsettled = self.index(found).await?;
        Ok((head.album(new.id), unsettled))
    }

    async fn update_album(
        &mut self,
        id: AlbumId,
        change: &AlbumChange,
        terms: &Terms,
    ) -> Result<(Album, bool), StoreError> {
        self.load([keys::album(id).into_key(), keys::index(id.uuid()).into_key()]).await?;
        let (mut head, _) = self.live_album(id).await?;
        if head.version != change.version {
            return Err(StoreError::Conflict(Conflict::Stale));
        }
        match change.cover {
            None => {}
            Some(None) => head.cover = self.newest_photo(id, None).await?,
            Some(Some(photo)) => head.cover = Some(self.ready_photo_in(id, photo).await?),
        }
        change.name.as_str().clone_into(&mut head.name);
        change.description.as_str().clone_into(&mut head.description);
        head.updated_at = change.updated_at;
        head.version += 1;
        self.put(&keys::album(id), &head)?;
        let found = Found { owner: head.owner, id: id.uuid(), album: None, terms };
        let unsettled = self.index(found).await?;
        Ok((head.album(id), unsettled))
    }

    async fn ready_photo_in(&mut self, album: AlbumId, photo: PhotoId) -> Result<PhotoId, StoreError> {
        match self.read(&keys::card(album, photo)).await? {
            Some(_) => Ok(photo),
            None => Err(StoreError::Conflict(Conflict::NotInAlbum)),
        }
    }
}
