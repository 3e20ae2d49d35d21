//! What the gallery itself uses of EXIF data: orientation, time, camera, lens, place. Whatever
//! makes no sense is left out.

use gallery_core::model::Gps;
use gallery_core::values::Taken;

use super::data::{Exif, MAX_PRINTED_CHARS};
use super::print::degrees;
use super::tiff::{Directory, Entry};
use super::value::whole;
use crate::metadata::boilerplate::Camera;
use crate::metadata::moment::{date_and_time, milliseconds, with_offset};
use crate::metadata::text::{cleaned, shortened};

const MAKE: u16 = 0x010F;
const MODEL: u16 = 0x0110;
const ORIENTATION: u16 = 0x0112;
const LENS_MODEL: u16 = 0xA434;

/// Date and time, offset from UTC, fraction of a second (EXIF 2.32, section 4.6.5 F).
struct Times {
    date_time: u16,
    offset: u16,
    fraction: u16,
}

const ORIGINAL: Times = Times { date_time: 0x9003, offset: 0x9011, fraction: 0x9291 };
const DIGITIZED: Times = Times { date_time: 0x9004, offset: 0x9012, fraction: 0x9292 };
/// The offset of the file's last change: phones that write no other mean it for all times.
const OFFSET_TIME: u16 = 0x9010;

const LATITUDE_REF: u16 = 1;
const LATITUDE: u16 = 2;
const LONGITUDE_REF: u16 = 3;
const LONGITUDE: u16 = 4;
const ALTITUDE_REF: u16 = 5;
const ALTITUDE: u16 = 6;
const TIME_STAMP: u16 = 7;
const STATUS: u16 = 9;
const DATE_STAMP: u16 = 0x1D;

/// Altitudes outside are nonsense: lower than the deepest sea, higher than any plane.
const ALTITUDES: std::ops::RangeInclusive<f64> = -12_000.0..=100_000.0;

impl Exif<'_> {
    /// The value of the orientation tag.
    pub fn orientation(&self) -> Option<u32> {
        self.find(Directory::Main, ORIENTATION).and_then(Entry::integer)
    }

    /// When the photo was taken.
    pub fn original_time(&self) -> Option<Taken> {
        self.time(&ORIGINAL)
    }

    /// When it became a file: for a camera the same, for a scan later.
    pub fn digitized_time(&self) -> Option<Taken> {
        self.time(&DIGITIZED)
    }

    /// In the directory about the shot, or in the first one, where TIFF/EP (ISO 12234-2) and
    /// scanners have it.
    fn time(&self, tags: &Times) -> Option<Taken> {
        [Directory::Exif, Directory::Main].into_iter().find_map(|directory| {
            let taken = date_and_time(&self.text(directory, tags.date_time)?)?;
            let fraction = self.text(directory, tags.fraction).map(|text| milliseconds(&text));
            let taken = fraction.map_or(taken, |fraction| taken.with_milliseconds(fraction));
            let offsets = [tags.offset, OFFSET_TIME].into_iter().filter_map(|tag| self.text(directory, tag));
            Some(offsets.fold(taken, |taken, text| with_offset(taken, &text)))
        })
    }

    /// What says nothing when it stands where a person could write.
    pub fn boilerplate(&self) -> Camera {
        let text = |tag| self.text(Directory::Main, tag).unwrap_or_default();
        Camera::new(&text(MAKE), &text(MODEL))
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

    /// Where the photo was taken. Receivers without a fix write zeros, or say that what they write
    /// is void.
    pub fn gps(&self) -> Option<Gps> {
        let is_void =
            self.text(Directory::Gps, STATUS).is_some_and(|status| status.eq_ignore_ascii_case("V"));
        let latitude = self.coordinate(LATITUDE, LATITUDE_REF, ["N", "S"], 90.0)?;
        let longitude = self.coordinate(LONGITUDE, LONGITUDE_REF, ["E", "W"], 180.0)?;
        if is_void || latitude == 0.0 && longitude == 0.0 {
            return None;
        }
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
    pub fn satellite_time(&self) -> Option<Taken> {
        let date = date_and_time(&self.text(Directory::Gps, DATE_STAMP)?)?;
        let time = self.find(Directory::Gps, TIME_STAMP).map(Entry::numbers).unwrap_or_default();
        let number = |number: f64| whole(number.trunc()).and_then(|number| u8::try_from(number).ok());
        let [hours, minutes, seconds] = time[..] else { return Some(date) };
        let (Some(hour), Some(minute)) = (number(hours), number(minutes)) else { return Some(date) };
        let milliseconds = whole((seconds.fract() * 1_000.0).round().min(999.0));
        let milliseconds = milliseconds.and_then(|number| u16::try_from(number).ok()).unwrap_or(0);
        Some(date.at(hour, minute, number(seconds).map(|second| (second, milliseconds))).with_offset(0))
    }

    /// A tag's text, clean and trimmed; None when nothing is left.
    fn text(&self, directory: Directory, id: u16) -> Option<String> {
        let text = cleaned(&self.find(directory, id)?.text());
        let text = text.trim();
        (!text.is_empty()).then(|| shortened(text.to_owned(), MAX_PRINTED_CHARS))
    }
}
