//! The session cookie: which token a request shows, and what the answer sets.

use std::sync::Mutex;

use gallery_core::values::SessionToken;
use poem::http::{HeaderMap, HeaderValue};

use super::cookies::cookies;

/// On https: browsers take a cookie of this prefix only with `Secure`, `Path=/` and without
/// `Domain`.
const HTTPS_NAME: &str = "__Host-gallery_session";
/// On plain http, that is on a loopback address.
const HTTP_NAME: &str = "gallery_session";

/// What one request shows and its answer sets. Lives in the request's
/// [`RequestContext`](super::RequestContext).
#[derive(Debug, Default)]
pub struct SessionCookie {
    shown: Option<String>,
    answer: Mutex<Option<Answer>>,
}

#[derive(Debug)]
enum Answer {
    Set(SessionToken),
    Clear,
}

impl SessionCookie {
    /// The cookie of a request. Of several by the same name, the first that has the form of a token
    /// counts.
    pub(super) fn of(headers: &HeaderMap, https: bool) -> Self {
        let shown = cookies(headers, name(https)).find(|value| SessionToken::parse(value).is_some());
        Self { shown: shown.map(str::to_owned), answer: Mutex::default() }
    }

    /// The token that the request shows.
    pub(super) fn shown(&self) -> Option<&str> {
        self.shown.as_deref()
    }

    /// Lets the answer carry this token.
    pub fn set(&self, token: &SessionToken) {
        self.answer(Answer::Set(token.clone()));
    }

    /// Lets the answer take the cookie away.
    pub fn clear(&self) {
        self.answer(Answer::Clear);
    }

    fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(answer);
    }

    /// The `Set-Cookie` of the answer, if anything changed.
    pub(super) fn header(&self, https: bool) -> Option<HeaderValue> {
        let answer = self.answer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()?;
        let (value, lifetime) = match answer {
            Answer::Set(token) => (token.expose(), ""),
            Answer::Clear => (String::new(), "; Max-Age=0"),
        };
        let secure = if https { "; Secure" } else { "" };
        let cookie = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{lifetime}", name(https));
        let mut value = HeaderValue::try_from(cookie).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

fn name(https: bool) -> &'static str {
    if https { HTTPS_NAME } else { HTTP_NAME }
}
