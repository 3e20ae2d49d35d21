//! Accounts: sign-up, confirmation, name, cancellation.

use super::errors::Fields;
use super::throttle::{Counted, MailPurpose};
use super::{Caller, Client, Error, Gallery};
use crate::model::{
    Content, JobKind, MailRequest, NewJob, OutgoingMail, Receipt, Registration, RequestedMail, User,
};
use crate::ports::{HashQueue, SignUpOutcome, StoreError};
use crate::texts::{Language, Text};
use crate::token::{Purpose, SIGN_UP_LIFETIME, TokenError};
use crate::values::{Email, Invalid, JobId, Password, PersonName, UserId};

/// What a person types to sign up.
#[derive(Clone, Copy)]
pub struct SignUp<'a> {
    /// Field `email`: read by [`Email::parse`].
    pub email: &'a str,
    /// Field `password`: read by [`Password::chosen`].
    pub password: &'a str,
    /// Field `name`: read by [`PersonName::parse`].
    pub name: &'a str,
}

/// Which sign-up the mail with a confirmation link is wanted of again.
#[derive(Clone, Copy)]
pub enum Resend<'a> {
    /// The one that waits for an address.
    Address {
        /// Field `email`: read by [`Email::parse`].
        email: &'a str,
        /// What [`Gallery::sign_up`] returned, if the client still has it: of several, it says
        /// which one is meant.
        sign_up: Option<&'a str>,
    },
    /// The one whose link this was: the last part of the link's path, however long it has expired
    /// within 24 hours.
    Link(&'a str),
}

/// What of an account is to be changed.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccountPatch<'a> {
    /// Field `name`: read by [`PersonName::parse`].
    pub name: Option<&'a str>,
    /// Field `language`: a language's tag; `None` for the browser's.
    pub language: Option<Option<&'a str>>,
}

fn parse_language(tag: Option<&str>) -> Result<Option<Language>, Invalid> {
    let Some(tag) = tag else { return Ok(None) };
    let unknown = |_| {
        let known = Language::ALL.map(Language::tag).join(", ");
        Invalid::new("unknown_language", Text::new("language-unknown").with("known", known))
    };
    tag.parse().map(Some).map_err(unknown)
}

impl Gallery {
    /// Signs a person up: the registration waits until the mailed link is opened, for 24 hours at
    /// most. The outcome is the same, and takes as long, whether or not the address is known: its
    /// account gets a mail that says so instead. Several registrations of one address wait side by
    /// side, and each link confirms its own.
    ///
    /// Returns a text that names the sign-up when its mail is wanted
    /// [again](Self::resend_confirmation), and is good for nothing else. [`Error::Invalid`] names
    /// every field that breaks a rule; [`Error::TooManyAttempts`] when this client has caused too
    /// many mails. For somebody who was mailed too often nothing is recorded, which the answer does
    /// not tell: a registration costs a hash, and the limits on mails are there to save it. A
    /// sign-up that fails uses up nothing of them.
    pub async fn sign_up(&self, form: SignUp<'_>, client: &Client) -> Result<String, Error> {
        let mut fields = Fields::default();
        let email = fields.take("email", Email::parse(form.email));
        let name = fields.take("name", PersonName::parse(form.name));
        let password = fields.take("password", self.choose_password(form.password, email.as_ref()));
        let (Some(email), Some(name), Some(password)) = (email, name, password) else {
            return Err(fields.into_error());
        };
        let now = self.now();
        let id = UserId::new(now, &self.random());
        let named = self.signer.sign(Purpose::NameSignUp, &id.to_string(), now);
        let Some(counted) = self.count_mail(&email, MailPurpose::SignUp, client).await? else {
            return Ok(named);
        };
        let mail = JobId::new(now, &self.random());
        let registered = async {
            let password_hash = self.ports.hasher.hash(&password, HashQueue::SignUp).await?;
            let quota_bytes = self.rules.quota_bytes;
            let language = client.language;
            let new = Registration { id, email, name, language, password_hash, created_at: now, quota_bytes };
            self.register(&new, mail, client).await
        };
        match registered.await {
            Ok(()) => Ok(named),
            Err(error) => {
                self.give_back_unrecorded(counted, mail, Some(id)).await;
                Err(error)
            }
        }
    }

