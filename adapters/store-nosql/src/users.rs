//! Accounts and registrations: the port `Users`.

use async_trait::async_trait;
use gallery_core::model::{LoginCandidate, NewJob, Registration, User, VersionToken};
use gallery_core::ports::{Conflict, SignUpOutcome, StoreError, Users};
use gallery_core::texts::Language;
use gallery_core::values::{Email, EmailKey, JobId, PasswordHash, PersonName, SessionId, Timestamp, UserId};
use uuid::Uuid;

use crate::keys;
use crate::records::{EmailClaim, Marker, RegistrationRecord, UserHead};
use crate::store::ItemStore;
use crate::table::{Engine, Item};
use crate::unit::{Unit, unit_of_work};

#[async_trait]
impl<E: Engine> Users for ItemStore<E> {
    async fn register(
        &self,
        registration: &Registration,
        mail: &(dyn for<'a> Fn(&'a SignUpOutcome) -> NewJob + Send + Sync),
    ) -> Result<SignUpOutcome, StoreError> {
        Ok(unit_of_work!(self, |unit| {
            let outcome = unit.register(registration).await?;
            unit.record_job(&mail(&outcome)).await?;
            outcome
        }))
    }

    async fn registration(&self, id: UserId) -> Result<Registration, StoreError> {
        Ok(self.reading().found(&keys::registration(id)).await?.registration(id))
    }

    async fn registrations_of(&self, email: &EmailKey, limit: u32) -> Result<Vec<Registration>, StoreError> {
        // Ids are of the time of the sign-up.
        let newest = keys::waiting_for(email).descending().limit(limit as usize);
        let ids = ids_of(&self.engine.query(&newest).await?);
        let mut unit = self.reading();
        unit.load(ids.iter().map(|id| keys::registration(*id).into_key())).await?;
        let mut waiting = Vec::with_capacity(ids.len());
        for id in ids {
            let record = unit.seen(&keys::registration(id))?;
            waiting.extend(record.map(|record| record.registration(id)));
        }
        Ok(waiting)
    }

    async fn confirm_registration(&self, id: UserId, at: Timestamp) -> Result<(), StoreError> {
        let address = unit_of_work!(self, |unit| unit.confirm(id, at).await?);
        // There may be any number of them, and nobody can confirm them any more.
        let others = self.engine.query(&keys::waiting_for(address.key())).await?;
        self.forget_registrations(others).await.map(drop)
    }

    async fn user(&self, id: UserId) -> Result<User, StoreError> {
        self.reading().found(&keys::user(id)).await?.user(id)
    }

    async fn user_by_email(&self, email: &EmailKey) -> Result<User, StoreError> {
        let mut unit = self.reading();
        let claim = unit.found(&keys::email(email)).await?;
        Ok(unit.candidate(claim.user).await?.ok_or(StoreError::NotFound)?.user)
    }

    async fn update_user(
        &self,
        id: UserId,
        name: &PersonName,
        language: Option<Language>,
    ) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| {
            let mut user = unit.live_user(id).await?;
            name.as_str().clone_into(&mut user.name);
            user.language = language;
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

    async fn begin_account_deletion(&self, id: UserId, job: NewJob) -> Result<(), StoreError> {
        unit_of_work!(self, |unit| {
            if let Some(user) = unit.read(&keys::user(id)).await?.filter(|user| !user.deleting) {
                unit.mark_user(id, user).await?;
                unit.record_job(&job).await?;
            }
        });
        // Nobody leases a mail of a marked account; so its mails need not go in the same unit,
        // whose size they would make a matter of their number.
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
}

impl<E: Engine> ItemStore<E> {
    /// Removes up to `limit` registrations that nobody confirmed in time; returns how many.
    pub(crate) async fn remove_ended_registrations(
        &self,
        now: Timestamp,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let before = keys::ordered(Registration::ended_before(now));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut ended = Vec::new();
        for part in keys::parts("unconfirmed") {
            let left = limit - ended.len();
            if left == 0 {
                break;
            }
            ended.extend(self.engine.query(&part.below(before.clone()).limit(left)).await?);
        }
        self.forget_registrations(ended).await
    }

    /// Removes the registrations that these entries of a list lead to, with the mails that wait for
    /// them; the mails first, so that a crash leaves what leads to them. Returns how many entries
    /// there were.
    async fn forget_registrations(&self, entries: Vec<Item<E::Body>>) -> Result<u64, StoreError> {
        for Item { key, .. } in &entries {
            let Some(id) = keys::id_in(key).map(UserId::from_uuid) else { continue };
            self.drop_jobs_of(id, |_, entry| entry.mail).await?;
            unit_of_work!(self, |unit| {
                if let Some(known) = unit.read(&keys::registration(id)).await? {
                    unit.drop_registration(id, &known);
                }
                unit.delete_key(key.clone());
            });
        }
        Ok(entries.len() as u64)
    }
}

/// How an account stood when a log-in read it.
pub(crate) struct AccountVersion {
    /// Differs after every change of the account's record.
    pub revision: u64,
    /// Differs after everything that ends the account's sessions.
    pub epoch: u64,
}

impl From<AccountVersion> for VersionToken {
    fn from(version: AccountVersion) -> Self {
        Self::new([version.revision, version.epoch].map(u64::to_be_bytes).concat())
    }
}

impl AccountVersion {
    /// What the token says; `None` for that of another store.
    pub(crate) fn of(token: &VersionToken) -> Option<Self> {
        let (revision, epoch) = token.as_bytes().split_first_chunk()?;
        let number = u64::from_be_bytes;
        Some(Self { revision: number(*revision), epoch: number(epoch.try_into().ok()?) })
    }
}

impl<E: Engine> Unit<'_, E> {
    /// The live account that an address was found to belong to. In between it may have been
    /// cancelled and the address taken by another one; then there is none, as there would have been
    /// none a moment later.
    pub(crate) async fn candidate(&mut self, id: UserId) -> Result<Option<LoginCandidate>, StoreError> {
        let slot = keys::user(id);
        let Some(head) = self.read(&slot).await?.filter(|head| !head.deleting) else { return Ok(None) };
        let revision = self.revision(&slot).unwrap_or_default();
        let version = AccountVersion { revision, epoch: head.session_epoch };
        Ok(Some(LoginCandidate { user: head.user(id)?, version: Some(version.into()) }))
    }

    /// The live account that has this address. For an address that nobody has, nobody's account is
    /// looked for: so the answer takes as long.
    pub(crate) async fn holder(&mut self, address: &EmailKey) -> Result<Option<LoginCandidate>, StoreError> {
        let claim = self.read(&keys::email(address)).await?;
        self.candidate(claim.map_or(UserId::from_uuid(Uuid::nil()), |claim| claim.user)).await
    }

    async fn register(&mut self, new: &Registration) -> Result<SignUpOutcome, StoreError> {
        if let Some(LoginCandidate { user, .. }) = self.holder(new.email.key()).await? {
            // Its mail must not be recorded behind its deletion.
            self.rely(&keys::user(user.id));
            return Ok(SignUpOutcome::AlreadyRegistered(Box::new(user)));
        }
        self.insert(&keys::registration(new.id), &RegistrationRecord::new(new))?;
        self.put(&keys::waiting(new.email.key(), new.id), &Marker {})?;
        self.put(&keys::unconfirmed(new.created_at, new.id), &Marker {})?;
        Ok(SignUpOutcome::Registered)
    }

    /// Makes a registration the account of its id, or finds that it is; returns its address.
    async fn confirm(&mut self, id: UserId, at: Timestamp) -> Result<Email, StoreError> {
        let (waiting, account) = (keys::registration(id), keys::user(id));
        self.load([waiting.key().clone(), account.key().clone()]).await?;
        let Some(registration) = self.seen(&waiting)? else {
            return self.live_user(id).await?.address().ok_or(StoreError::NotFound);
        };
        let address = registration.address();
        let claim = keys::email(address.key());
        if self.read(&claim).await?.is_some() {
            return Err(StoreError::NotFound);
        }
        self.put(&claim, &EmailClaim { user: id })?;
        self.drop_registration(id, &registration);
        self.put(&account, &UserHead::confirmed(registration, at))?;
        Ok(address)
    }

    fn drop_registration(&mut self, id: UserId, known: &RegistrationRecord) {
        self.delete(&keys::registration(id));
        self.delete(&keys::waiting(known.address().key(), id));
        self.delete(&keys::unconfirmed(known.created_at, id));
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
        user.mark();
        self.put(&keys::user(id), &user)
    }
}

/// The ids at the ends of these items' keys, in their order.
fn ids_of<B>(items: &[Item<B>]) -> Vec<UserId> {
    items.iter().filter_map(|item| keys::id_in(&item.key)).map(UserId::from_uuid).collect()
}
