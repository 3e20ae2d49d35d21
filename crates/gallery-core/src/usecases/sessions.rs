//! Sessions: log-in, the token behind every request, log-out.

use std::time::Duration;

use super::{Client, Error, Gallery};
use crate::model::{LoginCandidate, NewSession, NewToken, Session, User};
use crate::ports::{Conflict, HashQueue, Renewal, StoreError, Verdict};
use crate::values::{Email, EmailKey, Password, SessionId, SessionToken, Timestamp};

/// A session token is good for 5 minutes, always.
pub const TOKEN_LIFETIME: Duration = Duration::from_mins(5);
/// A request with a token over one minute old is answered with a fresh one.
pub const TOKEN_RENEWAL_AGE: Duration = Duration::from_mins(1);
/// A session ends 8 hours after its log-in.
pub const SESSION_LIFETIME: Duration = Duration::from_hours(8);
/// How often one log-in compares the password, when it is changed or hashed anew at the same time.
const LOG_IN_ATTEMPTS: u32 = 3;

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub user: User,
    /// The session.
    pub session: Session,
    /// The token that the answer should carry, because the one that was shown is getting old.
    pub fresh_token: Option<SessionToken>,
}

/// A session that has just begun.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// The account.
    pub user: User,
    /// The secret for the cookie.
    pub token: SessionToken,
    /// When the token stops being good.
    pub expires_at: Timestamp,
    /// What the client is known by at its next log-in: it outlives the session, and proves nothing
    /// by itself.
    pub device: String,
}

impl Gallery {
    /// Starts a session for the right address and password. An unknown address, a wrong password
    /// and a sign-up that waits for its confirmation are one outcome, which takes as long for each.
    ///
    /// [`Error::BadCredentials`] when it is any of the three; [`Error::Contended`] while the
    /// password is being changed all the time; [`Error::TooManyAttempts`] after too many wrong ones
    /// ([`Throttling`](super::Throttling)); [`Error::Invalid`] with the field `password` when it is
    /// empty or has over 1,024 bytes.
    pub async fn log_in(&self, email: &str, password: &str, client: &Client) -> Result<LoggedIn, Error> {
        let password = Password::claimed(password).map_err(|invalid| Error::field("password", invalid))?;
        let email = Email::parse(email).ok();
        let address = email.as_ref().map(Email::key);
        let voucher = self.voucher(address, client);
        let guess = self.begin_guess(address.map_or("", EmailKey::as_str), &voucher, client).await?;
        let outcome = self.try_log_in(address, &password, client).await;
        match &outcome {
            Err(Error::BadCredentials) => {
                tracing::info!(email = email.map(|email| email.masked()), "log-in refused");
            }
            _ => self.give_back(guess).await,
        }
        outcome
    }

    async fn try_log_in(
        &self,
        address: Option<&EmailKey>,
        password: &Password,
        client: &Client,
    ) -> Result<LoggedIn, Error> {
        for _ in 0..LOG_IN_ATTEMPTS {
            let candidate = match address {
                Some(address) => self.ports.store.log_in_candidate(address).await?,
                None => None,
            };
            let candidate = self.proven(candidate, password).await?.ok_or(Error::BadCredentials)?;
            if let Some(logged_in) = self.start_session(candidate, client).await? {
                tracing::info!(account = self.pseudonym(logged_in.user.id), "log-in");
                return Ok(logged_in);
            }
        }
        Err(Error::Contended)
    }

    /// The account, if this is its password.
    async fn proven(
        &self,
        candidate: Option<LoginCandidate>,
        password: &Password,
    ) -> Result<Option<LoginCandidate>, Error> {
        let Some(mut candidate) = candidate else {
            // Hashing costs what comparing costs, so that the answer's time tells nothing.
            self.ports.hasher.hash(password, HashQueue::LogIn).await?;
            return Ok(None);
        };
        let user = &mut candidate.user;
        match self.ports.hasher.verify(password, &user.password_hash, HashQueue::LogIn).await? {
            Verdict::Mismatch => return Ok(None),
            Verdict::Match { weak: false } => {}
            Verdict::Match { weak: true } => {
                let stronger = self.ports.hasher.hash(password, HashQueue::LogIn).await?;
                match self.ports.store.rehash_password(user.id, &user.password_hash, &stronger).await {
                    // Cancelled since the password was compared.
                    Err(StoreError::NotFound) => return Ok(None),
                    other => other?,
                }
                user.password_hash = stronger;
            }
        }
        Ok(Some(candidate))
    }

