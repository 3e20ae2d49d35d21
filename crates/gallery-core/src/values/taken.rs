//! When a photo was taken, as the camera's clock showed it. Pure calendar rules: knows no file and
//! no text; how it is written is in `taken_text`.

use serde::{Deserialize, Serialize};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

use super::Timestamp;

/// How much of a date and time is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// The year alone.
    Year,
    /// Year and month.
    Month,
    /// The day.
    Day,
    /// Hour and minute.
    Minute,
    /// Seconds, and perhaps parts of them.
    Second,
}

/// The local date and time at which a photo was taken, with its precision, and the offset from UTC
/// where it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The earliest moment that it can be, by the local clock as if that were on UTC.
    local: Timestamp,
    precision: Precision,
    /// Absent unless a time of the day is known.
    offset_minutes: Option<i16>,
}

impl Taken {
    /// Years of photographs: the oldest that is kept is of 1826. Outside, a clock was never set.
    pub(super) const YEARS: std::ops::RangeInclusive<u16> = 1826..=2099;
    /// Offsets from UTC, in minutes: as far as any clock has ever been set.
    pub(super) const OFFSETS: std::ops::RangeInclusive<i16> = -18 * 60..=18 * 60;
    /// Hours that a clock may show: some cameras show the first one of a day as its 24th.
    const HOURS: u8 = 24;

    /// A date of which the day, or month and day, may be unknown. None for a date that no calendar
    /// has, and for years outside 1826 to 2099. A day without a month is unknown, too.
    pub fn on(year: u16, month: Option<u8>, day: Option<u8>) -> Option<Self> {
        let precision = match (month, day) {
            (None, _) => Precision::Year,
            (Some(_), None) => Precision::Month,
            (Some(_), Some(_)) => Precision::Day,
        };
        let day = if precision == Precision::Day { day? } else { 1 };
        let month = Month::try_from(month.unwrap_or(1)).ok()?;
        let year = Self::YEARS.contains(&year).then_some(i32::from(year))?;
        let date = Date::from_calendar_date(year, month, day).ok()?;
        Some(Self { local: timestamp(date.midnight()), precision, offset_minutes: None })
    }

    /// What a store has kept. Nothing is checked: a release before kept an instant of any year,
    /// which is the local time of a clock on UTC.
    pub fn from_stored(local: Timestamp, precision: Precision, offset_minutes: Option<i16>) -> Self {
        Self { local, precision, offset_minutes }
    }

    /// The same at this time of the day, by the clock. What no clock shows is left out, and the day
    /// stays: a second after the 60th, or the whole time. The 24th hour is the day's first, and a
    /// leap second is its minute's last. Without a day there is no time.
    #[must_use]
    pub fn at(self, hour: u8, minute: u8, second: Option<(u8, u16)>) -> Self {
        if self.precision < Precision::Day || hour > Self::HOURS || minute > 59 {
            return self;
        }
        let second = second.filter(|(second, milliseconds)| *second <= 60 && *milliseconds < 1000);
        let precision = if second.is_some() { Precision::Second } else { Precision::Minute };
        let (second, milliseconds) = second.unwrap_or_default();
        match Time::from_hms_milli(hour % Self::HOURS, minute, second.min(59), milliseconds) {
            Ok(time) => Self { local: timestamp(self.date_time().replace_time(time)), precision, ..self },
            Err(_) => self,
        }
    }

    /// The same with this part of its second, in milliseconds, where it has a second.
    #[must_use]
    pub fn with_milliseconds(self, milliseconds: u16) -> Self {
        match self.date_time().replace_millisecond(milliseconds) {
            Ok(local) if self.precision == Precision::Second => Self { local: timestamp(local), ..self },
            _ => self,
        }
    }

    /// The same with its clock's offset from UTC, in minutes, positive east. An offset that no
    /// clock has is left out, and so is that of a date without a time.
    #[must_use]
    pub fn with_offset(self, minutes: i16) -> Self {
        let is_known = self.precision >= Precision::Minute && Self::OFFSETS.contains(&minutes);
        Self { offset_minutes: is_known.then_some(minutes), ..self }
    }

    /// How much of it is known.
    pub fn precision(self) -> Precision {
        self.precision
    }

    /// The clock's offset from UTC, in minutes, positive east; none without a time of the day.
    pub fn offset_minutes(self) -> Option<i16> {
        self.offset_minutes
    }

    /// The earliest moment that it can be by the local clock, as if that were on UTC.
    pub fn local(self) -> Timestamp {
        self.local
    }

