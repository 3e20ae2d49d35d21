//! Words: how text is cut into them. Tests are below.

use unicode_segmentation::UnicodeSegmentation;

use super::MAX_TERM_CHARS;
use super::fold::{fold, is_symbol};

/// The folded words of a text, in its order. Between white space, that is:
///
/// * every word of letters and digits (UAX #29, then cut at what is left of punctuation: `f/2.8`,
///   `don't`),
/// * every emoji or other symbol, whole with its skin tone, joiners or flag,
/// * and what has neither, as it stands: `???`, `:-)`.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    chunks(text).flat_map(words_of_chunk)
}

/// What stands between white space. Control characters separate, too: terms use two of them; and
/// so does U+10FFFF, which is no character: it stands for the end of a range of terms.
pub(super) fn chunks(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_space).filter(|chunk| !chunk.is_empty())
}

pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{10ffff}'
}

/// The folded words of a text without white space.
pub(super) fn words_of_chunk(chunk: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut letters = String::new();
    for grapheme in chunk.graphemes(true) {
        if is_symbol(grapheme) {
            add_words(&letters, &mut words);
            letters.clear();
            words.push(cut(&fold(grapheme)));
        } else {
            letters.push_str(grapheme);
        }
    }
    add_words(&letters, &mut words);
    if words.is_empty() {
        words.extend(Some(whole(chunk)).filter(|folded| !folded.is_empty()));
    }
    words
}

fn add_words(letters: &str, words: &mut Vec<String>) {
    for word in letters.unicode_words() {
        let folded = fold(word);
        let parts = folded.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
        words.extend(parts.map(cut));
    }
}

/// A whole text as one term: folded, with single spaces.
pub(super) fn whole(text: &str) -> String {
    let folded = fold(text);
    cut(&chunks(&folded).collect::<Vec<_>>().join(" "))
}

/// True for a word that people type between words and mean nothing by.
pub(super) fn is_punctuation(word: &str) -> bool {
    let mark = |c: char| {
        c.is_ascii_punctuation()
            || matches!(c, '\u{a1}'..='\u{bf}' | '\u{2010}'..='\u{205e}' | '\u{3001}'..='\u{303f}')
    };
    word.chars().all(|c| mark(c) && !c.is_alphanumeric())
}

pub(super) fn cut(word: &str) -> String {
    word.chars().take(MAX_TERM_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(text: &str) -> Vec<String> {
        let mut words: Vec<String> = words(text).collect();
        words.sort();
        words
    }

    #[test]
    fn words_are_folded() {
        assert_eq!(sorted("Straße, CAFÉ & Ærø; ﬁn"), ["&", "aero", "cafe", "fin", "strasse"]);
        assert_eq!(sorted("İstanbul Łódź ΣΊΣΥΦΟΣ"), ["istanbul", "lodz", "σισυφοσ"]);
        assert_eq!(sorted("IMG_0012.JPG f/2.8"), ["0012", "2", "8", "f", "img", "jpg"]);
        assert_eq!(sorted("写真 фото"), ["фото", "写", "真"]);
    }

    #[test]
    fn letters_without_a_decomposition_are_folded() {
        for (text, folded) in [
            ("Ħal Għaxaq", "hal ghaxaq"),
            ("Þingvellir ÐØŁĐŦŊ", "thingvellir doldtn"),
            ("ıŞıl Ɓɗ Ƙano ɲ", "isil bd kano n"),
            ("Œuvre Æ ẞ ŉ ſ ĳ ǆ", "oeuvre ae ss ʼn s ij dz"),
        ] {
            assert_eq!(whole(text), folded, "{text}");
        }
    }

    #[test]
    fn symbols_are_words_and_stay_whole() {
        for word in [
            "🎉",
            "♥",
            "👩🏽\u{200d}🚀",
            "👩\u{200d}👩\u{200d}👧",
            "🇩🇪",
            "1\u{20e3}",
            "→",
            "🏴\u{e0067}\u{e0062}\u{e007f}",
        ] {
            assert_eq!(sorted(word), [word]);
        }
        assert_eq!(sorted("sun🎉set♥\u{fe0f}"), ["set", "sun", "♥", "🎉"]);
        assert_eq!(sorted("🎉🎊"), ["🎉", "🎊"]);
        assert_eq!(sorted("🇩🇪🇫🇷"), ["🇩🇪", "🇫🇷"]);
        assert_eq!(sorted("1\u{fe0f}\u{20e3} 1"), ["1", "1\u{20e3}"]);
    }

    #[test]
    fn what_has_no_letters_stands_for_itself() {
        assert_eq!(sorted("??? :-) great!!!"), [":-)", "???", "great"]);
        assert_eq!(sorted("C++ #1"), ["1", "c"]);
        assert_eq!(whole("  C++\u{1} \n Primer "), "c++ primer");
        assert!(sorted(" \u{1}\n\u{10ffff} \u{301}").is_empty());
        assert!(["-", "&", "???", "–", "…"].iter().all(|word| is_punctuation(word)));
        assert!(!["a-", "🎉", "♥", "1"].iter().any(|word| is_punctuation(word)));
    }

    #[test]
    fn words_are_cut() {
        assert!(words(&"x".repeat(10_000)).all(|word| word.chars().count() == MAX_TERM_CHARS));
    }
}