    /// `None` when the password was changed, or hashed anew, since it was compared.
    async fn start_session(
        &self,
        candidate: LoginCandidate,
        client: &Client,
    ) -> Result<Option<LoggedIn>, Error> {
        let LoginCandidate { user, version } = candidate;
        let now = self.now();
        let token = SessionToken::new(user.id, self.random());
        let session = Session {
            id: SessionId::new(now, &self.random()),
            user_id: user.id,
            created_at: now,
            last_seen_at: now,
            ends_at: now.plus(SESSION_LIFETIME),
            user_agent: client.user_agent.clone(),
        };
        let expires_at = now.plus(TOKEN_LIFETIME);
        let first = NewToken { hash: token.hash(), issued_at: now, expires_at };
        let new = NewSession { session, token: first, password: user.password_hash.clone(), version };
        match self.ports.store.start_session(&new).await {
            // Cancelled since the password was compared.
            Err(StoreError::NotFound) => Err(Error::BadCredentials),
            Err(StoreError::Conflict(Conflict::PasswordChanged)) => Ok(None),
            other => {
                other?;
                let shown = client.device.as_deref();
                let device = self.signer.remember_device(shown, user.email.key(), self.random());
                Ok(Some(LoggedIn { user, token, expires_at, device }))
            }
        }
    }

    /// Who the bearer of this cookie is; [`Error::NoSession`] when nobody, or not any more. One
    /// read of the store, and one write when the token is [getting old](TOKEN_RENEWAL_AGE) and
    /// [`Rules`](super::Rules) renew it: then [`Caller::fresh_token`] is its one successor, the
    /// same for all requests that run in parallel.
    pub async fn authenticate(&self, cookie: &str) -> Result<Caller, Error> {
        let token = SessionToken::parse(cookie).ok_or(Error::NoSession)?;
        let known = match self.ports.store.authenticate(token.user(), &token.hash()).await {
            Err(StoreError::NotFound) => return Err(Error::NoSession),
            other => other?,
        };
        let now = self.now();
        if now >= known.token.expires_at || now >= known.session.ends_at {
            return Err(Error::NoSession);
        }
        let mut fresh_token = None;
        if self.rules.session_renewal && now.since(known.token.issued_at) > TOKEN_RENEWAL_AGE {
            let successor = self.signer.successor(&token);
            let issued = match known.replaced_by {
                Some(replacement) => replacement == successor.hash(),
                None => self.renew(&token, &successor, now, known.session.ends_at).await?,
            };
            fresh_token = issued.then_some(successor);
        }
        Ok(Caller { user: known.user, session: known.session, fresh_token })
    }

    async fn renew(
        &self,
        old: &SessionToken,
        successor: &SessionToken,
        now: Timestamp,
        ends_at: Timestamp,
    ) -> Result<bool, Error> {
        let expires_at = now.plus(TOKEN_LIFETIME).min(ends_at);
        let new = NewToken { hash: successor.hash(), issued_at: now, expires_at };
        match self.ports.store.renew_session(old.user(), &old.hash(), &new).await {
            Ok(renewal) => Ok(renewal == Renewal::Issued),
            Err(StoreError::NotFound) => Err(Error::NoSession),
            // The old token is still good: a store that cannot write now need not end the session.
            Err(StoreError::Unavailable(source)) => {
                tracing::warn!(error = &*source as &dyn std::error::Error, "a session token was not renewed");
                Ok(false)
            }
            Err(other) => Err(other.into()),
        }
    }

    /// The caller's sessions that have not ended, newest first; the caller's own is among them.
    pub async fn sessions(&self, caller: &Caller) -> Result<Vec<Session>, Error> {
        Ok(self.ports.store.sessions_of(caller.user.id, self.now()).await?)
    }

    /// Ends one of the caller's sessions with all its tokens, at once and on every instance.
    /// [`Error::NotFound`] when there is none of this id.
    pub async fn end_session(&self, caller: &Caller, session: SessionId) -> Result<(), Error> {
        self.ports.store.end_session(caller.user.id, session).await?;
        tracing::info!(account = self.pseudonym(caller.user.id), "session ended");
        Ok(())
    }

    /// Ends the caller's own session; Ok when it has ended already.
    pub async fn log_out(&self, caller: &Caller) -> Result<(), Error> {
        match self.end_session(caller, caller.session.id).await {
            Err(Error::NotFound) => Ok(()),
            other => other,
        }
    }
}
