//! Conditions and ranges of a request for a file (RFC 9110 §13, §14).

use std::ops::Range;

use poem::http::{HeaderMap, header};

/// Which part of a file is wanted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All of it.
    Whole,
    /// These bytes, half-open, not empty, within the file.
    Part(Range<u64>),
    /// Something behind its end.
    Nothing,
}

/// Whether the client has this version already: `If-None-Match` names its entity tag.
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let tags = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// The part that `Range` asks for. Several ranges, other units and what is malformed are ignored,
/// as is a range that `If-Range` ties to another version.
pub(crate) fn wanted(headers: &HeaderMap, etag: &str, bytes: u64) -> Wanted {
    let same_version = headers.get(header::IF_RANGE).is_none_or(|tag| tag.as_bytes() == etag.as_bytes());
    let range = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    match range.filter(|_| same_version).and_then(parse) {
        None => Wanted::Whole,
        Some(Parsed::Last(0)) => Wanted::Nothing,
        Some(Parsed::Last(length)) if bytes > 0 => Wanted::Part(bytes.saturating_sub(length)..bytes),
        Some(Parsed::From(first, last)) if first < bytes => {
            Wanted::Part(first..last.map_or(bytes, |last| last.saturating_add(1).min(bytes)))
        }
        Some(_) => Wanted::Nothing,
    }
}

enum Parsed {
    From(u64, Option<u64>),
    Last(u64),
}

fn parse(value: &str) -> Option<Parsed> {
    let (unit, range) = value.split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    match (first, last) {
        ("", length) => number(length).map(Parsed::Last),
        (first, "") => Some(Parsed::From(number(first)?, None)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Parsed::From(first, Some(last)))
        }
    }
}

/// Digits only: `+1` is no position.
fn number(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ETAG: &str = "\"aa\"";

    fn of(range: &str, bytes: u64) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, range.parse().unwrap());
        wanted(&headers, ETAG, bytes)
    }

    #[test]
    fn single_ranges_are_cut_at_the_end() {
        assert_eq!(of("bytes=0-0", 10), Wanted::Part(0..1));
        assert_eq!(of("bytes=2-5", 10), Wanted::Part(2..6));
        assert_eq!(of("bytes=2-99", 10), Wanted::Part(2..10));
        assert_eq!(of("bytes=9-", 10), Wanted::Part(9..10));
        assert_eq!(of("bytes=-3", 10), Wanted::Part(7..10));
        assert_eq!(of("bytes=-99", 10), Wanted::Part(0..10));
        assert_eq!(of("BYTES=0-18446744073709551615", 10), Wanted::Part(0..10));
    }

    #[test]
    fn what_lies_behind_the_end_is_not_satisfiable() {
        for range in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
            assert_eq!(of(range, 10), Wanted::Nothing, "{range}");
        }
        assert_eq!(of("bytes=-5", 0), Wanted::Nothing);
    }

    #[test]
    fn what_is_not_understood_is_ignored() {
        for range in ["", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=+1-2", "lines=1-2"] {
            assert_eq!(of(range, 10), Wanted::Whole, "{range}");
        }
        assert_eq!(of("bytes=0-1,3-4", 10), Wanted::Whole);
        assert_eq!(of("bytes=99999999999999999999-", 10), Wanted::Whole);
    }

    #[test]
    fn a_range_of_another_version_is_ignored() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, "bytes=0-1".parse().unwrap());
        headers.insert(header::IF_RANGE, ETAG.parse().unwrap());
        assert_eq!(wanted(&headers, ETAG, 10), Wanted::Part(0..2));
        headers.insert(header::IF_RANGE, "\"bb\"".parse().unwrap());
        assert_eq!(wanted(&headers, ETAG, 10), Wanted::Whole);
    }

    #[test]
    fn versions_are_known_by_their_tags() {
        for (sent, known) in
            [(ETAG, true), ("W/\"aa\"", true), ("\"b\", \"aa\"", true), ("*", true), ("\"a\"", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, sent.parse().unwrap());
            assert_eq!(is_known(&headers, ETAG), known, "{sent}");
        }
        assert!(!is_known(&HeaderMap::new(), ETAG));
    }
}
