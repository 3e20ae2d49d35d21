//! Search: the longest word of a query leads to candidates by its postings, because it finds the least; they are
//! checked against the other words, the newest first, until the page is full.

use std::collections::BTreeSet;

use gallery_core::model::{Album, Photo, PhotoSort};
use gallery_core::ports::StoreError;
use gallery_core::search::{Query, Terms};
use gallery_core::values::{AlbumId, Page, PageRequest, PhotoId, UserId};
use uuid::Uuid;

use crate::keys::{self, Target};
use crate::lists::{album_position, position};
use crate::records::IndexState;
use crate::store::ItemStore;
use crate::table::Engine;

/// Candidates that are checked in one round trip.
const A_LOOK: usize = 100;

impl<E: Engine> ItemStore<E> {
    /// The owner's live photos that match.
    pub(crate) async fn found_photos(
        &self,
        owner: UserId,
        album: Option<AlbumId>,
        query: &Query,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        let candidates = self.candidates(owner, Target::Photo, query, page).await?;
        let mut photos = Vec::new();
        for some in candidates.chunks(A_LOOK) {
            let matching = self.matching(some, query).await?;
            let places = matching.into_iter().filter_map(|(id, state)| {
                let there = state.album.filter(|there| album.is_none_or(|album| album == *there))?;
                Some((PhotoId::from_uuid(id), there))
            });
            photos.extend(self.live_photos(owner, places).await?);
            if photos.len() > page.limit() as usize {
                break;
            }
        }
        Ok(Page::cut(photos, page, position(PhotoSort::Uploaded)))
    }

    /// The owner's live albums that match.
    pub(crate) async fn found_albums(
        &self,
        owner: UserId,
        query: &Query,
        page: &PageRequest,
    ) -> Result<Page<Album>, StoreError> {
        let candidates = self.candidates(owner, Target::Album, query, page).await?;
        let mut albums = Vec::new();
        for some in candidates.chunks(A_LOOK) {
            let matching = self.matching(some, query).await?;
            let ids = matching.into_iter().map(|(id, _)| AlbumId::from_uuid(id)).collect();
            albums.extend(self.live_albums(owner, ids).await?);
            if albums.len() > page.limit() as usize {
                break;
            }
        }
        Ok(Page::cut(albums, page, album_position))
    }

    /// What the query's longest word finds behind the page's start, newest first.
    async fn candidates(
        &self,
        owner: UserId,
        target: Target,
        query: &Query,
        page: &PageRequest,
    ) -> Result<Vec<Uuid>, StoreError> {
        let postings = self.engine.query(&keys::terms_of(owner).starting_with(query.longest())).await?;
        let ids: BTreeSet<Uuid> = postings
            .iter()
            .filter_map(|item| keys::posted(&item.key, target))
            .filter(|id| page.after().is_none_or(|after| *id < after.id))
            .collect();
        Ok(ids.into_iter().rev().collect())
    }

    /// Those of these whose terms match the whole query, in the same order.
    async fn matching(&self, ids: &[Uuid], query: &Query) -> Result<Vec<(Uuid, IndexState)>, StoreError> {
        let mut unit = self.reading();
        unit.load(ids.iter().map(|id| keys::index(*id).into_key())).await?;
        let mut matching = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(state) = unit.seen(&keys::index(*id))? else { continue };
            let terms: Terms = state.terms.iter().cloned().collect();
            if terms.match_query(query) {
                matching.push((*id, state));
            }
        }
        Ok(matching)
    }
}
