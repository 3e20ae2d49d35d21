//! Sending mail: the port [`Mailer`].

use async_trait::async_trait;

use crate::mail::Message;

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MailError {
    /// The mail system is away or wants less at a time: try again later. Whether it was sent is
    /// unknown.
    #[error("the mail cannot be sent now")]
    Later(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The mail system refuses this mail; trying again will not help.
    #[error("the mail was refused")]
    Never(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Hands mails to a mail system.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Sends one mail: Ok when the mail system has taken it over. Repeating it sends the mail
    /// again, with the same Message-ID. An error MUST be [`MailError::Later`] unless this very mail
    /// can never be taken.
    async fn send(&self, message: &Message) -> Result<(), MailError>;
}
