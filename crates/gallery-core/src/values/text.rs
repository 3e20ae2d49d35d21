//! Texts that people type: names, titles, descriptions, tags, file names. All are kept in NFC
//! (UAX #15), without what nobody sees (`visible`) and without control characters, and within the
//! limits of their types; lengths count characters (Unicode scalar values).

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::Invalid;
use super::line::{control_characters, one_line, required, within};
use super::visible::{visible, with_plain_line_breaks};
use crate::texts::Text;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $parse:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Parses what a person typed, into the form above. [`Invalid`] with the code
            /// `required`, `too_long`, `bad_character` or `malformed`.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                let parse: fn(&str) -> Result<String, Invalid> = $parse;
                parse(text).map(Self)
            }

            /// The text that a store recorded, which was parsed when it came in.
            pub fn from_stored(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text!(
    /// A person's name: 1 to 100 characters on one line.
    PersonName,
    |text| required(one_line(text, "name-person", 100)?, "name-person")
);
text!(
    /// An album's name: 1 to 200 characters on one line.
    AlbumName,
    |text| required(one_line(text, "name-album", 200)?, "name-album")
);
text!(
    /// A photo's title: at most 200 characters on one line; may be empty.
    Title,
    |text| one_line(text, "name-title", Title::MOST)
);
text!(
    /// A description: at most 5,000 characters on any number of lines, which end in line feeds
    /// however they were sent; may be empty.
    Description,
    |text| {
        let text = visible(&with_plain_line_breaks(text)).nfc().collect::<String>();
        let text = text.trim();
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return Err(control_characters("name-description"));
        }
        within(text.to_owned(), "name-description", Description::MOST)
    }
);
text!(
    /// One tag: 1 to 50 characters on one line, without a comma.
    Tag,
    |text| {
        let tag = required(one_line(text, "name-tag", Tag::MOST)?, "name-tag")?;
        if tag.contains(',') { Err(Invalid::new("bad_character", Text::new("tag-comma"))) } else { Ok(tag) }
    }
);
text!(
    /// A client's key for a request that must happen once: 1 to 100 visible ASCII characters.
    IdempotencyKey,
    |text| {
        let visible = text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
        if !visible || text.trim().is_empty() || text.len() > 100 {
            return Err(Invalid::new("malformed", Text::new("idempotency-key-form")));
        }
        Ok(text.to_owned())
    }
);

/// One line from text that nobody typed here: what may not be in one is dropped, what is too long
/// is cut off.
fn clean_line(text: &str, max: usize) -> String {
    let kept: String =
        text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !c.is_control()).collect();
    // What is dropped may have kept a letter and its accent apart.
    let kept: String = visible(&kept).nfc().collect();
    let line = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    visible(&line.chars().take(max).collect::<String>()).trim_end().to_owned()
}

impl Title {
    /// Characters.
    const MOST: usize = 200;

    /// Cleans what a photo's file says, and never fails: see [`Captions`](crate::model::Captions).
    pub fn clean(text: &str) -> Self {
        Self(clean_line(text, Self::MOST))
    }
}

impl Description {
    /// Characters.
    const MOST: usize = 5_000;

    /// Cleans what a photo's file says, and never fails: see [`Captions`](crate::model::Captions).
    pub fn clean(text: &str) -> Self {
        let text = with_plain_line_breaks(text);
        let kept: String = text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
        let kept: String = visible(&kept).nfc().collect();
        let cut: String = kept.trim().chars().take(Self::MOST).collect();
        Self(visible(&cut).trim_end().to_owned())
    }
}

impl Tag {
    /// Characters.
    const MOST: usize = 50;

    /// Cleans what a photo's file says; None when nothing is left. A comma becomes a space.
    pub fn clean(text: &str) -> Option<Self> {
        let tag = clean_line(&text.replace(',', " "), Self::MOST);
        (!tag.is_empty()).then_some(Self(tag))
    }
}

