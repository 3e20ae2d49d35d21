//! Accounts: sign-up, confirmation, name, cancellation.

use super::errors::Fields;
use super::{Caller, Client, Error, Gallery};
use crate::model::{Content, JobKind, Letter, NewJob, NewUser, Receipt, User, WantedMail};
use crate::ports::{Registration, StoreError};
use crate::token::{Purpose, TokenError};
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

impl Gallery {
    /// Signs a person up: the account is pending until the mailed link is opened. The outcome is the same, and
    /// takes as long, whether or not the address is known: a confirmed account gets a mail that says so instead,
    /// a pending one takes the new name and password. An account that is not confirmed within 24 hours disappears.
    ///
    /// [`Error::Invalid`] names every field that breaks a rule; [`Error::TooManyAttempts`] when this client has
    /// caused too many mails. Somebody who was mailed too often gets no more, which the answer does not tell.
    pub async fn sign_up(&self, form: SignUp<'_>, client: &Client) -> Result<(), Error> {
        let mut fields = Fields::default();
        let email = fields.take("email", Email::parse(form.email));
        let name = fields.take("name", PersonName::parse(form.name));
        let password = fields.take("password", self.choose_password(form.password, email.as_ref()));
        let (Some(email), Some(name), Some(password)) = (email, name, password) else {
            return Err(fields.into_error());
        };
        let password_hash = self.ports.hasher.hash(&password).await?;
        if !self.may_mail(&email, client).await? {
            return Ok(());
        }
        let now = self.now();
        let id = UserId::new(now, &self.random());
        let quota_bytes = self.rules.quota_bytes;
        let user = NewUser {
            id,
            email: email.clone(),
            name: name.clone(),
            password_hash,
            created_at: now,
            quota_bytes,
        };
        let mail_id = JobId::new(now, &self.random());
        let mail = move |registration: &Registration| {
            let (user, content) = match registration {
                Registration::Created => (id, Content::ConfirmAddress),
                Registration::Renewed(pending) => (*pending, Content::ConfirmAddress),
                Registration::AlreadyConfirmed(known) => (*known, Content::AlreadyRegistered),
            };
            let letter =
                Letter { user: Some(user), to: email.clone(), name: name.clone(), issued_at: now, content };
            NewJob { id: mail_id, kind: JobKind::SendMail { letter }, due_at: now }
        };
        let registration = self.ports.store.register_user(&user, &mail).await?;
        tracing::info!(email = user.email.masked(), new = registration == Registration::Created, "sign-up");
        self.ports.bell.ring();
        Ok(())
    }

    /// Confirms an address by the token from its mail, the last part of the link's path. Opening the link again is
    /// harmless. [`Error::Token`] when it was not signed here, is over [10 minutes](crate::token::LINK_LIFETIME) old,
    /// or its account is gone.
    pub async fn confirm_address(&self, token: &str) -> Result<(), Error> {
        let now = self.now();
        let payload = self.signer.read(Purpose::ConfirmAddress, token, now)?;
        let user: UserId = payload.parse().map_err(|_| TokenError::Invalid)?;
        match self.ports.store.confirm_user(user, now).await {
            Err(StoreError::NotFound) => Err(TokenError::Invalid.into()),
            other => {
                other?;
                tracing::info!(account = self.pseudonym(user), "address confirmed");
                Ok(())
            }
        }
    }

    /// Sends a new confirmation link, if the address has a pending account; the answer does not tell. Fails only
    /// for a malformed address ([`Error::Invalid`], `email`) or a client with [`Error::TooManyAttempts`].
    pub async fn resend_confirmation(&self, email: &str, client: &Client) -> Result<(), Error> {
        self.request_mail(email, WantedMail::Confirmation, client).await
    }

    /// Sends a link for choosing a new password, if the address has an account (a pending one gets a confirmation
    /// link); the answer does not tell. Errors as for [`resend_confirmation`](Self::resend_confirmation).
    pub async fn forgot_password(&self, email: &str, client: &Client) -> Result<(), Error> {
        self.request_mail(email, WantedMail::PasswordReset, client).await
    }

    async fn request_mail(&self, email: &str, wanted: WantedMail, client: &Client) -> Result<(), Error> {
        let email = Email::parse(email).map_err(|invalid| Error::field("email", invalid))?;
        if self.may_mail(&email, client).await? {
            let kind = JobKind::AnswerRequest { email, wanted, requested_at: self.now() };
            self.ports.store.enqueue(&self.new_job(kind)).await?;
            self.ports.bell.ring();
        }
        Ok(())
    }

    /// Changes the person's name, if there is a new one; answers the account as it is stored, with its usage.
    /// [`Error::Invalid`] with the field `name`.
    pub async fn rename(&self, caller: &Caller, name: Option<&str>) -> Result<User, Error> {
        if let Some(name) = name {
            let name = PersonName::parse(name).map_err(|invalid| Error::field("name", invalid))?;
            self.ports.store.rename_user(caller.user.id, &name).await?;
        }
        Ok(self.ports.store.user(caller.user.id).await?)
    }

    /// Cancels the account: from now on it is gone for everybody, its address is free, its sessions have ended;
    /// a worker removes what it held and sends the receipt. Answers the job that does so. Requires the password
    /// again: [`Error::BadCredentials`] when it is another, [`Error::TooManyAttempts`] after too many of them.
    pub async fn cancel_account(
        &self,
        caller: &Caller,
        password: &str,
        client: &Client,
    ) -> Result<JobId, Error> {
        self.check_password(&caller.user, "password", password, client).await?;
        let user = &caller.user;
        let receipt = Receipt { to: user.email.clone(), name: user.name.clone(), cancelled_at: self.now() };
        let job = self.new_job(JobKind::PurgeAccount { user: user.id, receipt: Some(receipt) });
        let id = job.id;
        self.ports.store.begin_account_deletion(user.id, false, job).await?;
        tracing::info!(account = self.pseudonym(user.id), job = %id, "account cancelled");
        self.ports.bell.ring();
        Ok(id)
    }

    /// Parses a password that somebody chooses for this address.
    pub(super) fn choose_password(&self, text: &str, email: Option<&Email>) -> Result<Password, Invalid> {
        Password::chosen(text, self.rules.password_min_chars, &self.rules.letterhead.site_name, email)
    }
}
