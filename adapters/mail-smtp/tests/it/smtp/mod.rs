//! The mailer on a real SMTP server, which the tests start themselves with the Python of `cargo
//! xtask engines up`: the suite that all mailers share, security, refusals, and addresses beyond
//! ASCII.

mod addresses;
mod conformance;
mod refusals;
mod security;
mod server;
