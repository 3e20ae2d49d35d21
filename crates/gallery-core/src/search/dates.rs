//! Days, months and years as terms, and as people type them. Tests are below.

use time::{Date, Month};

use crate::values::Timestamp;

/// The year, month and day of an instant in UTC.
pub(crate) fn date_terms(taken: Timestamp) -> [String; 3] {
    let day = taken.to_string();
    [4, 7, 10].map(|end| day.chars().take(end).collect())
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
    fn an_instant_has_a_year_a_month_and_a_day() {
        let taken = Timestamp::from_millis(1_720_909_800_000);
        assert_eq!(date_terms(taken), ["2024", "2024-07", "2024-07-13"]);
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
