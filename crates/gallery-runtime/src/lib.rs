//! Everything that the photo gallery's binaries share: configuration, the log, background workers,
//! the listener, and the command line.
//!
//! It knows `gallery-core` and `gallery-web`, and never an adapter: a binary plugs its own in by
//! implementing [`Variant`], and its `main` is a call of [`main`].
//!
//! * [`config`] — every setting, where it comes from, and whether it makes sense
//! * [`serve`] — the listener with its limits on slow clients, start and orderly end
//! * [`Workers`] — the tasks that run jobs
//! * [`Failure`] — what failed, for somebody at a terminal
//! * [`metrics`] — metrics for Prometheus
//!
//! Tests are beside the code, and in `tests/` where sockets are involved.

mod admin;
mod cli;
pub mod config;
mod failure;
mod folder;
mod memory;
pub mod metrics;
pub mod serve;
mod telemetry;
mod variant;
mod workers;

pub use cli::main;
pub use failure::{Failure, OrSay};
pub use folder::DataFolder;
/// What adapters and settings say to people.
pub use gallery_core::texts;
pub use memory::available as available_memory;
pub use variant::{Adapters, Opening, Purpose, StoreInUse, System, Variant};
pub use workers::Workers;
