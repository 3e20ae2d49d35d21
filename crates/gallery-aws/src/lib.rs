//! What the gallery's adapters for AWS have in common, once for all services:
//!
//! * clients: region, credentials and endpoint from the SDK's default chain ([`ClientOptions`]);
//! * retries: how often and after which pauses ([`RetryPolicy`], [`Backoff`]), and how many of them
//!   a service in trouble sees ([`RetryBudget`]);
//! * calls: within a [`TimeBudget`], and again where the policy says so ([`Retrier`],
//!   [`Attempts`]);
//! * errors: what the SDK returned, with the adapter's classification of it ([`CallError`],
//!   [`Classify`]), in one line ([`error_chain`]).
//!
//! What is left to an adapter: its client, what the service's codes mean, and which calls may be
//! made again.
//!
//! Adapters do not know each other. This crate must not know any of the services, nor what calls
//! are for. Without the feature `sdk` it is backoff, budgets and random numbers, for whoever needs
//! no AWS. Tests are beside the code, in `tests/it`, and the adapters' own, against servers behind
//! a fault proxy.

mod backoff;
mod budget;
#[cfg(feature = "sdk")]
mod calls;
#[cfg(feature = "sdk")]
mod chain;
#[cfg(feature = "sdk")]
mod client;
#[cfg(feature = "sdk")]
mod error;
mod random;

pub use backoff::{Backoff, RetryClass, RetryPolicy};
pub use budget::RetryBudget;
#[cfg(feature = "sdk")]
pub use calls::{Attempts, Idempotency, Retrier, TimeBudget};
#[cfg(feature = "sdk")]
pub use chain::error_chain;
#[cfg(feature = "sdk")]
pub use client::{ClientError, ClientOptions, Endpoint};
#[cfg(feature = "sdk")]
pub use error::{CallError, Classify, ErrorResponse};
pub use random::{jitter, random_token};

/// Doctests compile the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
