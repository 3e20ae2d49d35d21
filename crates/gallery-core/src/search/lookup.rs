//! How stores find what may match a query: by ranges of its terms. Tests are in `query`.

use super::{FIELD_END, Field};

/// The most characters of a term of the release before the one of fields.
const MAX_CHARS_BEFORE: usize = 40;

/// Postings to be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TermRange {
    /// Those of this term.
    Whole(String),
    /// Those of every term that begins so.
    Prefix(String),
}

impl TermRange {
    /// The first term that can be in it.
    pub fn from(&self) -> &str {
        match self {
            Self::Whole(term) | Self::Prefix(term) => term,
        }
    }

    /// A text that is greater than every term in it, and not greater than any other behind it.
    pub fn to(&self) -> String {
        match self {
            // The mark is in no term but behind its field.
            Self::Whole(term) => format!("{term}{FIELD_END}"),
            Self::Prefix(prefix) => after_prefix(prefix),
        }
    }
}

/// What a part of a query finds: whatever has a posting in one of these ranges, and perhaps more
/// than matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The ranges; nothing matches the query when there is none.
    pub ranges: Vec<TermRange>,
    /// Characters of the shortest text that is looked up: the more, the less is found.
    pub(super) shortest: usize,
}

impl Lookup {
    /// What has this text in one of these fields.
    pub(super) fn of(fields: impl Iterator<Item = Field>, text: &str, is_whole: bool) -> Self {
        let range = |term| if is_whole { TermRange::Whole(term) } else { TermRange::Prefix(term) };
        let mut ranges: Vec<TermRange> = fields.map(|field| range(field.term(text))).collect();
        if !ranges.is_empty() && text.chars().all(char::is_alphanumeric) {
            ranges.push(range_before(text, is_whole));
        }
        Self { ranges, shortest: text.chars().count() + usize::from(is_whole) }
    }

    /// What either finds.
    pub(super) fn or(mut self, other: Self) -> Self {
        self.ranges.extend(
            other.ranges.into_iter().filter(|range| !self.ranges.contains(range)).collect::<Vec<_>>(),
        );
        Self { ranges: self.ranges, shortest: self.shortest.min(other.shortest) }
    }
}

/// What the release before the one of fields has indexed, until it is indexed again.
fn range_before(text: &str, is_whole: bool) -> TermRange {
    let cut: String = text.chars().take(MAX_CHARS_BEFORE).collect();
    if is_whole { TermRange::Whole(cut) } else { TermRange::Prefix(cut) }
}

/// The least text that is greater than every text with this prefix, in byte order: with it, "starts
/// with" is a range of keys.
pub fn after_prefix(prefix: &str) -> String {
    // No term contains this character (it separates words) and no other sorts behind it.
    format!("{prefix}\u{10ffff}")
}
