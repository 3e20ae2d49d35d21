//! The ports that need nothing but this machine: its clock, its randomness, its cores and this process's workers.
//! They must not know the configuration, a store or HTTP. Tests are beside the code.

mod hasher;
mod system;

pub use hasher::Argon2Hasher;
pub use system::{OsEntropy, SystemClock, TokioBell};
