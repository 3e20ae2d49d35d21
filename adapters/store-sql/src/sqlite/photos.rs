//! Photos: the port `Photos`. The units of work that change more than one row are in `photo_changes`.

use async_trait::async_trait;
use gallery_core::model::{NewJob, NewUpload, Photo, PhotoChange, PhotoFacts, PhotoSort, StoredPhoto};
use gallery_core::ports::{Photos, StoreError};
use gallery_core::search::{Query, Terms};
use gallery_core::values::{AlbumId, Cursor, JobId, Page, PageRequest, PhotoId, Timestamp, UserId};
use sqlx::Row as _;
use uuid::Uuid;

use super::SqliteStore;
use super::db::{self, Statement, statement};
use super::postings::Ranges;
use super::sql;
use crate::paging;
use crate::rows::{PhotoRow, StoredPhotoRow};
use crate::sql::photos;

#[async_trait]
impl Photos for SqliteStore {
    async fn begin_upload(&self, upload: &NewUpload) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let reserved = tx.begin_upload(upload).await?;
        tx.commit().await?;
        Ok(reserved)
    }

    async fn publish_photo(&self, id: PhotoId, facts: &PhotoFacts) -> Result<Photo, StoreError> {
        let mut tx = self.begin().await?;
        tx.publish_photo(id, facts).await?;
        let photo = tx.live_photo(id).await?;
        tx.commit().await?;
        Ok(photo)
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
            PhotoSort::Uploaded => statement(sql::OF_OWNER).bind(owner.uuid()),
            PhotoSort::Taken => statement(sql::OF_OWNER_BY_TAKEN).bind(owner.uuid()),
        };
        let list = from(list, sort, page).bind(paging::rows(page));
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
        let mut rows = self.rows(list).await?;
        // The album's own row, without a photo, tells an empty album from one that is not there.
        let first = rows.first().ok_or(StoreError::NotFound)?;
        if first.try_get::<Option<Uuid>, _>("id").map_err(db::failed)?.is_none() {
            rows.clear();
        }
        let rows = rows.iter().map(db::decode).collect::<Result<_, _>>()?;
        Ok(cut(photos_in(rows)?, sort, page))
    }

    async fn search_photos(
        &self,
        owner: UserId,
        album: Option<AlbumId>,
        query: &Query,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        let Ranges { first: (word, after), others } = Ranges::of(query)?;
        let text = if album.is_some() { sql::SEARCH_PHOTOS_IN_ALBUM } else { sql::SEARCH_PHOTOS };
        let mut search = statement(text).bind(owner.uuid()).bind(word).bind(after);
        search = search.bind(paging::below(page)).bind(others);
        if let Some(album) = album {
            search = search.bind(album.uuid());
        }
        let rows = self.all(search.bind(paging::rows(page))).await?;
        Ok(cut(photos_in(rows)?, PhotoSort::Uploaded, page))
    }

    async fn update_photo(
        &self,
        id: PhotoId,
        change: &PhotoChange,
        terms: &Terms,
    ) -> Result<Photo, StoreError> {
        let mut tx = self.begin().await?;
        tx.update_photo(id, change, terms).await?;
        let photo = tx.live_photo(id).await?;
        tx.commit().await?;
        Ok(photo)
    }

    async fn begin_photo_deletion(
        &self,
        id: PhotoId,
        only_pending_before: Option<Timestamp>,
        job: NewJob,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        if tx.begin_photo_deletion(id, only_pending_before).await? {
            tx.enqueue(&job).await?;
            tx.commit().await?;
        }
        Ok(())
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
        let mut tx = self.begin().await?;
        tx.remove_photos(photos, job).await?;
        tx.commit().await
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

fn photos_in(rows: Vec<PhotoRow>) -> Result<Vec<Photo>, StoreError> {
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}

fn stored(rows: Vec<StoredPhotoRow>) -> Result<Vec<StoredPhoto>, StoreError> {
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}

fn cut(items: Vec<Photo>, sort: PhotoSort, page: &PageRequest) -> Page<Photo> {
    Page::cut(items, page, |photo| match sort {
        PhotoSort::Uploaded => Cursor { order: 0, id: photo.id.uuid() },
        PhotoSort::Taken => Cursor { order: photo.taken_order().millis(), id: photo.id.uuid() },
    })
}
