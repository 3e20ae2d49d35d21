//! Search terms: keeping them, and turning a query into the ranges that find them.
//!
//! The longest word of a query drives the search, because it finds the least; what it finds is
//! sorted, and checked against the other words one by one until the page is full. When it finds too
//! much, photos or albums are looked through in turn: see `common/search.rs`.

use std::collections::BTreeSet;

use gallery_core::ports::StoreError;
use gallery_core::search::{Query, Terms, after_prefix};
use gallery_core::values::{AlbumId, PageRequest, UserId};
use uuid::Uuid;

use super::db::{Statement, Tx};
use super::sql;
use super::statements::{composed, padded, statement};
use crate::paging;
use crate::rows::{Key, PostingKind};
use crate::sql::lists::{parts, places};

/// A search for albums: the statement with all values but the limit.
pub(super) fn search_albums(owner: UserId, query: &Query, page: &PageRequest) -> Statement<'static> {
    search(sql::search_albums, owner, query, page)
}

/// A search for photos, likewise.
pub(super) fn search_photos(
    owner: UserId,
    album: Option<AlbumId>,
    query: &Query,
    page: &PageRequest,
) -> Statement<'static> {
    let search = search(|others| sql::search_photos(others, album.is_some()), owner, query, page);
    match album {
        Some(album) => search.bind(album.uuid()),
        None => search,
    }
}

/// The statement that `text` gives for the number of further words, with the values that every
/// search has.
fn search(
    text: impl FnOnce(usize) -> String,
    owner: UserId,
    query: &Query,
    page: &PageRequest,
) -> Statement<'static> {
    let longest = query.longest();
    let others: Vec<&str> = query.words().filter(|word| *word != longest).collect();
    let search = composed(text(others.len()))
        .bind(owner.uuid())
        .bind(longest)
        .bind(after_prefix(longest))
        .bind(paging::below(page));
    with_words(search, others.into_iter())
}

/// Photos in turn, below the page's start and down to an id, that match: the statement with all
/// values but the limit.
pub(super) fn walk_photos(
    owner: UserId,
    album: Option<AlbumId>,
    query: &Query,
    (page, last): (&PageRequest, Uuid),
) -> Statement<'static> {
    let walk = composed(sql::walk_photos(query.words().count(), album.is_some()));
    let walk = match album {
        Some(album) => walk.bind(album.uuid()),
        None => walk,
    };
    with_words(walk.bind(owner.uuid()).bind(paging::below(page)).bind(last), query.words())
}

/// The same for albums.
pub(super) fn walk_albums(
    owner: UserId,
    query: &Query,
    (page, last): (&PageRequest, Uuid),
) -> Statement<'static> {
    let walk = composed(sql::walk_albums(query.words().count())).bind(owner.uuid());
    with_words(walk.bind(paging::below(page)).bind(last), query.words())
}

/// Binds each of these words, and what follows every term that starts with it.
fn with_words<'w>(statement: Statement<'static>, words: impl Iterator<Item = &'w str>) -> Statement<'static> {
    words.fold(statement, |statement, word| statement.bind(word.to_owned()).bind(after_prefix(word)))
}

impl Tx {
    /// Makes these the terms of an album or photo, whose account is locked; what is there already
    /// is not written again.
    pub(super) async fn set_postings(
        &mut self,
        owner: UserId,
        kind: PostingKind,
        target: Uuid,
        terms: &Terms,
    ) -> Result<(), StoreError> {
        let known: Vec<(Key,)> = self.all(statement(sql::TERMS).bind(target)).await?;
        let known: BTreeSet<String> = known.into_iter().map(|(Key(term),)| term).collect();
        let wanted: BTreeSet<&str> = terms.iter().collect();
        let gone: Vec<&str> =
            known.iter().map(String::as_str).filter(|term| !wanted.contains(term)).collect();
        let new: Vec<&str> = wanted.into_iter().filter(|term| !known.contains(*term)).collect();
        for gone in parts(&gone) {
            let drop = composed(sql::drop_postings(places(gone.len()))).bind(target);
            self.run(padded(gone).fold(drop, |drop, term| drop.bind(*term))).await?;
        }
        for new in parts(&new) {
            let add = composed(sql::add_postings(places(new.len())));
            let posting = |add: Statement<'static>, term: &&str| {
                add.bind(owner.uuid()).bind(kind as i8).bind(target).bind(*term)
            };
            self.run(padded(new).fold(add, posting)).await?;
        }
        Ok(())
    }
}
