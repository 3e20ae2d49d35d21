//! How a query is read. Nothing that people type is an error: what cannot be understood gets a
//! hint, and the rest is searched. Tests are below.
//!
//! ```text
//! query    = *( [ "-" ] [ operator ":" ] value )      separated by white space
//! operator = tag | label | camera | lens | album | type | before | after
//! value    = word | '"' *( character | '""' ) '"'
//! ```

use std::collections::BTreeSet;

use super::MAX_QUERY_WORDS;
use super::dates::parse_date;
use super::fold::is_symbol;
use super::query::{AlbumClause, Clause, Condition, Query};
use super::terms::Field;
use super::words::{chunks, is_punctuation, is_space, whole, words, words_of_chunk};
use crate::texts::Text;

/// What was understood of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// What it asks for; absent when it asks for nothing.
    pub query: Option<Query>,
    /// What is to be said to whoever typed it.
    pub hints: Vec<Text>,
}

impl Query {
    /// What this text asks for; `None` when it asks for nothing, so that nothing can match.
    pub fn parse(text: &str) -> Option<Self> {
        read(text).query
    }

    /// The same with what is to be said of it to people.
    pub fn read(text: &str) -> Reading {
        read(text)
    }
}

/// The query for photos with exactly this tag.
pub fn tag_query(tag: &str) -> String {
    format!("tag:\"{}\"", tag.replace('"', "\"\""))
}

/// The types of files by their names and the endings of their files, and the terms that they are.
const TYPES: [(&str, &[&str]); 8] = [
    ("jpeg", &["jpeg", "jpg", "jpe", "jfif"]),
    ("png", &["png"]),
    ("gif", &["gif"]),
    ("webp", &["webp"]),
    ("avif", &["avif"]),
    ("heic", &["heic", "heif", "hif"]),
    ("tiff", &["tiff", "tif"]),
    ("bmp", &["bmp", "dib"]),
];

fn file_type(name: &str) -> Option<&'static str> {
    TYPES.iter().find(|(_, names)| names.contains(&name)).map(|(term, _)| *term)
}

/// What narrows a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Tag,
    Label,
    Camera,
    Lens,
    Album,
    Type,
    Before,
    After,
}

impl Operator {
    const ALL: [(&'static str, Self); 8] = [
        ("tag", Self::Tag),
        ("label", Self::Label),
        ("camera", Self::Camera),
        ("lens", Self::Lens),
        ("album", Self::Album),
        ("type", Self::Type),
        ("before", Self::Before),
        ("after", Self::After),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, operator)| *operator == self).map_or("", |(name, _)| name)
    }
}

/// A part of what was typed.
struct Token<'t> {
    excluded: bool,
    operator: Option<Operator>,
    value: String,
    /// Between quotes that were closed.
    quoted: bool,
    rest: &'t str,
    /// Whether a quote was opened and never closed.
    unclosed: bool,
}

fn read(text: &str) -> Reading {
    let mut reader = Reader::default();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        let token = next(rest);
        rest = token.rest.trim_start_matches(is_space);
        reader.take(&token);
    }
    reader.finish()
}

fn next(text: &str) -> Token<'_> {
    let is_excluding = |rest: &str| rest.chars().next().is_some_and(|c| !is_space(c) && c != '-');
    let (excluded, text) = match text.strip_prefix('-').filter(|rest| is_excluding(rest)) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let known = |name: &str| Operator::ALL.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
    let (operator, text) = match text.split_once(':').and_then(|(name, rest)| Some((known(name)?.1, rest))) {
        Some((operator, rest)) => (Some(operator), rest),
        None => (None, text),
    };
    let opened = text.chars().next().and_then(closing);
    let (value, quoted, unclosed, rest) = opened.map_or_else(|| unquoted(text), |end| quoted(text, end));
    Token { excluded, operator, value, quoted, rest, unclosed }
}

/// What closes a quote that this character opens: phones and word processors write curved ones.
fn closing(opening: char) -> Option<&'static [char]> {
    match opening {
        '"' => Some(&['"']),
        '“' | '”' | '„' => Some(&['“', '”', '"']),
        _ => None,
    }
}

/// The value up to the next white space.
fn unquoted(text: &str) -> (String, bool, bool, &str) {
    let end = text.find(is_space).unwrap_or(text.len());
    (text[..end].to_owned(), false, false, &text[end..])
}

/// The value between quotes, of which two stand for one; to the end when they are not closed.
fn quoted<'t>(text: &'t str, closing: &[char]) -> (String, bool, bool, &'t str) {
    let mut value = String::new();
    let mut characters = text.chars();
    characters.next();
    while let Some(c) = characters.next() {
        if !closing.contains(&c) {
            value.push(c);
        } else if characters.as_str().starts_with(c) {
            value.push(c);
            characters.next();
        } else {
            return (value, true, false, characters.as_str());
        }
    }
    (value, false, true, "")
}

