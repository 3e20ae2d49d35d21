//! Numbers, sizes and times as people write them in a language. Tests are below.

use time::{Month, OffsetDateTime, Weekday};

use crate::Language;
use crate::bundle::{self, Value};

/// Keeps a number and its unit on one line.
const NBSP: char = '\u{a0}';

/// A number of bytes (SI: 1 MB is 10⁶ bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

impl Size {
    /// The exact number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

/// An instant: milliseconds since 1970-01-01T00:00:00Z, printed in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant(pub i64);

impl Instant {
    /// The instant in UTC; the nearest that there is a date for.
    fn utc(self) -> OffsetDateTime {
        let nearest = if self.0 < 0 { time::Date::MIN } else { time::Date::MAX };
        OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1_000))
            .unwrap_or(nearest.midnight().assume_utc())
    }
}

impl Language {
    /// `3.5`, `3,5`: a number that was printed with a decimal point.
    pub fn decimal(self, number: &str) -> String {
        match self {
            Self::English => number.to_owned(),
            Self::German => number.replace('.', ","),
        }
    }

    /// `1 byte`, `4.2 MB`, rounded down; the number and its unit stay on one line.
    pub fn size(self, size: Size) -> String {
        const UNITS: [(&str, u64); 4] =
            [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
        let Size(bytes) = size;
        let Some((unit, one)) = UNITS.into_iter().find(|(_, one)| bytes >= *one) else {
            return bundle::write(self, "count-bytes", [("count", bundle::number(bytes))]);
        };
        match (bytes / one, bytes % one * 10 / one) {
            (whole, tenth) if whole < 100 && tenth > 0 => {
                format!("{}{NBSP}{unit}", self.decimal(&format!("{whole}.{tenth}")))
            }
            (whole, _) => format!("{}{NBSP}{unit}", self.number(whole)),
        }
    }

    /// `22 November 2026, 08:15 UTC`.
    pub fn minute(self, at: Instant) -> String {
        let time = at.utc().time();
        let clock = format!("{:02}:{:02}", time.hour(), time.minute());
        bundle::write(self, "format-minute", [("date", self.date(at).into()), ("clock", clock.into())])
    }

    /// `22 November 2026, 08:15`: what a clock shows, given as if that were on UTC. With the
    /// clock's offset from UTC in minutes, positive east: `22 November 2026, 08:15 (UTC+2)`.
    pub fn clock(self, local: Instant, offset_minutes: Option<i16>) -> String {
        let time = local.utc().time();
        let clock = format!("{:02}:{:02}", time.hour(), time.minute());
        let (date, clock) = (("date", self.date(local).into()), ("clock", clock.into()));
        match offset_minutes {
            None => bundle::write(self, "format-clock", [date, clock]),
            Some(minutes) => {
                bundle::write(self, "format-clock-offset", [date, clock, ("zone", zone(minutes).into())])
            }
        }
    }

    /// `22 November 2026`.
    pub fn date(self, at: Instant) -> String {
        let date = at.utc().date();
        let (day, month) = (date.day().to_string().into(), self.said(month(date.month())));
        bundle::write(self, "format-date", [("day", day), ("month", month), ("year", year(date.year()))])
    }

    /// `Sunday, 22 November`.
    pub fn day(self, at: Instant) -> String {
        let date = at.utc().date();
        let (day, month) = (date.day().to_string().into(), self.said(month(date.month())));
        let weekday = self.said(weekday(date.weekday()));
        bundle::write(self, "format-day", [("weekday", weekday), ("day", day), ("month", month)])
    }

    /// `November 2026`.
    pub fn month(self, at: Instant) -> String {
        let date = at.utc().date();
        let month = self.said(month(date.month()));
        bundle::write(self, "format-month", [("month", month), ("year", year(date.year()))])
    }

    fn said(self, key: &str) -> Value<'static> {
        bundle::write(self, key, []).into()
    }
}

