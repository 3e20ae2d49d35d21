//! Queries: what they match. How they are read is in `parse`. Tests are below and in `parse`.

use std::collections::BTreeSet;

use super::dates::first_day;
use super::lookup::Lookup;
use super::terms::{Field, Terms};
use crate::values::AlbumId;

/// What a person searches for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Each must match.
    pub(super) clauses: Vec<Clause>,
    /// Each must hold the photo.
    pub(super) albums: Vec<AlbumClause>,
}

/// A part of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    /// Nothing that matches is found.
    pub excluded: bool,
    /// One of these must match, wholly.
    pub any: Vec<Vec<Condition>>,
}

/// What terms must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// This text, or what begins with it, in one of these fields.
    Text { fields: &'static [Field], text: String, is_whole: bool },
    /// A date before this one begins.
    Before(String),
    /// A date that is not before this one.
    NotBefore(String),
}

/// Albums that a photo must be in, or must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AlbumClause {
    pub excluded: bool,
    /// What their names match.
    pub names: Query,
    /// Their ids, once they are known.
    pub ids: BTreeSet<AlbumId>,
}

impl Query {
    /// Whether a photo with these terms in this album is found. Albums that the query names must be
    /// [known](Self::with_albums).
    pub fn matches_photo(&self, terms: &Terms, album: AlbumId) -> bool {
        self.albums.iter().all(|clause| clause.ids.contains(&album) != clause.excluded)
            && self.clauses.iter().all(|clause| clause.matches(terms))
    }

    /// Whether an album with these terms is found.
    pub fn matches_album(&self, terms: &Terms) -> bool {
        self.albums.iter().all(|clause| clause.names.matches_album(terms) != clause.excluded)
            && self.clauses.iter().all(|clause| clause.matches(terms))
    }

    /// What the names of albums must match that a photo must be in, or must not; one query for each
    /// part that names albums.
    pub fn album_names(&self) -> impl Iterator<Item = &Self> {
        self.albums.iter().map(|clause| &clause.names)
    }

    /// The same query, which knows the albums that match its [`album_names`](Self::album_names),
    /// in their order.
    #[must_use]
    pub fn with_albums(mut self, albums: impl IntoIterator<Item = BTreeSet<AlbumId>>) -> Self {
        for (clause, ids) in self.albums.iter_mut().zip(albums) {
            clause.ids = ids;
        }
        self
    }

    /// The one album in which every photo must be that is found, if that follows.
    pub fn only_album(&self) -> Option<AlbumId> {
        let named = self.albums.iter().find(|clause| !clause.excluded && clause.ids.len() == 1)?;
        named.ids.first().copied()
    }

    /// Whether no photo can be found, because albums are named and there are none.
    pub fn finds_no_photo(&self) -> bool {
        self.albums.iter().any(|clause| !clause.excluded && clause.ids.is_empty())
    }

    /// Whether it only excludes.
    pub fn only_excludes(&self) -> bool {
        self.clauses.iter().all(|clause| clause.excluded) && self.albums.iter().all(|clause| clause.excluded)
    }

    /// How photos are found that may match: each of these finds all of them, the first one probably
    /// the least else. None when they have to be looked through in turn.
    pub fn photo_lookups(&self) -> Vec<Lookup> {
        self.lookups(|field| field != Field::AlbumName)
    }

    /// The same for albums.
    pub fn album_lookups(&self) -> Vec<Lookup> {
        let mut lookups = self.lookups(|field| matches!(field, Field::AlbumName | Field::Description));
        lookups.extend(
            self.albums
                .iter()
                .filter(|clause| !clause.excluded)
                .flat_map(|clause| clause.names.album_lookups()),
        );
        sort(&mut lookups);
        lookups
    }

    fn lookups(&self, is_wanted: impl Fn(Field) -> bool + Copy) -> Vec<Lookup> {
        let wanted = self.clauses.iter().filter(|clause| !clause.excluded);
        let mut lookups: Vec<Lookup> = wanted.flat_map(|clause| clause.lookups(is_wanted)).collect();
        sort(&mut lookups);
        lookups
    }
}

/// What finds the least comes first.
fn sort(lookups: &mut [Lookup]) {
    lookups.sort_by_key(|lookup| std::cmp::Reverse(lookup.shortest));
}

