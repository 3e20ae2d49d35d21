//! Accounts and registrations: the port `Users`. Compiled once for each dialect (see `lib.rs`).

use async_trait::async_trait;
use gallery_core::model::{NewJob, Registration, User};
use gallery_core::ports::{Conflict, SignUpOutcome, StoreError, Users};
use gallery_core::texts::Language;
use gallery_core::values::{EmailKey, JobId, PasswordHash, PersonName, SessionId, Timestamp, UserId};
use uuid::Uuid;

use super::accounts::Account;
use super::db::{SqlStore, Tx, unit_of_work};
use super::sql;
use super::statements::statement;
use crate::error::SqlError;
use crate::rows::{RegistrationRow, UserRow, signed};
use crate::sql::{albums, jobs, sessions, users};

#[async_trait]
impl Users for SqlStore {
    async fn register(
        &self,
        registration: &Registration,
        mail: &(dyn for<'a> Fn(&'a SignUpOutcome) -> NewJob + Send + Sync),
    ) -> Result<SignUpOutcome, StoreError> {
        unit_of_work!(self, async |tx| {
            let outcome = tx.register(registration).await?;
            tx.enqueue(&mail(&outcome)).await?;
            Ok(outcome)
        })
    }

    async fn registration(&self, id: UserId) -> Result<Registration, StoreError> {
        let row: Option<RegistrationRow> = self.first(statement(users::REGISTRATION).bind(id.uuid())).await?;
        Ok(row.ok_or(StoreError::NotFound)?.into())
    }

    async fn registrations_of(&self, email: &EmailKey, limit: u32) -> Result<Vec<Registration>, StoreError> {
        let waiting = statement(users::REGISTRATIONS_OF).bind(email.as_str()).bind(i64::from(limit));
        let rows: Vec<RegistrationRow> = self.all(waiting).await?;
        Ok(rows.into_iter().map(Registration::from).collect())
    }

    async fn confirm_registration(&self, id: UserId, at: Timestamp) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            let waiting = statement(users::REGISTRATION).bind(id.uuid());
            let Some(registration) = tx.first::<RegistrationRow>(waiting).await?.map(Registration::from)
            else {
                return tx.lock_live_account(id).await.map(drop);
            };
            // All of the address, always in the same order, so that those who confirm at once wait
            // for the first.
            let of_address = statement(sql::LOCK_REGISTRATIONS_OF).bind(registration.email.key().as_str());
            let mut waiting: Vec<(Uuid,)> = tx.all(of_address).await?;
            let confirm = statement(users::CONFIRM).bind(at.millis()).bind(id.uuid());
            if !waiting.contains(&(id.uuid(),)) || !tx.inserted(confirm).await? {
                return tx.lock_live_account(id).await.map(drop);
            }
            tx.run(statement(users::UNREGISTER).bind(id.uuid())).await?;
            waiting.retain(|(other,)| *other != id.uuid());
            tx.forget_registrations(waiting).await.map(drop)
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

    async fn update_user(
        &self,
        id: UserId,
        name: &PersonName,
        language: Option<Language>,
    ) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            let update = statement(users::UPDATE)
                .bind(name.as_str())
                .bind(language.map(Language::tag))
                .bind(id.uuid());
            tx.changed_one(update).await
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

    async fn begin_account_deletion(&self, id: UserId, job: NewJob) -> Result<(), StoreError> {
        unit_of_work!(self, async |tx| {
            match tx.lock_live_account(id).await {
                Err(StoreError::NotFound) => return Ok(()),
                live => drop(live?),
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
}

impl Tx {
    /// Records the registration, unless an account has its address.
    async fn register(&mut self, new: &Registration) -> Result<SignUpOutcome, StoreError> {
        let by_email = statement(users::BY_EMAIL).bind(new.email.key().as_str());
        if let Some(holder) = self.first::<UserRow>(by_email).await?.map(User::from) {
            // Its mail must not be recorded behind its deletion.
            return match self.lock_live_account(holder.id).await {
                Ok(holder) => Ok(SignUpOutcome::AlreadyRegistered(Box::new(holder))),
                Err(StoreError::NotFound) => Err(SqlError::Contended.into()),
                Err(other) => Err(other),
            };
        }
        let insert = statement(users::REGISTER)
            .bind(new.id.uuid())
            .bind(new.email.typed())
            .bind(new.email.key().as_str())
            .bind(new.name.as_str())
            .bind(new.language.map(Language::tag))
            .bind(new.password_hash.as_str())
            .bind(new.created_at.millis())
            .bind(signed(new.quota_bytes));
        self.inserted(insert).await?;
        Ok(SignUpOutcome::Registered)
    }

    /// Removes registrations with their mails; returns how many there were.
    pub(super) async fn forget_registrations(&mut self, ids: Vec<(Uuid,)>) -> Result<u64, StoreError> {
        let mut count = 0;
        for (id,) in ids {
            count += self.run(statement(users::UNREGISTER).bind(id)).await?;
            self.delete_jobs(statement(jobs::MAILS_OF_USER).bind(id)).await?;
        }
        Ok(count)
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
