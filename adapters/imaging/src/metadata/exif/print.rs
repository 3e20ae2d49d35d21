//! The conversions from values to what exiftool prints, one for each [`Print`]. Knows no tag by
//! name; compared with exiftool itself in `tests/it/exiftool.rs`.

use super::tags::{Print, Tag};
use super::tiff::{ByteOrder, Entry, Kind};
use super::value::{general, lossy, until_nul, without_trailing_zeros};
use crate::metadata::text::cleaned;

/// Most bytes of a value that are read: entries may share one long value.
const MAX_BYTES: usize = 16 * 1024;

/// The printed value, clean of control characters; None when there is no value at all.
pub fn print(tag: &Tag, entry: &Entry<'_>) -> Option<String> {
    let entry = &Entry { data: &entry.data[..entry.data.len().min(MAX_BYTES)], ..*entry };
    let is_text = matches!(entry.kind, Kind::Ascii | Kind::Undefined);
    if entry.data.is_empty() && !is_text {
        return None;
    }
    Some(cleaned(&match tag.print {
        Print::Plain => entry.text(),
        Print::Trimmed => entry.text().trim_end().to_owned(),
        Print::Version => entry.text().trim_end_matches('\0').to_owned(),
        Print::List(list) => listed(entry, list, false),
        Print::HexList(list) => listed(entry, list, true),
        Print::Words(list) => word(&entry.text(), list),
        Print::Commas => entry.text().split_ascii_whitespace().collect::<Vec<_>>().join(", "),
        Print::Points => entry.text().replace(' ', "."),
        Print::Components => components(entry.data),
        Print::ExposureTime => number(entry).map_or_else(|| entry.text(), exposure_time),
        Print::FNumber => number(entry).map_or_else(|| entry.text(), f_number),
        Print::ShutterSpeed => exposure_time(shutter_speed(entry)),
        Print::Aperture => {
            number(entry).map_or_else(|| entry.text(), |apex| format!("{:.1}", (apex / 2.0).exp2()))
        }
        Print::Fraction => signed(entry).map_or_else(|| entry.text(), fraction),
        Print::Suffixed(suffix) => entry.text() + suffix,
        Print::Metres => metres(entry.text()),
        Print::Millimetres => number(entry).map_or_else(|| entry.text(), |value| format!("{value:.1} mm")),
        Print::EncodedText => encoded_text(entry.data, entry.order),
        Print::Utf16 => utf16(entry.data, ByteOrder::Little),
        Print::LensInfo => lens_info(entry),
        Print::CfaPattern => cfa_pattern(entry),
        Print::Copyright => copyright(entry.data),
        Print::Degrees => degrees(entry).map(degrees_minutes_seconds).unwrap_or_default(),
        Print::TimeOfDay => time_of_day(&entry.numbers()),
        Print::Date => date(&lossy(entry.data)),
    }))
}

/// The first number.
fn number(entry: &Entry<'_>) -> Option<f64> {
    entry.numbers().first().copied().filter(|number| number.is_finite())
}

/// The first number, read as signed: cameras that write these as unsigned mean them signed.
fn signed(entry: &Entry<'_>) -> Option<f64> {
    let kind = if entry.kind == Kind::Rational { Kind::SignedRational } else { entry.kind };
    number(&Entry { kind, ..*entry })
}

fn listed(entry: &Entry<'_>, list: &[(u32, &str)], hexadecimal: bool) -> String {
    let text = entry.text();
    let value: Option<u32> = text.parse().ok();
    match value.and_then(|value| list.iter().find(|(known, _)| *known == value)) {
        Some((_, meaning)) => (*meaning).to_owned(),
        None => match value {
            Some(value) if hexadecimal => format!("Unknown (0x{value:x})"),
            _ => format!("Unknown ({text})"),
        },
    }
}

fn word(text: &str, list: &[(&str, &str)]) -> String {
    list.iter()
        .find(|(known, _)| *known == text)
        .map_or_else(|| format!("Unknown ({text})"), |(_, meaning)| (*meaning).to_owned())
}

