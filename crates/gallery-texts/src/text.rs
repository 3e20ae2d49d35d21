//! [`Text`]: what is to be said, before it is known to whom. Tests are below, and
//! in `tests/tests/it/texts.rs`.

use std::borrow::Cow;
use std::fmt;

use crate::bundle;
use crate::{Instant, Language, Size};

/// What is to be said, before it is known in which language: the key of a text and what fills its
/// variables. Prints itself in English, for logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    key: &'static str,
    arguments: Vec<(&'static str, Argument)>,
}

/// What fills a variable of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// As it is.
    Verbatim(Cow<'static, str>),
    /// A number, which may decide between singular and plural.
    Number(u64),
    /// A number as it was printed, with a decimal point.
    Decimal(String),
    /// A number of bytes.
    Size(Size),
    /// An instant, to the minute.
    Instant(Instant),
    /// Another text, in the same language.
    Text(Box<Text>),
}

impl Text {
    /// The text with this key.
    pub const fn new(key: &'static str) -> Self {
        Self { key, arguments: Vec::new() }
    }

    /// Fills a variable.
    #[must_use]
    pub fn with(mut self, variable: &'static str, argument: impl Into<Argument>) -> Self {
        self.arguments.push((variable, argument.into()));
        self
    }

    /// The key.
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// What fills the variables.
    pub fn arguments(&self) -> &[(&'static str, Argument)] {
        &self.arguments
    }

    /// The text as its reader gets it. A key or a variable that is not in the language's file is a
    /// defect, which tests find; then the key is returned, or the variable's name in braces.
    pub fn in_language(&self, language: Language) -> String {
        let values = self.arguments.iter().map(|(variable, argument)| (*variable, argument.value(language)));
        bundle::write(language, self.key, values)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

impl Argument {
    /// A number with its decimals.
    pub fn decimal(number: impl fmt::Display) -> Self {
        Self::Decimal(number.to_string())
    }

    fn value(&self, language: Language) -> bundle::Value<'_> {
        match self {
            Self::Verbatim(text) => bundle::Value::String(Cow::Borrowed(text)),
            Self::Number(number) => bundle::number(*number),
            other => other.in_language(language).into(),
        }
    }

    /// The argument as its reader gets it, where it stands alone.
    pub fn in_language(&self, language: Language) -> String {
        match self {
            Self::Verbatim(text) => text.clone().into_owned(),
            Self::Number(number) => language.number(*number),
            Self::Decimal(number) => language.decimal(number),
            Self::Size(size) => language.size(*size),
            Self::Instant(instant) => language.minute(*instant),
            Self::Text(text) => text.in_language(language),
        }
    }
}

/// A [`Text`] whose reader is known: for templates, which fill its variables and print it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Localized {
    language: Language,
    text: Text,
}

impl Localized {
    /// The text in this language.
    pub const fn new(language: Language, text: Text) -> Self {
        Self { language, text }
    }

    /// Fills a variable.
    #[must_use]
    pub fn with(mut self, variable: &'static str, argument: impl Into<Argument>) -> Self {
        self.text = self.text.with(variable, argument);
        self
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.text.in_language(self.language).is_empty()
    }
}

impl fmt::Display for Localized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text.in_language(self.language))
    }
}

macro_rules! arguments {
    ($($from:ty: $value:ident => $argument:expr;)*) => {
        $(
            impl From<$from> for Argument {
                fn from($value: $from) -> Self {
                    $argument
                }
            }
        )*
    };
}

arguments! {
    &str: text => Self::Verbatim(Cow::Owned(text.to_owned()));
    &&str: text => Self::from(*text);
    String: text => Self::Verbatim(Cow::Owned(text));
    &String: text => Self::from(text.as_str());
    &&String: text => Self::from(text.as_str());
    Cow<'static, str>: text => Self::Verbatim(text);
    u64: number => Self::Number(number);
    &u64: number => Self::Number(*number);
    u32: number => Self::Number(number.into());
    &u32: number => Self::Number((*number).into());
    u16: number => Self::Number(number.into());
    usize: number => Self::Number(number as u64);
    &usize: number => Self::Number(*number as u64);
    Size: size => Self::Size(size);
    &Size: size => Self::Size(*size);
    Instant: instant => Self::Instant(instant);
    &Instant: instant => Self::Instant(*instant);
    Text: text => Self::Text(Box::new(text));
    &Text: text => Self::Text(Box::new(text.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_in_the_language_of_their_reader() {
        let text = Text::new("field-too-long").with("what", Text::new("name-title")).with("most", 1_200_u32);
        assert_eq!(text.to_string(), "The title may have at most 1,200\u{a0}characters.");
        assert_eq!(text.in_language(Language::German), "Der Titel darf höchstens 1.200\u{a0}Zeichen haben.");
    }

    #[test]
    fn numbers_decide_between_singular_and_plural() {
        let photos =
            |count: u64| Localized::new(Language::English, Text::new("count-photos")).with("count", count);
        let printed = [0, 1, 2].map(|count| photos(count).to_string().replace('\u{a0}', " "));
        assert_eq!(printed, ["no photos", "1 photo", "2 photos"]);
        assert!(!photos(0).is_empty());
    }

    #[test]
    fn what_people_typed_stays_as_it_is() {
        let text = Text::new("search-heading").with("query", "{ $query } <b>\u{202e}");
        assert_eq!(text.to_string(), "Search: { $query } <b>\u{202e}");
    }
}
