//! What people read: every text of the gallery, in one file a language (`locales/*.ftl`, in
//! [Fluent](https://projectfluent.org/)'s format), and how numbers, sizes and dates are written in
//! it. Must not know what the texts are about: who says something makes a [`Text`], who knows the
//! reader writes it [in a language](Text::in_language).
//!
//! To say something new, add its key to every file of `locales/`. To add a language, add a file and
//! a [`Language`]. `tests/tests/it/texts.rs` checks that all files have the same keys with the same
//! variables, that every key is used, and that every key in use is there.

mod bundle;
mod format;
mod language;
mod text;

pub use format::{Instant, Size};
pub use language::Language;
pub use text::{Argument, Localized, Text};

/// Doctests compile the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
