//! Passwords, which are never printed, and their hashes.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::common_passwords::is_listed;
use super::{Email, Invalid};
use crate::texts::Text;

/// Longer input is refused before it is hashed, so that hashing cost is bounded.
const MAX_BYTES: usize = 1024;

/// A password as typed: no truncation, no case folding, no composition rules (ASVS 5.0 V6.2.5,
/// V6.2.8).
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// A password that somebody claims to know: only its size is checked, at most 1,024 bytes.
    /// [`Invalid`] with the code `required` or `too_long`.
    pub fn claimed(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::new("required", Text::new("password-enter")));
        }
        if text.len() > MAX_BYTES {
            return Err(Invalid::new("too_long", Text::new("password-too-long")));
        }
        Ok(Self(text.to_owned()))
    }

    /// A password that somebody chooses: at least `min_chars` characters, not a common one, and
    /// neither the site's name nor the own address, as far as that is known (ASVS 5.0 V6.2.1,
    /// V6.2.4, V6.2.11). Upper and lower case make no other password of a common one, nor do digits
    /// and punctuation around it, nor what people type for letters: `0` for o, `1`, `!` or `|` for
    /// l or i, `3` or `€` for e, `4` or `@` for a, `5` or `$` for s, `7` or `+` for t, `8` for b.
    /// [`Invalid`] with the code `required`, `too_long`, `too_short`, `too_common` or
    /// `too_personal`.
    pub fn chosen(
        text: &str,
        min_chars: usize,
        site_name: &str,
        email: Option<&Email>,
    ) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::new("required", Text::new("password-choose")));
        }
        let password = Self::claimed(text)?;
        if text.chars().count() < min_chars {
            let detail = Text::new("password-too-short").with("least", min_chars);
            return Err(Invalid::new("too_short", detail));
        }
        let folded = text.to_lowercase();
        let address = email.map(|email| [email.typed(), email.key().as_str()]);
        let mut personal = address.into_iter().flatten().chain([site_name]);
        if personal.any(|own| is_padded(&folded, &own.to_lowercase())) {
            return Err(Invalid::new("too_personal", Text::new("password-own-address")));
        }
        if is_common(&folded) {
            return Err(Invalid::new("too_common", Text::new("password-common")));
        }
        Ok(password)
    }

    /// The password's text, for hashing.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// True when `text` is `own`, or is meant as it, with nothing but digits and punctuation around it.
fn is_padded(text: &str, own: &str) -> bool {
    let plain = trimmed(own);
    let meant = [letters(plain), letters(&substituted(plain, 'l'))];
    !plain.is_empty() && (trimmed(text) == plain || readings(text).iter().any(|word| meant.contains(word)))
}

/// The text without digits and punctuation around it.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphabetic())
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

/// The text with the letters for which people type a digit or a sign; `one` is what a 1 stands for.
fn substituted(text: &str, one: char) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' | '|' => one,
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// A word may begin and end with so many digits or signs that stand for letters: `$ecret`, `pa$$`.
/// What is beyond them is padding.
const EDGE: usize = 2;

/// The words that the text may be meant as: its letters alone, and with what stands for letters,
/// without what is around them.
fn readings(folded: &str) -> Vec<String> {
    let mut readings = vec![letters(folded)];
    let core = trimmed(folded);
    let Some((before, after)) = folded.split_once(core).filter(|_| !core.is_empty()) else {
        return readings;
    };
    let starts: Vec<usize> = before.char_indices().rev().map(|(at, _)| at).take(EDGE).collect();
    let ends: Vec<usize> = after.char_indices().map(|(at, c)| at + c.len_utf8()).take(EDGE).collect();
    for start in std::iter::once(before.len()).chain(starts) {
        for end in std::iter::once(0).chain(ends.iter().copied()) {
            let word = &folded[start..before.len() + core.len() + end];
            readings.extend(['l', 'i'].map(|one| letters(&substituted(word, one))));
        }
    }
    readings
}

/// The head of the public lists of leaked passwords, as stems, because these words are common
/// repeated as well, on the lists or not.
const COMMON_STEMS: &[&str] = &[
    "password",
    "passwort",
    "passw",
    "motdepasse",
    "contraseña",
    "qwerty",
    "qwertyuiop",
    "qwertz",
    "qwertzuiop",
    "azerty",
    "azertyuiop",
    "asdfgh",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsx",
    "qazwsxedc",
    "abc",
    "abcdef",
    "abcdefgh",
    "abcdefghijkl",
    "abcdefghijklm",
    "letmein",
    "welcome",
    "iloveyou",
    "admin",
    "administrator",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "superman",
    "batman",
    "trustno",
    "changeme",
    "secret",
    "default",
    "master",
    "shadow",
    "michael",
    "jordan",
    "hunter",
    "starwars",
    "pokemon",
    "whatever",
    "correcthorsebatterystaple",
    "photogallery",
    "gallery",
    "test",
];

