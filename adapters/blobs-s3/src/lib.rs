//! The gallery's blobs in Amazon S3, or in a service that speaks its protocol.
//!
//! # What is stored
//!
//! A blob is one object: the prefix of [`S3Options`], then the blob's key as the core makes it
//! (`photos/{photo}/{generation}/{rendition}`). It has its content type, `Cache-Control: private,
//! max-age=31536000, immutable`, a SHA-256 that S3 verifies and keeps, and in the metadata
//! `sha256`, that of all bytes, so that whoever has the bucket can verify an object that was
//! uploaded in parts, too. Objects are private: no access list is ever sent, so the bucket should
//! have Block Public Access on and Object Ownership "bucket owner enforced", which are what new
//! buckets have.
//!
//! A key always means the same bytes, so a put is idempotent: one whose reply was lost is made
//! again, and of racing puts it does not matter which is the last.
//!
//! # What is assumed
//!
//! * S3 has been strongly consistent since December 2020: what was put is read, and what was
//!   deleted is not listed, at once. A service that is not cannot be used.
//! * Keys are listed in byte order. Directory buckets (S3 Express One Zone) do not, and cannot be
//!   used.
//!
//! # What is left behind
//!
//! A put that fails or is dropped aborts its multipart upload. A process that dies cannot; the
//! parts are invisible but are paid for, so the bucket needs this lifecycle rule:
//!
//! ```json
//! {"Rules": [{"ID": "unfinished uploads", "Status": "Enabled", "Filter": {"Prefix": ""},
//!   "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}]}
//! ```
//!
//! In a bucket with versioning, deleting removes every version and every delete marker of a key.
//! Where the role may not do that, or it cannot be found out, [`S3Blobs::warnings`] says that
//! erasure will not be complete. Object Lock, replication and backups of the bucket are out of the
//! gallery's reach.
//!
//! # Time and trouble
//!
//! Every call has limits of time ([`TimeLimits`]), and is made again at most twice, where an answer
//! was lost or says so. Retries are paid for from a budget that is filled by answers: a service
//! that always fails sees a call once, but for the first 20.
//!
//! This crate must not know any store, nor what a blob means. Its tests are in `tests/it/`: the
//! conformance suite on two servers, and faults by a proxy.

mod blobs;
mod bucket;
mod calls;
mod content;
mod delete;
mod error;
mod failure;
mod multipart;
mod open;
mod options;
mod policy;
mod put;
mod read;
mod upload;

pub use blobs::S3Blobs;
pub use error::{BucketLocation, OpenError};
pub use options::{Delivery, Encryption, LONGEST_LINK, S3Options, TimeLimits};
pub use policy::OPERATIONS;

/// Doctests compile the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
