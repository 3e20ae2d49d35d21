//! Search terms: keeping them, and turning a query into the ranges that find them.
//!
//! The longest word of a query drives the search, because it finds the least; what it finds is
//! sorted, and checked against the other words one by one until the page is full. When it finds too
//! much, photos or albums are looked through in turn: see `common/search.rs`.

use gallery_core::ports::StoreError;
use gallery_core::search::{Query, Terms, after_prefix};
use gallery_core::values::{AlbumId, PageRequest, UserId};
use serde_json::Value;
use uuid::Uuid;

use super::db::{Statement, Tx};
use super::sql;
use super::statements::{composed, statement};
use crate::paging;
use crate::rows::PostingKind;

/// A search for albums: the statement with all values but the limit.
pub(super) fn search_albums(owner: UserId, query: &Query, page: &PageRequest) -> Statement<'static> {
    search(sql::SEARCH_ALBUMS, owner, query, page)
}

/// A search for photos, likewise.
pub(super) fn search_photos(
    owner: UserId,
    album: Option<AlbumId>,
    query: &Query,
    page: &PageRequest,
) -> Statement<'static> {
    match album {
        Some(album) => search(sql::SEARCH_PHOTOS_IN_ALBUM, owner, query, page).bind(album.uuid()),
        None => search(sql::SEARCH_PHOTOS, owner, query, page),
    }
}

/// The statement with the values that every search has.
fn search(text: &'static str, owner: UserId, query: &Query, page: &PageRequest) -> Statement<'static> {
    let longest = query.longest();
    statement(text)
        .bind(owner.uuid())
        .bind(longest.to_owned())
        .bind(after_prefix(longest))
        .bind(paging::below(page))
        .bind(ranges(query.words().filter(|word| *word != longest)))
}

/// Photos in turn, below the page's start and down to an id, that match: the statement with all
/// values but the limit.
pub(super) fn walk_photos(
    owner: UserId,
    album: Option<AlbumId>,
    query: &Query,
    (page, last): (&PageRequest, Uuid),
) -> Statement<'static> {
    let walk = composed(sql::walk_photos(album.is_some()));
    let walk = match album {
        Some(album) => walk.bind(album.uuid()),
        None => walk,
    };
    walk.bind(owner.uuid()).bind(paging::below(page)).bind(last).bind(ranges(query.words()))
}

/// The same for albums.
pub(super) fn walk_albums(
    owner: UserId,
    query: &Query,
    (page, last): (&PageRequest, Uuid),
) -> Statement<'static> {
    let walk = composed(sql::walk_albums()).bind(owner.uuid());
    walk.bind(paging::below(page)).bind(last).bind(ranges(query.words()))
}

/// Each of these words, and what follows every term that starts with it, as a JSON array.
fn ranges<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let range = |word: &str| Value::from(vec![word.to_owned(), after_prefix(word)]);
    words.map(range).collect::<Value>().to_string()
}

impl Tx {
    /// Makes these the terms of an album or photo; what is there already is not written again.
    pub(super) async fn set_postings(
        &mut self,
        owner: UserId,
        kind: PostingKind,
        target: Uuid,
        terms: &Terms,
    ) -> Result<(), StoreError> {
        let terms = terms.iter().collect::<Value>().to_string();
        self.run(statement(sql::DROP_OTHER_POSTINGS).bind(target).bind(terms.as_str())).await?;
        let add = statement(sql::ADD_POSTINGS).bind(owner.uuid()).bind(kind as i64).bind(target).bind(terms);
        self.run(add).await.map(drop)
    }
}
