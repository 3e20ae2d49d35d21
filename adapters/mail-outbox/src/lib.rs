//! The gallery's mail as files in a folder ([`OutboxMailer`]): what a gallery without a mail system
//! does, and what development and tests read.
//!
//! One mail is one `.eml` file (RFC 5322), which mail programs open. Its name begins with the
//! mail's date, so that the oldest name is the oldest mail:
//!
//! ```text
//! outbox/001795335330007-019ac3f2-….eml
//! ```
//!
//! This crate must not know why a mail is sent. Its tests are in `tests/`, among them the
//! conformance suite for mail.

mod outbox;

pub use outbox::{OpenError, OutboxMailer};

/// Doctests compile the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
