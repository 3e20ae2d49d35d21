//! The locks that units of work begin with. Why is told in `db`.

use std::collections::BTreeSet;

use gallery_core::model::User;
use gallery_core::ports::StoreError;
use gallery_core::values::{AlbumId, PhotoId, UserId};
use sqlx::{Encode, MySql, Type};
use uuid::Uuid;

use super::db::{Statement, Tx, composed, statement};
use super::sql;
use crate::rows::UserRow;

/// An account in any state.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    Live,
    Deleting,
}

impl Tx {
    /// Locks an account; `None` when there is none.
    pub(super) async fn lock_account(&mut self, id: UserId) -> Result<Option<Account>, StoreError> {
        let known: Option<(bool,)> = self.first(statement(sql::LOCK_ACCOUNT).bind(id.uuid())).await?;
        Ok(known.map(|(deleting,)| if deleting { Account::Deleting } else { Account::Live }))
    }

    /// Locks an account; `NotFound` unless it is live.
    pub(super) async fn lock_live_account(&mut self, id: UserId) -> Result<User, StoreError> {
        let row: UserRow = self.found(statement(sql::LOCK_LIVE_ACCOUNT).bind(id.uuid())).await?;
        Ok(row.into())
    }

    /// Locks the account whose album this is; false when there is no such album.
    pub(super) async fn lock_owner_of_album(&mut self, id: AlbumId) -> Result<bool, StoreError> {
        self.exists(statement(sql::LOCK_OWNER_OF_ALBUM).bind(id.uuid())).await
    }

    /// Locks the account whose photo this is; false when there is no such photo.
    pub(super) async fn lock_owner_of_photo(&mut self, id: PhotoId) -> Result<bool, StoreError> {
        self.exists(statement(sql::LOCK_OWNER_OF_PHOTO).bind(id.uuid())).await
    }

    /// Locks the accounts whose photos these are.
    pub(super) async fn lock_owners_of_photos(&mut self, ids: &[PhotoId]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let owners: Vec<(Uuid,)> = self.all(for_each(sql::owners_of_photos, &ids)).await?;
        self.lock_accounts(owners.into_iter().map(|(owner,)| owner)).await
    }

    /// Locks accounts, in order of their ids.
    pub(super) async fn lock_accounts(
        &mut self,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        if ids.is_empty() {
            return Ok(());
        }
        self.all::<(Uuid,)>(for_each(sql::lock_accounts, &ids)).await.map(drop)
    }
}

/// A statement for a list of values, at least one.
pub(super) fn for_each<T>(text: fn(usize) -> String, values: &[T]) -> Statement<'static>
where
    for<'t> &'t T: Encode<'t, MySql> + Type<MySql>,
{
    let places = sql::places(values.len());
    padded(values).fold(composed(text(places)), Statement::bind)
}

/// The values, and the last one again as often as it takes to fill the places of the statement.
pub(super) fn padded<T>(values: &[T]) -> impl Iterator<Item = &T> {
    let places = sql::places(values.len());
    values.iter().chain(values.last().into_iter().cycle()).take(places)
}
