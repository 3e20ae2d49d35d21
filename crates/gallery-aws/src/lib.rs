//! What the gallery's adapters for AWS have in common: region and credentials from the SDK's default chain
//! ([`settings`]), how many calls may be made again ([`Budget`]), and what the SDK says of an error in one line
//! ([`story`]).
//!
//! Adapters do not know each other. This crate must not know any of the services, nor what calls are for: which of
//! them may be made again, and what an answer means, is each adapter's business. Tests are beside the code, and the
//! adapters' own, against servers behind a fault proxy.

mod budget;
mod settings;
mod story;

pub use budget::Budget;
pub use settings::{Missing, settings};
pub use story::story;
