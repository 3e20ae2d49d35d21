//! Making text that a file brings harmless: no control characters, no characters that turn the direction of
//! what follows, bounded length. Knows no tag.

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
    fn shortens_at_characters() {
        assert_eq!(shortened("äöü".into(), 2), "äö");
        assert_eq!(shortened("äöü".into(), 3), "äöü");
    }
}
