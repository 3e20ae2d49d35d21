//! Search terms: keeping them, and turning a query into the ranges that find them.
//!
//! The longest word of a query drives the search, because it finds the least; what it finds is sorted, and
//! checked against the other words one by one until the page is full.

use gallery_core::ports::StoreError;
use gallery_core::search::{Query, Terms, after_prefix};
use gallery_core::values::UserId;
use uuid::Uuid;

use super::db::{Tx, statement};
use super::sql;
use crate::error::SqlError;

/// What a posting leads to, as stored.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Album = 0,
    Photo = 1,
}

/// The ranges of keys that a query looks into.
pub(super) struct Ranges {
    /// The longest word, and what follows every term that starts with it.
    pub(super) first: (String, String),
    /// The same of the other words, as a JSON array of pairs.
    pub(super) others: String,
}

impl Ranges {
    pub(super) fn of(query: &Query) -> Result<Self, StoreError> {
        let range = |word: &str| (word.to_owned(), after_prefix(word));
        let longest = query.longest();
        let others: Vec<(String, String)> =
            query.words().filter(|word| *word != longest).map(range).collect();
        let others = serde_json::to_string(&others).map_err(SqlError::unreadable("query"))?;
        Ok(Self { first: range(longest), others })
    }
}

impl Tx {
    /// Makes these the terms of an album or photo; what is there already is not written again.
    pub(super) async fn set_postings(
        &mut self,
        owner: UserId,
        kind: Kind,
        target: Uuid,
        terms: &Terms,
    ) -> Result<(), StoreError> {
        let terms: Vec<&str> = terms.iter().collect();
        let terms = serde_json::to_string(&terms).map_err(SqlError::unreadable("term"))?;
        self.run(statement(sql::DROP_OTHER_POSTINGS).bind(target).bind(terms.as_str())).await?;
        let add = statement(sql::ADD_POSTINGS).bind(owner.uuid()).bind(kind as i64).bind(target).bind(terms);
        self.run(add).await.map(drop)
    }
}