#[derive(Default)]
struct Reader {
    query: Query,
    hints: Vec<Text>,
    /// Of wanted words that are only punctuation: left out unless there is nothing else.
    punctuation: Vec<Clause>,
    words: usize,
}

impl Reader {
    fn take(&mut self, token: &Token<'_>) {
        if token.unclosed {
            self.hint(Text::new("search-hint-quote"));
        }
        let Some(operator) = token.operator else { return self.take_plain(token) };
        let empty = whole(&token.value).is_empty();
        let any = match operator {
            _ if empty => return self.hint(Text::new("search-hint-empty").with("operator", operator.name())),
            Operator::Tag => tag(&token.value, token.quoted),
            Operator::Label => words_in(&[Field::Label], &token.value, token.quoted),
            Operator::Camera => words_in(&[Field::Camera], &token.value, token.quoted),
            Operator::Lens => words_in(&[Field::Lens], &token.value, token.quoted),
            Operator::Album => return self.take_album(token),
            Operator::Type => match file_type(&whole(&token.value)) {
                Some(known) => vec![vec![text(&[Field::Type], known.to_owned(), true)]],
                None => return self.hint(Text::new("search-hint-type").with("value", &token.value)),
            },
            Operator::Before | Operator::After => match parse_date(token.value.trim()) {
                Some(date) if operator == Operator::Before => vec![vec![Condition::Before(date)]],
                Some(date) => vec![vec![Condition::NotBefore(date)]],
                None => {
                    let hint = Text::new("search-hint-date").with("operator", operator.name());
                    return self.hint(hint.with("value", &token.value));
                }
            },
        };
        self.add(Clause { excluded: token.excluded, any });
    }

    fn take_plain(&mut self, token: &Token<'_>) {
        if token.quoted {
            let any = quoted_words(&token.value);
            return self.add(Clause { excluded: token.excluded, any });
        }
        for chunk in chunks(&token.value) {
            let found = words_of_chunk(chunk);
            let only_punctuation = found.iter().all(|word| is_punctuation(word));
            let all: Vec<Condition> = found.into_iter().map(plain).collect();
            let date = parse_date(chunk).filter(|_| all.len() > 1);
            let date = date.map(|date| vec![text(&[Field::Date], date, false)]);
            let any = date.into_iter().chain(Some(all).filter(|all| !all.is_empty())).collect();
            let clause = Clause { excluded: token.excluded, any };
            if only_punctuation && !token.excluded {
                self.punctuation.push(clause);
            } else {
                self.add(clause);
            }
        }
    }

    fn take_album(&mut self, token: &Token<'_>) {
        let any = words_in(&[Field::AlbumName], &token.value, token.quoted);
        let Some(clause) = self.counted(Clause { excluded: false, any }) else { return };
        let names = Query { clauses: vec![clause], albums: Vec::new() };
        let clause = AlbumClause { excluded: token.excluded, names, ids: BTreeSet::new() };
        if !self.query.albums.contains(&clause) {
            self.query.albums.push(clause);
        }
    }

    fn add(&mut self, clause: Clause) {
        if clause.any.is_empty() || self.query.clauses.contains(&clause) {
            return;
        }
        let counted = self.counted(clause);
        self.query.clauses.extend(counted);
    }

    /// The clause as far as its words still count.
    fn counted(&mut self, mut clause: Clause) -> Option<Clause> {
        let left = MAX_QUERY_WORDS - self.words;
        let wanted = clause.any.iter().map(Vec::len).max().unwrap_or_default();
        self.words += wanted.min(left);
        if wanted > left {
            self.hint(Text::new("search-hint-words").with("most", MAX_QUERY_WORDS));
            clause.any.iter_mut().for_each(|all| all.truncate(left));
            // With fewer words more would be excluded than was asked for.
            return (left > 0 && !clause.excluded).then_some(clause);
        }
        Some(clause)
    }

    fn hint(&mut self, hint: Text) {
        if !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
    }

    fn finish(mut self) -> Reading {
        let is_wanted = |clause: &Clause| !clause.excluded;
        if !self.query.clauses.iter().any(is_wanted) && self.query.albums.is_empty() {
            for clause in std::mem::take(&mut self.punctuation) {
                self.add(clause);
            }
        }
        let nothing = self.query.clauses.is_empty() && self.query.albums.is_empty();
        Reading { query: (!nothing).then_some(self.query), hints: self.hints }
    }
}

