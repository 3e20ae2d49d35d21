//! Instants as files write them: EXIF's date and time with offset and fraction elsewhere, ISO 8601 with parts
//! missing in XMP, digits without separators in IPTC. What makes no sense is left out. Knows no tag.

use gallery_core::values::Timestamp;
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

/// A moment without a time zone is taken to be on UTC.
pub fn instant(at: PrimitiveDateTime, offset: Option<UtcOffset>, milliseconds: i64) -> Timestamp {
    let seconds = at.assume_offset(offset.unwrap_or(UtcOffset::UTC)).unix_timestamp();
    Timestamp::from_millis(seconds * 1000 + milliseconds)
}

/// `2008:10:22 16:28:39`; separators may differ.
pub fn date_and_time(text: &str) -> Option<PrimitiveDateTime> {
    let numbers = numbers_in(text);
    let [hour, minute, second] = numbers.get(3..6)?.first_chunk().copied()?;
    Some(PrimitiveDateTime::new(calendar_date(&numbers)?, time_of_day(hour, minute, second)?))
}

/// `2008-10-22T16:28:39.042+02:00`, of which all but the year may be missing (ISO 16684-1, section 8.2.2): a missing
/// month or day is the first, a missing time is midnight.
pub fn iso(text: &str) -> Option<Timestamp> {
    let (date, time) = text.trim().split_once(['T', ' ']).unwrap_or((text.trim(), ""));
    let date = first_of_what_is_missing(&numbers_in(date))?;
    let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(zone);
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let numbers = numbers_in(time);
    let part = |at: usize| numbers.get(at).copied().unwrap_or(0);
    let at = PrimitiveDateTime::new(date, time_of_day(part(0), part(1), part(2))?);
    Some(instant(at, utc_offset(zone.trim()), milliseconds(fraction)))
}

/// `20081022` and `162839+0200` (IIM 4.2, datasets 2:55 and 2:60); an unknown month or day is `00`.
pub fn digits(date: &str, time: Option<&str>) -> Option<Timestamp> {
    let number = |text: &str, at: std::ops::Range<usize>| text.get(at)?.parse::<u32>().ok();
    let date = first_of_what_is_missing(&[number(date, 0..4)?, number(date, 4..6)?, number(date, 6..8)?])?;
    let time = time.unwrap_or_default();
    let clock = number(time, 0..2).zip(number(time, 2..4)).zip(number(time, 4..6));
    let ((hour, minute), second) = clock.unwrap_or_default();
    let at = PrimitiveDateTime::new(date, time_of_day(hour, minute, second)?);
    Some(instant(at, time.get(6..).and_then(utc_offset), 0))
}

/// Photography is younger than 1820; a year before is a clock that was never set.
pub fn calendar_date(numbers: &[u32]) -> Option<Date> {
    let [year, month, day] = *numbers.first_chunk()?;
    let year = i32::try_from(year).ok().filter(|year| (1820..=9999).contains(year))?;
    Date::from_calendar_date(year, Month::try_from(u8::try_from(month).ok()?).ok()?, u8::try_from(day).ok()?)
        .ok()
}

fn first_of_what_is_missing(numbers: &[u32]) -> Option<Date> {
    let part = |at: usize| numbers.get(at).copied().unwrap_or(1).max(1);
    calendar_date(&[*numbers.first()?, part(1), part(2)])
}

/// A time of day from whole numbers.
pub fn time_of_day(hour: u32, minute: u32, second: u32) -> Option<Time> {
    let [hour, minute, second] = [hour, minute, second].map(|number| u8::try_from(number).ok());
    Time::from_hms(hour?, minute?, second?).ok()
}

/// The whole numbers of a text.
pub fn numbers_in(text: &str) -> Vec<u32> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

/// `+02:00`, `-0530` or `Z`.
pub fn utc_offset(text: &str) -> Option<UtcOffset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("Z", "") => return Some(UtcOffset::UTC),
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = digits.split_at_checked(2).filter(|(_, minutes)| minutes.len() == 2)?;
    let (hours, minutes): (i8, i8) = (hours.parse().ok()?, minutes.parse().ok()?);
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}

/// The digits after the decimal point: "5" is 500 ms.
pub fn milliseconds(fraction: &str) -> i64 {
    let digits: String =
        fraction.trim().chars().take_while(char::is_ascii_digit).chain("000".chars()).take(3).collect();
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(at: Option<Timestamp>) -> Option<String> {
        at.map(|at| at.to_string())
    }

    #[test]
    fn reads_offsets() {
        assert_eq!(utc_offset("+02:00").map(UtcOffset::whole_seconds), Some(7200));
        assert_eq!(utc_offset("-0530").map(UtcOffset::whole_seconds), Some(-19_800));
        assert_eq!(utc_offset("Z").map(UtcOffset::whole_seconds), Some(0));
        for nonsense in ["", "02:00", "+2", "+99:00", "   :  ", "é"] {
            assert_eq!(utc_offset(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn reads_fractions() {
        assert_eq!([milliseconds("5"), milliseconds("042"), milliseconds("123456 ")], [500, 42, 123]);
        assert_eq!([milliseconds(""), milliseconds("x")], [0, 0]);
    }

    #[test]
    fn knows_nonsense_dates() {
        for nonsense in
            ["0000:00:00 00:00:00", "2024:13:01 00:00:00", "2023:02:29 10:00:00", "1753:01:01 00:00:00"]
        {
            assert_eq!(date_and_time(nonsense), None, "{nonsense}");
        }
        assert!(date_and_time("2024-02-29T23:59:59").is_some());
    }

    #[test]
    fn reads_iso_8601_with_parts_missing() {
        for (text, at) in [
            ("2008-10-22T16:28:39.042+02:00", "2008-10-22T14:28:39.042Z"),
            ("2008-10-22T16:28:39Z", "2008-10-22T16:28:39.000Z"),
            ("2008-10-22T16:28-05:30", "2008-10-22T21:58:00.000Z"),
            ("2008:10:22 16:28:39", "2008-10-22T16:28:39.000Z"),
            (" 2008-10-22 ", "2008-10-22T00:00:00.000Z"),
            ("2008-10", "2008-10-01T00:00:00.000Z"),
            ("1985", "1985-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(printed(iso(text)).as_deref(), Some(at), "{text}");
        }
        for nonsense in ["", "yesterday", "0000", "2008-13", "2008-02-30", "2008-10-22T25:00", "T10:00"] {
            assert_eq!(iso(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn reads_digits_without_separators() {
        for (date, time, at) in [
            ("20081022", Some("162839+0200"), "2008-10-22T14:28:39.000Z"),
            ("20081022", Some("162839"), "2008-10-22T16:28:39.000Z"),
            ("20081022", Some("half past four"), "2008-10-22T00:00:00.000Z"),
            ("19850000", None, "1985-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(printed(digits(date, time)).as_deref(), Some(at), "{date} {time:?}");
        }
        for nonsense in ["", "00000000", "2008102", "2008é022", "20081322"] {
            assert_eq!(digits(nonsense, None), None, "{nonsense}");
        }
        assert_eq!(digits("20081022", Some("250000")), None);
    }
}
