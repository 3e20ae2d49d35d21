//! The mailer: options that cannot be right; and, on two SES servers behind a fault proxy, the
//! suite that all mailers share, refusals, and trouble. `cargo xtask test` starts the servers.

#[cfg(feature = "engines")]
mod conformance;
#[cfg(feature = "engines")]
mod faults;
#[cfg(feature = "engines")]
mod fixture;
mod opening;
#[cfg(feature = "engines")]
mod refusals;
