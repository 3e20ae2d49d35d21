//! How a time taken is written: as people type it into a form, and in the parts that the API has.
//! What a calendar and a clock can show is a rule of [`Taken`]. Tests are below.

use std::fmt;

use super::{Invalid, Precision, Taken};
use crate::texts::Text;

/// `2024`, `2024-07`, `2024-07-14`, `2024-07-14 21:30` or `2024-07-14 21:30:15`, with milliseconds
/// where there are any, and with a time perhaps its offset from UTC: `2024-07-14 21:30 +02:00`.
/// [`Taken::parse`] reads it again.
impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.local().to_string();
        let (date, time) = local.split_at(10);
        let time = time.trim_start_matches('T').trim_end_matches('Z').trim_end_matches(".000");
        match self.precision() {
            Precision::Year => f.write_str(&date[..4])?,
            Precision::Month => f.write_str(&date[..7])?,
            Precision::Day => f.write_str(date)?,
            Precision::Minute => write!(f, "{date} {}", &time[..5])?,
            Precision::Second => write!(f, "{date} {time}")?,
        }
        self.offset().map_or(Ok(()), |offset| write!(f, " {offset}"))
    }
}

impl Taken {
    /// Reads what people type: any form that is displayed, with blanks or a `T` in between.
    ///
    /// `bad_date` when it has another form, `no_such_date` when no calendar or clock shows it,
    /// `year_out_of_range` outside 1826 to 2099, `bad_offset` beyond 18 hours.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let unreadable = || Invalid::new("bad_date", Text::new("taken-unreadable"));
        let mut rest = Rest(text.trim());
        let mut parts = Parts::date(&mut rest).ok_or_else(unreadable)?;
        if parts.day.is_some() && (rest.blanks() || rest.symbol('T')) {
            parts.add_time(&mut rest).ok_or_else(unreadable)?;
            rest.blanks();
            if !rest.0.is_empty() {
                parts.offset = Some(offset(rest.0)?);
                rest.0 = "";
            }
        }
        if rest.0.is_empty() { parts.taken() } else { Err(unreadable()) }
    }

    /// Reads what the API takes: `local` as `2024-07-04T21:30:00`, with up to three digits of a
    /// fraction; a precision by its name; and an offset as `-05:00`. What is finer than the
    /// precision is left out, and so is the offset of a date without a time.
    ///
    /// Errors as for [`parse`](Self::parse), and `bad_precision`.
    pub fn parse_parts(local: &str, precision: &str, offset: Option<&str>) -> Result<Self, Invalid> {
        let unreadable = || Invalid::new("bad_date", Text::new("taken-local-unreadable"));
        let mut rest = Rest(local);
        let mut parts = Parts::date(&mut rest).ok_or_else(unreadable)?;
        let is_complete = parts.day.is_some()
            && rest.symbol('T')
            && parts.add_time(&mut rest).is_some()
            && parts.second.is_some()
            && rest.0.is_empty();
        if !is_complete {
            return Err(unreadable());
        }
        parts.offset = offset.map(self::offset).transpose()?;
        let precision = Precision::parse(precision)?;
        parts.taken()?;
        parts.reduced_to(precision).taken()
    }

    /// The offset from UTC as `+02:00`.
    pub fn offset(self) -> Option<String> {
        let minutes = self.offset_minutes()?;
        let sign = if minutes < 0 { '-' } else { '+' };
        let minutes = minutes.unsigned_abs();
        Some(format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60))
    }
}

impl Precision {
    /// Every precision, from the coarsest to the finest.
    pub const ALL: [Self; 5] = [Self::Year, Self::Month, Self::Day, Self::Minute, Self::Second];

    /// Its name, as in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Minute => "minute",
            Self::Second => "second",
        }
    }

    /// The precision of this name; `bad_precision` when there is none.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        let unknown = || Invalid::new("bad_precision", Text::new("taken-precision-unknown"));
        Self::ALL.into_iter().find(|precision| precision.name() == name).ok_or_else(unknown)
    }
}

/// The numbers of a date and time, which may be such that no calendar or clock shows.
#[derive(Clone, Copy)]
struct Parts {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
    hour_and_minute: Option<(u8, u8)>,
    /// The second and its milliseconds.
    second: Option<(u8, u16)>,
    offset: Option<i16>,
}

