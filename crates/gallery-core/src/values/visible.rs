//! What of a typed or pasted text is kept: characters that nobody sees are dropped, not refused,
//! because people do not know that they pasted them. Knows no kind of text; `text` does. Tests are
//! below.

use std::str::Chars;

/// The text without characters that are never seen and change how others are shown, found or
/// compared (Unicode's property `Default_Ignorable_Code_Point`), except where they say how the
/// characters beside them look:
///
/// * joiners (U+200C, U+200D) between two characters that are seen, where words of some scripts and
///   many emoji need them,
/// * variation selectors after a character that has variants,
/// * tags in the flag of a region.
pub(super) fn visible(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    // A joiner that is kept if something follows that is seen.
    let mut joiner = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let last = kept.chars().next_back();
        if is_joiner(c) {
            if last.is_some_and(|last| !last.is_whitespace()) {
                joiner.get_or_insert(c);
            }
        } else if is_variation_selector(c) {
            let base = last.filter(|_| joiner.is_none());
            kept.extend(base.filter(|base| has_variant(*base, c, rest.as_str())).map(|_| c));
        } else if !is_ignorable(c) {
            kept.extend(joiner.take().filter(|_| !c.is_whitespace()));
            kept.push(c);
            if c == BLACK_FLAG {
                kept.push_str(take_region(&mut rest));
            }
        }
    }
    kept
}

