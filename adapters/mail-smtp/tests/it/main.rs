//! The mailer from outside, without a server and with one.

mod opening;
#[cfg(feature = "engines")]
mod smtp;
