//! `Content-Disposition` (RFC 6266) for names that people chose.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but `attr-char` (RFC 8187 §3.2.1).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The header's value: `kind` is `inline` or `attachment`. Old clients get an ASCII name in which
/// everything that could end the quotes or be decoded is an underscore; others the true one.
pub(crate) fn content_disposition(kind: &str, file_name: &str) -> String {
    let plain = |c: char| (c.is_ascii_graphic() || c == ' ') && !matches!(c, '"' | '\\' | '%' | ';');
    let ascii: String = file_name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    if ascii == file_name {
        return format!("{kind}; filename=\"{ascii}\"");
    }
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(file_name, ENCODED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_are_quoted() {
        assert_eq!(content_disposition("inline", "IMG 1.jpg"), "inline; filename=\"IMG 1.jpg\"");
    }

    #[test]
    fn rule_28_names_cannot_leave_their_quotes() {
        assert_eq!(
            content_disposition("attachment", "a\"; filename=\"evil.exe"),
            "attachment; filename=\"a__ filename=_evil.exe\"; filename*=UTF-8''a%22%3B%20filename%3D%22evil.exe"
        );
        assert_eq!(
            content_disposition("attachment", "a\r\nSet-Cookie: x\\%41é\u{202e}.jpg"),
            "attachment; filename=\"a__Set-Cookie: x__41__.jpg\"; \
             filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%5C%2541%C3%A9%E2%80%AE.jpg"
        );
    }
}
