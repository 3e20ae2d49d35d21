//! The operating system as adapters: the ports of the photo gallery's core that need nothing but
//! this machine.
//!
//! | port | adapter | what is behind it |
//! | --- | --- | --- |
//! | [`Clock`](gallery_core::ports::Clock) | [`SystemClock`] | the system's clock, and tokio's timer |
//! | [`Entropy`](gallery_core::ports::Entropy) | [`OsEntropy`] | the system's random number generator |
//! | [`PasswordHasher`](gallery_core::ports::PasswordHasher) | [`Argon2Hasher`] | argon2id on this machine's cores |
//! | [`JobNotifier`](gallery_core::ports::JobNotifier) | [`TokioJobNotifier`] | the workers of this process |
//!
//! This is the one place where the time and random bytes are asked for: `clippy.toml` bans that
//! everywhere else. The crate must not know a configuration, a store or HTTP; its adapters run on
//! any tokio runtime with a timer, the hasher also needs its blocking threads. Tests are beside the
//! code.
//!
//! ```
//! use std::sync::Arc;
//!
//! use gallery_core::ports::{Clock, HashQueue, PasswordHasher, Verdict};
//! use gallery_core::values::Password;
//! use gallery_system::{Argon2Hasher, OsEntropy, SystemClock};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let hasher = Argon2Hasher::new(Arc::new(OsEntropy));
//! let password = Password::claimed("blue heron at dusk")?;
//! let hash = hasher.hash(&password, HashQueue::Account).await?;
//! let verdict = hasher.verify(&password, &hash, HashQueue::Account).await?;
//! assert_eq!(verdict, Verdict::Match { weak: false });
//! println!("hashed by {}", SystemClock.now());
//! # Ok(())
//! # }
//! ```
#![deny(missing_docs)]

mod clock;
mod entropy;
mod hasher;
mod job_notifier;

pub use clock::SystemClock;
pub use entropy::OsEntropy;
pub use hasher::Argon2Hasher;
pub use job_notifier::TokioJobNotifier;

/// Doctests compile the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
