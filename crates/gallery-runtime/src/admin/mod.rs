//! The commands of `admin`, and how a running server carries them out for somebody at the command
//! line.
//!
//! A store that belongs to one process cannot be opened beside the server that has it. That server
//! therefore takes commands at a socket in its data folder, and `admin` asks there first. Both ways
//! run the same function:
//!
//! * `args` — what can be typed after `admin`; a new command begins there,
//! * `commands` — what each command does, with its output going to an [`Output`],
//! * `protocol` — requests and frames, as lines of JSON,
//! * `store` — which store a server has, and which one a command means,
//! * `socket` — the socket's file: how it is bound, reached and removed, and who may be at the
//!   other end,
//! * `server` and `client` — the two ends.
//!
//! Must not know how a gallery is opened, nor the terminal: those are `variant`'s and `cli`'s
//! business. Tests are beside the code, and outside of it in the workspace's
//! `tests/tests/gallery_nosql/admin.rs`.

mod args;
mod client;
mod commands;
mod output;
mod protocol;
mod server;
mod socket;
mod store;
#[cfg(test)]
mod tests;

pub use args::Admin;
pub use client::{Reply, ask};
pub use commands::perform;
pub use output::Output;
pub use server::Server;
pub use store::Store;
