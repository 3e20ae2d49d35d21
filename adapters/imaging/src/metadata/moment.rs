//! Dates and times as files write them: EXIF's with spaces and colons, ISO 8601 in XMP, digits
//! without separators in IPTC, and what cameras and programs make of these: parts that are blank,
//! zero or missing, other separators, an offset at the end. All that is plausible is read and
//! nothing is invented. Knows no tag; what a clock can show is a rule of [`Taken`].

use gallery_core::values::{Precision, Taken};

/// `2008:10:22 16:28:39`, `2008-10-22T16:28:39.042+02:00`, `20081022 162839`, or as much of it as
/// is there.
pub fn date_and_time(text: &str) -> Option<Taken> {
    let mut text = Text(text.trim());
    let date = text.date()?;
    let is_separated = text.symbol(&['T', 't', ':', '_']);
    text.blanks();
    let is_word = !is_separated && text.0.starts_with(char::is_alphabetic);
    if is_word {
        // A year before a word may be any number.
        return (date.precision() == Precision::Day).then_some(date);
    }
    Some(text.time(date))
}

/// The time with the offset that the file writes elsewhere (`+02:00`, `-0530`, `+2`, `Z`), unless
/// it has one already or this is none.
pub fn with_offset(taken: Taken, offset: &str) -> Taken {
    match (taken.offset_minutes(), Text(offset.trim()).offset()) {
        (None, Some(minutes)) => taken.with_offset(minutes),
        _ => taken,
    }
}

/// The digits after the decimal point: "5" is 500 ms.
pub fn milliseconds(fraction: &str) -> u16 {
    let digits = fraction.trim().chars().take_while(char::is_ascii_digit);
    digits.chain("000".chars()).take(3).collect::<String>().parse().unwrap_or(0)
}

/// What of a text is not read yet.
struct Text<'a>(&'a str);

impl<'a> Text<'a> {
    fn date(&mut self) -> Option<Taken> {
        let digits = self.0.len() - self.0.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let has_separators = match digits {
            4 => true,
            8 | 12 | 14 => false,
            _ => return None,
        };
        let year = number(self.pass(4))?;
        if let Some((month, day)) = self.month_and_day_after_blanks() {
            return Taken::on(year, Some(month), Some(day));
        }
        // Three digits are no month: ISO 8601 counts the days of the year with them.
        let month = self.date_part(has_separators).filter(|_| !has_separators || self.digits().is_empty());
        let day = self.date_part(has_separators);
        Taken::on(year, month, day)
    }

    /// A month and a day of two digits with a blank before each, where no time can be meant: that
    /// has a colon.
    fn month_and_day_after_blanks(&mut self) -> Option<(u8, u8)> {
        let (next, rest) = self.0.split_at_checked(6)?;
        let (month, day) = next.strip_prefix(' ')?.split_once(' ')?;
        let (month, day) = (number::<u8>(month)?, number::<u8>(day)?);
        let is_date = (1..=12).contains(&month) && (1..=31).contains(&day) && !rest.starts_with(':');
        is_date.then(|| {
            self.pass(6);
            (month, day)
        })
    }

    /// A month or a day; zero is an unknown one.
    fn date_part(&mut self, has_separators: bool) -> Option<u8> {
        let is_there = !has_separators || self.symbol(&[':', '-', '/', '.', '_']);
        is_there.then(|| number(self.field())).flatten().filter(|part| *part > 0)
    }

    /// The same day at the time that follows, as far as that is one.
    fn time(&mut self, date: Taken) -> Taken {
        let has_separators =
            !self.0.get(..4).is_some_and(|time| time.bytes().all(|byte| byte.is_ascii_digit()));
        let hour = number(self.field());
        let separator = self.time_separator();
        let mut next = || {
            let is_there = !has_separators || self.symbol(&[separator]);
            is_there.then(|| number(self.field())).flatten()
        };
        let (minute, second) = (next(), next());
        let fraction = if self.symbol(&['.', ',']) { milliseconds(self.digits()) } else { 0 };
        let (Some(hour), Some(minute)) = (hour, minute) else { return date };
        self.blanks();
        let taken = date.at(self.of_day(hour), minute, second.map(|second| (second, fraction)));
        self.offset().map_or(taken, |minutes| taken.with_offset(minutes))
    }

