//! Accounts: the port `Users`.

use async_trait::async_trait;
use gallery_core::model::{NewJob, NewUser, User};
use gallery_core::ports::{Conflict, Registration, StoreError, Users};
use gallery_core::values::{EmailKey, JobId, PasswordHash, PersonName, SessionId, Timestamp, UserId};
use uuid::Uuid;

use super::SqliteStore;
use super::db::{Tx, statement};
use crate::rows::{UserRow, signed};
use crate::sql::{albums, jobs, sessions, users};

#[async_trait]
impl Users for SqliteStore {
    async fn register_user(
        &self,
        user: &NewUser,
        mail: &(dyn for<'a> Fn(&'a Registration) -> NewJob + Send + Sync),
    ) -> Result<Registration, StoreError> {
        let mut tx = self.begin().await?;
        let registration = tx.register(user).await?;
        tx.enqueue(&mail(&registration)).await?;
        tx.commit().await?;
        Ok(registration)
    }

    async fn user(&self, id: UserId) -> Result<User, StoreError> {
        let row: Option<UserRow> = self.first(statement(users::BY_ID).bind(id.uuid())).await?;
        Ok(row.ok_or(StoreError::NotFound)?.into())
    }

    async fn user_by_email(&self, email: &EmailKey) -> Result<User, StoreError> {
        let row: Option<UserRow> = self.first(statement(users::BY_EMAIL).bind(email.as_str())).await?;
        Ok(row.ok_or(StoreError::NotFound)?.into())
    }

    async fn confirm_user(&self, id: UserId, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.changed_one(statement(users::CONFIRM).bind(at.millis()).bind(id.uuid())).await?;
        tx.commit().await
    }

    async fn rename_user(&self, id: UserId, name: &PersonName) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.changed_one(statement(users::RENAME).bind(name.as_str()).bind(id.uuid())).await?;
        tx.commit().await
    }

    async fn change_password(
        &self,
        id: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
        keep: Option<SessionId>,
        mail: NewJob,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        if !tx.replace_password(id, expected, new).await? {
            return Err(StoreError::Conflict(Conflict::PasswordChanged));
        }
        match keep {
            Some(session) => {
                tx.run(statement(sessions::END_ALL_BUT).bind(id.uuid()).bind(session.uuid())).await?
            }
            None => tx.run(statement(sessions::END_ALL).bind(id.uuid())).await?,
        };
        tx.enqueue(&mail).await?;
        tx.commit().await
    }

    async fn rehash_password(
        &self,
        id: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.replace_password(id, expected, new).await?;
        tx.commit().await
    }

    async fn begin_account_deletion(
        &self,
        id: UserId,
        only_pending: bool,
        job: NewJob,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let live: Option<(Option<i64>,)> = tx.first(statement(users::CONFIRMED_AT).bind(id.uuid())).await?;
        let Some((confirmed_at,)) = live else { return Ok(()) };
        if only_pending && confirmed_at.is_some() {
            return Err(StoreError::NotFound);
        }
        tx.run(statement(users::MARK).bind(id.uuid())).await?;
        tx.run(statement(sessions::END_ALL).bind(id.uuid())).await?;
        tx.run(statement(jobs::DELETE_MAILS_OF_USER).bind(id.uuid())).await?;
        tx.enqueue(&job).await?;
        tx.commit().await
    }

    async fn remove_user(&self, id: UserId, job: JobId, receipt: Option<NewJob>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        match tx.first(statement(users::LEFT_OVER).bind(id.uuid())).await? {
            None => return Ok(()),
            Some((false, _)) => return Err(StoreError::NotFound),
            Some((true, true)) => return Err(StoreError::Conflict(Conflict::NotEmpty)),
            Some((true, false)) => {}
        }
        tx.run(statement(albums::DELETE_RECORDS_OF_OWNER).bind(id.uuid())).await?;
        tx.run(statement(sessions::END_ALL).bind(id.uuid())).await?;
        tx.run(statement(jobs::DELETE_OF_USER_BUT).bind(id.uuid()).bind(job.uuid())).await?;
        tx.run(statement(users::DELETE).bind(id.uuid())).await?;
        if let Some(receipt) = receipt {
            tx.enqueue(&receipt).await?;
        }
        tx.commit().await
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
    /// Creates the pending account, or finds out who has the address.
    async fn register(&mut self, user: &NewUser) -> Result<Registration, StoreError> {
        let holder = self.first(statement(users::BY_EMAIL).bind(user.email.key().as_str())).await?;
        let holder: Option<User> = holder.map(UserRow::into);
        match holder {
            None => self.insert_user(user).await.map(|()| Registration::Created),
            Some(holder) if holder.confirmed_at.is_some() => Ok(Registration::AlreadyConfirmed(holder.id)),
            Some(holder) => {
                let renew = statement(users::REPLACE_SIGN_UP)
                    .bind(user.name.as_str())
                    .bind(user.password_hash.as_str())
                    .bind(holder.id.uuid());
                self.run(renew).await?;
                Ok(Registration::Renewed(holder.id))
            }
        }
    }

    async fn insert_user(&mut self, user: &NewUser) -> Result<(), StoreError> {
        let insert = statement(users::INSERT)
            .bind(user.id.uuid())
            .bind(user.email.typed())
            .bind(user.email.key().as_str())
            .bind(user.name.as_str())
            .bind(user.password_hash.as_str())
            .bind(user.created_at.millis())
            .bind(signed(user.quota_bytes));
        self.run(insert).await.map(drop)
    }

    /// Replaces the password hash if it is the expected one; `NotFound` unless the account is live.
    async fn replace_password(
        &mut self,
        id: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, StoreError> {
        let (known,): (String,) = self.found(statement(users::PASSWORD).bind(id.uuid())).await?;
        if known != expected.as_str() {
            return Ok(false);
        }
        self.run(statement(users::SET_PASSWORD).bind(new.as_str()).bind(id.uuid())).await?;
        Ok(true)
    }
}
