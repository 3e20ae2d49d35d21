//! What people wrote into IPTC-IIM records (IPTC-NAA Information Interchange Model, version 4.2):
//! title, headline, caption, keywords, and when the picture was made. No length is trusted; what is
//! damaged ends the reading. Texts are as they stand there; `captions` chooses and cleans.

use gallery_core::values::Taken;

use super::moment::date_and_time;
use super::text::decoded;

/// Most datasets that are looked at; editors write some dozens.
const MAX_DATASETS: usize = 1_000;
/// Most keywords that are kept.
const MAX_KEYWORDS: usize = 200;
/// Most bytes of one text that are kept; a caption has at most 2,000.
const MAX_TEXT_BYTES: usize = 32 * 1024;

/// Begins every dataset (section 1.5).
const TAG_MARKER: u8 = 0x1C;
/// In the first byte of a length: the length itself follows, in so many bytes (section 1.6).
const EXTENDED: u16 = 0x8000;

/// Record and dataset.
const CODED_CHARACTER_SET: (u8, u8) = (1, 90);
const OBJECT_NAME: (u8, u8) = (2, 5);
const KEYWORDS: (u8, u8) = (2, 25);
const DATE_CREATED: (u8, u8) = (2, 55);
const TIME_CREATED: (u8, u8) = (2, 60);
const HEADLINE: (u8, u8) = (2, 105);
const CAPTION: (u8, u8) = (2, 120);

/// The escape sequence that names UTF-8 (ISO 2022, registration 196).
const UTF_8: &[u8] = b"\x1B%G";

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Iptc {
    pub title: Option<String>,
    pub headline: Option<String>,
    pub caption: Option<String>,
    pub keywords: Vec<String>,
    /// When the picture was made.
    pub created: Option<Taken>,
}

impl Iptc {
    /// Reads records, from the first tag marker on.
    pub fn read(data: &[u8]) -> Self {
        let datasets: Vec<_> = Datasets { rest: data }.take(MAX_DATASETS).collect();
        let all = |wanted| datasets.iter().filter(move |(id, _)| *id == wanted).map(|(_, data)| *data);
        let is_utf8 = all(CODED_CHARACTER_SET).any(|data| data.starts_with(UTF_8));
        let text = |data: &[u8]| {
            let data = &data[..data.len().min(MAX_TEXT_BYTES)];
            if is_utf8 { String::from_utf8_lossy(data).into_owned() } else { decoded(data) }
        };
        let first = |wanted| all(wanted).next().map(text);
        Self {
            title: first(OBJECT_NAME),
            headline: first(HEADLINE),
            caption: first(CAPTION),
            keywords: all(KEYWORDS).take(MAX_KEYWORDS).map(text).collect(),
            created: first(DATE_CREATED).and_then(|date| {
                date_and_time(&format!("{date}T{}", first(TIME_CREATED).unwrap_or_default()))
            }),
        }
    }
}

/// Datasets one after the other, until one does not begin with its marker or does not fit.
struct Datasets<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Datasets<'a> {
    type Item = ((u8, u8), &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (&[marker, record, dataset, l1, l0], rest) = self.rest.split_first_chunk()?;
        if marker != TAG_MARKER {
            return None;
        }
        let length = u16::from_be_bytes([l1, l0]);
        let (length, rest) = if length & EXTENDED == 0 {
            (usize::from(length), rest)
        } else {
            let (bytes, rest) = rest.split_at_checked(usize::from(length & !EXTENDED))?;
            let number = |length: usize, byte: &u8| length.checked_mul(256)?.checked_add(usize::from(*byte));
            (bytes.iter().try_fold(0, number)?, rest)
        };
        let (data, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(((record, dataset), data))
    }
}

#[cfg(test)]
mod tests {
    use gallery_core::values::Precision;

    use super::*;

    fn dataset((record, dataset): (u8, u8), data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        [&[TAG_MARKER, record, dataset], length.as_slice(), data].concat()
    }

