//! [`Problem`]: why a request failed, as HTTP tells it (RFC 9457). The one place where errors of the gallery get
//! their status and their stable code.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use gallery_core::token::TokenError;
use gallery_core::usecases::Error;
use gallery_core::values::Invalid;
use poem::error::ResponseError;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use serde::Serialize;

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

            fn default_detail(self) -> &'static str {
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
    /// Address and password do not belong together.
    BadCredentials = UNAUTHORIZED, "bad_credentials", "Wrong address or password",
        "The e-mail address and the password do not belong together.";
    /// Somebody is logged in, but does not know the password.
    WrongPassword = FORBIDDEN, "bad_credentials", "Wrong password",
        "This is not the account's password.";
    /// The address has to be confirmed first.
    NotConfirmed = FORBIDDEN, "not_confirmed", "The address is not confirmed",
        "Open the link in the mail that was sent to the address, or ask for a new one.";
    /// The browser says that another site sent the request.
    CrossSite = FORBIDDEN, "cross_site", "The request comes from another site",
        "Requests that change something are taken from this site only.";
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
        "The file is not a JPEG, PNG, GIF or WebP image.";
    /// The body's type is not the expected one.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Unsupported content type",
        "The body is not of a content type that this operation takes.";
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

/// A field of the input and the rule it breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProblemField {
    /// The field's name, as in the request.
    pub field: &'static str,
    /// Stable name of the broken rule: `required`, `too_long`, `too_short`, …
    pub code: &'static str,
    /// What is wrong and what to do, as a sentence.
    pub detail: String,
}

/// Why a request failed. Becomes a problem document under `/api` and a page elsewhere; use-case errors turn
/// into it by `?`.
#[derive(Debug)]
pub struct Problem(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<ProblemField>,
    retry_after: Option<u64>,
    allow: Option<HeaderValue>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// How a problem is written: RFC 9457 §3.1, with `code` and `errors` as extensions.
#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ProblemField],
}

impl Problem {
    /// A problem with this code and its usual sentence.
    pub fn new(code: Code) -> Self {
        let detail = Cow::Borrowed(code.default_detail());
        Self(Box::new(Inner {
            code,
            detail,
            errors: Vec::new(),
            retry_after: None,
            allow: None,
            source: None,
        }))
    }

    /// A defect: logged with its sources, never shown.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Code::Internal).caused_by(source.into())
    }

    /// One field that breaks a rule: 422.
    pub fn field(field: &'static str, invalid: Invalid) -> Self {
        Self::new(Code::Invalid).error(field, invalid)
    }

    /// Says what is wrong in this case.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = detail.into();
        self
    }

    /// Names a field and the rule it breaks.
    #[must_use]
    pub fn error(mut self, field: &'static str, invalid: Invalid) -> Self {
        let Invalid { code, detail } = invalid;
        self.0.errors.push(ProblemField { field, code, detail });
        self
    }

    /// Says when to try again, in seconds from now.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// Says which methods the path answers.
    #[must_use]
    pub(crate) fn allow(mut self, methods: HeaderValue) -> Self {
        self.0.allow = Some(methods);
        self
    }

    /// A wrong password is 401 where it would have begun a session, and 403 where there is one.
    #[must_use]
    pub fn at_log_in(mut self) -> Self {
        if self.0.code == Code::WrongPassword {
            self = Self::new(Code::BadCredentials);
        }
        self
    }

    fn caused_by(mut self, source: Box<dyn StdError + Send + Sync>) -> Self {
        self.0.source = Some(source);
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.0.code.status()
    }

    /// What is wrong in this case, as a sentence for people.
    pub fn sentence(&self) -> &str {
        &self.0.detail
    }

    /// The fields that break rules.
    pub fn errors(&self) -> &[ProblemField] {
        &self.0.errors
    }

    /// The headers that belong to the problem in whatever form it is shown: `Retry-After`, `Allow`.
    pub fn apply_headers(&self, response: &mut Response) {
        if let Some(seconds) = self.0.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(allow) = &self.0.allow {
            response.headers_mut().insert(header::ALLOW, allow.clone());
        }
    }

    /// The problem document.
    pub fn to_response(&self) -> Response {
        let Inner { code, detail, errors, .. } = &*self.0;
        let document = Document {
            r#type: format!("/api/docs#{}", code.name()),
            title: code.title(),
            status: code.status().as_u16(),
            detail,
            code: code.name(),
            errors,
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response =
            Response::builder().status(code.status()).content_type("application/problem+json").body(body);
        self.apply_headers(&mut response);
        response
    }

    /// Logs what the client is not told. Runs once, in the request's span.
    pub(super) fn log(&self) {
        let source = self.0.source.as_deref().map(Sources);
        match self.0.code {
            Code::Internal => tracing::error!(source = source.map(tracing::field::display), "internal error"),
            Code::Unavailable | Code::StorageFull => {
                tracing::warn!(
                    source = source.map(tracing::field::display),
                    code = self.0.code.name(),
                    "refused"
                );
            }
            _ => {}
        }
    }
}

/// An error and what caused it, on one line.
struct Sources<'a>(&'a (dyn StdError + Send + Sync));

impl fmt::Display for Sources<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.name(), self.0.detail)
    }
}

impl StdError for Problem {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        Problem::status(self)
    }

    fn as_response(&self) -> Response {
        self.to_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.to_response()
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::new(Code::NotFound),
            Error::Invalid(fields) => fields
                .into_iter()
                .fold(Self::new(Code::Invalid), |problem, field| problem.error(field.field, field.invalid)),
            Error::NoSession => Self::new(Code::NoSession),
            Error::BadCredentials => Self::new(Code::WrongPassword),
            Error::NotConfirmed => Self::new(Code::NotConfirmed),
            Error::Token(TokenError::Expired) => Self::new(Code::TokenExpired),
            Error::Token(TokenError::Invalid) => Self::new(Code::TokenInvalid),
            Error::QuotaExceeded => Self::new(Code::QuotaExceeded),
            Error::TooLarge { limit } => {
                Self::new(Code::TooLarge).detail(format!("A photo has at most {limit} bytes."))
            }
            Error::UnsupportedPhoto => Self::new(Code::UnsupportedPhoto),
            Error::UndecodablePhoto(reason) => {
                Self::new(Code::UndecodablePhoto).detail(format!("The photo cannot be used: {reason}."))
            }
            Error::Interrupted => Self::new(Code::Interrupted),
            Error::IdempotencyMismatch => Self::new(Code::IdempotencyMismatch),
            Error::IdempotencyUnresolved => Self::new(Code::IdempotencyUnresolved).retry_after(5),
            Error::Contended => Self::new(Code::Contended).retry_after(1),
            Error::TooManyAttempts { retry_after } => {
                Self::new(Code::TooManyAttempts).retry_after(retry_after)
            }
            Error::Unavailable(source) => Self::new(Code::Unavailable).retry_after(5).caused_by(source),
            Error::Full => Self::new(Code::StorageFull),
            Error::Internal(source) => Self::internal(source),
            other => Self::internal(other),
        }
    }
}
