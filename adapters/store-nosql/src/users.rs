//! Accounts: the port `Users`.

use async_trait::async_trait;
use gallery_core::model::{Candidate, NewJob, NewUser, Stamp, User};
use gallery_core::ports::{Conflict, Registration, StoreError, Users};
use gallery_core::values::{EmailKey, JobId, PasswordHash, PersonName, SessionId, Timestamp, UserId};

use crate::keys;
use crate::records::{EmailClaim, Marker, UserHead};
use crate::store::ItemStore;
use crate::table::Engine;
use crate::unit::{Unit, unit_of_work};

#[async_trait]
impl<E: Engine> Users for ItemStore<E> {
    async fn register_user(
        &self,
        user: &NewUser,
        mail: &(dyn for<'a> Fn(&'a Registration) -> NewJob + Send + Sync),
    ) -> Result<Registration, StoreError> {
        Ok(unit_of_work!(self, |unit| {
            let registration = unit.register(user).await?;
            unit.record_job(&mail(&registration)).await?;
            registration
        }))
    }

    async fn user(&self, id: UserId) -> Result<User, StoreError> {
        self.reading().found(&keys::user(id)).await?.user(id)
    }

    async fn user_by_email(&self, email: &EmailKey) -> Result<User, StoreError> {
        let mut unit = self.reading();
        let claim = unit.found(&keys::email(email)).await?;
        Ok(unit.candidate(claim.user).await?.ok_or(StoreError::NotFound)?.user)
    }

    async fn confirm_user(&self, id: UserId, at: Timestamp) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| {
            let mut user = unit.live_user(id).await?;
            if user.confirmed_at.is_none() {
                user.confirmed_at = Some(at);
                unit.delete(&keys::unconfirmed(user.created_at, id));
                unit.put(&keys::user(id), &user)?;
            }
        });
        Ok(())
    }

    async fn rename_user(&self, id: UserId, name: &PersonName) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| {
            let mut user = unit.live_user(id).await?;
            name.as_str().clone_into(&mut user.name);
            unit.put(&keys::user(id), &user)?;
        });
        Ok(())
    }

    async fn change_password(
        &self,
        id: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
        keep: Option<SessionId>,
        mail: NewJob,
    ) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| {
            let mut user = unit.live_user(id).await?;
            if user.password_hash != expected.as_str() {
                return Err(StoreError::Conflict(Conflict::PasswordChanged));
            }
            new.as_str().clone_into(&mut user.password_hash);
            let keep = unit.held_session(id, &user, keep).await?;
            user.end_sessions(keep);
            unit.put(&keys::user(id), &user)?;
            unit.record_job(&mail).await?;
        });
        Ok(())
    }

    async fn rehash_password(
        &self,
        id: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| {
            let mut user = unit.live_user(id).await?;
            if user.password_hash == expected.as_str() {
                new.as_str().clone_into(&mut user.password_hash);
                unit.put(&keys::user(id), &user)?;
            }
        });
        Ok(())
    }

    async fn begin_account_deletion(
        &self,
        id: UserId,
        only_pending: bool,
        job: NewJob,
    ) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| {
            if let Some(user) = unit.read(&keys::user(id)).await?.filter(|user| !user.deleting) {
                if only_pending && user.confirmed_at.is_some() {
                    return Err(StoreError::NotFound);
                }
                unit.mark_user(id, user).await?;
                unit.record_job(&job).await?;
            }
        });
        // Nobody leases a mail of a marked account; so its mails need not go in the same unit, whose size they
        // would make a matter of their number.
        self.drop_jobs_of(id, |_, entry| entry.mail).await
    }

    async fn remove_user(&self, id: UserId, job: JobId, receipt: Option<NewJob>) -> Result<(), StoreError> {
        match self.reading().read(&keys::user(id)).await? {
            None => return Ok(()),
            Some(user) if !user.deleting => return Err(StoreError::NotFound),
            Some(_) => {}
        }
        let albums = keys::of_user(id).starting_with("album#").limit(1);
        if !self.engine.query(&albums).await?.is_empty() {
            return Err(StoreError::Conflict(Conflict::NotEmpty));
        }
        self.clear_account(id, job).await?;
        unit_of_work!(self, |unit| {
            if unit.read(&keys::user(id)).await?.is_some() {
                unit.delete(&keys::user(id));
                // The job outlives the account, but must not be found through it.
                unit.delete(&keys::user_job(id, job));
                if let Some(receipt) = &receipt {
                    unit.record_job(receipt).await?;
                }
            }
        });
        Ok(())
    }

    async fn unconfirmed_users(
        &self,
        created_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<UserId>, StoreError> {
        let waiting = keys::list("unconfirmed").below(keys::ordered(created_before)).limit(limit as usize);
        let items = self.engine.query(&waiting).await?;
        Ok(items.iter().filter_map(|item| keys::id_in(&item.key)).map(UserId::from_uuid).collect())
    }
}

impl<E: Engine> Unit<'_, E> {
    /// The live account that an address was found to belong to. In between it may have been cancelled and the address
    /// taken by another one; then there is none, as there would have been none a moment later.
    pub(crate) async fn candidate(&mut self, id: UserId) -> Result<Option<Candidate>, StoreError> {
        let slot = keys::user(id);
        let Some(head) = self.read(&slot).await?.filter(|head| !head.deleting) else { return Ok(None) };
        let revision = self.revision(&slot).unwrap_or_default();
        let stamp = Some(Stamp { revision, epoch: head.session_epoch });
        Ok(Some(Candidate { user: head.user(id)?, stamp }))
    }

    async fn register(&mut self, new: &NewUser) -> Result<Registration, StoreError> {
        let claim = keys::email(new.email.key());
        let Some(EmailClaim { user: id }) = self.read(&claim).await? else {
            self.put(&claim, &EmailClaim { user: new.id })?;
            self.insert(&keys::user(new.id), &UserHead::pending(new))?;
            self.put(&keys::unconfirmed(new.created_at, new.id), &Marker {})?;
            return Ok(Registration::Created);
        };
        self.rely(&claim);
        let mut user = self.live_user(id).await?;
        if user.confirmed_at.is_some() {
            self.rely(&keys::user(id));
            return Ok(Registration::AlreadyConfirmed(id));
        }
        new.name.as_str().clone_into(&mut user.name);
        new.password_hash.as_str().clone_into(&mut user.password_hash);
        self.put(&keys::user(id), &user)?;
        Ok(Registration::Renewed(id))
    }

    /// The session that shall outlive the others, if it has not ended itself.
    async fn held_session(
        &mut self,
        id: UserId,
        user: &UserHead,
        session: Option<SessionId>,
    ) -> Result<Option<SessionId>, StoreError> {
        let Some(session) = session else { return Ok(None) };
        let known = self.read(&keys::session(id, session)).await?;
        Ok(known.filter(|known| user.holds(session.uuid(), known.epoch)).map(|_| session))
    }

    async fn mark_user(&mut self, id: UserId, mut user: UserHead) -> Result<(), StoreError> {
        if let Some(address) = user.address() {
            let claim = keys::email(address.key());
            self.load([claim.key().clone()]).await?;
            self.delete(&claim);
        }
        if user.confirmed_at.is_none() {
            self.delete(&keys::unconfirmed(user.created_at, id));
        }
        user.mark();
        self.put(&keys::user(id), &user)
    }
}
