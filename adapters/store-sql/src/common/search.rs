//! Search, at a bounded cost. What a query's longest word finds is looked up by its postings,
//! unless there are too many of them: then the newest albums or photos are looked through in turn,
//! a bounded number for each page. Compiled once for each dialect (see `lib.rs`), which says in
//! `postings` how terms are compared.

use gallery_core::model::{Album, Photo, PhotoSort};
use gallery_core::ports::StoreError;
use gallery_core::search::{MAX_POSTINGS, Query, after_prefix};
use gallery_core::values::{AlbumId, Cursor, Page, PageRequest, UserId};
use uuid::Uuid;

use super::db::{SqlStore, Statement};
use super::photos::{cut, photos_in};
use super::statements::statement;
use super::{postings, sql};
use crate::paging;
use crate::rows::{AlbumRow, PostingKind};

/// Albums or photos that are looked through for one page. Each is a look at the index for every
/// word.
const MOST_CANDIDATES: i64 = 5_000;

impl SqlStore {
    pub(super) async fn found_photos(
        &self,
        owner: UserId,
        album: Option<AlbumId>,
        query: &Query,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        if !self.finds_too_much(owner, PostingKind::Photo, query).await? {
            let search = postings::search_photos(owner, album, query, page);
            let rows = self.all(search.bind(paging::rows(page))).await?;
            return Ok(cut(photos_in(rows)?, PhotoSort::Uploaded, page));
        }
        let (text, scope) = match album {
            Some(album) => (sql::CANDIDATES_IN_ALBUM, album.uuid()),
            None => (sql::CANDIDATES_OF_OWNER, owner.uuid()),
        };
        let Some((last, next)) = self.candidates(statement(text).bind(scope), page).await? else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        let walk = postings::walk_photos(owner, album, query, (page, last));
        let rows = self.all(walk.bind(paging::rows(page))).await?;
        Ok(cut(photos_in(rows)?, PhotoSort::Uploaded, page).or_next(next))
    }

    pub(super) async fn found_albums(
        &self,
        owner: UserId,
        query: &Query,
        page: &PageRequest,
    ) -> Result<Page<Album>, StoreError> {
        let albums = |rows: Vec<AlbumRow>| {
            let items = rows.into_iter().map(Album::from).collect();
            paging::cut_by_id(items, page, |album: &Album| album.id.uuid())
        };
        if !self.finds_too_much(owner, PostingKind::Album, query).await? {
            let search = postings::search_albums(owner, query, page);
            return Ok(albums(self.all(search.bind(paging::rows(page))).await?));
        }
        let candidates = statement(sql::CANDIDATE_ALBUMS).bind(owner.uuid());
        let Some((last, next)) = self.candidates(candidates, page).await? else {
            return Ok(albums(Vec::new()));
        };
        let walk = postings::walk_albums(owner, query, (page, last));
        Ok(albums(self.all(walk.bind(paging::rows(page))).await?).or_next(next))
    }

    /// True when the query's longest word finds more than is read for one page.
    async fn finds_too_much(
        &self,
        owner: UserId,
        kind: PostingKind,
        query: &Query,
    ) -> Result<bool, StoreError> {
        let longest = query.longest();
        let most = i64::try_from(MAX_POSTINGS).unwrap_or(i64::MAX);
        let count = statement(sql::COUNT_POSTINGS)
            .bind(owner.uuid())
            .bind(kind as i64)
            .bind(longest)
            .bind(after_prefix(longest))
            .bind(most + 1);
        let counted: Option<(i64,)> = self.first(count).await?;
        Ok(counted.is_some_and(|(count,)| count > most))
    }

    /// The last of the candidates for a page, and where the next page starts when there are more;
    /// `None` without a candidate.
    async fn candidates(
        &self,
        newest: Statement<'_>,
        page: &PageRequest,
    ) -> Result<Option<(Uuid, Option<Cursor>)>, StoreError> {
        let newest = newest.bind(paging::below(page)).bind(MOST_CANDIDATES);
        let counted: Option<(i64, Option<Uuid>)> = self.first(newest).await?;
        Ok(counted.and_then(|(count, last)| {
            let last = last?;
            Some((last, (count == MOST_CANDIDATES).then_some(Cursor { order: 0, id: last })))
        }))
    }
}
