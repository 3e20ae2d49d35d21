//! Terms: what finds a photo or album. Tests are below.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::words::{whole, words};
use super::{FIELD_END, MAX_TERMS};
use crate::values::{AlbumName, Description};

/// What stands before each packed term.
const START: char = '\n';

/// Where a term comes from: its first character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// A whole tag.
    Tag,
    /// A word of a tag of several.
    TagWord,
    /// A photo's title.
    Title,
    /// A label: what a program sees in the picture.
    Label,
    /// The name of the uploaded file.
    FileName,
    /// The camera's maker and model.
    Camera,
    /// The lens.
    Lens,
    /// Year, month or day on which the photo was taken.
    Date,
    /// The type of the file.
    Type,
    /// The description of a photo or album.
    Description,
    /// An album's name.
    AlbumName,
}

impl Field {
    /// The fields in which a plain word is looked for.
    pub const PLAIN: &[Self] = &[
        Self::Tag,
        Self::TagWord,
        Self::Title,
        Self::Label,
        Self::FileName,
        Self::Camera,
        Self::Lens,
        Self::Date,
        Self::Description,
        Self::AlbumName,
    ];

    /// The character that is stored. It must never change.
    pub fn code(self) -> char {
        match self {
            Self::Tag => 'g',
            Self::TagWord => 'w',
            Self::Title => 't',
            Self::Label => 'l',
            Self::FileName => 'f',
            Self::Camera => 'c',
            Self::Lens => 'o',
            Self::Date => 'd',
            Self::Type => 'k',
            Self::Description => 'x',
            Self::AlbumName => 'n',
        }
    }

    /// The term of this field and folded text.
    pub fn term(self, text: &str) -> String {
        format!("{}{FIELD_END}{text}", self.code())
    }
}

/// The terms of a photo or album; at most [`MAX_TERMS`], the first ones in the order of their
/// importance. Packed into one text, in which they are in byte order: that is how stores keep them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Terms(String);

impl Terms {
    /// The terms of an album: its name, then its description.
    pub fn of_album(name: &AlbumName, description: &Description) -> Self {
        let mut terms = TermsBuilder::default();
        terms.words(Field::AlbumName, name.as_str());
        terms.words(Field::Description, description.as_str());
        terms.finish()
    }

    /// The terms in byte order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(START).skip(1)
    }

    /// The terms as one text, each behind a line feed.
    pub fn packed(&self) -> &str {
        &self.0
    }

    /// Terms that were packed before.
    pub fn from_packed(packed: String) -> Self {
        Self(packed)
    }

    /// Whether the release before the one of fields wrote them: its terms have none. What it
    /// indexed is found by them until it is indexed again.
    pub fn are_without_fields(&self) -> bool {
        !self.0.is_empty() && !self.0.contains(FIELD_END)
    }

    /// Whether one of these fields has this text, or else something that begins with it.
    pub(super) fn contain(&self, fields: &[Field], text: &str, is_whole: bool) -> bool {
        // The mark occurs once in each term, so that one pass finds the text in every field.
        self.0.match_indices(text).any(|(at, _)| {
            let (before, after) = (&self.0[..at], &self.0[at + text.len()..]);
            let code = before.strip_suffix(FIELD_END).and_then(|before| before.chars().next_back());
            code.is_some_and(|code| fields.iter().any(|field| field.code() == code))
                && (!is_whole || after.is_empty() || after.starts_with(START))
        })
    }

    /// The day on which the photo was taken, or the month or year if no more is known.
    pub(super) fn date(&self) -> Option<&str> {
        fn date(term: &str) -> Option<&str> {
            term.strip_prefix(Field::Date.code())?.strip_prefix(FIELD_END)
        }
        self.iter().filter_map(date).max_by_key(|date| date.len())
    }
}