    /// The instant, where the clock's offset from UTC is known: that takes a time of the day.
    pub fn instant(self) -> Option<Timestamp> {
        let ahead = i64::from(self.offset_minutes?) * 60_000;
        Some(Timestamp::from_millis(self.local.millis() - ahead))
    }

    fn date_time(self) -> PrimitiveDateTime {
        let nanos = i128::from(self.local.millis()) * 1_000_000;
        let at = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        PrimitiveDateTime::new(at.date(), at.time())
    }
}

fn timestamp(local: PrimitiveDateTime) -> Timestamp {
    let at = local.assume_utc();
    Timestamp::from_millis(at.unix_timestamp() * 1000 + i64::from(at.millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(taken: Option<Taken>) -> Option<(String, Precision)> {
        taken.map(|taken| (taken.local().to_string(), taken.precision()))
    }

    fn day() -> Taken {
        Taken::on(2015, Some(8), Some(22)).expect("a day")
    }

    #[test]
    fn what_is_unknown_is_the_earliest_that_it_can_be() {
        for (month, day, local, precision) in [
            (None, None, "1993-01-01", Precision::Year),
            (None, Some(9), "1993-01-01", Precision::Year),
            (Some(7), None, "1993-07-01", Precision::Month),
            (Some(7), Some(31), "1993-07-31", Precision::Day),
        ] {
            let expected = (format!("{local}T00:00:00.000Z"), precision);
            assert_eq!(shown(Taken::on(1993, month, day)), Some(expected));
        }
    }

    #[test]
    fn dates_that_no_calendar_has_are_none() {
        for (year, month, day) in [(2023, 2, 29), (2024, 13, 1), (2024, 0, 1), (2024, 1, 0), (2024, 4, 31)] {
            assert_eq!(Taken::on(year, Some(month), Some(day)), None, "{year}-{month}-{day}");
        }
        for year in [0, 1825, 2100, u16::MAX] {
            assert_eq!(Taken::on(year, None, None), None, "{year}");
        }
        assert!(Taken::on(2024, Some(2), Some(29)).is_some() && Taken::on(1826, None, None).is_some());
    }

    #[test]
    fn an_odd_time_never_costs_the_day() {
        for (hour, minute, second, local, precision) in [
            (12, 56, None, "12:56:00.000", Precision::Minute),
            (12, 56, Some((1, 42)), "12:56:01.042", Precision::Second),
            (24, 8, Some((19, 0)), "00:08:19.000", Precision::Second),
            (23, 59, Some((60, 0)), "23:59:59.000", Precision::Second),
            (12, 56, Some((61, 0)), "12:56:00.000", Precision::Minute),
            (25, 0, Some((0, 0)), "00:00:00.000", Precision::Day),
            (12, 60, Some((0, 0)), "00:00:00.000", Precision::Day),
        ] {
            let expected = (format!("2015-08-22T{local}Z"), precision);
            assert_eq!(shown(Some(day().at(hour, minute, second))), Some(expected), "{hour}:{minute}");
        }
        let year = Taken::on(1993, None, None).expect("a year");
        assert_eq!(year.at(12, 0, Some((0, 0))), year, "a time without a day says nothing");
    }

    #[test]
    fn an_instant_needs_a_time_and_an_offset() {
        let noon = day().at(12, 0, None);
        for (taken, instant) in [
            (noon, None),
            (noon.with_offset(120), Some("2015-08-22T10:00:00.000Z")),
            (noon.with_offset(-330), Some("2015-08-22T17:30:00.000Z")),
            (noon.with_offset(0), Some("2015-08-22T12:00:00.000Z")),
            (noon.with_offset(5000), None),
            (day().with_offset(120), None),
        ] {
            assert_eq!(taken.instant().map(|at| at.to_string()).as_deref(), instant, "{taken:?}");
        }
        assert_eq!(noon.with_offset(120).offset_minutes(), Some(120));
        assert_eq!(day().with_offset(120).offset_minutes(), None);
        assert_eq!(noon.with_offset(120).local(), noon.local());
    }

    #[test]
    fn whatever_was_stored_is_read() {
        for millis in [i64::MIN, -1, 1_700_000_000_123, i64::MAX] {
            let at = Timestamp::from_millis(millis);
            let taken = Taken::from_stored(at, Precision::Second, None);
            assert_eq!(
                (taken.local(), taken.with_milliseconds(7).local().millis().rem_euclid(1000)),
                (at, 7)
            );
        }
    }
}
