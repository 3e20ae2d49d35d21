//! Accounts: the port [`Users`].

use async_trait::async_trait;

use super::StoreError;
use crate::model::{NewJob, NewUser, User};
use crate::values::{EmailKey, PasswordHash, PersonName, SessionId, Timestamp, UserId};

/// What became of a sign-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registration {
    /// The pending account was created, with the id of the sign-up.
    Created,
    /// The address belongs to this pending account, which now has the new name and password.
    Renewed(UserId),
    /// The address belongs to a confirmed account, which was not touched.
    AlreadyConfirmed(UserId),
}

/// Accounts in the store.
#[async_trait]
pub trait Users: Send + Sync {
    /// Records a sign-up and the mail it causes, in one unit of work.
    ///
    /// Which account holds the address decides: none — the pending account is created, and `mail(Created)`
    /// recorded; a pending one — its name and password hash are replaced, its id, address as typed and
    /// creation time stay; a confirmed one — only the mail is recorded. However many sign-ups of one canonical
    /// address run at once, one account MUST result. `mail` may be called more than once; only the job of its
    /// last call is recorded.
    async fn register_user(
        &self,
        user: &NewUser,
        mail: &(dyn for<'a> Fn(&'a Registration) -> NewJob + Send + Sync),
    ) -> Result<Registration, StoreError>;

    /// The account, pending or confirmed; `NotFound` when it is absent or being deleted.
    async fn user(&self, id: UserId) -> Result<User, StoreError>;

    /// The account with this canonical address; `NotFound` as for [`user`](Self::user).
    async fn user_by_email(&self, email: &EmailKey) -> Result<User, StoreError>;

    /// Marks the address as confirmed. Doing it again changes nothing and MUST be Ok. `NotFound` as for
    /// [`user`](Self::user).
    async fn confirm_user(&self, id: UserId, at: Timestamp) -> Result<(), StoreError>;

    /// Replaces the person's name. `NotFound` as for [`user`](Self::user).
    async fn rename_user(&self, id: UserId, name: &PersonName) -> Result<(), StoreError>;

    /// Replaces the password hash if it still is `expected` — otherwise `Conflict(PasswordChanged)` — and, in
    /// the same unit of work, ends every session but `keep` and records `mail`. Of any number of callers with
    /// the same `expected`, exactly one MUST succeed. `NotFound` as for [`user`](Self::user).
    async fn change_password(
        &self,
        id: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
        keep: Option<SessionId>,
        mail: NewJob,
    ) -> Result<(), StoreError>;

    /// Replaces the password hash by a stronger hash of the same password, if it still is `expected`;
    /// otherwise does nothing. Sessions stay.
    async fn rehash_password(
        &self,
        id: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError>;

    /// Marks the account as deleting, frees its address, ends its sessions, drops the mails that wait for it,
    /// and records `job`: one unit of work whose size does not depend on what the account holds. From then on
    /// nobody sees the account or anything under it, and nothing can be added under it. When the account is
    /// already marked, or absent, this MUST be Ok and MUST NOT record the job.
    ///
    /// `only_pending`: a confirmed account is left alone, and the answer is `NotFound`. The sweeper needs it,
    /// because the person may confirm at the last moment.
    async fn begin_account_deletion(
        &self,
        id: UserId,
        only_pending: bool,
        job: NewJob,
    ) -> Result<(), StoreError>;

    /// Removes an account that is marked as deleting, with its sessions, idempotency records and jobs (but
    /// `job`, which runs this), and records the receipt's mail, in one unit of work. `Conflict(NotEmpty)` while
    /// an album or photo of any state is left; Ok without the mail when the account is gone already.
    async fn remove_user(
        &self,
        id: UserId,
        job: crate::values::JobId,
        receipt: Option<NewJob>,
    ) -> Result<(), StoreError>;

    /// Up to `limit` accounts that are still pending and were created before this instant.
    async fn unconfirmed_users(
        &self,
        created_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<UserId>, StoreError>;
}