impl Parts {
    /// The date that comes first, as far as it goes; none where there is no year, or a hyphen and
    /// no number of two digits behind it.
    fn date(rest: &mut Rest<'_>) -> Option<Self> {
        let year = rest.number(4)?;
        let mut parts =
            Self { year, month: None, day: None, hour_and_minute: None, second: None, offset: None };
        if rest.symbol('-') {
            parts.month = Some(rest.two_digits()?);
            if rest.symbol('-') {
                parts.day = Some(rest.two_digits()?);
            }
        }
        Some(parts)
    }

    /// Adds the time that comes next; none where it is no time.
    fn add_time(&mut self, rest: &mut Rest<'_>) -> Option<()> {
        let hour = rest.two_digits()?;
        let minute = rest.symbol(':').then(|| rest.two_digits()).flatten()?;
        self.hour_and_minute = Some((hour, minute));
        if rest.symbol(':') {
            let second = rest.two_digits()?;
            let milliseconds = if rest.symbol('.') { rest.milliseconds()? } else { 0 };
            self.second = Some((second, milliseconds));
        }
        Some(())
    }

    /// The same without what is finer.
    fn reduced_to(self, precision: Precision) -> Self {
        let has_time = precision >= Precision::Minute;
        Self {
            year: self.year,
            month: self.month.filter(|_| precision >= Precision::Month),
            day: self.day.filter(|_| precision >= Precision::Day),
            hour_and_minute: self.hour_and_minute.filter(|_| has_time),
            second: self.second.filter(|_| precision == Precision::Second),
            offset: self.offset.filter(|_| has_time),
        }
    }

    fn taken(self) -> Result<Taken, Invalid> {
        if !Taken::YEARS.contains(&self.year) {
            let years = Text::new("taken-year")
                .with("first", Taken::YEARS.start().to_string())
                .with("last", Taken::YEARS.end().to_string());
            return Err(Invalid::new("year_out_of_range", years));
        }
        let none = || Invalid::new("no_such_date", Text::new("taken-no-such-date"));
        let date = Taken::on(self.year, self.month, self.day).ok_or_else(none)?;
        let Some((hour, minute)) = self.hour_and_minute else { return Ok(date) };
        if hour > 23 || minute > 59 || self.second.is_some_and(|(second, _)| second > 59) {
            return Err(none());
        }
        let taken = date.at(hour, minute, self.second);
        Ok(self.offset.map_or(taken, |minutes| taken.with_offset(minutes)))
    }
}

/// Minutes of an offset that is written as `+02:00`.
fn offset(text: &str) -> Result<i16, Invalid> {
    let mut rest = Rest(text);
    let sign = if rest.symbol('-') { Some(-1) } else { rest.symbol('+').then_some(1) };
    let hours = rest.two_digits();
    let minutes = rest.symbol(':').then(|| rest.two_digits()).flatten().filter(|minutes| *minutes < 60);
    match (sign, hours, minutes, rest.0) {
        (Some(sign), Some(hours), Some(minutes), "") => {
            Some(sign * (i16::from(hours) * 60 + i16::from(minutes)))
        }
        _ => None,
    }
    .filter(|minutes| Taken::OFFSETS.contains(minutes))
    .ok_or_else(|| Invalid::new("bad_offset", Text::new("taken-offset")))
}

