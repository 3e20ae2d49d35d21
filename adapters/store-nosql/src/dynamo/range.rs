//! A range of sort keys as conditions of a Query. DynamoDB takes one condition on the sort key: a
//! bound on one side, or BETWEEN, which includes both ends; and no text in a key may be empty.
//!
//! Makes no call. Tested here, and on a real table in `tests/reading.rs` of this module.

use std::ops::Bound;

use crate::table::Range;

/// How to ask for a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked<'r> {
    /// What follows the condition on the partition; `#s` is the sort key.
    pub(super) clause: &'static str,
    pub(super) from: Option<&'r str>,
    pub(super) to: Option<&'r str>,
    /// The query begins behind this sort key, whether there is such an item or not.
    pub(super) behind: Option<&'r str>,
    /// The last item that the clause lets in, and that is not wanted.
    pub(super) but: Option<&'r str>,
}

/// How to ask for a range; `None` if nothing can be in it.
pub(super) fn asked(range: &Range) -> Option<Asked<'_>> {
    // Every sort key lies behind the empty text.
    let from = match &range.from {
        Bound::Included(from) | Bound::Excluded(from) if from.is_empty() => Bound::Unbounded,
        from => from.as_ref(),
    };
    let to = range.to.as_ref();
    if let Bound::Included(to) | Bound::Excluded(to) = to
        && to.is_empty()
    {
        return None;
    }
    let (clause, from, to) = match (text(from), text(to)) {
        (None, None) => ("", None, None),
        (Some((from, true)), None) => (" AND #s >= :from", Some(from), None),
        (Some((from, false)), None) => (" AND #s > :from", Some(from), None),
        (None, Some((to, true))) => (" AND #s <= :to", None, Some(to)),
        (None, Some((to, false))) => (" AND #s < :to", None, Some(to)),
        (Some(from), Some(to)) => return between(from, to, range.descending),
    };
    Some(Asked { clause, from, to, behind: None, but: None })
}

/// Both ends: an excluded one where the query begins is skipped by beginning behind it; one where
/// it ends is read.
fn between<'r>(from: (&'r str, bool), to: (&'r str, bool), descending: bool) -> Option<Asked<'r>> {
    let (near, far) = if descending { (to, from) } else { (from, to) };
    let ((from, with_from), (to, with_to)) = (from, to);
    if from > to || (from == to && !(with_from && with_to)) {
        return None;
    }
    let excluded = |(end, with): (&'r str, bool)| (!with).then_some(end);
    let clause = " AND #s BETWEEN :from AND :to";
    Some(Asked { clause, from: Some(from), to: Some(to), behind: excluded(near), but: excluded(far) })
}

/// A bound's text, and whether it is included.
fn text(bound: Bound<&String>) -> Option<(&str, bool)> {
    match bound {
        Bound::Included(text) => Some((text, true)),
        Bound::Excluded(text) => Some((text, false)),
        Bound::Unbounded => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Table;

    fn range(from: Bound<&str>, to: Bound<&str>) -> Range {
        Range { from: from.map(str::to_owned), to: to.map(str::to_owned), ..Range::all(Table::User, "p") }
    }

    #[test]
    fn one_bound_is_one_comparison() {
        let clauses = [
            (range(Bound::Unbounded, Bound::Unbounded), ""),
            (range(Bound::Included("a"), Bound::Unbounded), " AND #s >= :from"),
            (range(Bound::Excluded("a"), Bound::Unbounded), " AND #s > :from"),
            (range(Bound::Unbounded, Bound::Included("b")), " AND #s <= :to"),
            (range(Bound::Unbounded, Bound::Excluded("b")), " AND #s < :to"),
        ];
        for (range, clause) in clauses {
            let asked = asked(&range).unwrap();
            assert_eq!((asked.clause, asked.behind, asked.but), (clause, None, None));
        }
    }

    #[test]
    fn an_excluded_end_of_two_is_begun_behind_or_left_out() {
        let both = range(Bound::Excluded("a"), Bound::Excluded("b"));
        let up = asked(&both).unwrap();
        assert_eq!((up.behind, up.but), (Some("a"), Some("b")));
        let both = both.descending();
        let down = asked(&both).unwrap();
        assert_eq!((down.behind, down.but), (Some("b"), Some("a")));
        let closed = range(Bound::Included("a"), Bound::Included("a"));
        assert_eq!(asked(&closed).map(|asked| (asked.behind, asked.but)), Some((None, None)));
    }

    #[test]
    fn what_dynamodb_would_refuse_is_not_asked() {
        for empty in [
            range(Bound::Unbounded, Bound::Excluded("")),
            range(Bound::Unbounded, Bound::Included("")),
            range(Bound::Included("b"), Bound::Included("a")),
            range(Bound::Included("a"), Bound::Excluded("a")),
            range(Bound::Excluded("a"), Bound::Included("a")),
        ] {
            assert_eq!(asked(&empty), None, "{empty:?}");
        }
        assert_eq!(asked(&range(Bound::Excluded(""), Bound::Unbounded)).unwrap().clause, "");
        assert_eq!(
            asked(&range(Bound::Included(""), Bound::Included("b"))).unwrap().clause,
            " AND #s <= :to"
        );
    }
}
