//! What every mailer of the gallery has in common: a [`Message`](gallery_core::mail::Message) as
//! bytes ([`rfc5322`]), an address as an envelope carries it ([`envelope_address`]), and what a
//! mail system answered, fit for a log ([`loggable`]).
//!
//! Adapters do not know each other; through this crate all of them send the very same bytes. It
//! must not know how a mail is sent. Tests: beside the code, `tests/it/eml.rs`, and the conformance
//! suite for mail.

mod eml;
mod reply;

pub use eml::{envelope_address, rfc5322};
pub use reply::loggable;

/// Doctests compile the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
