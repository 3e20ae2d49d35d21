//! The gallery's blobs on a local disk ([`DiskBlobs`]), and the spool for uploads ([`DiskSpool`]).
//!
//! # Layout
//!
//! ```text
//! root/                              0700
//!   tmp/put-41-7                     a put under way; invisible to readers
//!   photos/019ac/3f2/                the first five and the next three digits of the photo's id
//!     019ac3f2-…-9b1c.1.original     0600, a file per blob: photo, generation, rendition
//!     019ac3f2-…-9b1c.2.small
//!     019ac3f2-…-9b1d.small          a blob of before generations has no number
//! ```
//!
//! A photo's id is a UUID version 7, which begins with its time in milliseconds. Folders made of
//! its first digits are therefore windows of time: some three days above, 65 seconds below. That
//! bounds a folder by what arrives within 65 seconds and the number of folders by the days the
//! gallery has been used, and a sorted walk *is* the order of the keys: listing reads no more than
//! the folders it answers from. Folders made of the id's random digits would be more even, but to
//! list 256 of them in order means to read 256 of them for every page.
//!
//! # Durability and atomicity
//!
//! A blob is written to `tmp/`, synced, and published by renaming it, in the place of the same
//! bytes if they were put before. Then the folder is synced, and its parents when it may be new.
//!
//! # Confinement
//!
//! Every access goes through descriptors of folders below the root, one step at a time, following
//! no symbolic link. The root itself may be one.
//!
//! This crate must not know any store, nor what a blob means. Its tests are in `tests/`, among them
//! the conformance suite for blobs.

mod blobs;
mod disk;
mod errors;
mod folder;
mod layout;
mod lock;
mod put;
mod spool;
mod temp;

pub use blobs::DiskBlobs;
pub use errors::OpenError;
pub use spool::DiskSpool;

/// Doctests compile the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
