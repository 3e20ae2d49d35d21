//! A message for the next page, carried in a cookie for the redirect after a form. The cookie holds
//! a code out of a fixed list, never text, so that nobody can put words into the gallery's mouth.
//! Tests are below.

use poem::http::{HeaderMap, HeaderValue};

use crate::http::cookies;

/// A message for the next page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flash {
    Confirmed,
    LoggedOut,
    PasswordReset,
    PasswordChanged,
    AccountSaved,
    SessionEnded,
    AlbumSaved,
    AlbumDeleted,
    PhotosUploaded,
    PhotoSaved,
    PhotoDeleted,
}

impl Flash {
    const ALL: [Self; 11] = [
        Self::Confirmed,
        Self::LoggedOut,
        Self::PasswordReset,
        Self::PasswordChanged,
        Self::AccountSaved,
        Self::SessionEnded,
        Self::AlbumSaved,
        Self::AlbumDeleted,
        Self::PhotosUploaded,
        Self::PhotoSaved,
        Self::PhotoDeleted,
    ];

    /// What the cookie holds.
    fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::LoggedOut => "logged_out",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::AccountSaved => "account_saved",
            Self::SessionEnded => "session_ended",
            Self::AlbumSaved => "album_saved",
            Self::AlbumDeleted => "album_deleted",
            Self::PhotosUploaded => "photos_uploaded",
            Self::PhotoSaved => "photo_saved",
            Self::PhotoDeleted => "photo_deleted",
        }
    }

    /// The key of what people read.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Confirmed => "flash-confirmed",
            Self::LoggedOut => "flash-logged-out",
            Self::PasswordReset => "flash-password-reset",
            Self::PasswordChanged => "flash-password-changed",
            Self::AccountSaved => "flash-account-saved",
            Self::SessionEnded => "flash-session-ended",
            Self::AlbumSaved => "flash-album-saved",
            Self::AlbumDeleted => "flash-album-deleted",
            Self::PhotosUploaded => "flash-photos-uploaded",
            Self::PhotoSaved => "flash-photo-saved",
            Self::PhotoDeleted => "flash-photo-deleted",
        }
    }

    /// The message that a request carries.
    pub(super) fn of(headers: &HeaderMap, https: bool) -> Option<Self> {
        let code = cookies(headers, cookie_name(https)).next()?;
        Self::ALL.into_iter().find(|flash| flash.code() == code)
    }

    /// The `Set-Cookie` that carries the message to the next page, which must come within a minute.
    pub(super) fn set(self, https: bool) -> HeaderValue {
        cookie(https, self.code(), 60)
    }

    /// The `Set-Cookie` of the page that shows the message.
    pub(super) fn clear(https: bool) -> HeaderValue {
        cookie(https, "", 0)
    }
}

fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-gallery_flash" } else { "gallery_flash" }
}

fn cookie(https: bool, code: &str, seconds: u32) -> HeaderValue {
    let (name, secure) = (cookie_name(https), if https { "; Secure" } else { "" });
    let text = format!("{name}={code}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    HeaderValue::try_from(text).expect("codes are ASCII letters")
}

#[cfg(test)]
mod tests {
    use poem::http::header;

    use super::*;

    fn carried(cookies: &str, https: bool) -> Option<Flash> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookies.parse().unwrap());
        Flash::of(&headers, https)
    }

    #[test]
    fn every_message_survives_the_redirect() {
        for https in [false, true] {
            for flash in Flash::ALL {
                let sent = flash.set(https);
                let pair = sent.to_str().unwrap().split(';').next().unwrap().to_owned();
                assert_eq!(carried(&format!("a=b; {pair}"), https), Some(flash));
            }
        }
    }

    #[test]
    fn only_known_codes_are_shown() {
        assert_eq!(carried("gallery_flash=<b>You won</b>", false), None);
        assert_eq!(carried("gallery_flash=", false), None);
        assert_eq!(carried("gallery_flash=logged_out", true), None);
    }

    #[test]
    fn cookies_are_host_bound_on_https() {
        assert_eq!(
            Flash::LoggedOut.set(true),
            "__Host-gallery_flash=logged_out; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
        );
        assert_eq!(Flash::clear(false), "gallery_flash=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }
}
