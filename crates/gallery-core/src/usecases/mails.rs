//! Mails: sending those that wait, and heeding what a mail system reports of those that it could
//! not deliver.
//!
//! Tested in `tests/it/mails.rs`.

use std::time::Duration;

use super::jobs::{Failure, LONGEST_WAIT, RetryPolicy, chain};
use super::{Error, Gallery};
use crate::model::{Content, LeasedJob, MailRequest, OutgoingMail, Registration, RequestedMail, User};
use crate::ports::{MailError, MailEvent, StoreError, Suppression, SuppressionReason};
use crate::values::{AddressHash, Email, JobId, Timestamp, UserId};

/// An address that bounced for good or complained is not written to for 90 days after the last
/// report: by then the mailbox may be there again, and nothing is kept for ever about somebody who
/// may have no account.
pub const SUPPRESSED_FOR: Duration = Duration::from_hours(90 * 24);
/// A mail without a link waits for so long for a mail system that is away.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(3 * 24);
/// A mail with a link is not worth much after a few minutes: it is tried at least once a minute.
const LONGEST_WAIT_OF_LINKS: Duration = Duration::from_mins(1);
/// Handing a mail over may take so long, with every attempt that an adapter makes: a link that ends
/// meanwhile is not sent.
const SENDING_TIME: Duration = Duration::from_secs(30);
/// A mail that could not be sent can be looked at and resumed for so long; then its address is
/// forgotten.
const KEPT_FOR: Duration = Duration::from_hours(30 * 24);
/// Jobs looked at in one step.
const BATCH_SIZE: u32 = 500;

impl Gallery {
    /// Reads what the mail system reports of mails that it could not deliver: an address that
    /// bounced for good, or complained, is not written to for [90 days](SUPPRESSED_FOR), which
    /// nobody but the operator is told. Reports may be repeated and come in any order.
    ///
    /// [`Error::NotFound`] when no mail system reports to this gallery; [`Error::MalformedReport`],
    /// [`Error::ForgedReport`].
    pub async fn mail_feedback(&self, report: &[u8]) -> Result<(), Error> {
        let feedback = self.ports.feedback.as_ref().ok_or(Error::NotFound)?;
        let now = self.now();
        let events = feedback.read(report, now).await.inspect_err(|error| {
            tracing::warn!(reason = chain(error), "a report of the mail system was not taken");
        })?;
        for event in events {
            let (address, reason) = match event {
                MailEvent::Bounced { address } => (address, SuppressionReason::Bounced),
                MailEvent::Complained { address } => (address, SuppressionReason::Complained),
            };
            let suppression = Suppression { reason, reported_at: now, ends_at: now.plus(SUPPRESSED_FOR) };
            self.ports.store.suppress(&self.hash_of(&address), &suppression).await?;
            tracing::info!(email = address.masked(), reason = reason.name(), "address suppressed");
        }
        Ok(())
    }

    /// Why this address is not written to now; `None` when it is.
    pub async fn suppression(&self, address: &Email) -> Result<Option<Suppression>, Error> {
        Ok(self.ports.store.suppression(&self.hash_of(address), self.now()).await?)
    }

    /// Makes an address be written to again, and returns why it was not; `None` when it was all the
    /// time.
    pub async fn lift_suppression(&self, address: &Email) -> Result<Option<Suppression>, Error> {
        let lifted = self.suppression(address).await?;
        self.ports.store.lift_suppression(&self.hash_of(address)).await?;
        if lifted.is_some() {
            tracing::info!(email = address.masked(), "suppression lifted");
        }
        Ok(lifted)
    }

    fn hash_of(&self, address: &Email) -> AddressHash {
        self.signer.address_hash(address.key())
    }

    /// Sends what somebody has asked for who is not logged in, if there is anything to send.
    pub(super) async fn send_requested_mail(
        &self,
        job: JobId,
        request: &RequestedMail,
    ) -> Result<(), Failure> {
        let mail = match self.ports.store.user_by_email(request.email.key()).await {
            Ok(user) => match request.wanted {
                MailRequest::Confirmation => None,
                MailRequest::PasswordReset => Some(self.reset_mail(user, request)),
            },
            Err(StoreError::NotFound) => self.waiting_mail(request).await?,
            Err(other) => return Err(Error::from(other).into()),
        };
        match mail {
            Some(mail) => self.send(job, &mail).await,
            None => Ok(()),
        }
    }

    fn reset_mail(&self, user: User, request: &RequestedMail) -> OutgoingMail {
        let password = self.signer.fingerprint(user.password_hash.as_str());
        OutgoingMail {
            user: Some(user.id),
            to: user.email,
            name: user.name,
            language: user.language.or(request.language).unwrap_or_default(),
            issued_at: request.requested_at,
            content: Content::ResetPassword { password },
        }
    }

