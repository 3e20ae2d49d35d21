//! The gallery's mail through Amazon SES ([`SesMailer`]), and what SES reports of it through Amazon
//! SNS ([`SnsFeedback`]).
//!
//! ```no_run
//! use gallery_mail_ses::{SesMailer, SesOptions, SnsFeedback};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let mailer = SesMailer::open(SesOptions {
//!     configuration_set: Some("gallery".to_owned()),
//!     ..SesOptions::default()
//! })
//! .await?;
//! let feedback = SnsFeedback::new("arn:aws:sns:eu-central-1:123456789012:gallery-mail")?;
//! # Ok(())
//! # }
//! ```
//!
//! Credentials come from the SDK's default chain; all that they must allow is `ses:SendEmail`.
//!
//! # What SES changes in a mail
//!
//! SES is handed the very bytes that every mailer sends, and replaces `Message-ID` and `Date` with
//! its own ("Header fields" in its developer guide). A mail that is sent again after a lost answer
//! thus reaches its reader under another identifier. What the gallery handed over stays in SES's
//! reports (`mail.commonHeaders.messageId`), which is where a mail is looked up; another header
//! with the same content would tell readers nothing.
//!
//! This crate must not know why a mail is sent, nor what it looks like inside (`gallery-mime`), nor
//! what becomes of a report. Tests: beside the code, and in `tests/`, among them the conformance
//! suite for mail.

mod error;
mod feedback;
mod mailer;
mod options;

pub use error::SesError;
pub use feedback::{SnsFeedback, TopicError};
pub use mailer::SesMailer;
pub use options::{SesLimits, SesOptions};

/// Doctests compile the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