    /// What stands between hour, minute and second: a colon, or what two digits follow each time.
    /// (One hyphen alone begins an offset.)
    fn time_separator(&self) -> char {
        let is_other = |byte: u8| b"-./_, ".contains(&byte);
        let Some(next) = self.0.as_bytes().first_chunk::<6>() else { return ':' };
        let are_digits = [next[1], next[2], next[4], next[5]].iter().all(u8::is_ascii_digit);
        if is_other(next[0]) && next[0] == next[3] && are_digits { char::from(next[0]) } else { ':' }
    }

    /// The hour of the day, where a clock of twelve hours may follow with the half of the day.
    fn of_day(&self, hour: u8) -> u8 {
        let half: String = self.0.chars().filter(|c| *c != '.').take(2).collect();
        let half = half.to_ascii_lowercase();
        match (half.as_str(), hour) {
            ("am", 12) => 0,
            ("pm", 1..12) => hour + 12,
            _ => hour,
        }
    }

    /// Minutes of an offset from UTC.
    fn offset(&mut self) -> Option<i16> {
        if self.symbol(&['Z', 'z']) {
            return Some(0);
        }
        if let Some(rest) = self.0.strip_prefix("UTC").or_else(|| self.0.strip_prefix("GMT")) {
            self.0 = rest;
            if rest.is_empty() {
                return Some(0);
            }
        }
        let sign = if self.symbol(&['+']) { 1 } else { -1 };
        if sign < 0 && !self.symbol(&['-']) {
            return None;
        }
        let hours: i16 = number(self.field())?;
        self.symbol(&[':']);
        let minutes = number(self.field()).unwrap_or(0);
        (minutes < 60).then(|| sign * (hours * 60 + minutes))
    }

    /// Digits as far as they go.
    fn digits(&mut self) -> &'a str {
        let rest = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
        self.pass(self.0.len() - rest.len())
    }

    /// Up to two characters: blanks, then digits.
    fn field(&mut self) -> &'a str {
        let width = |c: fn(&char) -> bool, from: &str| from.chars().take_while(c).count();
        let blanks = width(|c| *c == ' ', self.0).min(2);
        let digits = width(char::is_ascii_digit, &self.0[blanks..]);
        self.pass((blanks + digits).min(2))
    }

    fn blanks(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// Whether one of these comes next; then it is passed.
    fn symbol(&mut self, symbols: &[char]) -> bool {
        let found = self.0.starts_with(symbols);
        self.pass(usize::from(found));
        found
    }

    fn pass(&mut self, bytes: usize) -> &'a str {
        let (passed, rest) = self.0.split_at(bytes);
        self.0 = rest;
        passed
    }
}

