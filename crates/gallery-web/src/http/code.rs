//! The stable names of everything that can go wrong, each with its status and its usual sentence.

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
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }

            /// The sentence that is shown when there is no better one for the occurrence.
            pub(crate) fn default_detail(self) -> &'static str {
                match self { $(Self::$variant => $detail),* }
            }
        }
    };
}

codes! {
    /// The request cannot be understood.
    Malformed = BAD_REQUEST, "malformed", "The request is malformed",
        "The request cannot be understood.";
    /// A cursor that no page gave out.
    InvalidCursor = BAD_REQUEST, "invalid_cursor", "The cursor is not valid",
        "Send the `next_cursor` of the page before, unchanged.";
    /// The body ended too early.
    Interrupted = BAD_REQUEST, "interrupted", "The body was interrupted",
        "The connection ended before the whole body had arrived.";
    /// Nobody is logged in.
    NoSession = UNAUTHORIZED, "no_session", "Not logged in",
        "There is no session, or it has ended. Log in and try again.";
    /// Wrong address or password, or a sign-up that is not confirmed.
    BadCredentials = UNAUTHORIZED, "bad_credentials", "Wrong e-mail or password",
        "Wrong e-mail address or password. If you have signed up only now, open the link in the mail that we sent you first.";
    /// Somebody is logged in, but does not know the password.
    WrongPassword = FORBIDDEN, "bad_credentials", "Wrong password",
        "This is not the account's password.";
    /// The browser says that another site sent the request.
    CrossSite = FORBIDDEN, "cross_site", "The request comes from another site",
        "Requests that change something are taken from this site only.";
    /// A report that is not proven to be the mail system's.
    ForgedReport = FORBIDDEN, "forged_report", "The report is not genuine",
        "Nothing proves that the mail system of this gallery made this report.";
    /// Absent, or somebody else's.
    NotFound = NOT_FOUND, "not_found", "Not found",
        "There is nothing here, or it is not yours.";
    /// The path exists, the method does not.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed",
        "This path does not answer this method; `Allow` names those it does.";
    /// Changed by others again and again.
    Contended = CONFLICT, "contended", "Changed at the same time",
        "Somebody else is changing the same thing. Read it again and try again.";
    /// The key's first request has no result to repeat.
    IdempotencyUnresolved = CONFLICT, "idempotency_unresolved", "The first request has no result",
        "The first request with this Idempotency-Key is still running, or its result has been deleted.";
    /// Too many bytes.
    TooLarge = PAYLOAD_TOO_LARGE, "too_large", "Too large",
        "The body has more bytes than are allowed.";
    /// The account is full.
    QuotaExceeded = PAYLOAD_TOO_LARGE, "quota_exceeded", "The quota is used up",
        "The account's quota does not hold this photo. Delete photos to make room.";
    /// Not a photo.
    UnsupportedPhoto = UNSUPPORTED_MEDIA_TYPE, "unsupported_photo", "Not a supported photo",
        "The file is not a JPEG, PNG, GIF, WebP, AVIF, HEIC, TIFF or BMP image.";
    /// The body's type is not the expected one.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Unsupported content type",
        "The body is not of a content type that this operation takes.";
    /// The range lies behind the end.
    RangeNotSatisfiable = RANGE_NOT_SATISFIABLE, "range_not_satisfiable", "Range not satisfiable",
        "The range begins behind the end of the file; `Content-Range` says how long it is.";
    /// Fields break rules.
    Invalid = UNPROCESSABLE_ENTITY, "invalid", "Invalid input",
        "Some fields break a rule; `errors` names them.";
    /// The link is too old.
    TokenExpired = UNPROCESSABLE_ENTITY, "token_expired", "The link has expired",
        "Links from mails are good for 10 minutes. Ask for a new one.";
    /// The link is not good.
    TokenInvalid = UNPROCESSABLE_ENTITY, "token_invalid", "The link is not valid",
        "The link was changed, was used before, or is for something else.";
    /// A damaged photo.
    UndecodablePhoto = UNPROCESSABLE_ENTITY, "undecodable_photo", "The photo cannot be decoded",
        "The photo is damaged.";
    /// The key was used for something else.
    IdempotencyMismatch = UNPROCESSABLE_ENTITY, "idempotency_mismatch", "The key was used before",
        "This Idempotency-Key was used for a request with other content.";
    /// Slow down.
    TooManyAttempts = TOO_MANY_REQUESTS, "too_many_attempts", "Too many attempts",
        "There were too many attempts. Wait a while; `Retry-After` says how long.";
    /// A defect.
    Internal = INTERNAL_SERVER_ERROR, "internal", "Internal error",
        "Something went wrong on our side. It has been logged.";
    /// A dependency is away.
    Unavailable = SERVICE_UNAVAILABLE, "unavailable", "Temporarily unavailable",
        "Something the gallery depends on is away or busy. Try again soon.";
    /// The disk is full.
    StorageFull = INSUFFICIENT_STORAGE, "storage_full", "No space is left",
        "The gallery has no space left for photos.";
}
