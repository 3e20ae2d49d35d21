//! What the gallery itself uses of EXIF data: orientation, time, camera, lens, place. Whatever makes no sense is
//! left out.

use gallery_core::model::Gps;
use gallery_core::values::Timestamp;
use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

use super::print::degrees;
use super::text::{cleaned, shortened};
use super::tiff::Directory;
use super::value::whole;
use super::{Exif, MAX_PRINTED_CHARS};

const MAKE: u16 = 0x010F;
const MODEL: u16 = 0x0110;
const ORIENTATION: u16 = 0x0112;
const LENS_MODEL: u16 = 0xA434;

/// Date and time, offset from UTC, fraction of a second (EXIF 2.32, section 4.6.5 F).
const TAKEN: [[u16; 3]; 2] = [
    // DateTimeOriginal, OffsetTimeOriginal, SubSecTimeOriginal.
    [0x9003, 0x9011, 0x9291],
    // DateTimeDigitized, OffsetTimeDigitized, SubSecTimeDigitized.
    [0x9004, 0x9012, 0x9292],
];

const LATITUDE_REF: u16 = 1;
const LATITUDE: u16 = 2;
const LONGITUDE_REF: u16 = 3;
const LONGITUDE: u16 = 4;
const ALTITUDE_REF: u16 = 5;
const ALTITUDE: u16 = 6;
const TIME_STAMP: u16 = 7;
const DATE_STAMP: u16 = 0x1D;

/// Altitudes outside are nonsense: lower than the deepest sea, higher than any plane.
const ALTITUDES: std::ops::RangeInclusive<f64> = -12_000.0..=100_000.0;

impl Exif<'_> {
    /// The value of the orientation tag; 1 when there is none.
    pub fn orientation(&self) -> u32 {
        self.find(Directory::Main, ORIENTATION).and_then(super::Entry::integer).unwrap_or(1)
    }

    /// When the photo was taken: the shot, else its digitisation, else the time of the satellites. A camera
    /// without a time zone is taken to be on UTC.
    pub fn taken_at(&self) -> Option<Timestamp> {
        TAKEN
            .into_iter()
            .find_map(|[date_time, offset, fraction]| {
                let at = date_and_time(&self.text(Directory::Exif, date_time)?)?;
                let offset = self.text(Directory::Exif, offset).and_then(|text| utc_offset(&text));
                let fraction = self.text(Directory::Exif, fraction).map_or(0, |text| milliseconds(&text));
                let seconds = at.assume_offset(offset.unwrap_or(UtcOffset::UTC)).unix_timestamp();
                Some(Timestamp::from_millis(seconds * 1000 + fraction))
            })
            .or_else(|| self.satellite_time())
    }

    /// Maker and model without repetition: "Canon" and "Canon EOS 40D" are one Canon EOS 40D.
    pub fn camera(&self) -> Option<String> {
        let (make, model) = (self.text(Directory::Main, MAKE), self.text(Directory::Main, MODEL));
        let (Some(make), Some(model)) = (&make, &model) else { return model.or(make) };
        let make_has = |word: &str| make.split_whitespace().any(|other| other.eq_ignore_ascii_case(word));
        let repeats = model.split_whitespace().next().is_some_and(make_has);
        Some(if repeats { model.clone() } else { shortened(format!("{make} {model}"), MAX_PRINTED_CHARS) })
    }

    /// The lens's name.
    pub fn lens(&self) -> Option<String> {
        self.text(Directory::Exif, LENS_MODEL).filter(|name| name.chars().any(char::is_alphanumeric))
    }

    /// Where the photo was taken.
    pub fn gps(&self) -> Option<Gps> {
        let latitude = self.coordinate(LATITUDE, LATITUDE_REF, ["N", "S"], 90.0)?;
        let longitude = self.coordinate(LONGITUDE, LONGITUDE_REF, ["E", "W"], 180.0)?;
        let below = self.find(Directory::Gps, ALTITUDE_REF).and_then(super::Entry::integer) == Some(1);
        let altitude = self
            .find(Directory::Gps, ALTITUDE)
            .and_then(|entry| entry.numbers().first().copied())
            .map(|metres| if below { -metres } else { metres })
            .filter(|metres| ALTITUDES.contains(metres));
        Some(Gps { latitude, longitude, altitude })
    }

    /// Degrees with the sign of the hemisphere; None without it.
    fn coordinate(&self, value: u16, reference: u16, positive_negative: [&str; 2], most: f64) -> Option<f64> {
        let degrees =
            degrees(self.find(Directory::Gps, value)?).filter(|degrees| (0.0..=most).contains(degrees))?;
        let reference = self.text(Directory::Gps, reference)?.to_uppercase();
        match positive_negative.into_iter().position(|letter| reference.starts_with(letter))? {
            0 => Some(degrees),
            _ => Some(-degrees),
        }
    }

    fn satellite_time(&self) -> Option<Timestamp> {
        let date = self.text(Directory::Gps, DATE_STAMP)?;
        let time = self.find(Directory::Gps, TIME_STAMP)?.numbers();
        let [hours, minutes, seconds] = time[..] else { return None };
        let of_day =
            Time::from_hms(small(whole(hours)?)?, small(whole(minutes)?)?, small(whole(seconds.trunc())?)?);
        let at = PrimitiveDateTime::new(calendar_date(&numbers_in(&date))?, of_day.ok()?).assume_utc();
        let fraction = milliseconds(format!("{:.3}", seconds.fract()).strip_prefix("0.").unwrap_or_default());
        Some(Timestamp::from_millis(at.unix_timestamp() * 1000 + fraction))
    }

    /// A tag's text, clean and trimmed; None when nothing is left.
    fn text(&self, directory: Directory, id: u16) -> Option<String> {
        let text = cleaned(&self.find(directory, id)?.text());
        let text = text.trim();
        (!text.is_empty()).then(|| shortened(text.to_owned(), MAX_PRINTED_CHARS))
    }
}

/// `2008:10:22 16:28:39`; separators may differ.
fn date_and_time(text: &str) -> Option<PrimitiveDateTime> {
    let numbers = numbers_in(text);
    let [hour, minute, second] = numbers.get(3..6)?.first_chunk().copied()?.map(small);
    let time = Time::from_hms(hour?, minute?, second?).ok()?;
    Some(PrimitiveDateTime::new(calendar_date(&numbers)?, time))
}

/// Photography is younger than 1820; a year before is a clock that was never set.
fn calendar_date(numbers: &[u32]) -> Option<Date> {
    let [year, month, day] = *numbers.first_chunk()?;
    let year = i32::try_from(year).ok().filter(|year| (1820..=9999).contains(year))?;
    Date::from_calendar_date(year, Month::try_from(small(month)?).ok()?, small(day)?).ok()
}

fn numbers_in(text: &str) -> Vec<u32> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

fn small(number: u32) -> Option<u8> {
    u8::try_from(number).ok()
}

/// `+02:00`, `-0530` or `Z`.
fn utc_offset(text: &str) -> Option<UtcOffset> {
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
fn milliseconds(fraction: &str) -> i64 {
    let digits: String =
        fraction.trim().chars().take_while(char::is_ascii_digit).chain("000".chars()).take(3).collect();
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
