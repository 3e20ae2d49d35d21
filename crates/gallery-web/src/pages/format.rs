//! Instants as pages know them. It knows no page. How people read them is up to their language:
//! [`Language`](gallery_core::texts::Language).

use gallery_core::texts::Instant;
use gallery_core::values::Timestamp;

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

    /// For printing.
    pub(super) fn instant(self) -> Instant {
        Instant(self.0.millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_iso_8601() {
        let at = Moment(Timestamp::from_millis(1_795_335_330_007));
        assert_eq!(at.iso(), "2026-11-22T08:15:30.007Z");
        assert_eq!([at.iso_date(), at.iso_month()], ["2026-11-22", "2026-11"]);
    }
}