fn is_common(folded: &str) -> bool {
    let core = trimmed(folded);
    let listed = |text: &str| !text.is_empty() && is_listed(text);
    if listed(folded) || listed(core) || ['l', 'i'].iter().any(|one| listed(&substituted(core, *one))) {
        return true;
    }
    let is_number = |c: char| c.is_numeric() || c.is_whitespace() || "-./:_,+()#".contains(c);
    let digits_only = folded.chars().all(is_number);
    let few_kinds = folded.chars().collect::<BTreeSet<_>>().len() <= 3;
    let repeats =
        |word: &str, stem: &str| word.len() >= stem.len() && word == stem.repeat(word.len() / stem.len());
    // What is only symbols or emoji has no letters.
    let common = |word: &String| !word.is_empty() && COMMON_STEMS.iter().any(|stem| repeats(word, stem));
    few_kinds || digits_only || readings(folded).iter().any(common)
}

/// A password hash in PHC string form, as stores keep it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash that a hasher or a store made.
    pub fn from_phc(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// The PHC string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(text: &str) -> Result<Password, Invalid> {
        Password::chosen(text, 12, "Gallery", Email::parse("ann.lee@example.org").ok().as_ref())
    }

    #[test]
    fn length_counts_characters_and_is_bounded_in_bytes() {
        assert_eq!(choose("elevenchars").unwrap_err().code, "too_short");
        assert!(choose("twelve chars").is_ok());
        assert!(choose("zwölf Zeich€").is_ok());
        assert!(choose(&"long passphrase ".repeat(4)).is_ok());
        assert!(choose(&"xy wq mn".repeat(128)).is_ok());
        assert_eq!(choose(&"xy wq mno".repeat(128)).unwrap_err().code, "too_long");
        assert_eq!(Password::claimed(&"x".repeat(1025)).unwrap_err().code, "too_long");
    }

    #[test]
    fn common_and_personal_passwords_are_refused() {
        for text in [
            "password1234",
            "Passw0rd!!!!",
            "123456789012",
            "qwertyuiop12",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "letmein12345",
            "p@ssw0rd1234",
            "12-P@$$w0rd!",
            "!!1234$ecret",
            "m0nkeyM0NK3Y",
            "4dm1n!strat0r",
            "pr1nce$$2024",
            "w3lc0me_2024",
            "1loveyou!!!!",
            "7e57-7357-te5t",
            "2024-07-14 12:30",
            "🐚🐚🐚🐚🐚🐚🐚🐚🐚🐚🐚🐚",
            // Of the lists that are not put together of common words.
            "pe#5gz29ptzmse",
            "Knackwurst8853",
            "--m@nche5terunited--",
        ] {
            assert_eq!(choose(text).unwrap_err().code, "too_common", "{text}");
        }
        for text in ["ann.lee@example.org", "ANN.LEE@EXAMPLE.ORG1"] {
            assert_eq!(choose(text).unwrap_err().code, "too_personal", "{text}");
        }
        for text in ["gallery12345", "g@ll3ry_2024", "4nn.l33@example.0rg"] {
            assert_eq!(choose(text).unwrap_err().code, "too_personal", "{text}");
        }
        for text in ["a password of mine", "my secret heron", "dragon and monkey", "w1ld g33se over 7 h1lls"]
        {
            assert!(choose(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn rule_59_what_is_only_symbols_or_emoji_is_fine_when_long() {
        for text in ["🐚🌊🦀🐙🏖🌞🚤🎣🪁🍉🕶🧴", "§=&?<>*%!;~^", "♥★☀☂☃☎☺♞♫✂✈✔"]
        {
            assert!(choose(text).is_ok(), "{text}");
        }
        assert!(Password::chosen("🐚🌊🦀🐙🏖🌞🚤🎣🪁🍉🕶🧴", 12, "42", None).is_ok());
    }

    #[test]
    fn is_never_printed() {
        let password = choose("blue heron at dusk").unwrap();
        assert!(!format!("{password:?}").contains("heron"));
        assert!(!format!("{:?}", PasswordHash::from_phc("$argon2id$x")).contains("argon"));
    }
}
