//! What becomes of mails after a mail system took them over: the port [`Feedback`].
//!
//! A mail system that reports back calls the gallery; the web layer hands the body of that call to
//! [`Gallery::mail_feedback`](crate::Gallery::mail_feedback), and that here. Who may call, how a
//! report is signed and how reporting is agreed upon is the adapter's knowledge. The use case is
//! tested in `tests/it/mails.rs`.

use std::error::Error;

use async_trait::async_trait;

use crate::values::{Email, Timestamp};

/// Reads the reports of a mail system.
#[async_trait]
pub trait Feedback: Send + Sync + 'static {
    /// Reads the body of one report that arrived at `now`, and returns what it says about
    /// addresses: nothing for one that is only about the reporting itself (agreeing to be reported
    /// to is done when this returns), or about failures that may pass.
    ///
    /// Anybody can send a report: the adapter MUST return [`FeedbackError::Forged`] unless it has
    /// proof that the mail system of this gallery made it. Reports are repeated and overtake each
    /// other; reading one again MUST return the same.
    async fn read(&self, body: &[u8], now: Timestamp) -> Result<Vec<MailEvent>, FeedbackError>;
}

/// What a mail system says about an address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MailEvent {
    /// No mail will ever reach it: a permanent failure. One that may pass is none of these events.
    Bounced {
        /// The address.
        address: Email,
    },
    /// The person there said that a mail of this gallery was unwanted.
    Complained {
        /// The address.
        address: Email,
    },
}

/// Why a report was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeedbackError {
    /// It is not a report; says what is wrong with it, without an address. Sending it again will
    /// not help.
    #[error("not a report of the mail system: {0}")]
    Malformed(String),
    /// Nothing proves that the mail system of this gallery made it; says what is missing, without
    /// an address.
    #[error("not proven to be of the mail system: {0}")]
    Forged(String),
    /// Whether it is genuine cannot be found out now, or the mail system did not answer: sending it
    /// again may help.
    #[error("the report cannot be checked now")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}
