//! Photos: the port `Photos`. What changes them is in `photo_changes`, what lists them in `lists`
//! and `search`.

use async_trait::async_trait;
use gallery_core::model::{
    NewJob, NewRenditions, NewUpload, Photo, PhotoChange, PhotoFacts, PhotoSort, PhotoState, StoredPhoto,
};
use gallery_core::ports::{Photos, StoreError};
use gallery_core::search::{Query, Terms};
use gallery_core::values::{AlbumId, Generation, JobId, Page, PageRequest, PhotoId, Timestamp, UserId};

use crate::keys;
use crate::records::{AlbumHead, PhotoCard, PhotoRecord, UnlistedPhoto, UserHead};
use crate::store::ItemStore;
use crate::table::Engine;
use crate::unit::unit_of_work;

/// Places on the list of uploads that are read at once.
const BATCH_SIZE: usize = 100;

#[async_trait]
impl<E: Engine> Photos for ItemStore<E> {
    async fn begin_upload(&self, upload: &NewUpload) -> Result<u64, StoreError> {
        Ok(unit_of_work!(self, |unit| unit.begin_upload(upload).await?))
    }

    async fn extend_upload(&self, id: PhotoId, deadline: Timestamp) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| unit.extend_upload(id, deadline).await?);
        Ok(())
    }

    async fn publish_photo(&self, id: PhotoId, facts: &PhotoFacts) -> Result<Photo, StoreError> {
        let (photo, unsettled) = unit_of_work!(self, |unit| unit.publish_photo(id, facts).await?);
        if unsettled {
            self.settle(id.uuid()).await?;
        }
        Ok(photo)
    }

    async fn photo(&self, id: PhotoId) -> Result<Photo, StoreError> {
        let mut looked_in = None;
        loop {
            let mut unit = self.reading();
            let record: PhotoRecord = unit.found(&keys::photo(id)).await?;
            let (album, owner) = (keys::album(record.album), keys::user(record.owner));
            unit.load([album.key().clone(), owner.key().clone()]).await?;
            let in_live_album = unit.seen(&album)?.is_some_and(|album: AlbumHead| !album.deleting);
            if in_live_album && unit.seen(&owner)?.is_some_and(|owner: UserHead| !owner.deleting) {
                return record.photo(id);
            }
            // The photo may have moved on before its album was deleted.
            if looked_in.replace(record.album) == Some(record.album) {
                return Err(StoreError::NotFound);
            }
        }
    }

    async fn photos_of(
        &self,
        owner: UserId,
        sort: PhotoSort,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        self.timeline(owner, sort, page).await
    }

    async fn photos_in_album(
        &self,
        owner: UserId,
        album: AlbumId,
        sort: PhotoSort,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        match sort {
            PhotoSort::Uploaded => self.album_by_upload(owner, album, page).await,
            PhotoSort::Taken => self.album_by_taken(owner, album, page).await,
        }
    }

    async fn search_photos(
        &self,
        owner: UserId,
        album: Option<AlbumId>,
        query: &Query,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        self.found_photos(owner, album, query, page).await
    }

    async fn update_photo(
        &self,
        id: PhotoId,
        change: &PhotoChange,
        terms: &Terms,
    ) -> Result<Photo, StoreError> {
        let (photo, unsettled) = unit_of_work!(self, |unit| unit.update_photo(id, change, terms).await?);
        if unsettled {
            self.settle(id.uuid()).await?;
        }
        Ok(photo)
    }

    async fn begin_renditions(&self, id: PhotoId) -> Result<Generation, StoreError> {
        Ok(unit_of_work!(self, |unit| unit.begin_renditions(id).await?))
    }

    async fn replace_renditions(
        &self,
        id: PhotoId,
        new: &NewRenditions,
        terms: &Terms,
        job: NewJob,
    ) -> Result<Photo, StoreError> {
        let (photo, unsettled) =
            unit_of_work!(self, |unit| unit.replace_renditions(id, new, terms, &job).await?);
        if unsettled {
            self.settle(id.uuid()).await?;
        }
        Ok(photo)
    }

    async fn begin_photo_deletion(
        &self,
        id: PhotoId,
        only_pending_before: Option<Timestamp>,
        job: NewJob,
    ) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| {
            if unit.begin_photo_deletion(id, only_pending_before).await? {
                unit.record_job(&job).await?;
            }
        });
        Ok(())
    }

    async fn photo_in_any_state(&self, id: PhotoId) -> Result<StoredPhoto, StoreError> {
        Ok(self.reading().found(&keys::photo(id)).await?.stored(id))
    }

    async fn photos_in_any_state(&self, album: AlbumId, limit: u32) -> Result<Vec<StoredPhoto>, StoreError> {
        let limit = limit as usize;
        let ready = keys::in_album(album).below(keys::HEAD).limit(limit);
        let mut photos = Vec::new();
        for item in self.engine.query(&ready).await? {
            let Some(id) = keys::id_in(&item.key).map(PhotoId::from_uuid) else { continue };
            photos.push(E::decode::<PhotoCard>(&item.body)?.stored(id, album));
        }
        let unlisted = keys::in_album(album).starting_with("unlisted#").limit(limit - photos.len());
        for item in self.engine.query(&unlisted).await? {
            let Some(id) = keys::id_in(&item.key).map(PhotoId::from_uuid) else { continue };
            photos.push(E::decode::<UnlistedPhoto>(&item.body)?.stored(id, album));
        }
        Ok(photos)
    }

    async fn remove_photos(&self, photos: &[PhotoId], job: JobId) -> Result<(), StoreError> {
        self.purge_photos(photos, job).await
    }

    async fn overdue_uploads(
        &self,
        deadline_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredPhoto>, StoreError> {
        let limit = limit as usize;
        let mut photos = Vec::new();
        for part in keys::parts("upload") {
            let mut overdue = part.below(keys::ordered(deadline_before)).limit(BATCH_SIZE);
            while photos.len() < limit {
                let places = self.engine.query(&overdue).await?;
                let ids: Vec<PhotoId> =
                    places.iter().filter_map(|item| keys::id_in(&item.key)).map(PhotoId::from_uuid).collect();
                photos.extend(self.overdue_of(&ids, deadline_before).await?);
                // What lies under a mark is on the list until it is purged, and must not hide what
                // lies behind it.
                match places.last().filter(|_| places.len() == BATCH_SIZE) {
                    Some(last) => overdue = overdue.above(last.key.sort.clone()),
                    None => break,
                }
            }
        }
        photos.truncate(limit);
        Ok(photos)
    }
}