    async fn register(&self, new: &Registration, mail_id: JobId, client: &Client) -> Result<(), Error> {
        let mail = |outcome: &SignUpOutcome| {
            let (user, to, name, language, content) = match outcome {
                SignUpOutcome::Registered => {
                    (new.id, &new.email, &new.name, new.language, Content::ConfirmAddress)
                }
                SignUpOutcome::AlreadyRegistered(known) => {
                    let language = known.language.or(new.language);
                    (known.id, &known.email, &known.name, language, Content::AlreadyRegistered)
                }
            };
            let mail = OutgoingMail {
                user: Some(user),
                to: to.clone(),
                name: name.clone(),
                language: language.unwrap_or_default(),
                issued_at: new.created_at,
                content,
            };
            NewJob::new(mail_id, JobKind::SendMail { mail }, new.created_at)
                .caused_by(self.network_of(client))
        };
        let outcome = self.ports.store.register(new, &mail).await?;
        let is_new = outcome == SignUpOutcome::Registered;
        tracing::info!(email = new.email.masked(), new = is_new, "sign-up");
        self.ports.job_notifier.notify();
        Ok(())
    }

    /// Gives back the count of a mail whose recording failed. A store that did not answer in time
    /// may have recorded it all the same: it is asked, and unless it says that there is neither the
    /// mail nor its registration, the mail stays counted.
    async fn give_back_unrecorded(&self, counted: Counted, mail: JobId, registration: Option<UserId>) {
        let store = &self.ports.store;
        if !matches!(store.job(mail).await, Err(StoreError::NotFound)) {
            return;
        }
        if let Some(id) = registration
            && !matches!(store.registration(id).await, Err(StoreError::NotFound))
        {
            return;
        }
        self.give_back(counted).await;
    }

