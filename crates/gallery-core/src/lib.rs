//! The photo gallery without its technology: values that cannot be wrong, the rules, the ports
//! through which the core reaches the world, and the use cases.
//!
//! This crate knows nobody: no HTTP, no SQL, no AWS, no async runtime. Adapters implement the traits
//! of [`ports`]; a web server, a command or another service calls the methods of
//! [`Gallery`]. Start reading at [`ports`], which explains how a port method is
//! added, and at [`usecases`], which lists what people can do.
//!
//! Rules are tested beside their code; what every store, blob store and mailer must do is tested in
//! `gallery-conformance`, against every adapter.
#![deny(missing_docs)]

pub mod mail;
pub mod model;
pub mod ports;
pub mod search;
pub mod token;
pub mod usecases;
pub mod values;

pub use usecases::Gallery;