    #[test]
    fn reads_every_text() {
        let data = [
            dataset((2, 0), &[0, 4]),
            dataset(OBJECT_NAME, b"Heron"),
            dataset(KEYWORDS, b"bird"),
            dataset(KEYWORDS, b"lake"),
            dataset(DATE_CREATED, b"20081022"),
            dataset(TIME_CREATED, b"162839+0200"),
            dataset(HEADLINE, b"A heron waits"),
            dataset(CAPTION, b"At dusk.\rBy the lake."),
            vec![0; 7],
        ];
        let found = Iptc::read(&data.concat());
        assert_eq!(found.title.as_deref(), Some("Heron"));
        assert_eq!(found.headline.as_deref(), Some("A heron waits"));
        assert_eq!(found.caption.as_deref(), Some("At dusk.\rBy the lake."));
        assert_eq!(found.keywords, ["bird", "lake"]);
        let created = found.created.map(|taken| taken.to_string());
        assert_eq!(created.as_deref(), Some("2008-10-22 16:28:39 +02:00"));
    }

    #[test]
    fn encodings_are_named_or_guessed() {
        let title = |data: &[Vec<u8>]| Iptc::read(&data.concat()).title;
        let latin = dataset(OBJECT_NAME, b"Zo\xEB");
        let utf8 = dataset(OBJECT_NAME, "Zoë".as_bytes());
        assert_eq!(title(std::slice::from_ref(&latin)).as_deref(), Some("Zoë"));
        assert_eq!(title(std::slice::from_ref(&utf8)).as_deref(), Some("Zoë"));
        let named = dataset(CODED_CHARACTER_SET, UTF_8);
        assert_eq!(title(&[named.clone(), utf8]).as_deref(), Some("Zoë"));
        assert_eq!(title(&[named, latin]).as_deref(), Some("Zo\u{FFFD}"));
    }

    #[test]
    fn unknown_parts_of_a_date_are_zero() {
        let created = |date: &[u8], time: &[u8]| {
            let data = [dataset(DATE_CREATED, date), dataset(TIME_CREATED, time)].concat();
            Iptc::read(&data).created.map(|taken| (taken.local().to_string(), taken.precision()))
        };
        for (date, time, local, precision) in [
            (b"19850000", b"".as_slice(), "1985-01-01T00:00:00.000Z", Precision::Year),
            (b"19850700", b"", "1985-07-01T00:00:00.000Z", Precision::Month),
            (b"20081022", b"half past four", "2008-10-22T00:00:00.000Z", Precision::Day),
            (b"20081022", b"250000", "2008-10-22T00:00:00.000Z", Precision::Day),
            (b"20081022", b"162839", "2008-10-22T16:28:39.000Z", Precision::Second),
        ] {
            assert_eq!(created(date, time), Some((local.to_owned(), precision)));
        }
        for nonsense in [b"00000000".as_slice(), b"2008102", b"20081322", b""] {
            assert_eq!(created(nonsense, b"162839"), None);
        }
    }

    #[test]
    fn extended_lengths_are_read() {
        let long = "x".repeat(40_000);
        let mut data = vec![TAG_MARKER, 2, 120, 0x80, 4, 0, 0, 0x9C, 0x40];
        data.extend(long.as_bytes());
        data.extend(dataset(OBJECT_NAME, b"Heron"));
        let found = Iptc::read(&data);
        assert_eq!(found.caption.map(|caption| caption.len()), Some(MAX_TEXT_BYTES));
        assert_eq!(found.title.as_deref(), Some("Heron"));
    }

    #[test]
    fn what_is_damaged_ends_the_reading() {
        let good = dataset(OBJECT_NAME, b"Heron");
        for damage in [
            vec![TAG_MARKER, 2, 120],
            vec![TAG_MARKER, 2, 120, 0, 9, b'x'],
            vec![TAG_MARKER, 2, 120, 0x80, 9],
            [vec![TAG_MARKER, 2, 120, 0xFF, 0xFF], vec![0xFF; 0x7FFF]].concat(),
            vec![TAG_MARKER, 2, 120, 0x80, 4, 0xFF, 0xFF, 0xFF, 0xFF, 0],
            b"something else".to_vec(),
        ] {
            let found = Iptc::read(&[good.clone(), damage].concat());
            assert_eq!(found, Iptc { title: Some("Heron".to_owned()), ..Iptc::default() });
        }
    }
}
