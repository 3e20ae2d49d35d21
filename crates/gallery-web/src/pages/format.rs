//! Instants as pages know them. It knows no page. How people read them is up to their language:
//! [`Language`](gallery_core::texts::Language).

use gallery_core::texts::Instant;
use gallery_core::values::{Taken, Timestamp};

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
        self.iso().split('T').next().unwrap_or_default().to_owned()
    }

    /// For `datetime` attributes of a whole month: `2026-11`.
    pub(super) fn iso_month(self) -> String {
        let mut date = self.iso_date();
        date.truncate(date.len().saturating_sub(3));
        date
    }

    /// For `datetime` attributes of a whole year: `2026`.
    pub(super) fn iso_year(self) -> String {
        let mut date = self.iso_date();
        date.truncate(4);
        date
    }

    /// For printing.
    pub(super) fn instant(self) -> Instant {
        Instant(self.0.millis())
    }
}

/// When a photo was taken, by the camera's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TakenTime(pub Taken);

impl TakenTime {
    /// For `datetime` attributes, as far as it is known: `2024-07`, `2024-07-14T21:30+02:00`.
    pub(super) fn iso(self) -> String {
        self.0.to_string().replacen(' ', "T", 1).replace(' ', "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_say_no_more_than_is_known() {
        for (text, iso) in [
            ("2024", "2024"),
            ("2024-07-14", "2024-07-14"),
            ("2024-07-14 21:30", "2024-07-14T21:30"),
            ("2024-07-14 21:30:15.042 +02:00", "2024-07-14T21:30:15.042+02:00"),
        ] {
            assert_eq!(TakenTime(Taken::parse(text).unwrap()).iso(), iso);
        }
    }

    #[test]
    fn attributes_are_iso_8601() {
        let at = Moment(Timestamp::from_millis(1_795_335_330_007));
        assert_eq!(at.iso(), "2026-11-22T08:15:30.007Z");
        assert_eq!([at.iso_date(), at.iso_month(), at.iso_year()], ["2026-11-22", "2026-11", "2026"]);
    }
}
