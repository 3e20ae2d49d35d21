//! The locks that units of work begin with. Why, and in which order, is told in `mysql::db`. In
//! SQLite a unit has the whole database to itself: there the same functions only read. Compiled
//! once for each dialect (see `lib.rs`).

use std::collections::BTreeSet;

use gallery_core::model::User;
use gallery_core::ports::StoreError;
use gallery_core::values::{AlbumId, PhotoId, UserId};
use uuid::Uuid;

use super::db::Tx;
use super::sql;
use super::statements::statement;
use crate::rows::UserRow;
use crate::sql::lists;

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

    /// Locks the account whose album this is, if there is such an album.
    pub(super) async fn lock_owner_of_album(&mut self, id: AlbumId) -> Result<(), StoreError> {
        self.exists(statement(sql::LOCK_OWNER_OF_ALBUM).bind(id.uuid())).await.map(drop)
    }

    /// Locks the account whose photo this is, if there is such a photo.
    pub(super) async fn lock_owner_of_photo(&mut self, id: PhotoId) -> Result<(), StoreError> {
        self.exists(statement(sql::LOCK_OWNER_OF_PHOTO).bind(id.uuid())).await.map(drop)
    }

    /// Locks the accounts whose photos these are.
    pub(super) async fn lock_owners_of_photos(&mut self, ids: &[PhotoId]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let owners: Vec<(Uuid,)> = self.all_for(lists::owners_of_photos, &ids).await?;
        self.lock_accounts(owners.into_iter().map(|(owner,)| owner)).await
    }

    /// Locks accounts, in order of their ids.
    pub(super) async fn lock_accounts(
        &mut self,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = ids.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        self.all_for::<(Uuid,), _>(sql::lock_accounts, &ids).await.map(drop)
    }
}
