//! Reading the whole store: the port `Audit`. Each page is read from one snapshot. Compiled once
//! for each dialect (see `lib.rs`).

use async_trait::async_trait;
use gallery_core::model::Photo;
use gallery_core::ports::{Audit, AuditedAlbum, AuditedPhoto, AuditedUser, StoreError, Stray};
use gallery_core::search::Terms;
use gallery_core::values::{AlbumId, PhotoId, UserId};
use uuid::Uuid;

use super::db::{SqlStore, Tx};
use super::statements::statement;
use crate::rows::{AuditedAlbumRow, AuditedUserRow, Key, PhotoRow, StoredPhotoRow, stray_kind};
use crate::sql::audit;

#[async_trait]
impl Audit for SqlStore {
    async fn audit_users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<AuditedUser>, StoreError> {
        let after = after.map_or(Uuid::nil(), UserId::uuid);
        let rows: Vec<AuditedUserRow> =
            self.all(statement(audit::USERS).bind(after).bind(i64::from(limit))).await?;
        Ok(rows.into_iter().map(AuditedUser::from).collect())
    }

    async fn audit_albums(
        &self,
        after: Option<AlbumId>,
        limit: u32,
    ) -> Result<Vec<AuditedAlbum>, StoreError> {
        let after = after.map_or(Uuid::nil(), AlbumId::uuid);
        let mut snapshot = self.snapshot().await?;
        let rows: Vec<AuditedAlbumRow> =
            snapshot.all(statement(audit::ALBUMS).bind(after).bind(i64::from(limit))).await?;
        let mut albums = Vec::with_capacity(rows.len());
        for row in rows {
            let postings = snapshot.postings(row.id()).await?;
            albums.push(row.with(postings));
        }
        snapshot.finish().await;
        Ok(albums)
    }

    async fn audit_photos(
        &self,
        after: Option<PhotoId>,
        limit: u32,
    ) -> Result<Vec<AuditedPhoto>, StoreError> {
        let after = after.map_or(Uuid::nil(), PhotoId::uuid);
        let mut snapshot = self.snapshot().await?;
        let rows: Vec<StoredPhotoRow> =
            snapshot.all(statement(audit::PHOTOS).bind(after).bind(i64::from(limit))).await?;
        let mut photos = Vec::with_capacity(rows.len());
        for row in rows {
            let id = row.id();
            let published: Option<PhotoRow> = snapshot.first(statement(audit::FACTS).bind(id)).await?;
            let published: Option<Photo> = published.map(PhotoRow::try_into).transpose()?;
            let postings = snapshot.postings(id).await?;
            photos.push(AuditedPhoto {
                row: row.try_into()?,
                facts: published.map(|photo| photo.facts),
                postings,
            });
        }
        snapshot.finish().await;
        Ok(photos)
    }

    async fn strays(&self, limit: u32) -> Result<Vec<Stray>, StoreError> {
        let mut snapshot = self.snapshot().await?;
        let rows: Vec<(String, Uuid)> = snapshot.all(statement(audit::STRAYS).bind(i64::from(limit))).await?;
        snapshot.finish().await;
        rows.into_iter()
            .map(|(kind, about)| Ok(Stray { kind: stray_kind(&kind)?, about: about.to_string() }))
            .collect()
    }
}

impl Tx {
    async fn postings(&mut self, target: Uuid) -> Result<Terms, StoreError> {
        let terms: Vec<(Key,)> = self.all(statement(audit::POSTINGS).bind(target)).await?;
        Ok(terms.into_iter().map(|(Key(term),)| term).collect())
    }
}