/// The text with every mandatory line break of UAX #14 as a line feed.
pub(super) fn with_plain_line_breaks(text: &str) -> String {
    let is_break = |c| matches!(c, '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    text.replace("\r\n", "\n").replace(is_break, "\n")
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Variation selectors, among them those of ideographs and of Mongolian.
fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// `Default_Ignorable_Code_Point` of Unicode 16 as ranges, with the annotation marks U+FFF9 to
/// U+FFFB, which nobody sees either.
fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether this selector makes another character of the one before it. Blocks stand for the
/// characters in them: a selector that is kept in vain does no harm, and Unicode adds variants
/// every year.
fn has_variant(base: char, selector: char, rest: &str) -> bool {
    match selector {
        // Emoji, as text or in colour; a digit only as a key.
        '\u{fe0e}' | '\u{fe0f}' => match base {
            '0'..='9' | '#' | '*' => rest.starts_with('\u{20e3}'),
            _ => is_emoji(base),
        },
        // Mongolian, and its vowel separator.
        '\u{180b}'..='\u{180f}' => matches!(base, '\u{1820}'..='\u{18aa}'),
        '\u{e0100}'..='\u{e01ef}' => is_ideograph(base),
        // Ideographs, Myanmar, Phags-pa and signs of mathematics.
        _ => {
            is_ideograph(base)
                || matches!(base, '\u{1000}'..='\u{109f}' | '\u{a840}'..='\u{a87f}' | '\u{aa60}'..='\u{aa7f}')
                || matches!(base, '\u{2200}'..='\u{22ff}' | '\u{2a00}'..='\u{2aff}')
        }
    }
}

/// The blocks of `emoji-variation-sequences.txt`, without keys.
fn is_emoji(c: char) -> bool {
    matches!(
        c,
        '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | 'Ⓜ' | '〰' | '〽' | '㊗' | '㊙'
            | '\u{2190}'..='\u{21ff}'
            | '\u{2300}'..='\u{23ff}'
            | '\u{25a0}'..='\u{27bf}'
            | '\u{2900}'..='\u{297f}'
            | '\u{2b00}'..='\u{2bff}'
            | '\u{1f000}'..='\u{1faff}'
    )
}

fn is_ideograph(c: char) -> bool {
    matches!(
        c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
    )
}

/// What the flags of England, Scotland and Wales begin with: tags name the region, and a tag of its
/// own ends it.
const BLACK_FLAG: char = '🏴';
const LAST_TAG: char = '\u{e007f}';

/// Takes the tags that follow a black flag, if they are whole.
fn take_region<'t>(rest: &mut Chars<'t>) -> &'t str {
    let text = rest.as_str();
    let tags = text.find(|c| !matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}'));
    let Some(tags) = tags.filter(|tags| *tags > 0 && text[*tags..].starts_with(LAST_TAG)) else {
        return "";
    };
    let (region, behind) = text.split_at(tags + LAST_TAG.len_utf8());
    *rest = behind.chars();
    region
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_dropped() {
        let pasted =
            "\u{feff}\u{2067}Sun\u{2069} \u{200e}set\u{200f}\u{61c}\u{202e}gpj\u{202c}\u{200b}\u{2060}";
        assert_eq!(visible(pasted), "Sun setgpj");
    }

    #[test]
    fn every_ignorable_character_alone_is_nothing_and_none_stays_beside_letters() {
        let ignorable = ('\0'..=char::MAX).filter(|c| is_ignorable(*c));
        let mut number = 0;
        for c in ignorable {
            assert_eq!(visible(&c.to_string()), "", "{c:?}");
            assert_eq!(visible(&format!(" {c}{c} ")), "  ", "{c:?}");
            if !is_joiner(c) {
                assert_eq!(visible(&format!("s{c}ea 1{c}2")), "sea 12", "{c:?}");
            }
            number += 1;
        }
        assert!(number > 4_000, "{number}");
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

    #[test]
    fn variants_of_emoji_and_letters_stay() {
        for whole in [
            "❤\u{fe0f}",
            "☂\u{fe0e}",
            "1\u{fe0f}\u{20e3}#\u{fe0f}\u{20e3}",
            "ℹ\u{fe0f}",
            "🏳\u{fe0f}\u{200d}🌈",
            "葛\u{e0100}飾",
            "\u{1820}\u{180b}",
        ] {
            assert_eq!(visible(whole), whole);
        }
        for (pasted, kept) in [
            ("sea\u{fe0f}", "sea"),
            ("1\u{fe0f}", "1"),
            ("❤\u{fe0f}\u{fe0f}\u{fe0e}", "❤\u{fe0f}"),
            ("❤\u{200d}\u{fe0f}", "❤"),
            ("❤ \u{fe0f}", "❤ "),
            ("葛\u{fe0f}", "葛"),
        ] {
            assert_eq!(visible(pasted), kept, "{pasted:?}");
        }
    }

    #[test]
    fn flags_of_regions_stay_and_other_tags_go() {
        let scotland = "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}";
        assert_eq!(visible(&format!("a {scotland}{scotland} b")), format!("a {scotland}{scotland} b"));
        let cut: String = scotland.chars().take(4).collect();
        for tags in [cut.as_str(), "🏴\u{e007f}", "🏴 \u{e0067}\u{e007f}", "🏴\u{e0001}"] {
            assert_eq!(visible(tags).trim_end(), "🏴", "{tags:?}");
        }
        assert_eq!(visible("sea\u{e0073}\u{e007f}"), "sea");
    }

    #[test]
    fn nothing_more_is_dropped_a_second_time() {
        let odd = [
            "a",
            " ",
            "1",
            "❤",
            "🏴",
            "\u{200d}",
            "\u{200c}",
            "\u{fe0f}",
            "\u{20e3}",
            "\u{ad}",
            "\u{e0067}",
            "\u{e007f}",
        ];
        for a in odd {
            for b in odd {
                for c in odd {
                    for d in odd {
                        let once = visible(&[a, b, c, d].concat());
                        assert_eq!(visible(&once), once, "{:?}", [a, b, c, d]);
                    }
                }
            }
        }
    }

    #[test]
    fn lines_end_in_one_way() {
        let pasted = "a\r\nb\rc\u{b}d\u{c}e\u{85}f\u{2028}g\u{2029}h\n\ri";
        assert_eq!(with_plain_line_breaks(pasted), "a\nb\nc\nd\ne\nf\ng\nh\n\ni");
    }
}