/// What of a text is not read yet.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    /// Exactly so many digits.
    fn number(&mut self, digits: usize) -> Option<u16> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        number.parse().ok()
    }

    fn two_digits(&mut self) -> Option<u8> {
        self.number(2).and_then(|number| u8::try_from(number).ok())
    }

    /// A fraction of one to three digits: "5" is 500 ms.
    fn milliseconds(&mut self) -> Option<u16> {
        (1..=3).find_map(|digits| {
            let unit = 10_u16.pow(3 - digits);
            self.number(digits as usize).map(|fraction| fraction * unit)
        })
    }

    /// Whether this comes next; then it is passed.
    fn symbol(&mut self, symbol: char) -> bool {
        let rest = self.0.strip_prefix(symbol);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Whether blanks come next; then they are passed.
    fn blanks(&mut self) -> bool {
        let rest = self.0.trim_start();
        let found = rest.len() < self.0.len();
        self.0 = rest;
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Taken {
        Taken::parse(text).unwrap_or_else(|invalid| panic!("{text}: {invalid}"))
    }

    fn code(result: Result<Taken, Invalid>) -> &'static str {
        result.expect_err("refused").code
    }

    #[test]
    fn what_is_displayed_is_read() {
        for text in [
            "1826",
            "2024-07",
            "2024-07-14",
            "2024-07-14 00:30",
            "2024-07-14 21:30:15",
            "2024-07-14 21:30:00",
            "2024-07-14 21:30:15.042",
            "2024-07-14 21:30 +02:00",
            "2024-07-14 21:30:15 -09:30",
            "2099-12-31 23:59:59.999 +00:00",
        ] {
            assert_eq!(read(text).to_string(), text);
        }
        let mostly = Taken::from_stored(crate::values::Timestamp::from_millis(-1), Precision::Second, None);
        assert_eq!(mostly.to_string(), "1969-12-31 23:59:59.999");
    }

    #[test]
    fn people_may_type_it_otherwise() {
        for text in [
            "  2024-07-14   21:30  +02:00 ",
            "2024-07-14T21:30+02:00",
            "2024-07-14 21:30+02:00",
            "2024-07-14\t21:30\u{a0}+02:00",
        ] {
            assert_eq!(read(text).to_string(), "2024-07-14 21:30 +02:00", "{text}");
        }
        assert_eq!(read("2024-07-14 21:30:15.5").to_string(), "2024-07-14 21:30:15.500");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "24",
            "20240",
            "2024-",
            "2024-7",
            "2024-07-1",
            "2024-07-14-",
            "2024/07/14",
            "yesterday",
            "2024 21:30",
            "2024-07 21:30",
            "2024-07-14 21",
            "2024-07-14 21:3",
            "2024-07-14 21:30:",
            "2024-07-14 21:30:15.",
            "2024-07-14 21:30:15.1234",
            "2024-07-14 é",
            "-2024",
            "２０２４",
            "2024-07-14 +02:00",
        ] {
            assert_eq!(code(Taken::parse(text)), "bad_date", "{text}");
        }
        for text in ["2023-02-29", "2024-13", "2024-00-01", "2024-07-14 24:00", "2024-07-14 12:60"] {
            assert_eq!(code(Taken::parse(text)), "no_such_date", "{text}");
        }
        assert_eq!(code(Taken::parse("2024-07-14 12:30:60")), "no_such_date");
        for text in ["0000", "1825", "2100-01-01", "9999-99"] {
            assert_eq!(code(Taken::parse(text)), "year_out_of_range", "{text}");
        }
        for text in ["02:00", "+2", "+0200", "Z", "+18:01", "-19:00", "+01:60", "+02:00 x"] {
            assert_eq!(code(Taken::parse(&format!("2024-07-14 21:30 {text}"))), "bad_offset", "{text}");
        }
    }

    #[test]
    fn parts_are_read_to_their_precision() {
        let local = "2024-07-14T21:30:15.042";
        for (precision, offset, expected) in [
            ("year", None, "2024"),
            ("month", None, "2024-07"),
            ("day", Some("+02:00"), "2024-07-14"),
            ("minute", Some("+02:00"), "2024-07-14 21:30 +02:00"),
            ("second", None, "2024-07-14 21:30:15.042"),
        ] {
            let taken = Taken::parse_parts(local, precision, offset).expect("parts");
            assert_eq!(taken.to_string(), expected);
            assert_eq!(taken.precision().name(), precision);
        }
    }

    #[test]
    fn parts_that_are_not_as_documented_are_refused() {
        let parts = |local, precision, offset| code(Taken::parse_parts(local, precision, offset));
        for local in [
            "",
            "2024",
            "2024-07-14",
            "2024-07-14T21:30",
            "2024-07-14 21:30:15",
            "2024-07-14T21:30:15Z",
            " 2024-07-14T21:30:15",
            "2024-07-14T21:30:15+02:00",
            "2024-07-14t21:30:15",
        ] {
            assert_eq!(parts(local, "second", None), "bad_date", "{local}");
        }
        assert_eq!(parts("2023-02-29T00:00:00", "year", None), "no_such_date");
        assert_eq!(parts("1700-01-01T00:00:00", "day", None), "year_out_of_range");
        assert_eq!(parts("2024-07-14T21:30:15", "hour", None), "bad_precision");
        for offset in ["", "Z", "2", "+2:00", "+02:00 "] {
            assert_eq!(parts("2024-07-14T21:30:15", "year", Some(offset)), "bad_offset", "{offset}");
        }
    }
}
