//! The languages that the gallery speaks, and which of them a reader wants. Tests are below.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// A language that the gallery speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Language {
    /// English: where nothing says what the reader wants.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// The language's tag (BCP 47): `en`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// What its speakers call it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// `1,204`, `1.204`.
    pub fn number(self, number: u64) -> String {
        let digits = number.to_string();
        let (first, rest) = digits.split_at(digits.len() % 3);
        let threes = rest.as_bytes().chunks(3).map(|three| String::from_utf8_lossy(three).into_owned());
        let first = (!first.is_empty()).then(|| first.to_owned());
        first.into_iter().chain(threes).collect::<Vec<_>>().join(match self {
            Self::English => ",",
            Self::German => ".",
        })
    }

    /// The language that a browser wants most, by its `Accept-Language` (RFC 9110, section 12.5.4):
    /// of those that the gallery speaks the one with the highest weight, of equal ones the first.
    /// `None` when it names none of them.
    pub fn accepted(accept_language: &str) -> Option<Self> {
        let mut best = None;
        for range in accept_language.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let weight =
                match parts.find(|part| part.get(..2).is_some_and(|name| name.eq_ignore_ascii_case("q="))) {
                    Some(weight) => weight[2..].parse().ok(),
                    None => Some(1.0),
                };
            let (Ok(language), Some(weight)) = (tag.parse::<Self>(), weight) else { continue };
            if weight > best.map_or(0.0, |(_, best)| best) {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _): (Self, f32)| language)
    }

    /// The language that a POSIX locale names, such as `de_AT.UTF-8`.
    pub fn of_locale(locale: &str) -> Option<Self> {
        locale.split(['_', '.', '@']).next()?.parse().ok()
    }
}

/// Reads a tag. One that this release does not speak, because a later one wrote it, is English:
/// nobody shall be kept from their account by their language.
impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(tag: D) -> Result<Self, D::Error> {
        Ok(Cow::<'de, str>::deserialize(tag)?.parse().unwrap_or_default())
    }
}

/// Not the tag of a language that the gallery speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownLanguage;

impl FromStr for Language {
    type Err = UnknownLanguage;

    /// Reads a tag; regions and scripts are ignored, `de-AT` is German.
    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        let primary = tag.split('-').next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|known| known.tag().eq_ignore_ascii_case(primary)).ok_or(UnknownLanguage)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weightiest_known_language_is_accepted() {
        for (header, expected) in [
            ("de", Some(Language::German)),
            ("de-AT,de;q=0.9,en;q=0.8", Some(Language::German)),
            ("en-GB, de;q=0.5", Some(Language::English)),
            ("de;q=0.5, en;q=0.9", Some(Language::English)),
            ("fr, de;q=0.2", Some(Language::German)),
            ("de;q=0, en;q=0.1", Some(Language::English)),
            ("DE ; Q=1.0;x=y", Some(Language::German)),
            ("en, de", Some(Language::English)),
            ("fr-CH, it;q=0.9, *;q=0.1", None),
            ("de;q=x", None),
            ("deutsch", None),
            ("", None),
            (",;;q=,q=1", None),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
    }

    #[test]
    fn locales_name_languages() {
        assert_eq!(Language::of_locale("de_AT.UTF-8"), Some(Language::German));
        assert_eq!(Language::of_locale("en"), Some(Language::English));
        assert_eq!([Language::of_locale("C"), Language::of_locale("")], [None, None]);
    }

    #[test]
    fn tags_are_read_back() {
        for language in Language::ALL {
            assert_eq!(language.tag().parse(), Ok(language));
        }
    }
}