/// EXIF 2.32, tag 0x9101: a channel's name for each byte.
fn components(data: &[u8]) -> String {
    const NAMES: [&str; 7] = ["-", "Y", "Cb", "Cr", "R", "G", "B"];
    let name = |byte: &u8| {
        NAMES.get(usize::from(*byte)).map_or_else(|| format!("Err ({byte})"), |name| (*name).to_owned())
    };
    data.iter().take(16).map(name).collect::<Vec<_>>().join(", ")
}

/// Short times as a fraction of one second.
fn exposure_time(seconds: f64) -> String {
    if seconds > 0.0 && seconds < 0.250_01 {
        return format!("1/{:.0}", (0.5 + 1.0 / seconds).floor());
    }
    let printed = format!("{seconds:.1}");
    printed.strip_suffix(".0").unwrap_or(&printed).to_owned()
}

fn f_number(value: f64) -> String {
    if value <= 0.0 {
        general(value, 10)
    } else if value < 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.1}")
    }
}

/// EXIF 2.32, annex C: seconds from an APEX time value; 0 when it makes no sense.
fn shutter_speed(entry: &Entry<'_>) -> f64 {
    signed(entry).filter(|apex| apex.abs() < 100.0).map_or(0.0, |apex| (-apex).exp2())
}

/// A signed whole number, halves, thirds, or three digits.
fn fraction(value: f64) -> String {
    let value = value * 1.000_01;
    if value == 0.0 {
        return "0".to_owned();
    }
    for (parts, suffix) in [(1.0, ""), (2.0, "/2"), (3.0, "/3")] {
        let whole = (value * parts).trunc();
        if whole / (value * parts) > 0.999 {
            return format!("{whole:+.0}{suffix}");
        }
    }
    let sign = if value > 0.0 { "+" } else { "" };
    sign.to_owned() + &general(value, 3)
}

fn metres(text: String) -> String {
    if text == "inf" || text == "undef" { text } else { text + " m" }
}

/// EXIF 2.32, section 4.6.5, table 9: eight bytes name the encoding of what follows. Text under
/// another name is taken as it is.
fn encoded_text(data: &[u8], order: ByteOrder) -> String {
    let Some((name, text)) = data.split_first_chunk::<8>() else { return lossy(until_nul(data)) };
    let decoded = match name {
        b"UNICODE\0" | b"UNICODE " => utf16(text, guessed_order(text, order)),
        [b'A', b'S', b'C', b'I', b'I', rest @ ..] if is_padding(rest) => lossy(until_nul(text)),
        [0, ..] => lossy(until_nul(text)),
        all if is_padding(all) => lossy(until_nul(text)),
        _ => lossy(data),
    };
    decoded.trim_end_matches(' ').to_owned()
}

fn is_padding(bytes: &[u8]) -> bool {
    bytes.first() == Some(&0) || bytes.iter().all(|byte| matches!(byte, 0 | b' '))
}

/// Some programs write UTF-16 in their own byte order: the one that gives more Latin letters is
/// taken.
fn guessed_order(text: &[u8], order: ByteOrder) -> ByteOrder {
    let zeros = |at: usize| text.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    match zeros(0).cmp(&zeros(1)) {
        std::cmp::Ordering::Greater => ByteOrder::Big,
        std::cmp::Ordering::Less => ByteOrder::Little,
        std::cmp::Ordering::Equal => order,
    }
}

