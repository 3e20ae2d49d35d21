//! Photos: the port `Photos`. The units of work that change more than one row are in
//! `photo_changes`. Compiled once for each dialect (see `lib.rs`).

use async_trait::async_trait;
use gallery_core::model::{
    NewJob, NewRenditions, NewUpload, Photo, PhotoChange, PhotoFacts, PhotoSort, StoredPhoto,
};
use gallery_core::ports::{Photos, StoreError};
use gallery_core::search::{Query, Terms};
use gallery_core::values::{
    AlbumId, Cursor, Generation, JobId, Page, PageRequest, PhotoId, Timestamp, UserId,
};

use super::db::{SqlStore, Statement, unit_of_work};
use super::sql;
use super::statements::statement;
use crate::paging;
use crate::rows::{PhotoRow, StoredPhotoRow};
use crate::sql::{albums, photos};

#[async_trait]
impl Photos for SqlStore {
    async fn begin_upload(&self, upload: &NewUpload) -> Result<u64, StoreError> {
        unit_of_work!(self, async |tx| tx.begin_upload(upload).await)
    }

    async fn extend_upload(&self, id: PhotoId, deadline: Timestamp) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| tx.extend_upload(id, deadline).await)
    }

    async fn publish_photo(&self, id: PhotoId, facts: &PhotoFacts) -> Result<Photo, StoreError> {
        unit_of_work!(self, async |tx| {
            tx.publish_photo(id, facts).await?;
            tx.live_photo(id).await
        })
    }

    async fn photo(&self, id: PhotoId) -> Result<Photo, StoreError> {
        let row: Option<PhotoRow> = self.first(statement(photos::LIVE).bind(id.uuid())).await?;
        Ok(row.ok_or(StoreError::NotFound)?.try_into()?)
    }

    async fn photos_of(
        &self,
        owner: UserId,
        sort: PhotoSort,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        let list = match sort {
            PhotoSort::Uploaded => statement(sql::OF_OWNER),
            PhotoSort::Taken => statement(sql::OF_OWNER_BY_TAKEN),
        };
        let list = from(list, sort, page).bind(owner.uuid()).bind(paging::rows(page));
        Ok(cut(photos_in(self.all(list).await?)?, sort, page))
    }

    async fn photos_in_album(
        &self,
        owner: UserId,
        album: AlbumId,
        sort: PhotoSort,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        let list = match sort {
            PhotoSort::Uploaded => statement(sql::IN_ALBUM),
            PhotoSort::Taken => statement(sql::IN_ALBUM_BY_TAKEN),
        };
        let list = from(list, sort, page).bind(album.uuid()).bind(owner.uuid()).bind(paging::rows(page));
        let rows = self.all(list).await?;
        if rows.is_empty() {
            // A page without photos is one of an empty album, or of none.
            let own = statement(albums::IS_LIVE_OF).bind(album.uuid()).bind(owner.uuid());
            self.first::<(i64,)>(own).await?.ok_or(StoreError::NotFound)?;
        }
        Ok(cut(photos_in(rows)?, sort, page))
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
        unit_of_work!(self, async |tx| {
            tx.update_photo(id, change, terms).await?;
            tx.live_photo(id).await
        })
    }

    async fn begin_renditions(&self, id: PhotoId) -> Result<Generation, StoreError> {
        unit_of_work!(self, async |tx| tx.begin_renditions(id).await)
    }

    async fn replace_renditions(
        &self,
        id: PhotoId,
        new: &NewRenditions,
        terms: &Terms,
        job: NewJob,
    ) -> Result<Photo, StoreError> {
        unit_of_work!(self, async |tx| {
            tx.replace_renditions(id, new, terms).await?;
            tx.enqueue(&job).await?;
            tx.live_photo(id).await
        })
    }

    async fn begin_photo_deletion(
        &self,
        id: PhotoId,
        only_pending_before: Option<Timestamp>,
        job: NewJob,
    ) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            let marked = tx.begin_photo_deletion(id, only_pending_before).await?;
            if marked { tx.enqueue(&job).await } else { Ok(()) }
        })
    }

    async fn photo_in_any_state(&self, id: PhotoId) -> Result<StoredPhoto, StoreError> {
        let row: Option<StoredPhotoRow> = self.first(statement(photos::IN_ANY_STATE).bind(id.uuid())).await?;
        Ok(row.ok_or(StoreError::NotFound)?.try_into()?)
    }

    async fn photos_in_any_state(&self, album: AlbumId, limit: u32) -> Result<Vec<StoredPhoto>, StoreError> {
        let inside = statement(photos::IN_ALBUM_IN_ANY_STATE).bind(album.uuid()).bind(i64::from(limit));
        stored(self.all(inside).await?)
    }

    async fn remove_photos(&self, photos: &[PhotoId], job: JobId) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| tx.remove_photos(photos, job).await)
    }

    async fn overdue_uploads(
        &self,
        deadline_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<StoredPhoto>, StoreError> {
        let overdue = statement(photos::OVERDUE).bind(deadline_before.millis()).bind(i64::from(limit));
        stored(self.all(overdue).await?)
    }
}

/// Binds where the page starts.
fn from<'q>(list: Statement<'q>, sort: PhotoSort, page: &PageRequest) -> Statement<'q> {
    match sort {
        PhotoSort::Uploaded => list.bind(paging::below(page)),
        PhotoSort::Taken => {
            let at_most = paging::at_most(page);
            list.bind(at_most).bind(at_most).bind(paging::below(page))
        }
    }
}

pub(super) fn photos_in(rows: Vec<PhotoRow>) -> Result<Vec<Photo>, StoreError> {
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}

fn stored(rows: Vec<StoredPhotoRow>) -> Result<Vec<StoredPhoto>, StoreError> {
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}

/// The page of a list in this order.
pub(super) fn cut(items: Vec<Photo>, sort: PhotoSort, page: &PageRequest) -> Page<Photo> {
    Page::cut(items, page, |photo| match sort {
        PhotoSort::Uploaded => Cursor { order: 0, id: photo.id.uuid() },
        PhotoSort::Taken => Cursor { order: photo.taken_order().millis(), id: photo.id.uuid() },
    })
}
