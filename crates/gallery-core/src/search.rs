//! What search means, defined once for every store.
//!
//! Text becomes [`Terms`]: Unicode words (UAX #29), compatibility-decomposed, case-folded and
//! without accents. A [`Query`] matches when every one of its words is a prefix of some term.
//! Stores keep one posting per owner, term and photo or album, and find a word's terms as a range
//! of keys.
//!
//! ```
//! use gallery_core::search::{Query, Terms};
//!
//! let terms = Terms::of(["Straße am Café", "IMG_0012.JPG f/2.8"]);
//! let matches = |text| Query::parse(text).is_some_and(|query| terms.match_query(&query));
//! assert!(matches("CAFE strass"));
//! assert!(matches("img 2.8"));
//! assert!(!matches("am Bahnhof"));
//! ```

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

use crate::values::{AlbumName, Description};

/// The most terms that are kept of one photo or album.
pub const MAX_TERMS: usize = 512;
/// Terms and query words are cut to this many characters: longer ones are no words that people
/// search.
pub const MAX_TERM_CHARS: usize = 40;
/// The most postings of one word that one search reads.
pub const MAX_POSTINGS: usize = 5_000;
/// The most words of a query that count.
const MAX_QUERY_WORDS: usize = 16;

/// The normalised words of a photo or album; at most [`MAX_TERMS`], the first ones in reading
/// order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terms(BTreeSet<String>);

impl Terms {
    /// The terms of these texts, the most important text first.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut terms = BTreeSet::new();
        for word in texts.into_iter().flat_map(words) {
            if terms.len() == MAX_TERMS {
                break;
            }
            terms.insert(word);
        }
        Self(terms)
    }

    /// The terms of an album.
    pub fn of_album(name: &AlbumName, description: &Description) -> Self {
        Self::of([name.as_str(), description.as_str()])
    }

    /// The terms in byte order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// True when every word of the query is a prefix of some term.
    pub fn match_query(&self, query: &Query) -> bool {
        query.words().all(|word| {
            self.0
                .range::<str, _>((std::ops::Bound::Included(word), std::ops::Bound::Unbounded))
                .next()
                .is_some_and(|term| term.starts_with(word))
        })
    }
}

impl FromIterator<String> for Terms {
    /// The terms that a store recorded.
    fn from_iter<I: IntoIterator<Item = String>>(terms: I) -> Self {
        Self(terms.into_iter().collect())
    }
}

/// What a person searches for: one to sixteen normalised words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query(BTreeSet<String>);

impl Query {
    /// The query's words; `None` when the text holds no word, so that nothing can match.
    pub fn parse(text: &str) -> Option<Self> {
        let words: BTreeSet<String> = words(text).take(MAX_QUERY_WORDS).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    /// The words in byte order.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The longest word: the one that a store should look up first, because it finds the least.
    pub fn longest(&self) -> &str {
        self.words().max_by_key(|word| word.len()).unwrap_or_default()
    }
}

/// The least text that is greater than every text with this prefix, in byte order: with it, "starts
/// with" is a range of keys.
pub fn after_prefix(prefix: &str) -> String {
    // No term contains this character (it is not alphanumeric) and no other sorts behind it.
    format!("{prefix}\u{10ffff}")
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    // Words are cut at UAX #29 boundaries first, then at what is left of punctuation ("f/2.8",
    // "don't").
    text.unicode_words().flat_map(|word| {
        fold(word)
            .split(|c: char| !c.is_alphanumeric())
            .filter(|part| !part.is_empty())
            .map(|part| part.chars().take(MAX_TERM_CHARS).collect())
            .collect::<Vec<String>>()
    })
}

fn fold(word: &str) -> String {
    let lower: String = word.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let mut folded = String::with_capacity(lower.len());
    // Lower-casing can decompose again (İ); letters that Unicode does not decompose are folded by
    // hand.
    for c in lower.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            'þ' => folded.push_str("th"),
            'ς' => folded.push('σ'),
            other => folded.push(other),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        Terms::of([text]).iter().map(str::to_owned).collect()
    }

    fn matches(text: &str, query: &str) -> bool {
        Query::parse(query).is_some_and(|query| Terms::of([text]).match_query(&query))
    }

    #[test]
    fn words_are_folded() {
        assert_eq!(terms("Straße, CAFÉ & Ærø; ﬁn"), ["aero", "cafe", "fin", "strasse"]);
        assert_eq!(terms("İstanbul Łódź ΣΊΣΥΦΟΣ"), ["istanbul", "lodz", "σισυφοσ"]);
        assert_eq!(terms("IMG_0012.JPG f/2.8"), ["0012", "2", "8", "f", "img", "jpg"]);
        assert_eq!(terms("写真 фото"), ["фото", "写", "真"]);
    }

    #[test]
    fn every_query_word_is_a_prefix_of_some_term() {
        assert!(matches("Sunset over the Aegean", "sun aeg"));
        assert!(matches("Sunset over the Aegean", "OVER sünset"));
        assert!(!matches("Sunset over the Aegean", "sun moon"));
        assert!(!matches("Sunset", "set"));
        assert!(!matches("anything", " %_ "));
        assert!(!matches("anything", ""));
    }

    #[test]
    fn hostile_texts_stay_bounded() {
        let many = (0..2_000).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        assert_eq!(Terms::of([many.as_str()]).iter().count(), MAX_TERMS);
        assert!(terms(&"x".repeat(10_000)).iter().all(|term| term.chars().count() <= MAX_TERM_CHARS));
        assert!(Query::parse(&many).unwrap().words().count() <= 16);
        assert!(matches(&"y".repeat(100), &"y".repeat(90)));
    }

    #[test]
    fn a_prefix_is_a_range_of_keys() {
        for (term, prefix) in [("sunset", "sun"), ("sun", "sun"), ("sun\u{10000}", "sun")] {
            assert!(term >= prefix && term < after_prefix(prefix).as_str());
        }
        assert!("suo" > after_prefix("sun").as_str());
    }
}
