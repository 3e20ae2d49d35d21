//! What the gallery itself uses of EXIF data: orientation, time, camera, lens, place. Whatever makes no sense is
//! left out.

use gallery_core::model::Gps;
use gallery_core::values::Timestamp;
use time::PrimitiveDateTime;

use super::data::{Exif, MAX_PRINTED_CHARS};
use super::print::degrees;
use super::tiff::{Directory, Entry};
use super::value::whole;
use crate::metadata::moment::{
    calendar_date, date_and_time, instant, milliseconds, numbers_in, time_of_day, utc_offset,
};
use crate::metadata::text::{cleaned, shortened};

const MAKE: u16 = 0x010F;
const MODEL: u16 = 0x0110;
const ORIENTATION: u16 = 0x0112;
const LENS_MODEL: u16 = 0xA434;

/// Date and time, offset from UTC, fraction of a second (EXIF 2.32, section 4.6.5 F).
struct Taken {
    date_time: u16,
    offset: u16,
    fraction: u16,
}

const ORIGINAL: Taken = Taken { date_time: 0x9003, offset: 0x9011, fraction: 0x9291 };
const DIGITIZED: Taken = Taken { date_time: 0x9004, offset: 0x9012, fraction: 0x9292 };
/// The offset of the file's last change: phones that write no other mean it for all times.
const OFFSET_TIME: u16 = 0x9010;

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
        self.find(Directory::Main, ORIENTATION).and_then(Entry::integer).unwrap_or(1)
    }

    /// When the photo was taken.
    pub fn original_time(&self) -> Option<Timestamp> {
        self.time(&ORIGINAL)
    }

    /// When it became a file: for a camera the same, for a scan later.
    pub fn digitized_time(&self) -> Option<Timestamp> {
        self.time(&DIGITIZED)
    }

    fn time(&self, tags: &Taken) -> Option<Timestamp> {
        let at = date_and_time(&self.text(Directory::Exif, tags.date_time)?)?;
        let offset = [tags.offset, OFFSET_TIME]
            .into_iter()
            .find_map(|tag| utc_offset(&self.text(Directory::Exif, tag)?));
        let fraction = self.text(Directory::Exif, tags.fraction).map_or(0, |text| milliseconds(&text));
        Some(instant(at, offset, fraction))
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
        let below = self.find(Directory::Gps, ALTITUDE_REF).and_then(Entry::integer) == Some(1);
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

    /// What the satellites said, in UTC.
    pub fn satellite_time(&self) -> Option<Timestamp> {
        let date = self.text(Directory::Gps, DATE_STAMP)?;
        let time = self.find(Directory::Gps, TIME_STAMP)?.numbers();
        let [hours, minutes, seconds] = time[..] else { return None };
        let of_day = time_of_day(whole(hours)?, whole(minutes)?, whole(seconds.trunc())?)?;
        let at = PrimitiveDateTime::new(calendar_date(&numbers_in(&date))?, of_day);
        let fraction = format!("{:.3}", seconds.fract());
        Some(instant(at, None, milliseconds(fraction.strip_prefix("0.").unwrap_or_default())))
    }

    /// A tag's text, clean and trimmed; None when nothing is left.
    fn text(&self, directory: Directory, id: u16) -> Option<String> {
        let text = cleaned(&self.find(directory, id)?.text());
        let text = text.trim();
        (!text.is_empty()).then(|| shortened(text.to_owned(), MAX_PRINTED_CHARS))
    }
}