/// `UTC`, `UTC+2`, `UTC−3:30`.
fn zone(offset_minutes: i16) -> String {
    let sign = if offset_minutes < 0 { '−' } else { '+' };
    match (offset_minutes.unsigned_abs() / 60, offset_minutes.unsigned_abs() % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

fn year(year: i32) -> Value<'static> {
    format!("{year:04}").into()
}

const fn month(month: Month) -> &'static str {
    match month {
        Month::January => "month-january",
        Month::February => "month-february",
        Month::March => "month-march",
        Month::April => "month-april",
        Month::May => "month-may",
        Month::June => "month-june",
        Month::July => "month-july",
        Month::August => "month-august",
        Month::September => "month-september",
        Month::October => "month-october",
        Month::November => "month-november",
        Month::December => "month-december",
    }
}

const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "weekday-monday",
        Weekday::Tuesday => "weekday-tuesday",
        Weekday::Wednesday => "weekday-wednesday",
        Weekday::Thursday => "weekday-thursday",
        Weekday::Friday => "weekday-friday",
        Weekday::Saturday => "weekday-saturday",
        Weekday::Sunday => "weekday-sunday",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Language = Language::English;
    const DE: Language = Language::German;

    #[test]
    fn sizes_are_decimal_and_never_rounded_up() {
        for (bytes, english, german) in [
            (0, "0 bytes", "0 Byte"),
            (1, "1 byte", "1 Byte"),
            (999, "999 bytes", "999 Byte"),
            (1_000, "1 kB", "1 kB"),
            (1_990, "1.9 kB", "1,9 kB"),
            (3_299_999, "3.2 MB", "3,2 MB"),
            (314_999_999, "314 MB", "314 MB"),
            (10_737_418_240, "10.7 GB", "10,7 GB"),
            (2_000_000_000_000_000, "2,000 TB", "2.000 TB"),
        ] {
            assert_eq!(EN.size(Size(bytes)).replace(NBSP, " "), english);
            assert_eq!(DE.size(Size(bytes)).replace(NBSP, " "), german);
        }
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([EN.number(0), EN.number(999), EN.number(1_204)], ["0", "999", "1,204"]);
        assert_eq!([DE.number(1_204), DE.number(1_234_567)], ["1.204", "1.234.567"]);
        assert_eq!([EN.decimal("5.7"), DE.decimal("5.7"), DE.decimal("24")], ["5.7", "5,7", "24"]);
    }

    #[test]
    fn times_are_readable() {
        let at = Instant(1_795_335_330_007);
        let english = [EN.date(at), EN.minute(at), EN.day(at), EN.month(at)].map(|t| t.replace(NBSP, " "));
        assert_eq!(
            english,
            ["22 November 2026", "22 November 2026, 08:15 UTC", "Sunday, 22 November", "November 2026"]
        );
        let march = Instant(1_773_500_400_000);
        let german =
            [DE.date(march), DE.minute(march), DE.day(march), DE.month(march)].map(|t| t.replace(NBSP, " "));
        assert_eq!(german, ["14. März 2026", "14. März 2026, 15:00 UTC", "Samstag, 14. März", "März 2026"]);
        let clocks = [None, Some(0), Some(120), Some(-210), Some(-30)].map(|offset| EN.clock(at, offset));
        let times = ["08:15", "08:15 (UTC)", "08:15 (UTC+2)", "08:15 (UTC−3:30)", "08:15 (UTC−0:30)"];
        assert_eq!(
            clocks.map(|t| t.replace(NBSP, " ")),
            times.map(|time| format!("22 November 2026, {time}"))
        );
        assert_eq!(DE.clock(march, Some(60)).replace(NBSP, " "), "14. März 2026, 15:00 (UTC+1)");
        assert_eq!([EN.month(Instant(i64::MIN)), EN.month(Instant(0))], ["January -9999", "January 1970"]);
    }
}
