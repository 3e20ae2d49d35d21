//! Numbers, sizes and times as people read them, in English. It knows no page. Tests are below.

use std::fmt;

use gallery_core::human;
pub(super) use gallery_core::human::grouped;
use gallery_core::values::Timestamp;
use time::OffsetDateTime;
use time::format_description::FormatItem;
use time::macros::format_description;

/// Keeps a number and its unit on one line.
const NBSP: &str = "\u{a0}";

/// A size: `12 kB`, `3.2 MB` (SI: 1 MB is 10⁶ bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size(pub u64);

impl Size {
    /// The exact number of bytes.
    pub(super) fn bytes(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => write!(f, "0{NBSP}bytes"),
            bytes => f.write_str(&unbroken(&human::size(bytes))),
        }
    }
}

/// `1 photo`, `1,204 photos`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    unbroken(&human::count(number, one, many))
}

/// The same, with the number and what is counted on one line.
fn unbroken(text: &str) -> String {
    text.replacen(' ', NBSP, 1)
}

/// An instant, in UTC: servers do not know where their visitors are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(pub Timestamp);

impl Moment {
    /// For `datetime` attributes: `2026-11-22T08:15:30.123Z`.
    pub(super) fn iso(self) -> String {
        self.0.to_string()
    }

    /// For `datetime` attributes of a whole day: `2026-11-22`.
    pub(super) fn iso_date(self) -> String {
        self.print(format_description!("[year]-[month]-[day]"))
    }

    /// `22 November 2026`.
    pub(super) fn date(self) -> String {
        self.print(format_description!("[day padding:none]\u{a0}[month repr:long] [year]"))
    }

    /// `22 November 2026, 08:15 UTC`.
    pub(super) fn minute(self) -> String {
        self.print(format_description!(
            "[day padding:none]\u{a0}[month repr:long] [year], [hour]:[minute]\u{a0}UTC"
        ))
    }

    /// `Sunday, 22 November`.
    pub(super) fn day(self) -> String {
        self.print(format_description!("[weekday], [day padding:none]\u{a0}[month repr:long]"))
    }

    /// `November 2026`.
    pub(super) fn month(self) -> String {
        self.print(format_description!("[month repr:long] [year]"))
    }

    fn print(self, format: &[FormatItem<'_>]) -> String {
        // A timestamp lies between the years 0 and 9999, which `time` can print.
        OffsetDateTime::from_unix_timestamp(self.0.seconds())
            .ok()
            .and_then(|at| at.format(format).ok())
            .unwrap_or_else(|| self.iso())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_decimal_and_never_rounded_up() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1 kB"),
            (1_990, "1.9 kB"),
            (3_299_999, "3.2 MB"),
            (314_999_999, "314 MB"),
            (10_737_418_240, "10.7 GB"),
            (2_000_000_000_000_000, "2,000 TB"),
        ] {
            assert_eq!(Size(bytes).to_string(), text.replace(' ', "\u{a0}"), "{bytes}");
        }
    }

    #[test]
    fn counts_are_pluralised_and_grouped() {
        assert_eq!(count(0, "photo", "photos"), "no\u{a0}photos");
        assert_eq!(count(1, "photo", "photos"), "1\u{a0}photo");
        assert_eq!(count(1_234_567, "photo", "photos"), "1,234,567\u{a0}photos");
        assert_eq!(grouped(123), "123");
    }

    #[test]
    fn times_are_readable() {
        let at = Moment(Timestamp::from_millis(1_795_335_330_007));
        assert_eq!(at.iso(), "2026-11-22T08:15:30.007Z");
        assert_eq!(at.iso_date(), "2026-11-22");
        assert_eq!(at.date(), "22\u{a0}November 2026");
        assert_eq!(at.minute(), "22\u{a0}November 2026, 08:15\u{a0}UTC");
        assert_eq!(at.day(), "Sunday, 22\u{a0}November");
        assert_eq!(at.month(), "November 2026");
        assert_eq!(Moment(Timestamp::from_millis(i64::MIN)).month(), "January 0000");
    }
}
