//! What search means, defined once for every store.
//!
//! What finds a photo or album are its [`Terms`], each of a [`Field`] and a folded word: case,
//! accents and compatibility forms do not matter. A [`Query`] is what a person types: words, which
//! match as the beginning of a term in any field, `"whole words"`, `-excluded` ones, and operators
//! such as `tag:` and `before:`. Stores keep one posting per owner, term and photo or album: with
//! a query's lookups they find what may match, and [`Query::matches_photo`] or
//! [`Query::matches_album`] decides.
//!
//! ```
//! use gallery_core::search::{Query, Terms};
//! use gallery_core::values::{AlbumName, Description};
//!
//! let name = AlbumName::parse("Straße am Café")?;
//! let terms = Terms::of_album(&name, &Description::parse("IMG_0012.JPG f/2.8")?);
//! let matches = |text| Query::parse(text).is_some_and(|query| query.matches_album(&terms));
//! assert!(matches("CAFE strass"));
//! assert!(matches("img 2.8 -bahnhof"));
//! assert!(!matches("\"strass\""));
//! assert!(!matches("am Bahnhof"));
//! # Ok::<(), gallery_core::values::Invalid>(())
//! ```

mod dates;
mod fold;
mod lookup;
mod parse;
mod query;
mod terms;
mod words;

pub(crate) use dates::date_terms;
pub use lookup::{Lookup, TermRange, after_prefix};
pub use parse::{Reading, tag_query};
pub use query::Query;
pub(crate) use terms::TermsBuilder;
pub use terms::{Field, Terms};

/// The most terms that are kept of one photo or album.
pub const MAX_TERMS: usize = 512;
/// Terms and query words are cut to this many characters.
pub const MAX_TERM_CHARS: usize = 100;
/// The most postings of one word that one search reads.
pub const MAX_POSTINGS: usize = 5_000;
/// The most words of a query that count.
pub const MAX_QUERY_WORDS: usize = 16;
/// What stands between a term's field and its text; in neither of them.
pub const FIELD_END: char = '\u{1}';
