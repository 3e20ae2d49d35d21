//! Whom a mail greets. The name in a sign-up's mail was typed by whoever signed up, who may be a
//! stranger that wants the gallery to write to somebody else: it is not quoted when it could be a
//! message or a link. Tests are below.

use crate::model::{Content, OutgoingMail};

/// The most characters of a stranger's name that are quoted.
const MOST_LETTERS: usize = 50;

/// The name that a mail greets; empty when it greets nobody by name.
pub(super) fn greeted_name(mail: &OutgoingMail) -> String {
    match mail.content {
        Content::ConfirmAddress if is_harmless(mail.name.as_str()) => mail.name.to_string(),
        Content::ConfirmAddress | Content::SignUpAgain => String::new(),
        _ => mail.name.to_string(),
    }
}

/// Whether a name is short, and nothing in it is a link or would be made one by a mail program.
fn is_harmless(name: &str) -> bool {
    let is_dot = |c: char| matches!(c, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}' | '\u{fe52}');
    let is_sign = |c: char| matches!(c, '@' | ':' | '\u{ff20}' | '\u{ff1a}');
    // "Dr. Lee" and "J.R.R. Lee" are names, "lee.example" is an address.
    let is_host = |word: &str| {
        let labels = word.split(is_dot).map(|label| label.chars().filter(|c| c.is_alphanumeric()).count());
        let labels: Vec<usize> = labels.collect();
        labels.windows(2).any(|pair| pair[0] > 0 && pair[1] > 1)
    };
    name.chars().count() <= MOST_LETTERS && !name.contains(is_sign) && !name.split_whitespace().any(is_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_52_names_are_quoted_and_messages_are_not() {
        for name in [
            "Ann Lee",
            "Dr. Ann Lee",
            "J.R.R. Tolkien",
            "Ann <b>Lee</b>",
            "Đặng Thị 👩🏽‍🚀",
            "O'Brien, Jr.",
            "李小龙",
        ] {
            assert!(is_harmless(name), "{name}");
        }
        for name in [
            "https://evil.example",
            "Win at evil.example now",
            "www.evil.example",
            "evil。example",
            "evil．example",
            "call+me@evil.example",
            "tel:+15550100",
            "evil.example/login",
            "(evil.example)",
            &"x".repeat(51),
        ] {
            assert!(!is_harmless(name), "{name}");
        }
    }
}
