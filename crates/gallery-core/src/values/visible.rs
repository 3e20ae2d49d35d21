//! What of a typed or pasted text is kept: characters that nobody sees are dropped, not refused, because people do
//! not know that they pasted them. Knows no kind of text; `text` does. Tests are below.

/// The text without characters that are never seen and change how others are shown or found: marks, isolates and
/// overrides of direction, zero-width spaces, vertical tabs. Joiners (U+200C, U+200D) stay between two characters that
/// are seen, where words of some scripts and many emoji need them.
pub(super) fn visible(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    // A joiner that is kept if something follows that is seen.
    let mut joiner = None;
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        if is_joiner(c) {
            if kept.chars().next_back().is_some_and(|last| !last.is_whitespace()) {
                joiner.get_or_insert(c);
            }
            continue;
        }
        kept.extend(joiner.take().filter(|_| !c.is_whitespace()));
        kept.push(c);
    }
    kept
}

/// True for what [`visible`] drops wherever it stands.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{b}'
            | '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_dropped() {
        let pasted =
            "\u{feff}\u{2067}Sun\u{2069} \u{200e}set\u{200f}\u{61c}\u{b}\u{202e}gpj\u{202c}\u{200b}\u{2060}";
        assert_eq!(visible(pasted), "Sun setgpj");
    }

    #[test]
    fn joiners_stay_inside_words_and_emoji() {
        for whole in
            ["می\u{200c}خواهم", "👩\u{200d}🚀", "❤\u{fe0f}\u{200d}🔥", "क्\u{200d}ष", "👨\u{200d}👩\u{200d}👧"]
        {
            assert_eq!(visible(whole), whole);
            assert_eq!(visible(&format!("a {whole} b")), format!("a {whole} b"));
        }
    }

    #[test]
    fn joiners_at_an_edge_join_nothing() {
        for (pasted, kept) in [
            ("\u{200d}", ""),
            (" \u{200c} ", "  "),
            ("\u{200d}sea\u{200d}", "sea"),
            ("sea\u{200d} side", "sea side"),
            ("sea \u{200c}side", "sea side"),
            ("sea\u{200c}\u{200d}\u{200c}side", "sea\u{200c}side"),
            ("sea\u{200d}\u{200e}side", "sea\u{200d}side"),
        ] {
            assert_eq!(visible(pasted), kept, "{pasted:?}");
        }
    }
}