/// One term on each line.
impl fmt::Debug for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl FromIterator<String> for Terms {
    /// The terms that a store recorded.
    fn from_iter<I: IntoIterator<Item = String>>(terms: I) -> Self {
        let mut terms: Vec<String> = terms.into_iter().collect();
        terms.sort_unstable();
        terms.dedup();
        Self(terms.iter().fold(String::new(), |packed, term| packed + "\n" + term))
    }
}

/// Collects terms, the most important first.
#[derive(Default)]
pub(crate) struct TermsBuilder(HashSet<String>);

impl TermsBuilder {
    /// Every word of a text.
    pub(crate) fn words(&mut self, field: Field, text: &str) {
        for word in words(text) {
            self.add(field, &word);
        }
    }

    /// The whole text as one term.
    pub(crate) fn whole(&mut self, field: Field, text: &str) {
        let folded = whole(text);
        if !folded.is_empty() {
            self.add(field, &folded);
        }
    }

    /// The words of a tag, unless the tag is its only word.
    pub(crate) fn words_of_tag(&mut self, tag: &str) {
        let folded = whole(tag);
        for word in words(tag).filter(|word| *word != folded) {
            self.add(Field::TagWord, &word);
        }
    }

    /// A text that needs no folding.
    pub(crate) fn add(&mut self, field: Field, text: &str) {
        if self.0.len() < MAX_TERMS {
            self.0.insert(field.term(text));
        }
    }

    pub(crate) fn finish(self) -> Terms {
        self.0.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_whole_and_by_each_of_its_words() {
        let mut terms = TermsBuilder::default();
        for tag in ["C++", "Sea", "Family Reunion", "🎉"] {
            terms.whole(Field::Tag, tag);
            terms.words_of_tag(tag);
        }
        let terms = terms.finish();
        let expected = [
            "g\u{1}c++",
            "g\u{1}family reunion",
            "g\u{1}sea",
            "g\u{1}🎉",
            "w\u{1}c",
            "w\u{1}family",
            "w\u{1}reunion",
        ];
        assert_eq!(terms.iter().collect::<Vec<_>>(), expected);
        assert_eq!(Terms::from_packed(terms.packed().to_owned()), terms);
        assert!(terms.contain(&[Field::Tag], "c++", true) && !terms.contain(&[Field::Tag], "c", true));
        assert!(terms.contain(Field::PLAIN, "reun", false) && !terms.contain(Field::PLAIN, "reun", true));
        assert!(
            !terms.contain(Field::PLAIN, "amily", false) && !terms.contain(&[Field::Title], "sea", false)
        );
        assert!(terms.contain(Field::PLAIN, "🎉", true), "the last one");
    }

    #[test]
    fn there_are_512_terms_at_most_the_first_ones() {
        let mut terms = TermsBuilder::default();
        terms.words(Field::Title, "first");
        terms.words(Field::Description, &(0..2_000).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" "));
        let terms = terms.finish();
        assert_eq!(terms.iter().count(), MAX_TERMS);
        assert!(terms.contain(&[Field::Title], "first", true) && !terms.contain(Field::PLAIN, "w511", true));
    }

    #[test]
    fn the_date_is_the_most_exact_one() {
        let terms = |dates: &[&str]| dates.iter().map(|date| Field::Date.term(date)).collect::<Terms>();
        assert_eq!(terms(&["2024", "2024-07", "2024-07-14"]).date(), Some("2024-07-14"));
        assert_eq!(terms(&["1993"]).date(), Some("1993"));
        assert_eq!(terms(&[]).date(), None);
    }

    #[test]
    fn terms_of_the_release_before_have_no_fields() {
        let before: Terms = ["sea".to_owned()].into_iter().collect();
        assert!(before.are_without_fields());
        assert!(!Terms::default().are_without_fields());
        assert!(
            !Terms::of_album(&AlbumName::parse("Sea").unwrap(), &Description::parse("").unwrap())
                .are_without_fields()
        );
    }
}