impl<E: Engine> ItemStore<E> {
    /// Those of these photos that are pending, overdue, and in live albums: what lies under a mark
    /// is its purge's to remove.
    async fn overdue_of(&self, ids: &[PhotoId], before: Timestamp) -> Result<Vec<StoredPhoto>, StoreError> {
        let mut unit = self.reading();
        unit.load(ids.iter().map(|id| keys::photo(*id).into_key())).await?;
        let mut pending = Vec::with_capacity(ids.len());
        for id in ids {
            let record = unit.seen(&keys::photo(*id))?;
            let overdue =
                |record: &PhotoRecord| record.state() == PhotoState::Pending && record.deadline < before;
            pending.extend(record.filter(overdue).map(|record| (*id, record)));
        }
        let albums = pending.iter().map(|(_, record)| keys::album(record.album).into_key());
        let owners = pending.iter().map(|(_, record)| keys::user(record.owner).into_key());
        unit.load(albums.chain(owners)).await?;
        let mut photos = Vec::with_capacity(pending.len());
        for (id, record) in pending {
            let album_is_live = unit.seen(&keys::album(record.album))?.is_some_and(|head| !head.deleting);
            let owner_is_live = unit.seen(&keys::user(record.owner))?.is_some_and(|head| !head.deleting);
            if album_is_live && owner_is_live {
                photos.push(record.stored(id));
            }
        }
        Ok(photos)
    }
}