    /// Confirms an address by the token from its mail, the last part of the link's path, and with
    /// it exactly the sign-up that caused the mail. Opening the link again is harmless.
    /// [`Error::Token`] when it was not signed here, is over [10
    /// minutes](crate::token::LINK_LIFETIME) old, its account is gone, or the address has become
    /// another account's.
    pub async fn confirm_address(&self, token: &str) -> Result<(), Error> {
        let now = self.now();
        let payload = self.signer.read(Purpose::ConfirmAddress, token, now)?;
        let id: UserId = payload.parse().map_err(|_| TokenError::Invalid)?;
        match self.ports.store.registration(id).await {
            Ok(registration) if !registration.is_waiting(now) => return Err(TokenError::Invalid.into()),
            // Confirmed before, or gone.
            Ok(_) | Err(StoreError::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
        match self.ports.store.confirm_registration(id, now).await {
            Err(StoreError::NotFound) => Err(TokenError::Invalid.into()),
            other => {
                other?;
                tracing::info!(account = self.pseudonym(id), "address confirmed");
                Ok(())
            }
        }
    }

    /// Sends a new confirmation link for a sign-up that waits; the answer does not tell whether
    /// there is one. Where nothing says which of several sign-ups of an address is meant, its mail
    /// says to sign up again. Fails only for a malformed address ([`Error::Invalid`], `email`), a
    /// link that is not the gallery's or of over 24 hours ([`Error::Token`]), or a client with
    /// [`Error::TooManyAttempts`].
    pub async fn resend_confirmation(&self, wanted: Resend<'_>, client: &Client) -> Result<(), Error> {
        let (email, registration) = match wanted {
            Resend::Address { email, sign_up } => {
                let now = self.now();
                let payload = sign_up.map(|named| self.signer.read(Purpose::NameSignUp, named, now));
                let email = Email::parse(email).map_err(|invalid| Error::field("email", invalid))?;
                (email, payload.and_then(Result::ok).and_then(|id| id.parse().ok()))
            }
            Resend::Link(token) => {
                let (lifetime, purpose) = (SIGN_UP_LIFETIME, Purpose::ConfirmAddress);
                let payload = self.signer.read_within(lifetime, purpose, token, self.now())?;
                let id: UserId = payload.parse().map_err(|_| TokenError::Invalid)?;
                match self.ports.store.registration(id).await {
                    Err(StoreError::NotFound) => return Ok(()),
                    other => (other?.email, Some(id)),
                }
            }
        };
        let Some(counted) = self.count_mail(&email, MailPurpose::Confirmation, client).await? else {
            return Ok(());
        };
        let (wanted, language, requested_at) = (MailRequest::Confirmation, client.language, self.now());
        let request = RequestedMail { email, wanted, registration, language, requested_at };
        self.record_request(request, client, counted).await
    }

    /// Sends a link for choosing a new password, if the address has an account; where only sign-ups
    /// wait for it, the mail says to sign up again. The answer does not tell. [`Error::Invalid`]
    /// (`email`) for a malformed address, or [`Error::TooManyAttempts`].
    pub async fn forgot_password(&self, email: &str, client: &Client) -> Result<(), Error> {
        let email = Email::parse(email).map_err(|invalid| Error::field("email", invalid))?;
        let Some(counted) = self.count_mail(&email, MailPurpose::PasswordReset, client).await? else {
            return Ok(());
        };
        let request = RequestedMail {
            email,
            wanted: MailRequest::PasswordReset,
            registration: None,
            language: client.language,
            requested_at: self.now(),
        };
        self.record_request(request, client, counted).await
    }

    async fn record_request(
        &self,
        request: RequestedMail,
        client: &Client,
        counted: Counted,
    ) -> Result<(), Error> {
        let job = self.new_job(JobKind::SendRequestedMail(request)).caused_by(self.network_of(client));
        if let Err(error) = self.ports.store.enqueue(&job).await {
            self.give_back_unrecorded(counted, job.id, None).await;
            return Err(error.into());
        }
        self.ports.job_notifier.notify();
        Ok(())
    }

    /// Changes what the patch names; returns the account as it is stored, with its usage.
    /// [`Error::Invalid`] with the fields `name` and `language`.
    pub async fn update_account(&self, caller: &Caller, patch: AccountPatch<'_>) -> Result<User, Error> {
        let user = &caller.user;
        let mut fields = Fields::default();
        let name = patch.name.map_or_else(|| Ok(user.name.clone()), PersonName::parse);
        let name = fields.take("name", name);
        let language = patch.language.map_or(Ok(user.language), parse_language);
        let language = fields.take("language", language);
        let (Some(name), Some(language)) = (name, language) else { return Err(fields.into_error()) };
        if patch.name.is_some() || patch.language.is_some() {
            self.ports.store.update_user(user.id, &name, language).await?;
        }
        Ok(self.ports.store.user(user.id).await?)
    }

    /// Cancels the account: from now on it is gone for everybody, its address is free, its sessions
    /// have ended; a worker removes what it held and sends the receipt. Returns the job that does
    /// so. Requires the password again: [`Error::BadCredentials`] when it is another,
    /// [`Error::TooManyAttempts`] after too many of them.
    pub async fn cancel_account(
        &self,
        caller: &Caller,
        password: &str,
        client: &Client,
    ) -> Result<JobId, Error> {
        self.check_password(caller, "password", password, client).await?;
        let user = &caller.user;
        let receipt = Receipt {
            to: user.email.clone(),
            name: user.name.clone(),
            language: user.language.or(client.language).unwrap_or_default(),
            cancelled_at: self.now(),
        };
        let job = self.new_job(JobKind::PurgeAccount { user: user.id, receipt: Some(receipt) });
        let id = job.id;
        self.ports.store.begin_account_deletion(user.id, job).await?;
        tracing::info!(account = self.pseudonym(user.id), job = %id, "account cancelled");
        self.ports.job_notifier.notify();
        Ok(id)
    }

    /// Parses a password that somebody chooses for this address.
    pub(super) fn choose_password(&self, text: &str, email: Option<&Email>) -> Result<Password, Invalid> {
        Password::chosen(text, self.rules.password_min_chars, &self.rules.mail_settings.site_name, email)
    }
}
