//! Mails that wait to be sent. Plain data: what a mail says is in [`mail`](crate::mail). Tests are
//! below.

use serde::{Deserialize, Serialize};

use super::Tally;
use crate::texts::Language;
use crate::token::LINK_LIFETIME;
use crate::values::{Email, PersonName, Timestamp, UserId};

/// A mail that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingMail {
    /// The account or registration it is about; the mail does not outlive it. Absent for the
    /// receipt, which does, and for what is sent at once.
    pub user: Option<UserId>,
    /// Where it goes.
    pub to: Email,
    /// Whom it greets.
    pub name: PersonName,
    /// The language that it is written in.
    #[serde(default)]
    pub language: Language,
    /// When it was caused: links are good for 10 minutes from then.
    pub issued_at: Timestamp,
    /// What it says.
    pub content: Content,
}

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Content {
    /// "Confirm your address", with a link.
    ConfirmAddress,
    /// "Sign up again": the answer to somebody who asks for a link, when no account has the
    /// address, and nothing says which of the sign-ups that wait for it is meant.
    SignUpAgain,
    /// "You already have an account": the answer to a sign-up with a known address.
    AlreadyRegistered,
    /// "Choose a new password", with a link.
    ResetPassword {
        /// Fingerprint of the password hash that the link may replace, which makes it work once.
        password: String,
    },
    /// "Your password was changed".
    PasswordChanged,
    /// "Your account is cancelled": the receipt.
    AccountCancelled {
        /// When it was cancelled.
        cancelled_at: Timestamp,
        /// What was removed.
        removed: Tally,
    },
}

impl OutgoingMail {
    /// True when the mail holds a link that is no longer good at `now`, or tells somebody who has
    /// waited as long for one that there is none.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.is_waited_for() && now.since(self.issued_at) >= LINK_LIFETIME
    }

    /// True when somebody sits and waits for it: it holds a link that is good for 10 minutes, or
    /// says that there is none.
    pub fn is_waited_for(&self) -> bool {
        matches!(self.content, Content::ConfirmAddress | Content::ResetPassword { .. } | Content::SignUpAgain)
    }

    /// The payload of the reset token: the account and the fingerprint of its password hash.
    pub(crate) fn reset_payload(user: UserId, fingerprint: &str) -> String {
        format!("{user}:{fingerprint}")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_links_expire() {
        let at = Timestamp::from_millis(0);
        let mail = |content| OutgoingMail {
            user: None,
            to: Email::parse("ann@example.org").unwrap(),
            name: PersonName::parse("Ann").unwrap(),
            language: Language::English,
            issued_at: at,
            content,
        };
        let later = at.plus(LINK_LIFETIME);
        assert!(mail(Content::ConfirmAddress).is_expired(later));
        assert!(!mail(Content::ConfirmAddress).is_expired(later.minus(Duration::from_millis(1))));
        assert!(!mail(Content::PasswordChanged).is_expired(later));
    }
}
