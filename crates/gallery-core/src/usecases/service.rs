//! For services that embed the gallery and know themselves who uses them: an account without a
//! sign-up, and an upload in one call.
//!
//! Tested in `tests/it/service.rs`.

use std::pin::pin;

use futures_util::future::{Either, select};

use super::errors::Fields;
use super::{Caller, Error, Gallery, Pulse, UploadDetails};
use crate::model::{Content, JobKind, NewJob, OutgoingMail, Photo, Registration, Session, User};
use crate::ports::{ByteStream, HashQueue, StoreError};
use crate::texts::Language;
use crate::token::LINK_LIFETIME;
use crate::values::{AlbumId, Email, Password, PersonName, SessionId, UserAgent, UserId};

impl Gallery {
    /// Returns the account with this address as a caller, without a log-in; creates it if there is
    /// none. Nobody is mailed, nobody is asked whether the address is theirs, and nobody knows the
    /// password: it is for the service itself, or for people whom it knows. Any number of instances
    /// may call it at once. [`Error::Invalid`] with the fields `email` and `name`.
    ///
    /// An account that is there already is taken as it is, whoever signed it up: use addresses of a
    /// domain of your own, or a gallery where nobody can sign up.
    pub async fn service_account(&self, email: &str, name: &str) -> Result<Caller, Error> {
        let mut fields = Fields::default();
        let email = fields.take("email", Email::parse(email));
        let name = fields.take("name", PersonName::parse(name));
        let (Some(email), Some(name)) = (email, name) else { return Err(fields.into_error()) };
        let found = match self.ports.store.user_by_email(email.key()).await {
            Err(StoreError::NotFound) => {
                self.create_account(&email, name).await?;
                self.ports.store.user_by_email(email.key()).await
            }
            found => found,
        };
        Ok(self.acting_as(found?))
    }

    /// Registers and confirms in one go. When another instance is faster, its account counts.
    async fn create_account(&self, email: &Email, name: PersonName) -> Result<(), Error> {
        let now = self.now();
        let password = Password::claimed(&hex::encode(self.random::<32>())).map_err(Error::internal)?;
        let new = Registration {
            id: UserId::new(now, &self.random()),
            email: email.clone(),
            name,
            language: None,
            password_hash: self.ports.hasher.hash(&password, HashQueue::Account).await?,
            created_at: now,
            quota_bytes: self.rules.quota_bytes,
        };
        // A registration is recorded with its mail. This one is too late from the beginning, and so
        // is never sent.
        let mail: NewJob = self.new_job(JobKind::SendMail {
            mail: OutgoingMail {
                user: Some(new.id),
                to: new.email.clone(),
                name: new.name.clone(),
                language: Language::default(),
                issued_at: now.minus(2 * LINK_LIFETIME),
                content: Content::ConfirmAddress,
            },
        });
        self.ports.store.register(&new, &|_| mail.clone()).await?;
        match self.ports.store.confirm_registration(new.id, now).await {
            Err(StoreError::NotFound) => Ok(()),
            other => Ok(other?),
        }
    }

    /// A caller without a session in the store.
    fn acting_as(&self, user: User) -> Caller {
        let now = self.now();
        let session = Session {
            id: SessionId::new(now, &self.random()),
            user_id: user.id,
            created_at: now,
            last_seen_at: now,
            ends_at: now,
            user_agent: UserAgent::default(),
        };
        Caller { user, session, fresh_token: None }
    }

    /// Uploads a photo in one call: the three steps of an upload, which is kept alive meanwhile.
    /// `declared_bytes` is as for [`begin_upload`](Self::begin_upload). Spawn it as a task where a
    /// request may be given up: when the future is dropped, what was begun stays reserved until the
    /// sweep finds it, some minutes later. Errors are those of the three steps.
    pub async fn upload_photo(
        &self,
        caller: &Caller,
        album: AlbumId,
        declared_bytes: Option<u64>,
        file: ByteStream,
        details: UploadDetails<'_>,
    ) -> Result<Photo, Error> {
        let mut upload = self.begin_upload(caller, album, declared_bytes, None).await?;
        let pulse = upload.pulse();
        let work = async {
            if let Err(error) = self.receive_file(&mut upload, file).await {
                self.abandon_upload(upload).await;
                return Err(error);
            }
            self.finish_upload(upload, details).await
        };
        self.while_alive(&pulse, work).await
    }

    /// Does the work of an upload, and shows meanwhile that it is alive.
    async fn while_alive<T>(&self, pulse: &Pulse, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            match select(work.as_mut(), self.ports.clock.sleep(Pulse::EVERY)).await {
                Either::Left((done, _)) => return done,
                // If the upload has ended for the store, its next step fails and says so.
                Either::Right(_) => drop(self.keep_alive(pulse).await),
            }
        }
    }
}
