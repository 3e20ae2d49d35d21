//! The mailer on two SES servers behind a fault proxy: the suite that all mailers share, refusals, and trouble.
//! `cargo xtask test` starts the servers.

#![cfg(feature = "engines")]

mod conformance;
mod faults;
mod fixture;
mod refusals;
