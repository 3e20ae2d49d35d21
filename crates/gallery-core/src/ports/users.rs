//! Accounts and registrations: the port [`Users`].

use async_trait::async_trait;

use super::StoreError;
use crate::model::{NewJob, Registration, User};
use crate::texts::Language;
use crate::values::{EmailKey, PasswordHash, PersonName, SessionId, Timestamp, UserId};

/// What became of a sign-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignUpOutcome {
    /// The registration waits for its confirmation.
    Registered,
    /// The address belongs to this account, which was not touched; nothing was registered.
    AlreadyRegistered(Box<User>),
}

/// Accounts in the store, and the registrations that may become one.
#[async_trait]
pub trait Users: Send + Sync {
    /// Records a sign-up and the mail it causes, in one unit of work.
    ///
    /// When no live account has the address, the registration is recorded beside those that wait
    /// for it already, and `mail(Registered)`; otherwise only `mail(AlreadyRegistered(account))`.
    /// `mail` may be called more than once; only the job of its last call is recorded. A
    /// registration whose address becomes an account's at the same moment waits in vain.
    async fn register(
        &self,
        registration: &Registration,
        mail: &(dyn for<'a> Fn(&'a SignUpOutcome) -> NewJob + Send + Sync),
    ) -> Result<SignUpOutcome, StoreError>;

    /// A registration that was not confirmed or removed, however old; `NotFound` when there is none
    /// of this id.
    async fn registration(&self, id: UserId) -> Result<Registration, StoreError>;

    /// Up to `limit` registrations of this address, as for [`registration`](Self::registration),
    /// newest first.
    async fn registrations_of(&self, email: &EmailKey, limit: u32) -> Result<Vec<Registration>, StoreError>;

    /// Makes a registration the account of its id, which has the registration's address, name,
    /// password and quota. The other registrations of the address are removed, with the mails that
    /// wait for them; before this returns, but not necessarily in the same unit of work, because
    /// there may be any number of them.
    ///
    /// Doing it again while the account is live changes nothing and MUST be Ok. `NotFound` when
    /// there is neither such a registration nor such an account, and when another live account has
    /// the address. Of any number of registrations of one address exactly one MUST become an
    /// account.
    async fn confirm_registration(&self, id: UserId, at: Timestamp) -> Result<(), StoreError>;

    /// The account; `NotFound` when it is absent or being deleted.
    async fn user(&self, id: UserId) -> Result<User, StoreError>;

    /// The account with this canonical address; `NotFound` as for [`user`](Self::user).
    async fn user_by_email(&self, email: &EmailKey) -> Result<User, StoreError>;

    /// Replaces the person's name and language. `NotFound` as for [`user`](Self::user).
    async fn update_user(
        &self,
        id: UserId,
        name: &PersonName,
        language: Option<Language>,
    ) -> Result<(), StoreError>;

    /// Replaces the password hash if it still is `expected` — otherwise `Conflict(PasswordChanged)`
    /// — and, in the same unit of work, ends every session but `keep` and records `mail`. Of any
    /// number of callers with the same `expected`, exactly one MUST succeed. `NotFound` as for
    /// [`user`](Self::user).
    async fn change_password(
        &self,
        id: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
        keep: Option<SessionId>,
        mail: NewJob,
    ) -> Result<(), StoreError>;

    /// Replaces the password hash by a stronger hash of the same password, if it still is
    /// `expected`; otherwise does nothing. Sessions stay.
    async fn rehash_password(
        &self,
        id: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError>;

    /// Marks the account as deleting, frees its address, ends its sessions, drops the mails that
    /// wait for it, and records `job`: one unit of work whose size does not depend on what the
    /// account holds. From then on nobody sees the account or anything under it, and nothing can be
    /// added under it. When the account is already marked, or absent, this MUST be Ok and MUST NOT
    /// record the job.
    async fn begin_account_deletion(&self, id: UserId, job: NewJob) -> Result<(), StoreError>;

    /// Removes an account that is marked as deleting, with its sessions, idempotency records and
    /// jobs (but `job`, which runs this), and records the receipt's mail, in one unit of work.
    /// `Conflict(NotEmpty)` while an album or photo of any state is left; Ok without the mail when
    /// the account is gone already.
    async fn remove_user(
        &self,
        id: UserId,
        job: crate::values::JobId,
        receipt: Option<NewJob>,
    ) -> Result<(), StoreError>;
}
