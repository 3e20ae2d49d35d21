//! Postings: keeping the terms of an album or photo. How they are searched is in
//! `common/search.rs`.

use std::collections::BTreeSet;

use gallery_core::ports::StoreError;
use gallery_core::search::Terms;
use gallery_core::values::UserId;
use uuid::Uuid;

use super::db::{Statement, Tx};
use super::sql;
use super::statements::{composed, padded, statement};
use crate::rows::{Key, PostingKind};
use crate::sql::lists::{parts, places};

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