fn number<T: std::str::FromStr>(digits: &str) -> Option<T> {
    digits.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use gallery_core::values::Precision::{Day, Minute, Month, Second, Year};

    use super::*;

    fn read(text: &str) -> Option<(String, Precision, Option<i16>)> {
        let taken = date_and_time(text)?;
        let local = taken.local().to_string();
        Some((local.trim_end_matches('Z').to_owned(), taken.precision(), taken.offset_minutes()))
    }

    fn assert_read(texts: &[&str], local: &str, precision: Precision, offset: Option<i16>) {
        for text in texts {
            assert_eq!(read(text), Some((local.to_owned(), precision, offset)), "{text}");
        }
    }

    #[test]
    fn what_is_missing_blank_or_zero_is_unknown() {
        let years = [
            "1993",
            " 1993 ",
            "1993 12:00:00",
            "1993-00-00 12:00:00",
            "1993:  :   12:00:00",
            "19930000",
            "1993 12 00",
        ];
        assert_read(&years, "1993-01-01T00:00:00.000", Year, None);
        // The 92nd day of a year is no 9th month.
        assert_read(&["2014-092", "2014:004:02"], "2014-01-01T00:00:00.000", Year, None);
        assert_read(
            &["1985-07", "1985:07:00 00:00:00", "1985:07:  ", "19850700"],
            "1985-07-01T00:00:00.000",
            Month,
            None,
        );
        let days = [
            "2014:04:02",
            "2014:04:02   :  :  ",
            "2014:04:02   :  :",
            "2014-04-02T",
            "2014/4/2",
            "2014.04.02",
            "2014: 4: 2",
            "2014 04 02",
            "20140402",
            "2014:04:02 25:00:00",
            "2014:04:02 12:60:00",
            "2014:04:02 12",
            "2014:04:02 noon",
            "2014:04:02   :12:30",
            "2014:04:02 --:--:--",
            "2014:04:02 ????",
        ];
        assert_read(&days, "2014-04-02T00:00:00.000", Day, None);
    }

    #[test]
    fn times_are_read_as_far_as_they_go() {
        let minutes = [
            "2014:04:02 12:56",
            "2014:04:02 12:56:",
            "2014:04:02 12:56:61",
            "2014-04-02T12:56:  ",
            "201404021256",
        ];
        assert_read(&minutes, "2014-04-02T12:56:00.000", Minute, None);
        let seconds = [
            "2014:04:02 12:56:01",
            "2014-04-02T12:56:01",
            "2014/04/02  12:56:01",
            "2014:04:02 12:56:01 PM",
            "20140402125601",
            "20140402 125601",
            "2014: 4: 2 12:56: 1",
            "2014:04:02:12:56:01",
            "2014:04:0212:56:01",
            "2014:04:02 12-56-01",
            "2014:04:02 12.56.01",
            "2014:04:02 12/56/01",
            "2014:04:02 12_56_01",
            "2014_04_02 12:56:01",
            "2014 04 02 12 56 01",
            "2014 04 02 12:56:01",
            "20140402_125601",
        ];
        assert_read(&seconds, "2014-04-02T12:56:01.000", Second, None);
        assert_read(
            &["2014:04:02 12:56:01.5", "2014:04:02 12:56:01,500"],
            "2014-04-02T12:56:01.500",
            Second,
            None,
        );
        assert_read(&["2014:04:02 01:02:03 PM"], "2014-04-02T13:02:03.000", Second, None);
        assert_read(&["2014:04:02 01:02:03 p.m."], "2014-04-02T13:02:03.000", Second, None);
        assert_read(&["2014:04:02 12:02:03 AM"], "2014-04-02T00:02:03.000", Second, None);
        assert_read(&["2015:08:22 24:08:19"], "2015-08-22T00:08:19.000", Second, None);
        assert_read(&["2015:08:22 23:59:60"], "2015-08-22T23:59:59.000", Second, None);
    }

    #[test]
    fn offsets_may_be_inside() {
        let texts = [
            "2008-10-22T16:28:39+02:00",
            "2008:10:22 16:28:39 +0200",
            "2008:10:22 16:28:39+2",
            "20081022T162839+0200",
            "2008:10:22 16:28:39 UTC+2",
        ];
        assert_read(&texts, "2008-10-22T16:28:39.000", Second, Some(120));
        assert_read(&["2008-10-22T16:28-05:30"], "2008-10-22T16:28:00.000", Minute, Some(-330));
        assert_read(&["2008:10:22 16:28:39 UTC"], "2008-10-22T16:28:39.000", Second, Some(0));
        assert_read(&["2008-10-22T16:28:39.042Z"], "2008-10-22T16:28:39.042", Second, Some(0));
        for nonsense in ["2008:10:22 16:28:39+", "2008:10:22 16:28:39+99:00", "2008:10:22 16:28:39 02:00"] {
            assert_read(&[nonsense], "2008-10-22T16:28:39.000", Second, None);
        }
    }

    #[test]
    fn offsets_may_be_elsewhere() {
        let noon = date_and_time("2008:10:22 12:00:00").expect("a time");
        for (text, minutes) in [("+02:00", 120), ("-0530", -330), ("Z", 0), (" +2 ", 120)] {
            assert_eq!(with_offset(noon, text).offset_minutes(), Some(minutes), "{text}");
        }
        for nonsense in ["", "02:00", "+99:00", "   :  ", "é", "+"] {
            assert_eq!(with_offset(noon, nonsense), noon, "{nonsense}");
        }
    }

    #[test]
    fn nothing_is_invented() {
        for nonsense in [
            "",
            "yesterday",
            "T10:00",
            "0000",
            "0000:00:00 00:00:00",
            "    :  :     :  :  ",
            "1753:01:01 00:00:00",
            "93:04:02",
            "2024:13:01 00:00:00",
            "2023:02:29 10:00:00",
            "2008-02-30",
            "20081322",
            "2008é022",
            "2008102",
            "12/31/2008",
            "Sunday, 11am",
            "9999:99:99 99:99:99",
            "65535:65535:65535",
        ] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn fractions_are_decimal() {
        assert_eq!([milliseconds("5"), milliseconds("042"), milliseconds("123456 ")], [500, 42, 123]);
        assert_eq!([milliseconds(""), milliseconds("x")], [0, 0]);
    }
}
