//! Accounts: the port `Users`. Knows the records only; tested by the conformance suite's users and deletion.

use async_trait::async_trait;
use gallery_core::model::{JobKind, NewJob, NewUser, Usage, User};
use gallery_core::ports::{Conflict, Registration, StoreError, Users};
use gallery_core::values::{EmailKey, JobId, PasswordHash, PersonName, SessionId, Timestamp, UserId};

use crate::MemoryStore;
use crate::state::{LeavingUser, State, up_to};

#[async_trait]
impl Users for MemoryStore {
    async fn register_user(
        &self,
        user: &NewUser,
        mail: &(dyn for<'a> Fn(&'a Registration) -> NewJob + Send + Sync),
    ) -> Result<Registration, StoreError> {
        let mut state = self.state();
        let holder = state.users.values_mut().find(|known| known.email.key() == user.email.key());
        let registration = match holder {
            None => {
                state.users.insert(user.id, pending(user));
                Registration::Created
            }
            Some(holder) if holder.confirmed_at.is_none() => {
                holder.name = user.name.clone();
                holder.password_hash = user.password_hash.clone();
                Registration::Renewed(holder.id)
            }
            Some(holder) => Registration::AlreadyConfirmed(holder.id),
        };
        state.record_job(mail(&registration));
        Ok(registration)
    }

    async fn user(&self, id: UserId) -> Result<User, StoreError> {
        self.state().live_user(id).cloned()
    }

    async fn user_by_email(&self, email: &EmailKey) -> Result<User, StoreError> {
        let state = self.state();
        state.users.values().find(|user| user.email.key() == email).cloned().ok_or(StoreError::NotFound)
    }

    async fn confirm_user(&self, id: UserId, at: Timestamp) -> Result<(), StoreError> {
        self.state().live_user_mut(id)?.confirmed_at.get_or_insert(at);
        Ok(())
    }

    async fn rename_user(&self, id: UserId, name: &PersonName) -> Result<(), StoreError> {
        self.state().live_user_mut(id)?.name = name.clone();
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

    async fn begin_account_deletion(
        &self,
        id: UserId,
        only_pending: bool,
        job: NewJob,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let Ok(user) = state.live_user(id) else { return Ok(()) };
        if only_pending && user.confirmed_at.is_some() {
            return Err(StoreError::NotFound);
        }
        let User { created_at, confirmed_at, usage, .. } = *user;
        state.users.remove(&id);
        state.leaving.insert(id, LeavingUser { created_at, confirmed_at, usage });
        state.end_sessions_of(id, None);
        state.jobs.retain(
            |_, row| !matches!(&row.job.kind, JobKind::SendMail { letter } if letter.user == Some(id)),
        );
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

    async fn unconfirmed_users(
        &self,
        created_before: Timestamp,
        limit: u32,
    ) -> Result<Vec<UserId>, StoreError> {
        let state = self.state();
        let forgotten = |user: &&User| user.confirmed_at.is_none() && user.created_at < created_before;
        Ok(up_to(limit, state.users.values().filter(forgotten).map(|user| user.id)))
    }
}

impl State {
    fn end_sessions_of(&mut self, user: UserId, keep: Option<SessionId>) {
        let ended = |id: &SessionId| Some(*id) != keep;
        let of_user = self.sessions.values().filter(|session| session.user_id == user);
        let ids: Vec<SessionId> = of_user.map(|session| session.id).filter(ended).collect();
        for id in ids {
            self.end_session(id);
        }
    }
}

fn pending(new: &NewUser) -> User {
    User {
        id: new.id,
        email: new.email.clone(),
        name: new.name.clone(),
        password_hash: new.password_hash.clone(),
        created_at: new.created_at,
        confirmed_at: None,
        usage: Usage { quota_bytes: new.quota_bytes, ..Usage::default() },
    }
}
