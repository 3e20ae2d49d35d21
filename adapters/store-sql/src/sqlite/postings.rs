//! Search terms: keeping them, and turning a query into the ranges that find them.
//!
//! The longest word of a query drives the search, because it finds the least; what it finds is sorted, and
//! checked against the other words one by one until the page is full.

use gallery_core::ports::StoreError;
use gallery_core::search::{Query, Terms, after_prefix};
use gallery_core::values::{AlbumId, PageRequest, UserId};
use serde_json::Value;
use uuid::Uuid;

use super::db::{Statement, Tx};
use super::sql;
use super::statements::statement;
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
    // Each of the other words, and what follows every term that starts with it.
    let range = |word: &str| Value::from(vec![word.to_owned(), after_prefix(word)]);
    let others: Vec<Value> = query.words().filter(|word| *word != longest).map(range).collect();
    statement(text)
        .bind(owner.uuid())
        .bind(longest.to_owned())
        .bind(after_prefix(longest))
        .bind(paging::below(page))
        .bind(Value::from(others).to_string())
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
