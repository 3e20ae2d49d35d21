//! Folding: what is written differently and searched alike becomes the same text. Compatibility
//! decomposition, lower case, no accents, and the Latin letters that Unicode does not decompose.
//! Knows nothing of words. Tests are in `words`.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// Latin small letters with a stroke, hook, bar, tail or curl, ligatures and letters of their own
/// that have no decomposition (Unicode 16), and what stands for them.
const LATIN: &[(&str, &str)] = &[
    ("ᶏⱥ", "a"),
    ("ꜳ", "aa"),
    ("æ", "ae"),
    ("ꜵ", "ao"),
    ("ꜷ", "au"),
    ("ꜹꜻ", "av"),
    ("ꜽ", "ay"),
    ("ƀƃɓᵬᶀꞗ", "b"),
    ("ƈȼɕꞓꞔ𝼝", "c"),
    ("ðđƌȡɖɗᵭᶁᶑꝺꟈ", "d"),
    ("ɇɛᶒᶓⱸꬴ", "e"),
    ("ƒᵮᶂꝼꞙ", "f"),
    ("ǥɠɡᵹᶃꞡꬶ", "g"),
    ("ħɦⱨꞕ", "h"),
    ("ƕ", "hv"),
    ("ıɨᶖ𝼚", "i"),
    ("ȷɉɟʄʝ", "j"),
    ("ƙᶄⱪꝁꝃꝅꞣ", "k"),
    ("łƚȴɫɬɭᶅⱡꝉꞎꬷꬸꬹ𝼑𝼓", "l"),
    ("ɱᵯᶆꬺ", "m"),
    ("ŋƞȵɲɳᵰᶇꞑꞥꬻꬼ𝼔", "n"),
    ("øⱺꝋ𝼛", "o"),
    ("œ", "oe"),
    ("ꝍꝏ", "oo"),
    ("ƥᵱᵽᶈꝑꝓꝕ", "p"),
    ("ĸɋʠꝗꝙ", "q"),
    ("ɍɼɽɾᵲᵳᶉꞃꞧꭉ𝼖", "r"),
    ("ȿʂᵴᶊẜẝꞅꞩꟊ𝼞", "s"),
    ("ß", "ss"),
    ("ŧƫƭȶʈᵵⱦꞇ𝼉", "t"),
    ("þꝥꝧ", "th"),
    ("ꜩ", "tz"),
    ("ʉᶙꞹꭎꭒ", "u"),
    ("ʋᶌⱱⱴꝟ", "v"),
    ("ꝡ", "vy"),
    ("ⱳ", "w"),
    ("ᶍꭖꭗꭘꭙ", "x"),
    ("ƴɏỿꭚ", "y"),
    ("ƶȥɀʐʑᵶᶎⱬ", "z"),
];

static FOLDED: LazyLock<HashMap<char, &str>> = LazyLock::new(|| {
    LATIN.iter().flat_map(|(letters, folded)| letters.chars().map(|letter| (letter, *folded))).collect()
});

/// The text folded; emoji and other symbols stay as they are.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for grapheme in text.graphemes(true) {
        if is_symbol(grapheme) {
            folded.extend(grapheme.chars().filter(|c| !is_presentation(*c)));
        } else {
            fold_letters(grapheme, &mut folded);
        }
    }
    folded
}

fn fold_letters(text: &str, folded: &mut String) {
    if let [byte] = text.as_bytes() {
        folded.push(char::from(byte.to_ascii_lowercase()));
        return;
    }
    let lower: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    // Lower-casing can decompose again (İ).
    for c in lower.nfkd().filter(|c| !is_combining_mark(*c)) {
        match FOLDED.get(&c) {
            Some(letters) => folded.push_str(letters),
            None if c == 'ς' => folded.push('σ'),
            None => folded.push(c),
        }
    }
}

/// True for a grapheme that is an emoji or another symbol: a word of its own wherever it stands.
pub(super) fn is_symbol(grapheme: &str) -> bool {
    let symbol = |c: char| matches!(c, '\u{2100}'..='\u{2bff}' | '\u{1f000}'..='\u{1fbff}');
    // The last one makes a keycap of the digit before it.
    grapheme.chars().next().is_some_and(|first| symbol(first) && !first.is_alphanumeric())
        || grapheme.ends_with('\u{20e3}')
}

/// The selectors of text and emoji presentation: the same symbol has either or none.
fn is_presentation(c: char) -> bool {
    matches!(c, '\u{fe0e}' | '\u{fe0f}')
}
