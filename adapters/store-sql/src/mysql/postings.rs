//! Search terms: keeping them, and turning a query into the ranges that find them.
//!
//! The longest word of a query drives the search, because it finds the least; what it finds is sorted, and
//! checked against the other words one by one until the page is full.

use std::collections::BTreeSet;

use gallery_core::ports::StoreError;
use gallery_core::search::{Query, Terms, after_prefix};
use gallery_core::values::{PageRequest, UserId};
use uuid::Uuid;

use super::accounts::padded;
use super::db::{Statement, Tx, composed, statement};
use super::sql;
use crate::paging;
use crate::rows::Key;

/// What a posting leads to, as stored.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Album = 0,
    Photo = 1,
}

/// The start of a search: the statement that `text` gives for the number of further words, with all values but the
/// album and the limit.
pub(super) fn search<'q>(
    text: impl FnOnce(usize) -> String,
    owner: UserId,
    query: &Query,
    page: &PageRequest,
) -> Statement<'q> {
    let longest = query.longest();
    let others: Vec<&str> = query.words().filter(|word| *word != longest).collect();
    let search = composed(text(others.len()))
        .bind(owner.uuid())
        .bind(longest)
        .bind(after_prefix(longest))
        .bind(paging::below(page));
    others.into_iter().fold(search, |search, word| search.bind(word).bind(after_prefix(word)))
}

impl Tx {
    /// Makes these the terms of an album or photo, whose account is locked; what is there already is not written
    /// again.
    pub(super) async fn set_postings(
        &mut self,
        owner: UserId,
        kind: Kind,
        target: Uuid,
        terms: &Terms,
    ) -> Result<(), StoreError> {
        let known: Vec<(Key,)> = self.all(statement(sql::TERMS).bind(target)).await?;
        let known: BTreeSet<String> = known.into_iter().map(|(Key(term),)| term).collect();
        let wanted: BTreeSet<&str> = terms.iter().collect();
        let gone: Vec<&str> =
            known.iter().map(String::as_str).filter(|term| !wanted.contains(term)).collect();
        let new: Vec<&str> = wanted.into_iter().filter(|term| !known.contains(*term)).collect();
        if !gone.is_empty() {
            let drop = composed(sql::drop_postings(sql::places(gone.len()))).bind(target);
            self.run(padded(&gone).fold(drop, |drop, term| drop.bind(*term))).await?;
        }
        if !new.is_empty() {
            let add = composed(sql::add_postings(sql::places(new.len())));
            let posting = |add: Statement<'static>, term: &&str| {
                add.bind(owner.uuid()).bind(kind as i8).bind(target).bind(*term)
            };
            self.run(padded(&new).fold(add, posting)).await?;
        }
        Ok(())
    }
}
