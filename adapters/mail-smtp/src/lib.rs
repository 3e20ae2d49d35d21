//! The gallery's mail through an SMTP server ([`SmtpMailer`]): a provider's submission service, or
//! a mail system of one's own.
//!
//! ```no_run
//! use gallery_mail_smtp::{Security, SmtpLogin, SmtpMailer, SmtpOptions};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let mailer = SmtpMailer::open(SmtpOptions {
//!     login: Some(SmtpLogin::new("gallery", "secret")),
//!     ..SmtpOptions::new("mail.example.org", Security::Tls)
//! })?;
//! mailer.check().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Every mail is tried once; when to try again is the worker's business. What a server's "no" means
//! is decided in one place, [`SmtpError::is_final`]: a mail is given up only when the server
//! refuses this recipient or this content for good, never for what the gallery's operator can mend
//! (log-in, sender, relaying, certificates).
//!
//! This crate must not know why a mail is sent, nor what it looks like inside (`gallery-mime`). Its
//! tests are in `tests/`, on a real server, among them the conformance suite for mail.

mod connection;
mod error;
mod mailer;
mod options;

pub use error::{Reply, SmtpError};
pub use mailer::SmtpMailer;
pub use options::{Security, SmtpLimits, SmtpLogin, SmtpOptions};

/// Doctests compile the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
