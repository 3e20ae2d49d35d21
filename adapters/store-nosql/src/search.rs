//! Search, at a bounded cost: the longest word of a query leads to candidates by its postings,
//! because it finds the least; they are checked against all words, the newest first, until the page
//! is full. When it has more postings than are read for one page, the candidates are the newest
//! photos or albums in turn, a bounded number of them. Tested by the conformance suite's search,
//! and in `tests` what is read.

use std::collections::BTreeSet;

use gallery_core::model::{Album, Photo, PhotoSort};
use gallery_core::ports::StoreError;
use gallery_core::search::{MAX_POSTINGS, Query, Terms};
use gallery_core::values::{AlbumId, Cursor, Page, PageRequest, PhotoId, UserId};
use uuid::Uuid;

use crate::keys::{self, Target};
use crate::lists::{album_position, position};
use crate::records::IndexState;
use crate::store::ItemStore;
use crate::table::{Engine, Range};

/// Candidates that are checked in one round trip.
const BATCH_SIZE: usize = 100;
/// Albums or photos that are looked through for one page. Each is a record with all of its terms.
const MOST_CANDIDATES: usize = 1_000;

/// What a page is looked for among, newest first.
struct Candidates {
    ids: Vec<Uuid>,
    /// Where the next page starts when these end before there are no more.
    next: Option<Cursor>,
}

/// A list by id: its entries, and what stands before the id in their sort keys.
struct List {
    all: Range,
    prefix: &'static str,
}

impl<E: Engine> ItemStore<E> {
    /// The owner's live photos that match.
    pub(crate) async fn found_photos(
        &self,
        owner: UserId,
        album: Option<AlbumId>,
        query: &Query,
        page: &PageRequest,
    ) -> Result<Page<Photo>, StoreError> {
        let all = match album {
            Some(album) => keys::in_album(album).below(keys::HEAD),
            // Ids sort before `taken#`.
            None => keys::photos_of(owner).below("taken#"),
        };
        let all = List { all, prefix: "" };
        let candidates = self.candidates(owner, Target::Photo, query, page, all).await?;
        let mut photos = Vec::new();
        for some in candidates.ids.chunks(BATCH_SIZE) {
            let matching = self.matching(owner, some, query).await?;
            let places = matching.into_iter().filter_map(|(id, state)| {
                let there = state.album.filter(|there| album.is_none_or(|album| album == *there))?;
                Some((PhotoId::from_uuid(id), there))
            });
            photos.extend(self.live_photos(owner, places).await?);
            if photos.len() > page.limit() as usize {
                break;
            }
        }
        Ok(Page::cut(photos, page, position(PhotoSort::Uploaded)).or_next(candidates.next))
    }

    /// The owner's live albums that match.
    pub(crate) async fn found_albums(
        &self,
        owner: UserId,
        query: &Query,
        page: &PageRequest,
    ) -> Result<Page<Album>, StoreError> {
        let all = List { all: keys::of_user(owner).starting_with("album#"), prefix: "album#" };
        let candidates = self.candidates(owner, Target::Album, query, page, all).await?;
        let mut albums = Vec::new();
        for some in candidates.ids.chunks(BATCH_SIZE) {
            let matching = self.matching(owner, some, query).await?;
            let ids = matching.into_iter().map(|(id, _)| AlbumId::from_uuid(id)).collect();
            albums.extend(self.live_albums(owner, ids).await?);
            if albums.len() > page.limit() as usize {
                break;
            }
        }
        Ok(Page::cut(albums, page, album_position).or_next(candidates.next))
    }

    /// What the query's longest word finds behind the page's start, newest first; or else `all`
    /// that is there.
    async fn candidates(
        &self,
        owner: UserId,
        target: Target,
        query: &Query,
        page: &PageRequest,
        all: List,
    ) -> Result<Candidates, StoreError> {
        let found = keys::terms_of(owner).starting_with(query.longest()).limit(MAX_POSTINGS + 1);
        let postings = self.engine.query(&found).await?;
        if postings.len() > MAX_POSTINGS {
            drop(postings);
            return self.newest(page, all).await;
        }
        let ids: BTreeSet<Uuid> = postings
            .iter()
            .filter_map(|item| keys::posted(&item.key, target))
            .filter(|id| page.after().is_none_or(|after| *id < after.id))
            .collect();
        Ok(Candidates { ids: ids.into_iter().rev().collect(), next: None })
    }

    /// The newest of a list behind the page's start.
    async fn newest(&self, page: &PageRequest, List { all, prefix }: List) -> Result<Candidates, StoreError> {
        let mut range = all.descending().limit(MOST_CANDIDATES);
        if let Some(after) = page.after() {
            range = range.below(format!("{prefix}{}", after.id));
        }
        let items = self.engine.query(&range).await?;
        let ids: Vec<Uuid> = items.iter().filter_map(|item| keys::id_in(&item.key)).collect();
        let more = items.len() == MOST_CANDIDATES;
        let next = ids.last().filter(|_| more).map(|last| Cursor { order: 0, id: *last });
        Ok(Candidates { ids, next })
    }

    /// Those of these whose terms match the whole query, and which are the owner's, in the same
    /// order.
    async fn matching(
        &self,
        owner: UserId,
        ids: &[Uuid],
        query: &Query,
    ) -> Result<Vec<(Uuid, IndexState)>, StoreError> {
        let mut unit = self.reading();
        unit.load(ids.iter().map(|id| keys::index(*id).into_key())).await?;
        let mut matching = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(state) = unit.seen(&keys::index(*id))? else { continue };
            let terms: Terms = state.terms.iter().cloned().collect();
            if state.owner == owner && terms.match_query(query) {
                matching.push((*id, state));
            }
        }
        Ok(matching)
    }
}
