//! Accounts and registrations: the port `Users`. Knows the records only; tested by the conformance
//! suite's users and deletion.

use async_trait::async_trait;
use gallery_core::model::{JobKind, NewJob, Registration, User};
use gallery_core::ports::{Conflict, SignUpOutcome, StoreError, Users};
use gallery_core::texts::Language;
use gallery_core::values::{EmailKey, JobId, PasswordHash, PersonName, SessionId, Timestamp, UserId};

use crate::MemoryStore;
use crate::state::{LeavingUser, State, up_to};

#[async_trait]
impl Users for MemoryStore {
    async fn register(
        &self,
        registration: &Registration,
        mail: &(dyn for<'a> Fn(&'a SignUpOutcome) -> NewJob + Send + Sync),
    ) -> Result<SignUpOutcome, StoreError> {
        let mut state = self.state();
        let outcome = match state.user_at(registration.email.key()) {
            None => {
                state.registrations.insert(registration.id, registration.clone());
                SignUpOutcome::Registered
            }
            Some(holder) => SignUpOutcome::AlreadyRegistered(Box::new(holder.clone())),
        };
        state.record_job(mail(&outcome));
        Ok(outcome)
    }

    async fn registration(&self, id: UserId) -> Result<Registration, StoreError> {
        self.state().registrations.get(&id).cloned().ok_or(StoreError::NotFound)
    }

    async fn registrations_of(&self, email: &EmailKey, limit: u32) -> Result<Vec<Registration>, StoreError> {
        let state = self.state();
        let mut waiting: Vec<&Registration> =
            state.registrations.values().filter(|known| known.email.key() == email).collect();
        waiting.sort_by_key(|known| std::cmp::Reverse((known.created_at, known.id)));
        Ok(up_to(limit, waiting.into_iter().cloned()))
    }

    async fn confirm_registration(&self, id: UserId, at: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        let Some(registration) = state.registrations.get(&id).cloned() else {
            return state.live_user(id).map(drop);
        };
        let address = registration.email.key().clone();
        if state.user_at(&address).is_some() {
            return Err(StoreError::NotFound);
        }
        state.registrations.remove(&id);
        state.users.insert(id, registration.confirmed(at));
        let others = state.registrations.values().filter(|other| *other.email.key() == address);
        for other in others.map(|other| other.id).collect::<Vec<_>>() {
            state.forget_registration(other);
        }
        Ok(())
    }

    async fn user(&self, id: UserId) -> Result<User, StoreError> {
        self.state().live_user(id).cloned()
    }

    async fn user_by_email(&self, email: &EmailKey) -> Result<User, StoreError> {
        self.state().user_at(email).cloned().ok_or(StoreError::NotFound)
    }

    async fn update_user(
        &self,
        id: UserId,
        name: &PersonName,
        language: Option<Language>,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let user = state.live_user_mut(id)?;
        user.name = name.clone();
        user.language = language;
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
        let mut state = self.state();
        let user = state.live_user_mut(id)?;
        if user.password_hash != *expected {
            return Err(StoreError::Conflict(Conflict::PasswordChanged));
        }
        user.password_hash = new.clone();
        state.end_sessions_of(id, keep);
        state.record_job(mail);
        Ok(())
    }

    async fn rehash_password(
        &self,
        id: UserId,
        expected: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let user = state.live_user_mut(id)?;
        if user.password_hash == *expected {
            user.password_hash = new.clone();
        }
        Ok(())
    }

    async fn begin_account_deletion(&self, id: UserId, job: NewJob) -> Result<(), StoreError> {
        let mut state = self.state();
        let Ok(user) = state.live_user(id) else { return Ok(()) };
        let User { created_at, confirmed_at, usage, .. } = *user;
        state.users.remove(&id);
        state.leaving.insert(id, LeavingUser { created_at, confirmed_at, usage });
        state.end_sessions_of(id, None);
        state.drop_mails_of(id);
        state.record_job(job);
        Ok(())
    }

    async fn remove_user(&self, id: UserId, job: JobId, receipt: Option<NewJob>) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.users.contains_key(&id) {
            return Err(StoreError::NotFound);
        }
        if !state.leaving.contains_key(&id) {
            return Ok(());
        }
        let holds_albums = state.albums.values().any(|row| row.album.owner == id);
        if holds_albums || state.photos.values().any(|row| row.stored.owner == id) {
            return Err(StoreError::Conflict(Conflict::NotEmpty));
        }
        state.leaving.remove(&id);
        state.end_sessions_of(id, None);
        state.idempotency.retain(|(owner, _), _| *owner != id);
        state.jobs.retain(|_, row| row.job.id == job || row.job.kind.user() != Some(id));
        if let Some(receipt) = receipt {
            state.record_job(receipt);
        }
        Ok(())
    }
}

impl State {
    /// The live account of this address.
    pub fn user_at(&self, email: &EmailKey) -> Option<&User> {
        self.users.values().find(|user| user.email.key() == email)
    }

    pub(crate) fn forget_registration(&mut self, id: UserId) {
        self.registrations.remove(&id);
        self.drop_mails_of(id);
    }

    /// Drops the mails that wait for an account or a registration.
    fn drop_mails_of(&mut self, id: UserId) {
        self.jobs
            .retain(|_, row| !matches!(&row.job.kind, JobKind::SendMail { mail } if mail.user == Some(id)));
    }

    fn end_sessions_of(&mut self, user: UserId, keep: Option<SessionId>) {
        let ended = |id: &SessionId| Some(*id) != keep;
        let of_user = self.sessions.values().filter(|session| session.user_id == user);
        let ids: Vec<SessionId> = of_user.map(|session| session.id).filter(ended).collect();
        for id in ids {
            self.end_session(id);
        }
    }
}
