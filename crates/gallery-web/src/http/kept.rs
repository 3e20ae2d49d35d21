//! Cookies beside the session's, which outlive it: what a browser is known by after a log-in, and
//! what names its sign-up. Their texts are the core's, signed; nobody is logged in by them.

use std::sync::{Mutex, PoisonError};

use poem::http::{HeaderMap, HeaderValue};

use super::cookies::cookies;

/// A longer text is no cookie of ours.
const MOST_BYTES: usize = 400;

/// Which cookie it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// What a browser is known by that has logged in before.
    Device,
    /// What names the sign-up whose mail is wanted again.
    SignUp,
}

impl Kept {
    fn name(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Device, true) => "__Host-gallery_device",
            (Self::Device, false) => "gallery_device",
            (Self::SignUp, true) => "__Host-gallery_sign_up",
            (Self::SignUp, false) => "gallery_sign_up",
        }
    }

    /// For how many seconds a browser keeps it: 400 days, the most that browsers allow (RFC
    /// 6265bis, 5.5); and as long as a sign-up waits.
    fn lifetime(self) -> u32 {
        match self {
            Self::Device => 34_560_000,
            Self::SignUp => 86_400,
        }
    }
}

/// What one request shows and its answer sets.
#[derive(Debug, Default)]
pub struct KeptCookie {
    shown: Option<String>,
    answer: Mutex<Option<String>>,
}

impl KeptCookie {
    /// The cookie of a request.
    pub(super) fn of(headers: &HeaderMap, kept: Kept, https: bool) -> Self {
        let mut ours = cookies(headers, kept.name(https));
        let shown = ours.find(|value| !value.is_empty() && value.len() <= MOST_BYTES);
        Self { shown: shown.map(str::to_owned), answer: Mutex::default() }
    }

    /// What the request shows.
    pub fn shown(&self) -> Option<&str> {
        self.shown.as_deref()
    }

    /// Lets the answer carry this text: letters, digits, `-`, `_` and `.`.
    pub fn set(&self, text: String) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }

    /// The `Set-Cookie` of the answer, if anything changed.
    pub(super) fn header(&self, kept: Kept, https: bool) -> Option<HeaderValue> {
        let text = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let (name, lifetime) = (kept.name(https), kept.lifetime());
        let secure = if https { "; Secure" } else { "" };
        let cookie = format!("{name}={text}; Path=/; HttpOnly; SameSite=Lax; Max-Age={lifetime}{secure}");
        let mut value = HeaderValue::try_from(cookie).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use poem::http::header;

    use super::*;

    fn shown(cookies: &str, https: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookies.parse().unwrap());
        KeptCookie::of(&headers, Kept::Device, https).shown().map(str::to_owned)
    }

    #[test]
    fn what_was_set_is_shown_by_the_same_name() {
        for (kept, https) in [(Kept::Device, true), (Kept::Device, false), (Kept::SignUp, true)] {
            let cookie = KeptCookie::default();
            assert_eq!(cookie.header(kept, https), None);
            cookie.set("a.B-_9".to_owned());
            let set = cookie.header(kept, https).unwrap().to_str().unwrap().to_owned();
            assert_eq!(set.contains("; Secure"), https, "{set}");
            assert_eq!(set.starts_with("__Host-"), https, "{set}");
            assert!(set.contains("; Path=/; HttpOnly; SameSite=Lax; Max-Age="), "{set}");
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, set.split(';').next().unwrap().parse().unwrap());
            assert_eq!(KeptCookie::of(&headers, kept, https).shown(), Some("a.B-_9"));
        }
    }

    #[test]
    fn other_cookies_and_endless_ones_are_not_shown() {
        assert_eq!(shown("gallery_device=abc", false).as_deref(), Some("abc"));
        assert_eq!(shown("a=b; gallery_device=; gallery_device=abc", false).as_deref(), Some("abc"));
        for cookies in ["gallery_device=abc", "a=b", "gallery_device"] {
            assert_eq!(shown(cookies, true), None, "{cookies}");
        }
        assert_eq!(shown(&format!("gallery_device={}", "x".repeat(401)), false), None);
    }
}
