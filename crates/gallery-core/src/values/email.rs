//! E-mail addresses: the form as typed, and the one canonical form that accounts are unique by.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::Invalid;
use crate::texts::Text;

/// The longest address SMTP can carry: RFC 5321 §4.5.3.1.3 (256 bytes with its angle brackets).
const MAX_BYTES: usize = 254;
/// The longest local part: RFC 5321 §4.5.3.1.1.
const MAX_LOCAL_BYTES: usize = 64;
/// The longest label of a domain: RFC 1035 §2.3.4.
const MAX_LABEL_BYTES: usize = 63;

/// An address that mail can be sent to, as the person typed it, with its canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Email {
    typed: String,
    key: EmailKey,
}

/// The canonical form of an address: NFC, lower case, the domain in its ASCII form (IDNA), no dot
/// at the end. Two addresses with one key are one account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailKey(String);

impl Email {
    /// Parses what a person typed: surrounding white space is dropped; quoted local parts, comments
    /// and address literals are refused, because no person uses them and mail systems disagree on
    /// them. [`Invalid`] with the code `required`, `too_long` (over 254 bytes, RFC 5321 §4.5.3.1.3)
    /// or `malformed`.
    ///
    /// ```
    /// use gallery_core::values::Email;
    ///
    /// let email = Email::parse(" Jörg@Bücher.Example. ")?;
    /// assert_eq!(email.typed(), "Jörg@Bücher.Example");
    /// assert_eq!(email.key().as_str(), "jörg@xn--bcher-kva.example");
    /// # Ok::<_, gallery_core::values::Invalid>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let typed: String = text.trim().nfc().collect();
        let typed = typed.strip_suffix('.').unwrap_or(&typed);
        if typed.is_empty() {
            return Err(Invalid::new("required", Text::new("email-required")));
        }
        let (local, domain) = typed.rsplit_once('@').ok_or_else(malformed)?;
        check_local(local)?;
        let ascii = ascii_domain(domain)?;
        if typed.len() > MAX_BYTES || local.len() + 1 + ascii.len() > MAX_BYTES {
            return Err(Invalid::new("too_long", Text::new("email-too-long")));
        }
        let key = EmailKey(format!("{}@{ascii}", local.to_lowercase().nfc().collect::<String>()));
        Ok(Self { typed: typed.to_owned(), key })
    }

    /// The address that a store recorded in both forms, which was parsed when it came in.
    pub fn from_stored(typed: impl Into<String>, key: impl Into<String>) -> Self {
        Self { typed: typed.into(), key: EmailKey(key.into()) }
    }

    /// The address as typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// The canonical form.
    pub fn key(&self) -> &EmailKey {
        &self.key
    }

    /// The address in a form that may stand in a log: first letter and domain.
    pub fn masked(&self) -> String {
        let (local, domain) = self.key.0.rsplit_once('@').unwrap_or(("", ""));
        format!("{}…@{domain}", local.chars().next().unwrap_or('…'))
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

impl EmailKey {
    /// The key as stores record it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn malformed() -> Invalid {
    Invalid::new("malformed", Text::new("email-form"))
}

fn check_local(local: &str) -> Result<(), Invalid> {
    // The characters of an atom (RFC 5322 §3.2.3), and everything beyond ASCII (RFC 6531).
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let other = |c: char| !c.is_ascii() && !c.is_control() && !c.is_whitespace();
    let dotted = local.split('.').all(|part| !part.is_empty() && part.chars().all(|c| atom(c) || other(c)));
    if dotted && local.len() <= MAX_LOCAL_BYTES { Ok(()) } else { Err(malformed()) }
}

fn ascii_domain(domain: &str) -> Result<String, Invalid> {
    if domain.contains(|c: char| c.is_ascii() && !(c.is_ascii_alphanumeric() || c == '-' || c == '.')) {
        return Err(malformed());
    }
    let ascii = match url::Host::parse(domain) {
        Ok(url::Host::Domain(ascii)) => ascii.to_ascii_lowercase(),
        _ => return Err(malformed()),
    };
    let labels = ascii.split('.').count();
    let well_formed = ascii.split('.').all(|label| {
        (1..=MAX_LABEL_BYTES).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    });
    if labels >= 2 && well_formed { Ok(ascii) } else { Err(malformed()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> String {
        Email::parse(text).unwrap().key().as_str().to_owned()
    }

    #[test]
    fn canonical_form_folds_case_idn_and_trailing_dot() {
        assert_eq!(key(" Ann.Lee+x@Example.ORG. "), "ann.lee+x@example.org");
        assert_eq!(key("jörg@Bücher.example"), "jörg@xn--bcher-kva.example");
        assert_eq!(key("JO\u{308}RG@bücher.example"), key("jörg@xn--bcher-kva.example"));
        assert_eq!(Email::parse("Ann@Example.org").unwrap().typed(), "Ann@Example.org");
    }

    #[test]
    fn hostile_addresses_are_refused() {
        for text in [
            "",
            " ",
            "ann",
            "@example.org",
            "ann@",
            "ann@localhost",
            "a b@example.org",
            "ann@exa mple.org",
            "ann@example.org\r\nBcc: eve@example.org",
            "ann,eve@example.org",
            "ann@example.org,eve@example.org",
            "\"ann\"@example.org",
            "ann@[127.0.0.1]",
            "ann@127.0.0.1",
            "ann..lee@example.org",
            ".ann@example.org",
            "ann@-x.org",
            "ann@x..org",
            "<ann@example.org>",
            "ann@example.org\0",
            "a\u{202e}\u{7}@x.org",
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn length_is_bounded_at_254_bytes() {
        let domain = format!("{}.{}.{}", "d".repeat(63), "d".repeat(63), "d".repeat(57));
        let longest = format!("{}@{domain}.x", "l".repeat(64 - 1));
        assert!(longest.len() <= MAX_BYTES);
        assert!(Email::parse(&longest).is_ok());
        assert!(Email::parse(&format!("{}@{domain}.xxxxxx", "l".repeat(64))).is_err());
        assert!(Email::parse(&format!("{}@example.org", "l".repeat(65))).is_err());
    }

    #[test]
    fn masked_form_hides_the_local_part() {
        assert_eq!(Email::parse("ann@example.org").unwrap().masked(), "a…@example.org");
    }
}
