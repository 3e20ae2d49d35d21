//! Looking into photos with decoders written in Rust: [`RustImaging`] implements the port
//! [`Imaging`](gallery_core::ports::Imaging).
//!
//! A photo goes through these stages; each is a module that knows only the ones before it:
//!
//! 1. `format` finds the type in the bytes and reads the header: dimensions, metadata and what
//!    decoding will cost. Nothing is decoded and nothing large is allocated before the limits were
//!    checked.
//! 2. `pipeline` waits for a worker and for memory, and runs the rest away from the async threads.
//! 3. `format` decodes, and `downscale` scales while rows come in: no more of a picture is held
//!    than the format makes necessary.
//! 4. `colour` makes sRGB of whatever colours the file has.
//! 5. `render` turns the large rendition upright and makes the others and the placeholder of it,
//!    without any metadata.
//! 6. `metadata` reads what the camera and people wrote.
//!
//! This crate must not know where photos come from or where renditions go. A further format is a
//! further module of `format` and one more entry in its table. Tests of whole photos are in
//! `tests/it`, where `samples` makes photos of every kind; rules with a table are tested beside
//! their code.
#![deny(missing_docs)]

mod colour;
mod downscale;
mod format;
mod limits;
mod metadata;
mod picture;
mod pipeline;
mod refusal;
mod render;
mod stop;

#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;

pub use limits::Limits;
pub use pipeline::RustImaging;
