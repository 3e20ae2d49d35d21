//! What the operator decides, and what holds when nobody decides. Knows no use case.

use std::time::Duration;

use crate::mail::MailSettings;
use crate::values::SecretKey;

/// What the operator decides. Made by [`new`](Self::new) and changed by what begins with `with_`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Rules {
    /// Signs mailed links and derives session tokens; the same on every instance.
    pub secret: SecretKey,
    /// What mails have in common, with the gallery's name and the base URL that links begin with.
    pub mail_settings: MailSettings,
    /// The fewest characters of a chosen password; 12 by default, never below 8.
    pub password_min_chars: usize,
    /// The most bytes that an account may hold: see [`Usage::bytes`](crate::model::Usage::bytes).
    /// For those that sign up from now on.
    pub quota_bytes: u64,
    /// The most bytes of one uploaded photo.
    pub max_upload_bytes: u64,
    /// Whether a session's token is renewed while it is used; without it a session ends with its
    /// first token, after [`TOKEN_LIFETIME`](super::TOKEN_LIFETIME).
    pub session_renewal: bool,
    /// Whether the title, description and keywords inside a photo's file become its title,
    /// description and tags, where the person who uploads it gives none.
    pub embedded_captions: bool,
    /// Whether the rating inside it becomes a tag such as "4 stars" then, too.
    pub rating_tags: bool,
    /// Limits on guessing and on mail.
    pub throttling: Throttling,
}

impl Rules {
    /// What an operator gets who decides nothing else, as in the binaries' configuration: passwords
    /// of at least 12 characters, 10 GB for an account, 200 MB for a photo, sessions that renew,
    /// captions from files without ratings, and [`Throttling::default`].
    pub fn new(secret: SecretKey, mail_settings: MailSettings) -> Self {
        Self {
            secret,
            mail_settings,
            password_min_chars: 12,
            quota_bytes: 10_000_000_000,
            max_upload_bytes: 200_000_000,
            session_renewal: true,
            embedded_captions: true,
            rating_tags: false,
            throttling: Throttling::default(),
        }
    }
}

/// Methods that set a field.
macro_rules! setters {
    ($owner:ident { $( $with:ident: $field:ident: $type:ty, )+ }) => {
        impl $owner {
            $(
                #[doc = concat!("The same with another [`", stringify!($field), "`](Self::", stringify!($field), ").")]
                #[must_use]
                pub fn $with(mut self, $field: $type) -> Self {
                    self.$field = $field;
                    self
                }
            )+
        }
    };
}

setters! { Rules {
    with_password_min_chars: password_min_chars: usize,
    with_quota_bytes: quota_bytes: u64,
    with_max_upload_bytes: max_upload_bytes: u64,
    with_session_renewal: session_renewal: bool,
    with_embedded_captions: embedded_captions: bool,
    with_rating_tags: rating_tags: bool,
    with_throttling: throttling: Throttling,
} }

setters! { Throttling {
    with_window: window: Duration,
    with_failures_per_account: failures_per_account: u32,
    with_failures_per_account_everywhere: failures_per_account_everywhere: u32,
    with_failures_per_client: failures_per_client: u32,
    with_mails_per_address: mails_per_address: u32,
    with_mails_per_client: mails_per_client: u32,
} }

/// How much is too much. A client's network is its IPv4 address, or the /64 of its IPv6 address;
/// what may come from the /48 around that is four times as much.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Throttling {
    /// How long a counter runs from its first count; 10 minutes by default.
    pub window: Duration,
    /// Wrong passwords for one account from one network, or from one device that has logged in to
    /// it before; 10 by default.
    pub failures_per_account: u32,
    /// Wrong passwords for one account from everywhere; 100 by default. A device that has logged in
    /// to the account before is not held up by this one, so that nobody is locked out of an account
    /// that others guess at.
    pub failures_per_account_everywhere: u32,
    /// Wrong passwords from one network; 200 by default, because many people may share one.
    pub failures_per_client: u32,
    /// Mails of one purpose to one address that were asked for by somebody who is not logged in; 10
    /// by default.
    pub mails_per_address: u32,
    /// Mails of one purpose caused from one network by somebody who is not logged in; 500 by
    /// default.
    pub mails_per_client: u32,
}

impl Default for Throttling {
    fn default() -> Self {
        Self {
            window: Duration::from_mins(10),
            failures_per_account: 10,
            failures_per_account_everywhere: 100,
            failures_per_client: 200,
            mails_per_address: 10,
            mails_per_client: 500,
        }
    }
}
