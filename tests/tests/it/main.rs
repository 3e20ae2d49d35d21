//! The black-box tests of `gallery-sql`, and of the documents that describe it. Those of
//! `gallery-nosql` are a program of their own, `gallery_nosql`.

mod browser;
mod docs;
#[cfg(feature = "engines")]
mod engines;
mod gallery;
mod iam;
mod texts;
