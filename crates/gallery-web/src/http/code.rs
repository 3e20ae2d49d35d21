//! The stable names of everything that can go wrong, each with its status and the keys of its title
//! and its usual sentence.

use gallery_core::texts::Text;
use poem::http::StatusCode;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $status:ident, $name:literal, $title:literal, $detail:literal;)*) => {
        /// The stable names of what can go wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The status of an answer with this code.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),* }
            }

            /// The code as clients see it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What happened, the same for every occurrence.
            pub fn title(self) -> Text {
                Text::new(match self { $(Self::$variant => $title),* })
            }

            /// The sentence that is shown when there is no better one for the occurrence.
            pub(crate) fn default_detail(self) -> Text {
                Text::new(match self { $(Self::$variant => $detail),* })
            }
        }
    };
}

codes! {
    /// The request cannot be understood.
    Malformed = BAD_REQUEST, "malformed", "problem-malformed", "problem-malformed-detail";
    /// A cursor that no page gave out.
    InvalidCursor = BAD_REQUEST, "invalid_cursor", "problem-invalid_cursor", "problem-invalid_cursor-detail";
    /// The body ended too early.
    Interrupted = BAD_REQUEST, "interrupted", "problem-interrupted", "problem-interrupted-detail";
    /// Nobody is logged in.
    NoSession = UNAUTHORIZED, "no_session", "problem-no_session", "problem-no_session-detail";
    /// Wrong address or password, or a sign-up that is not confirmed.
    BadCredentials = UNAUTHORIZED, "bad_credentials", "problem-bad_credentials", "problem-bad_credentials-detail";
    /// Somebody is logged in, but does not know the password.
    WrongPassword = FORBIDDEN, "bad_credentials", "problem-wrong_password", "problem-wrong_password-detail";
    /// The browser says that another site sent the request.
    CrossSite = FORBIDDEN, "cross_site", "problem-cross_site", "problem-cross_site-detail";
    /// A report that is not proven to be the mail system's.
    ForgedReport = FORBIDDEN, "forged_report", "problem-forged_report", "problem-forged_report-detail";
    /// Absent, or somebody else's.
    NotFound = NOT_FOUND, "not_found", "problem-not_found", "problem-not_found-detail";
    /// The path exists, the method does not.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method_not_allowed", "problem-method_not_allowed", "problem-method_not_allowed-detail";
    /// Changed by others again and again.
    Contended = CONFLICT, "contended", "problem-contended", "problem-contended-detail";
    /// The key's first request has no result to repeat.
    IdempotencyUnresolved = CONFLICT, "idempotency_unresolved", "problem-idempotency_unresolved", "problem-idempotency_unresolved-detail";
    /// Too many bytes.
    TooLarge = PAYLOAD_TOO_LARGE, "too_large", "problem-too_large", "problem-too_large-detail";
    /// The account is full.
    QuotaExceeded = PAYLOAD_TOO_LARGE, "quota_exceeded", "problem-quota_exceeded", "problem-quota_exceeded-detail";
    /// Not a photo.
    UnsupportedPhoto = UNSUPPORTED_MEDIA_TYPE, "unsupported_photo", "problem-unsupported_photo", "problem-unsupported_photo-detail";
    /// The body's type is not the expected one.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "problem-unsupported_media_type", "problem-unsupported_media_type-detail";
    /// The range lies behind the end.
    RangeNotSatisfiable = RANGE_NOT_SATISFIABLE, "range_not_satisfiable", "problem-range_not_satisfiable", "problem-range_not_satisfiable-detail";
    /// Fields break rules.
    Invalid = UNPROCESSABLE_ENTITY, "invalid", "problem-invalid", "problem-invalid-detail";
    /// The link is too old.
    TokenExpired = UNPROCESSABLE_ENTITY, "token_expired", "problem-token_expired", "problem-token_expired-detail";
    /// The link is not good.
    TokenInvalid = UNPROCESSABLE_ENTITY, "token_invalid", "problem-token_invalid", "problem-token_invalid-detail";
    /// A damaged photo.
    UndecodablePhoto = UNPROCESSABLE_ENTITY, "undecodable_photo", "problem-undecodable_photo", "problem-undecodable_photo-detail";
    /// The key was used for something else.
    IdempotencyMismatch = UNPROCESSABLE_ENTITY, "idempotency_mismatch", "problem-idempotency_mismatch", "problem-idempotency_mismatch-detail";
    /// Slow down.
    TooManyAttempts = TOO_MANY_REQUESTS, "too_many_attempts", "problem-too_many_attempts", "problem-too_many_attempts-detail";
    /// A defect.
    Internal = INTERNAL_SERVER_ERROR, "internal", "problem-internal", "problem-internal-detail";
    /// A dependency is away.
    Unavailable = SERVICE_UNAVAILABLE, "unavailable", "problem-unavailable", "problem-unavailable-detail";
    /// The disk is full.
    StorageFull = INSUFFICIENT_STORAGE, "storage_full", "problem-storage_full", "problem-storage_full-detail";
}
