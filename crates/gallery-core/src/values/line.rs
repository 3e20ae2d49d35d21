//! What texts that people type have in common: one line, a limit, and what is said when they break
//! a rule. `what` is the key of the text that names the value. Tested by the types in `text`.

use unicode_normalization::UnicodeNormalization as _;

use super::Invalid;
use super::visible::visible;
use crate::texts::Text;

/// NFC, trimmed; white space runs become one space.
pub(super) fn one_line(text: &str, what: &'static str, most: usize) -> Result<String, Invalid> {
    let text = visible(text).nfc().collect::<String>();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().any(char::is_control) {
        return Err(control_characters(what));
    }
    within(line, what, most)
}

/// The text, unless it has more characters.
pub(super) fn within(text: String, what: &'static str, most: usize) -> Result<String, Invalid> {
    if text.chars().count() > most {
        let detail = Text::new("field-too-long").with("what", Text::new(what)).with("most", most);
        return Err(Invalid::new("too_long", detail));
    }
    Ok(text)
}

/// The text, unless there is none.
pub(super) fn required(text: String, what: &'static str) -> Result<String, Invalid> {
    if text.is_empty() {
        return Err(Invalid::new("required", Text::new("field-required").with("what", Text::new(what))));
    }
    Ok(text)
}

/// What is said of control characters.
pub(super) fn control_characters(what: &'static str) -> Invalid {
    Invalid::new("bad_character", Text::new("field-control-characters").with("what", Text::new(what)))
}
