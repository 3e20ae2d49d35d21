//! The rules that several ports share: who is live, how usage, counts and covers follow.
//!
//! Knows items and units of work, no engine.

use gallery_core::ports::StoreError;
use gallery_core::values::{AlbumId, PhotoId, UserId};

use crate::keys;
use crate::records::{AlbumHead, UserHead};
use crate::table::Engine;
use crate::unit::Unit;

impl<E: Engine> Unit<'_, E> {
    /// The account; `NotFound` when it is absent or marked as deleting.
    pub(crate) async fn live_user(&mut self, id: UserId) -> Result<UserHead, StoreError> {
        self.found(&keys::user(id)).await?.live()
    }

    /// The live album and its live owner, of whom the commit depends.
    pub(crate) async fn live_album(&mut self, id: AlbumId) -> Result<(AlbumHead, UserHead), StoreError> {
        let album = self.found(&keys::album(id)).await?.live()?;
        let owner = self.live_user(album.owner).await?;
        self.rely(&keys::album(id));
        self.rely(&keys::user(album.owner));
        Ok((album, owner))
    }

    /// The same, if the album is this owner's; in one round trip.
    pub(crate) async fn own_album(
        &mut self,
        owner: UserId,
        id: AlbumId,
    ) -> Result<(AlbumHead, UserHead), StoreError> {
        self.load([keys::album(id).into_key(), keys::user(owner).into_key()]).await?;
        let (album, user) = self.live_album(id).await?;
        if album.owner == owner { Ok((album, user)) } else { Err(StoreError::NotFound) }
    }

    /// The newest ready photo of an album but this one. The commit must depend on the album's head,
    /// which every change of its photos writes.
    pub(crate) async fn newest_photo(
        &self,
        album: AlbumId,
        but: Option<PhotoId>,
    ) -> Result<Option<PhotoId>, StoreError> {
        let newest = keys::in_album(album).below(keys::HEAD).descending().limit(2);
        let items = self.engine().query(&newest).await?;
        let ids = items.iter().filter_map(|item| keys::id_in(&item.key)).map(PhotoId::from_uuid);
        Ok(ids.into_iter().find(|id| Some(*id) != but))
    }

    /// What follows in an album when a ready photo of these bytes has come.
    pub(crate) fn photo_came(head: &mut AlbumHead, photo: PhotoId, bytes: u64) {
        head.photo_count += 1;
        head.bytes += bytes;
        head.cover.get_or_insert(photo);
    }

    /// What follows in an album when a ready photo of these bytes goes.
    pub(crate) async fn photo_goes(
        &self,
        album: AlbumId,
        head: &mut AlbumHead,
        photo: PhotoId,
        bytes: u64,
    ) -> Result<(), StoreError> {
        head.photo_count = head.photo_count.saturating_sub(1);
        head.bytes = head.bytes.saturating_sub(bytes);
        if head.cover == Some(photo) {
            head.cover = self.newest_photo(album, Some(photo)).await?;
        }
        Ok(())
    }
}