    /// What is sent to an address that no account has, but sign-ups wait for. The owner of the
    /// address must not be made to confirm a stranger's sign-up for their own: a link is sent only
    /// when a confirmation was asked for, and only when it is plain of which one. A sign-up that
    /// was named and does not wait is never taken for another one.
    async fn waiting_mail(&self, request: &RequestedMail) -> Result<Option<OutgoingMail>, Error> {
        let RequestedMail { email, wanted, registration: named, .. } = request;
        let now = self.now();
        let mut waiting = self.ports.store.registrations_of(email.key(), 2).await?;
        waiting.retain(|registration| registration.is_waiting(now));
        let Some(newest) = waiting.first().cloned() else { return Ok(None) };
        let meant = match (wanted, named) {
            (MailRequest::Confirmation, Some(id)) => self.waiting_registration(*id, email, now).await?,
            (MailRequest::Confirmation, None) if waiting.len() == 1 => Some(newest.clone()),
            (MailRequest::Confirmation, None) | (MailRequest::PasswordReset, _) => None,
        };
        let (registration, content) = match meant {
            Some(meant) => (meant, Content::ConfirmAddress),
            None => (newest, Content::SignUpAgain),
        };
        let Registration { id, email: to, name, language, .. } = registration;
        let language = language.or(request.language).unwrap_or_default();
        let issued_at = request.requested_at;
        Ok(Some(OutgoingMail { user: Some(id), to, name, language, issued_at, content }))
    }

    /// The registration of this id, if it waits for this address.
    async fn waiting_registration(
        &self,
        id: UserId,
        address: &Email,
        now: Timestamp,
    ) -> Result<Option<Registration>, Error> {
        match self.ports.store.registration(id).await {
            Err(StoreError::NotFound) => Ok(None),
            other => {
                Ok(Some(other?).filter(|known| known.is_waiting(now) && known.email.key() == address.key()))
            }
        }
    }

    /// Sends a mail, unless it is too late for it or its address is suppressed: then it is done
    /// without.
    pub(super) async fn send(&self, job: JobId, mail: &OutgoingMail) -> Result<(), Failure> {
        let now = self.now();
        if mail.is_expired(now.plus(SENDING_TIME)) {
            tracing::warn!(job = %job, "a mail was dropped, because its link has expired");
            return Ok(());
        }
        if is_old(mail.issued_at, now) {
            tracing::error!(job = %job, "a mail was dropped, because it could not be sent for 30 days");
            return Ok(());
        }
        let to = mail.to.masked();
        if let Some(Suppression { reason, .. }) = self.suppression(&mail.to).await? {
            tracing::info!(job = %job, to, reason = reason.name(), "a mail was dropped: its address is suppressed");
            return Ok(());
        }
        let message = self.rules.mail_settings.write(job, mail, &self.signer).map_err(Error::internal)?;
        match self.ports.mailer.send(&message).await {
            Ok(()) => {
                tracing::info!(job = %job, to, subject = message.subject, "mail sent");
                Ok(())
            }
            Err(error) => {
                let retry = match &error {
                    MailError::Later(_) => wait_for_mail_system(mail),
                    MailError::Never(_) => RetryPolicy::Never,
                };
                Err(Failure { reason: without_addresses(&chain(&error)), retry })
            }
        }
    }

    /// Makes parked mails run once more that were caused so long ago that [`send`](Self::send)
    /// drops them. What was parked holds an address, which must not outlive its account for ever
    /// (`docs/invariants.md`, I6).
    pub(super) async fn give_up_old_mails(&self, leased: Option<&LeasedJob>) -> Result<(), Error> {
        let (now, mut after) = (self.now(), None);
        loop {
            let jobs = self.ports.store.jobs(after, BATCH_SIZE).await?;
            let Some(last) = jobs.last() else { return Ok(()) };
            after = Some(last.id);
            let parked = jobs.iter().filter(|job| job.parked);
            for job in parked.filter(|job| job.kind.mail_caused_at().is_some_and(|at| is_old(at, now))) {
                match self.ports.store.resume_job(job.id, now).await {
                    Err(StoreError::NotFound) => {}
                    other => other?,
                }
            }
            self.keep_step(leased).await?;
        }
    }
}

fn is_old(caused_at: Timestamp, now: Timestamp) -> bool {
    now.since(caused_at) >= KEPT_FOR
}

/// A link that expires meanwhile ends the waiting: the next attempt drops the mail.
fn wait_for_mail_system(mail: &OutgoingMail) -> RetryPolicy {
    let longest = if mail.is_waited_for() { LONGEST_WAIT_OF_LINKS } else { LONGEST_WAIT };
    RetryPolicy::Waiting { until: mail.issued_at.plus(GIVEN_UP_AFTER), longest }
}

/// What a mail system said, with every address in it blotted out: servers like to repeat them, and
/// a job's last error holds none.
fn without_addresses(text: &str) -> String {
    let is_edge = |c: char| c.is_whitespace() || "<>()[]\",;:".contains(c);
    text.split_inclusive(is_edge)
        .flat_map(|part| {
            let word = part.trim_end_matches(is_edge);
            let kept = if word.contains('@') { "…" } else { word };
            [kept, &part[word.len()..]]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::without_addresses;

    #[test]
    fn addresses_are_blotted_out_and_nothing_else() {
        for (said, kept) in [
            ("550 5.1.1 <Ann@Example.org>: no such user", "550 5.1.1 <…>: no such user"),
            ("to=ann@example.org; o'brien@example.org", "…; …"),
            ("Address jörg@bücher.example", "Address …"),
            ("throttled: 14 per second", "throttled: 14 per second"),
            ("", ""),
        ] {
            assert_eq!(without_addresses(said), kept);
        }
    }
}
