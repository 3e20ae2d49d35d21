//! The behaviour that every adapter must show: one suite of scenarios per port, each a named test.
//!
//! A suite is a list of scenarios and a macro that turns the list into tests of one adapter
//! ([`store_suite!`], and its siblings for blobs and mail). The scenarios know the ports only; they
//! must not know an adapter. They are themselves exercised by every adapter's `tests/conformance.rs`,
//! by the reference store's first of all.

pub mod blobs;
pub mod fakes;
#[cfg(test)]
mod listed;
pub mod mail;
pub mod store;