fn text(fields: &'static [Field], text: String, is_whole: bool) -> Condition {
    Condition::Text { fields, text, is_whole }
}

/// The beginning of a word; or a whole symbol: one emoji may be the beginning of another.
fn plain(word: String) -> Condition {
    let is_whole = is_symbol(&word);
    text(Field::PLAIN, word, is_whole)
}

/// All words of a value, whole or as beginnings.
fn words_in(fields: &'static [Field], value: &str, is_whole: bool) -> Vec<Vec<Condition>> {
    let all: Vec<Condition> = words(value).map(|word| text(fields, word, is_whole)).collect();
    Some(all).into_iter().filter(|all| !all.is_empty()).collect()
}

/// A whole tag; or a tag, or a word of one, that begins so.
fn tag(value: &str, is_whole: bool) -> Vec<Vec<Condition>> {
    let folded = whole(value);
    let is_word = words(value).eq([folded.clone()]);
    let fields: &[Field] = if is_word && !is_whole { &[Field::Tag, Field::TagWord] } else { &[Field::Tag] };
    vec![vec![text(fields, folded, is_whole)]]
}

/// Whole words, in any order; or else a whole tag, or date.
fn quoted_words(value: &str) -> Vec<Vec<Condition>> {
    let all: Vec<String> = words(value).collect();
    let folded = whole(value);
    let tag = (!folded.is_empty() && all != [folded.clone()]).then(|| text(&[Field::Tag], folded, true));
    let date =
        parse_date(value.trim()).filter(|_| all.len() > 1).map(|date| text(&[Field::Date], date, true));
    let either = [tag, date].into_iter().flatten().map(|condition| vec![condition]);
    let all: Vec<Condition> = all.into_iter().map(|word| text(Field::PLAIN, word, true)).collect();
    either.chain(Some(all).filter(|all| !all.is_empty())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints(text: &str) -> Vec<&'static str> {
        read(text).hints.iter().map(Text::key).collect()
    }

    /// The two texts ask for the same, without a hint.
    fn same(one: &str, other: &str) {
        assert_eq!(hints(one), [""; 0], "{one}");
        assert_eq!(read(one).query, read(other).query, "{one} {other}");
    }

    #[test]
    fn what_people_type_in_many_ways_is_the_same() {
        same("TAG:sea", "tag:sea");
        same("tag:Café", "tag:cafe");
        same("  sun\tsea ", "sun sea sun");
        same("“sun set”", "\"sun set\"");
        same("type:JPG", "type:jpeg");
        same("before:2024/7", "before:2024-07");
        same("sea - sun & 100 %", "sea sun 100");
    }

    #[test]
    fn mistakes_get_a_hint_and_the_rest_is_searched() {
        for (text, hint) in [
            ("sea before:yesterday", "search-hint-date"),
            ("sea after:2024-02-30", "search-hint-date"),
            ("sea type:", "search-hint-empty"),
            ("sea tag:\"\"", "search-hint-empty"),
            ("type:exe sea", "search-hint-type"),
        ] {
            assert_eq!(hints(text), [hint], "{text}");
            assert_eq!(read(text).query, read("sea").query, "{text}");
        }
        assert_eq!(hints("\"sea"), ["search-hint-quote"]);
        assert_eq!(read("\"sea").query, read("sea").query);
        let many: Vec<String> = (0..17).map(|n| format!("w{n}")).collect();
        assert_eq!(hints(&many.join(" ")), ["search-hint-words"]);
        assert_eq!(read("type:exe"), Reading { query: None, hints: read("type:exe").hints });
    }

    #[test]
    fn nothing_is_asked_for_by_nothing() {
        for text in ["", " \n", "\"\"", "\u{1}", "-\"\""] {
            assert_eq!(read(text), Reading::default(), "{text:?}");
        }
    }

    #[test]
    fn punctuation_counts_alone_or_when_it_is_quoted() {
        assert!(read("???").query.is_some() && read("-").query.is_some());
        assert_ne!(read("sea \"???\"").query, read("sea").query);
        assert_ne!(read("-\"???\"").query, None);
        assert_eq!(read("-sea ???").query.map(|query| query.only_excludes()), Some(false));
    }

    #[test]
    fn a_tag_s_query_is_read_as_that_tag() {
        for written in ["sea", "C++", "say \"hi\"", "\"", "a \\ b", "-x", "“quoted”"] {
            let query = read(&tag_query(written)).query.unwrap();
            let expected = vec![vec![text(&[Field::Tag], whole(written), true)]];
            assert_eq!(query.clauses, [Clause { excluded: false, any: expected }], "{written}");
        }
    }
}