/// Text in UTF-16 until its NUL.
pub fn utf16(data: &[u8], order: ByteOrder) -> String {
    let units = data.as_chunks::<2>().0.iter().map(|unit| order.u16(*unit)).take_while(|unit| *unit != 0);
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// EXIF 2.32, tag 0xA432: shortest and longest focal length, smallest f-number at each.
fn lens_info(entry: &Entry<'_>) -> String {
    let text = entry.text();
    let values: Vec<&str> =
        text.split(' ').map(|value| if value == "inf" || value == "undef" { "?" } else { value }).collect();
    let [shortest, longest, at_shortest, at_longest] = values[..] else { return text };
    let range = |from: &str, to: &str| {
        if to == "0" || to == from { from.to_owned() } else { format!("{from}-{to}") }
    };
    format!("{}mm f/{}", range(shortest, longest), range(at_shortest, at_longest))
}

/// EXIF 2.32, tag 0xA302: columns, rows, then a colour for each pixel. Its numbers are often in
/// another byte order than the rest.
fn cfa_pattern(entry: &Entry<'_>) -> String {
    const COLOURS: [&str; 7] = ["Red", "Green", "Blue", "Cyan", "Magenta", "Yellow", "White"];
    let Some((&[c0, c1, r0, r1], colours)) = entry.data.split_first_chunk() else {
        return "<truncated data>".to_owned();
    };
    let other = if entry.order == ByteOrder::Little { ByteOrder::Big } else { ByteOrder::Little };
    let sizes = [entry.order, other]
        .map(|order| (usize::from(order.u16([c0, c1])), usize::from(order.u16([r0, r1]))));
    let Some((columns, rows)) = sizes.into_iter().find(|(columns, rows)| columns * rows <= colours.len())
    else {
        return "<invalid pattern size>".to_owned();
    };
    if columns == 0 || rows == 0 {
        return "<zero pattern size>".to_owned();
    }
    let name = |colour: &u8| COLOURS.get(usize::from(*colour)).copied().unwrap_or("Unknown");
    let line = |row: &[u8]| format!("[{}]", row.iter().map(name).collect::<Vec<_>>().join(","));
    colours[..columns * rows].chunks(rows).map(line).collect()
}

/// EXIF 2.32, tag 0x8298: photographer, NUL, editor, NUL.
fn copyright(data: &[u8]) -> String {
    let mut parts = data.split(|byte| *byte == 0).map(|part| lossy(part).trim_end_matches(' ').to_owned());
    let (photographer, editor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if editor.is_empty() { photographer } else { format!("{photographer} {editor}") }
}

/// EXIF 2.32, tags 0x0002 and 0x0004 of the GPS directory: degrees from degrees, minutes and
/// seconds.
pub fn degrees(entry: &Entry<'_>) -> Option<f64> {
    let numbers = entry.numbers();
    if numbers.iter().take(2).any(|number| !number.is_finite()) {
        return None;
    }
    let minutes = numbers.get(1).copied().unwrap_or(0.0);
    // Phones without seconds write 0/0.
    let seconds = numbers.get(2).copied().filter(|seconds| seconds.is_finite()).unwrap_or(0.0);
    Some(numbers.first()? + (minutes + seconds / 60.0) / 60.0)
}

fn degrees_minutes_seconds(value: f64) -> String {
    let value = value.abs();
    let (mut degrees, mut minutes) = (value.trunc(), (value.fract() * 60.0).trunc());
    // As printed: 59.996 seconds are a minute.
    let mut seconds = ((value - degrees - minutes / 60.0) * 360_000.0).round() / 100.0;
    if seconds >= 60.0 {
        seconds = 0.0;
        minutes += 1.0;
        if minutes >= 60.0 {
            minutes = 0.0;
            degrees += 1.0;
        }
    }
    format!("{degrees:.0} deg {minutes:.0}' {seconds:.2}\"")
}

/// Hours, minutes and seconds, which may have carried over and may have a fraction.
fn time_of_day(numbers: &[f64]) -> String {
    let part = |at: usize| numbers.get(at).copied().filter(|number| number.is_finite()).unwrap_or(0.0);
    let all = (part(0) * 60.0 + part(1)) * 60.0 + part(2);
    let (hours, minutes) = ((all / 3600.0).trunc(), (all % 3600.0 / 60.0).trunc());
    let seconds = format!("{:09.6}", all % 60.0);
    format!("{hours:02.0}:{minutes:02.0}:{}", without_trailing_zeros(&seconds))
}

/// A date with colons, whatever was written between its parts.
fn date(text: &str) -> String {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    let [y @ .., m1, m0, d1, d0] = digits.as_slice() else { return text.trim_end_matches('\0').to_owned() };
    if y.len() != 4 {
        return text.trim_end_matches('\0').to_owned();
    }
    format!("{}:{m1}{m0}:{d1}{d0}", y.iter().collect::<String>())
}