impl Clause {
    fn matches(&self, terms: &Terms) -> bool {
        let any = self.any.iter().any(|all| all.iter().all(|condition| condition.matches(terms)));
        any != self.excluded
    }

    fn lookups(&self, is_wanted: impl Fn(Field) -> bool + Copy) -> Vec<Lookup> {
        match &self.any[..] {
            [all] => all.iter().filter_map(|condition| condition.lookup(is_wanted)).collect(),
            any => {
                let best = |all: &Vec<Condition>| {
                    let lookups = all.iter().filter_map(|condition| condition.lookup(is_wanted));
                    lookups.max_by_key(|lookup| lookup.shortest)
                };
                let each: Option<Vec<Lookup>> = any.iter().map(best).collect();
                each.into_iter().filter_map(|each| each.into_iter().reduce(Lookup::or)).collect()
            }
        }
    }
}

impl Condition {
    fn matches(&self, terms: &Terms) -> bool {
        let day = || terms.date().map(first_day);
        match self {
            Self::Text { fields, text, is_whole } => terms.contain(fields, text, *is_whole),
            Self::Before(date) => day().is_some_and(|day| day < first_day(date)),
            Self::NotBefore(date) => day().is_some_and(|day| day >= first_day(date)),
        }
    }

    fn lookup(&self, is_wanted: impl Fn(Field) -> bool) -> Option<Lookup> {
        match self {
            Self::Text { fields, text, is_whole } => {
                let fields = fields.iter().copied().filter(|field| is_wanted(*field));
                Some(Lookup::of(fields, text, *is_whole))
            }
            Self::Before(_) | Self::NotBefore(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MAX_QUERY_WORDS, TermRange, after_prefix};
    use super::*;
    use crate::values::{AlbumName, Description};

    fn matches(text: &str, query: &str) -> bool {
        let terms = Terms::of_album(&AlbumName::parse("n").unwrap(), &Description::parse(text).unwrap());
        Query::parse(query).is_some_and(|query| query.matches_album(&terms))
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
    fn hostile_queries_stay_bounded() {
        let many = (0..2_000).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        assert_eq!(Query::parse(&many).unwrap().clauses.len(), MAX_QUERY_WORDS);
        assert!(matches(&"y".repeat(100), &"y".repeat(90)));
        assert!(matches(&"y".repeat(200), &"y".repeat(300)), "both are cut");
    }

    #[test]
    fn a_prefix_is_a_range_of_keys() {
        for (term, prefix) in [("sunset", "sun"), ("sun", "sun"), ("sun\u{10000}", "sun")] {
            assert!(term >= prefix && term < after_prefix(prefix).as_str());
        }
        assert!("suo" > after_prefix("sun").as_str());
        let whole = TermRange::Whole("t\u{1}sun".to_owned());
        assert!(
            "t\u{1}sun" < &whole.to()[..] && "t\u{1}suna" > &whole.to()[..] && "t\u{1}sun!" > &whole.to()[..]
        );
    }

    #[test]
    fn lookups_find_the_least_first_and_are_none_without_a_text() {
        let first = |query: &str| {
            let lookups = Query::parse(query).unwrap().photo_lookups();
            lookups.first().and_then(|lookup| lookup.ranges.first().cloned())
        };
        let tag = |text: &str| format!("g\u{1}{text}");
        assert_eq!(first("sea harbour"), Some(TermRange::Prefix(tag("harbour"))));
        assert_eq!(first("sea tag:\"C++ Primer\""), Some(TermRange::Whole(tag("c++ primer"))));
        for walks in ["before:2024", "-sea", "-tag:sea after:2020-01"] {
            assert_eq!(first(walks), None, "{walks}");
        }
        let either = Query::parse("2024-07").unwrap().photo_lookups();
        assert!(either[0].ranges.contains(&TermRange::Prefix("d\u{1}2024-07".to_owned())));
        assert!(either[0].ranges.contains(&TermRange::Prefix("t\u{1}2024".to_owned())));
        let none = Query::parse("camera:canon").unwrap().album_lookups();
        assert_eq!(none[0].ranges, [], "no album has a camera");
    }
}
