//! Making text that a file brings harmless: no control characters, no characters that turn the
//! direction of what follows, bounded length. Knows no tag.

/// The text without control characters; line ends and tabs become spaces.
pub fn cleaned(text: &str) -> String {
    text.replace("\r\n", " ")
        .chars()
        .filter_map(|c| match c {
            '\n' | '\r' | '\t' => Some(' '),
            c if c.is_control() || turns_direction(c) => None,
            c => Some(c),
        })
        .collect()
}

/// The same of every line: the lines themselves stay, with `\n` between.
pub fn cleaned_lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.split('\n').map(|line| cleaned(line).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Marks, embeddings, overrides and isolates (Unicode, UAX 9, section 2).
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The text cut off after this many characters.
pub fn shortened(mut text: String, max_chars: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(max_chars) {
        text.truncate(end);
    }
    text
}

/// Text whose encoding nobody named: UTF-8 when it is that, else Windows-1252, which contains ISO
/// 8859-1.
pub fn decoded(bytes: &[u8]) -> String {
    str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|byte| windows_1252(*byte)).collect(), str::to_owned)
}

/// WHATWG Encoding Standard, index windows-1252.
fn windows_1252(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
    ];
    byte.checked_sub(0x80)
        .and_then(|place| FROM_80.get(usize::from(place)).copied())
        .unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleans() {
        assert_eq!(cleaned("a\r\nb\tc\u{0}\u{1b}[31m\u{85}d"), "a b c[31md");
        assert_eq!(cleaned("abc\u{202E}gpj.exe\u{2069}"), "abcgpj.exe");
        assert_eq!(cleaned("Zoë 写真"), "Zoë 写真");
    }

    #[test]
    fn cleans_lines() {
        assert_eq!(cleaned_lines("one\r\ntwo \r\n\r\u{1b}three\tfour"), "one\ntwo\n\nthree four");
    }

    #[test]
    fn shortens_at_characters() {
        assert_eq!(shortened("äöü".into(), 2), "äö");
        assert_eq!(shortened("äöü".into(), 3), "äöü");
    }

    #[test]
    fn decodes_what_has_no_name() {
        assert_eq!(decoded("Zoë 写真".as_bytes()), "Zoë 写真");
        assert_eq!(decoded(b"Zo\xEB \x96 5 \x80"), "Zoë – 5 €");
    }
}
