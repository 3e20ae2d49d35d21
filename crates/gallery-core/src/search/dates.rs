//! Days, months and years as terms, and as people type them. Tests are below.

use time::{Date, Month};

use crate::values::{Precision, Taken};

/// The year, month and day by the local clock, as far as they are known.
pub(crate) fn date_terms(taken: Taken) -> impl Iterator<Item = String> {
    let day = taken.local().to_string();
    let known = match taken.precision() {
        Precision::Year => 1,
        Precision::Month => 2,
        Precision::Day | Precision::Minute | Precision::Second => 3,
    };
    [4, 7, 10].into_iter().take(known).map(move |end| day.chars().take(end).collect())
}

/// A year, month or day as people type it, in the form of a term: `2024`, `2024-07`, `2024-07-14`;
/// slashes and dots separate, too. None for a date that no calendar has.
pub(super) fn parse_date(text: &str) -> Option<String> {
    let mut parts = text.split(['-', '/', '.']);
    let year = parts.next().filter(|year| year.len() == 4)?;
    let mut date = Date::from_calendar_date(number(year)?.into(), Month::January, 1).ok()?;
    let mut term = year.to_owned();
    if let Some(month) = parts.next() {
        let month = u8::try_from(number(month)?).ok()?;
        date = date.replace_month(Month::try_from(month).ok()?).ok()?;
        term = format!("{term}-{month:02}");
    }
    if let Some(day) = parts.next() {
        let day = u8::try_from(number(day)?).ok()?;
        date.replace_day(day).ok()?;
        term = format!("{term}-{day:02}");
    }
    parts.next().is_none().then_some(term)
}

fn number(digits: &str) -> Option<u16> {
    let is_number = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

/// The first day of a year, month or day that is a term.
pub(super) fn first_day(term: &str) -> String {
    let rest = "0000-01-01".get(term.len()..).unwrap_or_default();
    format!("{term}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_as_many_terms_as_are_known() {
        let terms = |month, day| date_terms(Taken::on(2024, month, day).unwrap()).collect::<Vec<_>>();
        assert_eq!(terms(Some(7), Some(14)), ["2024", "2024-07", "2024-07-14"]);
        assert_eq!(terms(Some(7), None), ["2024", "2024-07"]);
        assert_eq!(terms(None, None), ["2024"]);
        let east = Taken::on(2024, Some(7), Some(14)).unwrap().at(0, 30, None).with_offset(120);
        assert_eq!(date_terms(east).last().as_deref(), Some("2024-07-14"), "the camera's day");
    }

    #[test]
    fn dates_are_read_as_they_are_typed() {
        for (typed, term) in [
            ("2024", "2024"),
            ("2024-07", "2024-07"),
            ("2024-7-1", "2024-07-01"),
            ("2024/02/29", "2024-02-29"),
            ("2024.12", "2024-12"),
        ] {
            assert_eq!(parse_date(typed).as_deref(), Some(term));
        }
        for none in ["", "yesterday", "24", "2024-13", "2023-02-29", "2024-1-1-1", "2024-", "+024", "20245"] {
            assert_eq!(parse_date(none), None, "{none}");
        }
    }

    #[test]
    fn a_month_begins_with_its_first_day() {
        assert_eq!(
            ["2024", "2024-07", "2024-07-14"].map(first_day),
            ["2024-01-01", "2024-07-01", "2024-07-14"]
        );
    }
}
