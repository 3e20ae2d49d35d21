//! When a photo was taken, as the camera's clock showed it. Pure calendar rules: knows no file and
//! no text.

use time::{Date, Month, PrimitiveDateTime, Time};

use super::Timestamp;

/// How much of a date and time is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// The earliest moment that it can be.
    local: PrimitiveDateTime,
    precision: Precision,
    offset_minutes: Option<i16>,
}

impl Taken {
    /// Years of photographs: the oldest that is kept is of 1826. Outside, a clock was never set.
    const YEARS: std::ops::RangeInclusive<u16> = 1826..=2099;
    /// Offsets from UTC, in minutes: as far as any clock has ever been set.
    const OFFSETS: std::ops::RangeInclusive<i16> = -18 * 60..=18 * 60;
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
        let local = PrimitiveDateTime::new(Date::from_calendar_date(year, month, day).ok()?, Time::MIDNIGHT);
        Some(Self { local, precision, offset_minutes: None })
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
            Ok(time) => Self { local: self.local.replace_time(time), precision, ..self },
            Err(_) => self,
        }
    }

    /// The same with this part of its second, in milliseconds, where it has a second.
    #[must_use]
    pub fn with_milliseconds(self, milliseconds: u16) -> Self {
        match self.local.replace_millisecond(milliseconds) {
            Ok(local) if self.precision == Precision::Second => Self { local, ..self },
            _ => self,
        }
    }

    /// The same with its clock's offset from UTC, in minutes, positive east. An offset that no
    /// clock has is left out.
    #[must_use]
    pub fn with_offset(self, minutes: i16) -> Self {
        Self { offset_minutes: Some(minutes).filter(|minutes| Self::OFFSETS.contains(minutes)), ..self }
    }

    /// How much of it is known.
    pub fn precision(self) -> Precision {
        self.precision
    }

    /// The clock's offset from UTC, in minutes, positive east.
    pub fn offset_minutes(self) -> Option<i16> {
        self.offset_minutes
    }

    /// The earliest moment that it can be by the local clock, as if that were on UTC.
    pub fn local(self) -> Timestamp {
        let at = self.local.assume_utc();
        Timestamp::from_millis(at.unix_timestamp() * 1000 + i64::from(at.millisecond()))
    }

    /// The one instant that stores keep: that of the clock where its time and offset are known,
    /// else the local time as if it were on UTC.
    pub fn instant(self) -> Timestamp {
        let local = self.local();
        match self.offset_minutes {
            Some(minutes) if self.precision >= Precision::Minute => {
                Timestamp::from_millis(local.millis() - i64::from(minutes) * 60_000)
            }
            _ => local,
        }
    }
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
            (noon, "2015-08-22T12:00:00.000Z"),
            (noon.with_offset(120), "2015-08-22T10:00:00.000Z"),
            (noon.with_offset(-330), "2015-08-22T17:30:00.000Z"),
            (noon.with_offset(5000), "2015-08-22T12:00:00.000Z"),
            (day().with_offset(120), "2015-08-22T00:00:00.000Z"),
        ] {
            assert_eq!(taken.instant().to_string(), instant, "{taken:?}");
        }
        assert_eq!(noon.with_offset(120).offset_minutes(), Some(120));
        assert_eq!(noon.with_offset(120).local(), noon.local());
    }
}