macro_rules! cleaned {
    ($name:ident) => {
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// The name a photo's file had on the sender's machine: at most 200 characters, never a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileName(String);
cleaned!(FileName);

impl FileName {
    /// Cleans what a client sent, and never fails: folders, control and formatting characters are
    /// dropped, and a name of which nothing is left becomes `photo`.
    pub fn clean(text: &str) -> Self {
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let kept: String = visible(last).nfc().filter(|c| !c.is_control()).collect();
        let name = kept.trim().trim_start_matches('.').trim();
        if name.is_empty() {
            return Self("photo".to_owned());
        }
        if name.chars().count() <= 200 {
            return Self(name.to_owned());
        }
        // A long name loses its middle, never its ending.
        let ending = name.rsplit_once('.').map(|(_, ending)| ending).filter(|e| e.chars().count() <= 10);
        let ending = ending.map(|e| format!(".{e}")).unwrap_or_default();
        Self(name.chars().take(200 - ending.chars().count()).collect::<String>() + &ending)
    }

    /// The name that a store recorded.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// What a client says it is, for the list of sessions: cleaned, at most 200 characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserAgent(String);
cleaned!(UserAgent);

impl UserAgent {
    /// Cleans the header's value; never fails.
    pub fn clean(text: &str) -> Self {
        Self(visible(text).chars().filter(|c| !c.is_control()).take(200).collect())
    }
}

/// A photo's tags: at most 50, in the order given, without repetitions in whatever case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tags(Vec<Tag>);

impl Tags {
    const MOST: usize = 50;

    /// Parses one text per tag; empty ones are dropped. Errors as for [`Tag::parse`], or
    /// `too_many`.
    pub fn parse<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Result<Self, Invalid> {
        let mut tags: Vec<Tag> = Vec::new();
        for text in texts {
            let text = text.as_ref();
            if visible(text).trim().is_empty() {
                continue;
            }
            add(&mut tags, Tag::parse(text)?);
            if tags.len() > Self::MOST {
                return Err(Invalid::new("too_many", Text::new("tags-too-many").with("most", Self::MOST)));
            }
        }
        Ok(Self(tags))
    }

    /// Cleans what a photo's file says, and never fails: the first 50 that [`Tag::clean`] leaves
    /// something of.
    pub fn clean<S: AsRef<str>>(texts: impl IntoIterator<Item = S>) -> Self {
        let mut tags = Vec::new();
        for tag in texts.into_iter().filter_map(|text| Tag::clean(text.as_ref())) {
            add(&mut tags, tag);
            if tags.len() == Self::MOST {
                break;
            }
        }
        Self(tags)
    }

    /// Parses tags separated by commas, as forms send them.
    pub fn parse_list(text: &str) -> Result<Self, Invalid> {
        Self::parse(text.split(','))
    }

    /// The tags that a store recorded.
    pub fn from_stored(tags: Vec<Tag>) -> Self {
        Self(tags)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tags in order.
    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.iter()
    }
}

/// Adds a tag that is not among them.
fn add(tags: &mut Vec<Tag>, tag: Tag) {
    if !tags.iter().any(|known| known.as_str().to_lowercase() == tag.as_str().to_lowercase()) {
        tags.push(tag);
    }
}

/// Separated by commas, as a form shows them.
impl fmt::Display for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, tag) in self.0.iter().enumerate() {
            write!(f, "{}{tag}", if position == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_texts_are_trimmed_and_normalised() {
        assert_eq!(AlbumName::parse("  Sommer\u{b}\t 2026\n").unwrap().as_str(), "Sommer 2026");
        assert_eq!(AlbumName::parse("Cafe\u{301}").unwrap(), AlbumName::parse("Café").unwrap());
        assert_eq!(AlbumName::parse(" ").unwrap_err().code, "required");
        assert_eq!(Title::parse("").unwrap().as_str(), "");
        assert_eq!(Title::parse("a\0b").unwrap_err().code, "bad_character");
        assert_eq!(Title::parse("a\u{202e}gpj.exe").unwrap().as_str(), "agpj.exe");
        for blank in ["\u{2067}\u{200d}\u{2069}", "\u{ad}\u{3164}", "\u{206a}", "\u{b}\u{fe0f}"] {
            assert_eq!(PersonName::parse(blank).unwrap_err().code, "required");
        }
    }

    #[test]
    fn limits_count_characters() {
        assert!(AlbumName::parse(&"😀".repeat(200)).is_ok());
        assert_eq!(AlbumName::parse(&"😀".repeat(201)).unwrap_err().code, "too_long");
        assert_eq!(PersonName::parse(&"x".repeat(101)).unwrap_err().code, "too_long");
        assert!(Description::parse(&"é".repeat(5_000)).is_ok());
        assert!(Description::parse(&"é".repeat(5_001)).is_err());
    }

    #[test]
    fn descriptions_keep_their_lines() {
        assert_eq!(Description::parse("one\r\ntwo\n\n three ").unwrap().as_str(), "one\ntwo\n\n three");
        assert!(Description::parse("a\u{1b}[31m").is_err());
        let odd = "one\rtwo\u{c}three\u{85}four\u{b}five\u{2028}\u{200e}👩\u{200d}🚀";
        let plain = "one\ntwo\nthree\nfour\nfive\n👩\u{200d}🚀";
        assert_eq!(Description::parse(odd).unwrap().as_str(), plain);
        assert_eq!(Description::clean(odd).as_str(), plain);
    }

    #[test]
    fn tags_are_unique_bounded_and_without_commas() {
        let tags = Tags::parse_list("sea, Sea ,  ,sun set").unwrap();
        assert_eq!(tags.to_string(), "sea, sun set");
        assert_eq!(
            Tags::parse_list("sea,\u{200e} \u{200d},\u{2067}sun\u{2069}").unwrap().to_string(),
            "sea, sun"
        );
        assert!(Tag::parse("a,b").is_err());
        assert!(Tags::parse((0..50).map(|n| n.to_string())).is_ok());
        assert_eq!(Tags::parse((0..51).map(|n| n.to_string())).unwrap_err().code, "too_many");
        assert!(Tag::parse(&"x".repeat(51)).is_err());
    }

    #[test]
    fn what_a_file_says_is_cleaned_and_cut_and_never_refused() {
        let hostile = " a\u{0}b\u{202e}\tc\r\nde\u{34f}\u{301} \u{1b} ";
        assert_eq!(Title::clean(hostile).as_str(), "ab c dé");
        assert_eq!(Description::clean(hostile).as_str(), "ab\tc\ndé");
        assert_eq!(Tag::clean(" Paris, France ").unwrap().as_str(), "Paris France");
        assert_eq!(Tag::clean(" ,\u{0}"), None);
        let long = "é ".repeat(10_000);
        for (kept, most) in [
            (Title::clean(&long).to_string(), 200),
            (Description::clean(&long).to_string(), 5_000),
            (Tag::clean(&long).unwrap().to_string(), 50),
        ] {
            assert_eq!(kept.chars().count(), most - 1, "without the space at the end");
        }
        let many = (0..100).map(|n| format!("Tag {}", n / 2)).chain(["tag 0".to_owned()]);
        assert_eq!(Tags::clean(many), Tags::parse((0..50).map(|n| format!("Tag {n}"))).unwrap());
        for text in [hostile, &long] {
            assert_eq!(Title::parse(Title::clean(text).as_str()).unwrap(), Title::clean(text));
            assert_eq!(
                Description::parse(Description::clean(text).as_str()).unwrap(),
                Description::clean(text)
            );
            assert_eq!(Tag::parse(Tag::clean(text).unwrap().as_str()).ok(), Tag::clean(text));
        }
    }

    #[test]
    fn file_names_lose_paths_and_tricks() {
        for (sent, kept) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\photos\\IMG 1.jpg", "IMG 1.jpg"),
            ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
            ("gpj.\u{202e}exe\0", "gpj.exe"),
            ("", "photo"),
            ("..", "photo"),
            (".htaccess", "htaccess"),
        ] {
            assert_eq!(FileName::clean(sent).as_str(), kept);
        }
        let long = FileName::clean(&format!("{}.jpeg", "é".repeat(300)));
        assert_eq!(long.as_str().chars().count(), 200);
        assert_eq!(long.as_str().rsplit_once('.').map(|(_, ending)| ending), Some("jpeg"));
    }

    #[test]
    fn idempotency_keys_are_visible_ascii() {
        assert!(IdempotencyKey::parse("a3f0-…").is_err());
        assert!(IdempotencyKey::parse("").is_err());
        assert!(IdempotencyKey::parse(&"k".repeat(100)).is_ok());
        assert!(IdempotencyKey::parse(&"k".repeat(101)).is_err());
    }
}
