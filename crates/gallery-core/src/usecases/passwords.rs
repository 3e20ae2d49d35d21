//! Passwords: checking, changing, resetting.

use super::errors::Fields;
use super::throttle::Voucher;
use super::{Caller, Client, Error, Gallery};
use crate::model::{Content, JobKind, NewJob, OutgoingMail, User};
use crate::ports::{Conflict, HashQueue, StoreError, Verdict};
use crate::token::{Purpose, TokenError};
use crate::values::{Password, SessionId, UserId};

impl Gallery {
    /// Fails with [`Error::BadCredentials`] unless this is the caller's password. Wrong ones are
    /// counted.
    pub(super) async fn check_password(
        &self,
        caller: &Caller,
        field: &'static str,
        password: &str,
        client: &Client,
    ) -> Result<(), Error> {
        let password = Password::claimed(password).map_err(|invalid| Error::field(field, invalid))?;
        let user = &caller.user;
        let voucher = Voucher::Session(caller.session.id);
        let guess = self.begin_guess(user.email.key().as_str(), &voucher, client).await?;
        match self.ports.hasher.verify(&password, &user.password_hash, HashQueue::Account).await {
            Ok(Verdict::Mismatch) => {
                tracing::info!(account = self.pseudonym(user.id), "wrong password");
                Err(Error::BadCredentials)
            }
            other => {
                self.give_back(guess).await;
                Ok(other.map(drop)?)
            }
        }
    }

    /// Changes the password, which requires the current one; other sessions end, and a mail says
    /// so.
    ///
    /// [`Error::Invalid`] with the fields `current_password` and `new_password`;
    /// [`Error::BadCredentials`] when the current one is another, [`Error::TooManyAttempts`] after
    /// too many of them; [`Error::Contended`] when the password was changed at the same time.
    pub async fn change_password(
        &self,
        caller: &Caller,
        current: &str,
        new: &str,
        client: &Client,
    ) -> Result<(), Error> {
        let user = &caller.user;
        let mut fields = Fields::default();
        fields.take("current_password", Password::claimed(current));
        let new = fields.take("new_password", self.choose_password(new, Some(&user.email)));
        let Some(new) = new else { return Err(fields.into_error()) };
        fields.check()?;
        self.check_password(caller, "current_password", current, client).await?;
        match self.replace_password(user, &new, Some(caller.session.id), client).await {
            Err(Error::Token(_)) => Err(Error::Contended),
            other => other,
        }
    }

    /// The account whose password the token from a mail may replace: for the page that asks for the
    /// new one. [`Error::Token`] when the token was not signed here, is over [10
    /// minutes](crate::token::LINK_LIFETIME) old, was used, or its account is gone.
    pub async fn check_reset_token(&self, token: &str) -> Result<User, Error> {
        let payload = self.signer.read(Purpose::ResetPassword, token, self.now())?;
        let (user, fingerprint) = payload.split_once(':').ok_or(TokenError::Invalid)?;
        let user: UserId = user.parse().map_err(|_| TokenError::Invalid)?;
        let user = match self.ports.store.user(user).await {
            Err(StoreError::NotFound) => return Err(TokenError::Invalid.into()),
            other => other?,
        };
        // The link works once: the hash it was made for is gone as soon as the password is another.
        if self.signer.fingerprint(user.password_hash.as_str()) != fingerprint {
            return Err(TokenError::Invalid.into());
        }
        Ok(user)
    }

    /// Replaces a forgotten password by the token from a mail; all sessions end. Works once. Errors
    /// as for [`check_reset_token`](Self::check_reset_token), and [`Error::Invalid`] with the field
    /// `password`.
    pub async fn reset_password(&self, token: &str, password: &str, client: &Client) -> Result<(), Error> {
        let user = self.check_reset_token(token).await?;
        let password = self
            .choose_password(password, Some(&user.email))
            .map_err(|invalid| Error::field("password", invalid))?;
        self.replace_password(&user, &password, None, client).await
    }

    async fn replace_password(
        &self,
        user: &User,
        new: &Password,
        keep: Option<SessionId>,
        client: &Client,
    ) -> Result<(), Error> {
        let hash = self.ports.hasher.hash(new, HashQueue::Account).await?;
        let mail = OutgoingMail {
            user: Some(user.id),
            to: user.email.clone(),
            name: user.name.clone(),
            language: user.language.or(client.language).unwrap_or_default(),
            issued_at: self.now(),
            content: Content::PasswordChanged,
        };
        let mail: NewJob = self.new_job(JobKind::SendMail { mail });
        match self.ports.store.change_password(user.id, &user.password_hash, &hash, keep, mail).await {
            // Somebody redeemed the same link, or changed the password, in the meantime.
            Err(StoreError::Conflict(Conflict::PasswordChanged)) => Err(TokenError::Invalid.into()),
            other => {
                other?;
                tracing::info!(account = self.pseudonym(user.id), "password changed");
                self.ports.job_notifier.notify();
                Ok(())
            }
        }
    }
}
