//! Postings: keeping the terms of an album or photo. How they are searched is in
//! `common/search.rs`.

use gallery_core::ports::StoreError;
use gallery_core::search::Terms;
use gallery_core::values::UserId;
use serde_json::Value;
use uuid::Uuid;

use super::db::Tx;
use super::sql;
use super::statements::statement;
use crate::rows::PostingKind;

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
