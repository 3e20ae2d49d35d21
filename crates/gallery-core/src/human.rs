//! Numbers, sizes and times as people read them, in English, in mails and on pages. Must not know
//! what they stand for. Tests are below.

use time::OffsetDateTime;
use time::format_description::FormatItem;
use time::macros::format_description;

use crate::values::Timestamp;

const MINUTE: &[FormatItem<'_>] =
    format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");

/// A size: `1 byte`, `4.2 MB` (SI: 1 MB is 10⁶ bytes), rounded down.
pub fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] =
        [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    let Some((unit, one)) = UNITS.into_iter().find(|(_, one)| bytes >= *one) else {
        return count(bytes, "byte", "bytes");
    };
    match (bytes / one, bytes % one * 10 / one) {
        (whole, tenth) if whole < 100 && tenth > 0 => format!("{whole}.{tenth} {unit}"),
        (whole, _) => format!("{} {unit}", grouped(whole)),
    }
}

/// `no photos`, `1 photo`, `1,204 photos`.
pub fn count(number: u64, one: &str, many: &str) -> String {
    match number {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        _ => format!("{} {many}", grouped(number)),
    }
}

/// An instant: `22 November 2026, 08:15 UTC`. Mails do not know where their readers are.
pub fn minute(at: Timestamp) -> String {
    let at_second = OffsetDateTime::from_unix_timestamp(at.seconds()).ok();
    at_second.and_then(|at| at.format(MINUTE).ok()).unwrap_or_else(|| at.to_string())
}

/// `1,204`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let (first, rest) = digits.split_at(digits.len() % 3);
    let threes = rest.as_bytes().chunks(3).map(|three| String::from_utf8_lossy(three).into_owned());
    let first = (!first.is_empty()).then(|| first.to_owned());
    first.into_iter().chain(threes).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_the_unit_that_fits() {
        for (bytes, text) in [
            (0, "no bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1 kB"),
            (4_299_999, "4.2 MB"),
            (314_999_999, "314 MB"),
            (5_000_000_000, "5 GB"),
            (1_234_000_000_000_000, "1,234 TB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn counts_are_pluralised_and_grouped() {
        let photos = |number| count(number, "photo", "photos");
        assert_eq!([photos(0), photos(1), photos(2)], ["no photos", "1 photo", "2 photos"]);
        assert_eq!([photos(999), photos(1_204)], ["999 photos", "1,204 photos"]);
        assert_eq!(photos(1_234_567), "1,234,567 photos");
    }

    #[test]
    fn instants_are_minutes_in_utc() {
        assert_eq!(minute(Timestamp::from_millis(1_795_335_330_007)), "22 November 2026, 08:15 UTC");
        assert_eq!(minute(Timestamp::from_millis(0)), "1 January 1970, 00:00 UTC");
    }
}
