//! Search, at a bounded cost: a query's rarest word leads to candidates by its postings; they are
//! checked against the whole query, the newest first, until the page is full. When it has more
//! postings than are read for one page, or no word is wanted, the candidates are the newest photos
//! or albums in turn, a bounded number of them. Tested by the conformance suite's search, and in
//! `tests` what is read.

use std::collections::BTreeSet;

use gallery_core::model::{Album, Photo, PhotoSort};
use gallery_core::ports::StoreError;
use gallery_core::search::{Lookup, MAX_POSTINGS, Query, TermRange, Terms};
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
        let all = match album.or(query.only_album()) {
            Some(album) => keys::in_album(album).below(keys::HEAD),
            // Ids sort before `taken#`.
            None => keys::photos_of(owner).below("taken#"),
        };
        let all = List { all, prefix: "" };
        let lookups = query.photo_lookups();
        let candidates = self.candidates(owner, Target::Photo, lookups.first(), page, all).await?;
        let mut photos = Vec::new();
        for some in candidates.ids.chunks(BATCH_SIZE) {
            let matching = self.indexed(owner, some, |state, terms| {
                state.album.is_some_and(|there| {
                    album.is_none_or(|album| album == there)
                        && (terms.are_without_fields() || query.matches_photo(terms, there))
                })
            });
            let matching = matching.await?;
            let places =
                matching.iter().filter_map(|(id, state)| Some((PhotoId::from_uuid(*id), state.album?)));
            let mut found = self.live_photos(owner, places).await?;
            let before: BTreeSet<Uuid> =
                matching.into_iter().filter(|(_, state)| state.is_of_before()).map(|(id, _)| id).collect();
            found.retain(|photo| {
                !before.contains(&photo.id.uuid()) || query.matches_photo(&photo.terms(), photo.album_id)
            });
            photos.extend(found);
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
        let lookups = query.album_lookups();
        let candidates = self.candidates(owner, Target::Album, lookups.first(), page, all).await?;
        let mut albums = Vec::new();
        for some in candidates.ids.chunks(BATCH_SIZE) {
            let ids = some.iter().map(|id| AlbumId::from_uuid(*id)).collect();
            let mut found = self.live_albums(owner, ids).await?;
            found.retain(|album| query.matches_album(&Terms::of_album(&album.name, &album.description)));
            albums.extend(found);
            if albums.len() > page.limit() as usize {
                break;
            }
        }
        Ok(Page::cut(albums, page, album_position).or_next(candidates.next))
    }

    /// What the lookup finds behind the page's start, newest first; or else `all` that is there.
    async fn candidates(
        &self,
        owner: UserId,
        target: Target,
        lookup: Option<&Lookup>,
        page: &PageRequest,
        all: List,
    ) -> Result<Candidates, StoreError> {
        let found = match lookup {
            Some(lookup) => self.looked_up(owner, target, lookup).await?,
            None => None,
        };
        let Some(ids) = found else { return self.newest(page, all).await };
        let ids = ids.into_iter().rev().filter(|id| page.after().is_none_or(|after| *id < after.id));
        Ok(Candidates { ids: ids.collect(), next: None })
    }

    /// What the lookup finds; `None` when that is more than is read for one page.
    async fn looked_up(
        &self,
        owner: UserId,
        target: Target,
        lookup: &Lookup,
    ) -> Result<Option<BTreeSet<Uuid>>, StoreError> {
        let mut left = MAX_POSTINGS;
        let mut ids = BTreeSet::new();
        for range in &lookup.ranges {
            let terms = match range {
                TermRange::Whole(term) => keys::of_term(owner, term, target),
                TermRange::Prefix(prefix) => keys::of_terms(owner, prefix),
            };
            let postings = self.engine.query(&terms.limit(left + 1)).await?;
            let Some(rest) = left.checked_sub(postings.len()) else { return Ok(None) };
            left = rest;
            ids.extend(postings.iter().filter_map(|item| keys::posted(&item.key, target)));
        }
        Ok(Some(ids))
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

    /// Those of these that are the owner's and whose index is wanted, in the same order.
    async fn indexed(
        &self,
        owner: UserId,
        ids: &[Uuid],
        is_wanted: impl Fn(&IndexState, &Terms) -> bool + Send,
    ) -> Result<Vec<(Uuid, IndexState)>, StoreError> {
        let mut unit = self.reading();
        unit.load(ids.iter().map(|id| keys::index(*id).into_key())).await?;
        let mut wanted = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(state) = unit.seen(&keys::index(*id))? else { continue };
            let terms: Terms = state.terms.iter().cloned().collect();
            if state.owner == owner && is_wanted(&state, &terms) {
                wanted.push((*id, state));
            }
        }
        Ok(wanted)
    }
}
