//! Search, at a bounded cost. What a query's rarest word finds is looked up by its postings, unless
//! there are too many of them, or no word is wanted: then the newest albums or photos are looked
//! through in turn, a bounded number for each page. Whatever is found so is compared with the query
//! by its own terms. Compiled once for each dialect (see `lib.rs`).

use std::collections::BTreeSet;

use gallery_core::model::{Album, Photo, PhotoSort};
use gallery_core::ports::StoreError;
use gallery_core::search::{Lookup, MAX_POSTINGS, Query, Terms};
use gallery_core::values::{AlbumId, Cursor, Page, PageRequest, UserId};
use uuid::Uuid;

use super::db::{SqlStore, Statement};
use super::photos::{cut, photos_in};
use super::sql;
use super::statements::{for_each, statement};
use crate::paging;
use crate::rows::{AlbumRow, PostingKind};

/// Albums or photos that are looked through for one page.
const MOST_CANDIDATES: usize = 5_000;
/// Candidates that are read at once.
const BATCH_SIZE: usize = 128;

/// What may match, newest first.
struct Candidates {
    ids: Vec<Uuid>,
    /// Where the next page starts when these end before there are no more.
    next: Option<Cursor>,
}

impl SqlStore {
    pub(super) async fn found_photos(
        &self,
        owner: UserId,
        album: Option<AlbumId>,
        query: &Query,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        let newest = match album.or(query.only_album()) {
            Some(album) => statement(sql::CANDIDATES_IN_ALBUM).bind(album.uuid()),
            None => statement(sql::CANDIDATES_OF_OWNER).bind(owner.uuid()),
        };
        let lookups = query.photo_lookups();
        let candidates = self.candidates(owner, PostingKind::Photo, lookups.first(), newest, page).await?;
        let mut found = Vec::new();
        for ids in candidates.ids.chunks(BATCH_SIZE) {
            let rows = self.all(for_each(sql::photos_of_owner, ids).bind(owner.uuid())).await?;
            let mut photos = photos_in(rows)?;
            photos.sort_by_key(|photo| std::cmp::Reverse(photo.id));
            photos.retain(|photo| {
                album.is_none_or(|album| album == photo.album_id)
                    && query.matches_photo(&photo.terms(), photo.album_id)
            });
            found.extend(photos);
            if found.len() > page.limit() as usize {
                break;
            }
        }
        Ok(cut(found, PhotoSort::Uploaded, page).or_next(candidates.next))
    }

    pub(super) async fn found_albums(
        &self,
        owner: UserId,
        query: &Query,
        page: &PageRequest,
    ) -> Result<Page<Album>, StoreError> {
        let newest = statement(sql::CANDIDATE_ALBUMS).bind(owner.uuid());
        let lookups = query.album_lookups();
        let candidates = self.candidates(owner, PostingKind::Album, lookups.first(), newest, page).await?;
        let mut found = Vec::new();
        for ids in candidates.ids.chunks(BATCH_SIZE) {
            let rows: Vec<AlbumRow> =
                self.all(for_each(sql::albums_of_owner, ids).bind(owner.uuid())).await?;
            let mut albums: Vec<Album> = rows.into_iter().map(Album::from).collect();
            albums.sort_by_key(|album| std::cmp::Reverse(album.id));
            albums.retain(|album| query.matches_album(&Terms::of_album(&album.name, &album.description)));
            found.extend(albums);
            if found.len() > page.limit() as usize {
                break;
            }
        }
        Ok(paging::cut_by_id(found, page, |album: &Album| album.id.uuid()).or_next(candidates.next))
    }

    /// What may match behind the page's start: what the lookup finds, or else the newest.
    async fn candidates(
        &self,
        owner: UserId,
        kind: PostingKind,
        lookup: Option<&Lookup>,
        newest: Statement<'_>,
        page: &PageRequest,
    ) -> Result<Candidates, StoreError> {
        let below = paging::below(page);
        if let Some(lookup) = lookup
            && let Some(ids) = self.looked_up(owner, kind, lookup).await?
        {
            let ids = ids.into_iter().rev().filter(|id| *id < below).collect();
            return Ok(Candidates { ids, next: None });
        }
        let most = i64::try_from(MOST_CANDIDATES).unwrap_or(i64::MAX);
        let ids: Vec<(Uuid,)> = self.all(newest.bind(below).bind(most)).await?;
        let ids: Vec<Uuid> = ids.into_iter().map(|(id,)| id).collect();
        let last = ids.last().filter(|_| ids.len() == MOST_CANDIDATES);
        let next = last.map(|last| Cursor { order: 0, id: *last });
        Ok(Candidates { ids, next })
    }

    /// What the lookup finds; `None` when that is more than is read for one page.
    async fn looked_up(
        &self,
        owner: UserId,
        kind: PostingKind,
        lookup: &Lookup,
    ) -> Result<Option<BTreeSet<Uuid>>, StoreError> {
        let mut left = MAX_POSTINGS;
        let mut ids = BTreeSet::new();
        for range in &lookup.ranges {
            let most = i64::try_from(left + 1).unwrap_or(i64::MAX);
            let postings = statement(sql::POSTINGS)
                .bind(owner.uuid())
                .bind(kind as i64)
                .bind(range.from().to_owned())
                .bind(range.to())
                .bind(most);
            let found: Vec<(Uuid,)> = self.all(postings).await?;
            let Some(rest) = left.checked_sub(found.len()) else { return Ok(None) };
            left = rest;
            ids.extend(found.into_iter().map(|(id,)| id));
        }
        Ok(Some(ids))
    }
}
