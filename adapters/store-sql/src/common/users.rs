//! Accounts: the port `Users`. Compiled once for each dialect (see `lib.rs`).

use async_trait::async_trait;
use gallery_core::model::{NewJob, NewUser, User};
use gallery_core::ports::{Conflict, Registration, StoreError, Users};
use gallery_core::values::{EmailKey, JobId, PasswordHash, PersonName, SessionId, Timestamp, UserId};
use uuid::Uuid;

use super::accounts::Account;
use super::db::{SqlStore, Tx, unit_of_work};
use super::statements::statement;
use crate::error::SqlError;
use crate::rows::{UserRow, signed};
use crate::sql::{albums, jobs, sessions, users};

#[async_trait]
impl Users for SqlStore {
    async fn register_user(
        &self,
        user: &NewUser,
        mail: &(dyn for<'a> Fn(&'a Registration) -> NewJob + Send + Sync),
    ) -> Result<Registration, StoreError> {
        unit_of_work!(self, async |tx| {
            let registration = tx.register(user).await?;
            tx.enqueue(&mail(&registration)).await?;
            Ok(registration)
        })
    }

    async fn user(&self, id: UserId) -> Result<User, StoreError> {
        let row: Option<UserRow> = self.first(statement(users::BY_ID).bind(id.uuid())).await?;
        Ok(row.ok_or(StoreError::NotFound)?.into())
    }

    async fn user_by_email(&self, email: &EmailKey) -> Result<User, StoreError> {
        let by_email = statement(users::BY_EMAIL).bind(email.as_str());
        let row: Option<UserRow> = self.first(by_email).await?;
        Ok(row.ok_or(StoreError::NotFound)?.into())
    }

    async fn confirm_user(&self, id: UserId, at: Timestamp) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            tx.changed_one(statement(users::CONFIRM).bind(at.millis()).bind(id.uuid())).await
        })
    }

    async fn rename_user(&self, id: UserId, name: &PersonName) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            tx.changed_one(statement(users::RENAME).bind(name.as_str()).bind(id.uuid())).await
        })
    }

    async fn change_password(
        &self,
        id: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
        keep: Option<SessionId>,
        mail: NewJob,
    ) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            if !tx.replace_password(id, expected, new).await? {
                return Err(StoreError::Conflict(Conflict::PasswordChanged));
            }
            match keep {
                Some(session) => {
                    tx.run(statement(sessions::END_ALL_BUT).bind(id.uuid()).bind(session.uuid())).await?
                }
                None => tx.run(statement(sessions::END_ALL).bind(id.uuid())).await?,
            };
            tx.enqueue(&mail).await
        })
    }

    async fn rehash_password(
        &self,
        id: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| tx.replace_password(id, expected, new).await.map(drop))
    }

    async fn begin_account_deletion(
        &self,
        id: UserId,
        only_pending: bool,
        job: NewJob,
    ) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            let confirmed = match tx.lock_live_account(id).await {
                Ok(user) => user.confirmed_at.is_some(),
                Err(StoreError::NotFound) => return Ok(()),
                Err(error) => return Err(error),
            };
            if only_pending && confirmed {
                return Err(StoreError::NotFound);
            }
            tx.run(statement(users::MARK).bind(id.uuid())).await?;
            tx.run(statement(sessions::END_ALL).bind(id.uuid())).await?;
            tx.delete_jobs(statement(jobs::MAILS_OF_USER).bind(id.uuid())).await?;
            tx.enqueue(&job).await
        })
    }

    async fn remove_user(&self, id: UserId, job: JobId, receipt: Option<NewJob>) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            match tx.lock_account(id).await? {
                None => return Ok(()),
                Some(Account::Live) => return Err(StoreError::NotFound),
                Some(Account::Deleting) => {}
            }
            let (_, left): (bool, bool) = tx.found(statement(users::LEFT_OVER).bind(id.uuid())).await?;
            if left {
                return Err(StoreError::Conflict(Conflict::NotEmpty));
            }
            tx.run(statement(albums::DELETE_RECORDS_OF_OWNER).bind(id.uuid())).await?;
            tx.run(statement(sessions::END_ALL).bind(id.uuid())).await?;
            tx.delete_jobs(statement(jobs::OF_USER_BUT).bind(id.uuid()).bind(job.uuid())).await?;
            tx.run(statement(users::DELETE).bind(id.uuid())).await?;
            match &receipt {
                Some(receipt) => tx.enqueue(receipt).await,
                None => Ok(()),
            }
        })
    }

    async fn unconfirmed_users(
        &self,
        created_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<UserId>, StoreError> {
        let forgotten = statement(users::UNCONFIRMED).bind(created_before.millis()).bind(i64::from(limit));
        let ids: Vec<(Uuid,)> = self.all(forgotten).await?;
        Ok(ids.into_iter().map(|(id,)| UserId::from_uuid(id)).collect())
    }
}

impl Tx {
    /// Creates the pending account, or finds out who has the address. Who else takes or frees the address between
    /// two of these statements is noticed, and makes the unit start over.
    async fn register(&mut self, user: &NewUser) -> Result<Registration, StoreError> {
        let by_email = statement(users::ID_BY_EMAIL).bind(user.email.key().as_str());
        let Some((holder,)): Option<(Uuid,)> = self.first(by_email).await? else {
            let created = self.insert_user(user).await?;
            return if created { Ok(Registration::Created) } else { Err(SqlError::Contended.into()) };
        };
        let holder = match self.lock_live_account(UserId::from_uuid(holder)).await {
            Err(StoreError::NotFound) => return Err(SqlError::Contended.into()),
            holder => holder?,
        };
        if holder.confirmed_at.is_some() {
            return Ok(Registration::AlreadyConfirmed(holder.id));
        }
        let renew = statement(users::REPLACE_SIGN_UP)
            .bind(user.name.as_str())
            .bind(user.password_hash.as_str())
            .bind(holder.id.uuid());
        self.run(renew).await?;
        Ok(Registration::Renewed(holder.id))
    }

    /// Inserts an account; false when its address has been taken.
    async fn insert_user(&mut self, user: &NewUser) -> Result<bool, StoreError> {
        let insert = statement(users::INSERT)
            .bind(user.id.uuid())
            .bind(user.email.typed())
            .bind(user.email.key().as_str())
            .bind(user.name.as_str())
            .bind(user.password_hash.as_str())
            .bind(user.created_at.millis())
            .bind(signed(user.quota_bytes));
        self.inserted(insert).await
    }

    /// Replaces the password hash if it is the expected one; `NotFound` unless the account is live.
    async fn replace_password(
        &mut self,
        id: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, StoreError> {
        if self.lock_live_account(id).await?.password_hash != *expected {
            return Ok(false);
        }
        self.run(statement(users::SET_PASSWORD).bind(new.as_str()).bind(id.uuid())).await?;
        Ok(true)
    }
}
