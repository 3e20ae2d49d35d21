//! [`Problem`]: why a request failed, as HTTP tells it (RFC 9457). The one place where errors of
//! the gallery get their status and their stable code.

use std::error::Error as StdError;
use std::fmt;

use gallery_core::error_chain;
use gallery_core::texts::{Language, Size, Text};
use gallery_core::token::TokenError;
use gallery_core::usecases::{Error, FieldError};
use gallery_core::values::Invalid;
use poem::error::ResponseError;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::Object;
use serde::Serialize;

use super::Code;

/// A field of the input and the rule it breaks.
#[derive(Serialize, Object)]
#[oai(rename = "FieldError")]
struct ProblemField {
    /// The field's name, as in the request.
    field: String,
    /// Stable name of the broken rule: `required`, `too_long`, `too_short`, …
    code: String,
    /// What is wrong and what to do, as a sentence in the reader's language.
    detail: String,
}

/// Why a request failed (RFC 9457).
#[derive(Serialize, Object)]
#[oai(rename = "Problem")]
pub(crate) struct ProblemDocument {
    /// Where the kind of problem is explained.
    r#type: String,
    /// What happened, the same for every occurrence of the code, in the reader's language.
    title: String,
    /// The status of the answer.
    status: u16,
    /// What is wrong in this case, as a sentence in the reader's language.
    detail: String,
    /// Stable name of the kind of problem.
    code: String,
    /// The fields that break rules. Absent unless some do.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<ProblemField>>,
}

/// Why a request failed. Becomes a problem document for programs and a page for people; use-case
/// errors turn into it by `?`.
#[derive(Debug)]
pub struct Problem(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    detail: Text,
    errors: Vec<FieldError>,
    retry_after: Option<u64>,
    allow: Option<HeaderValue>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Problem {
    /// A problem with this code and its usual sentence.
    pub fn new(code: Code) -> Self {
        Self(Box::new(Inner {
            code,
            detail: code.default_detail(),
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
    pub fn detail(mut self, detail: Text) -> Self {
        self.0.detail = detail;
        self
    }

    /// Names a field and the rule it breaks.
    #[must_use]
    pub fn error(mut self, field: &'static str, invalid: Invalid) -> Self {
        self.0.errors.push(FieldError { field, invalid });
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
    pub fn sentence(&self) -> &Text {
        &self.0.detail
    }

    /// The fields that break rules.
    pub fn errors(&self) -> &[FieldError] {
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

    /// The problem document for a reader of this language.
    pub fn to_response(&self, language: Language) -> Response {
        let Inner { code, detail, errors, .. } = &*self.0;
        let field = |error: &FieldError| ProblemField {
            field: error.field.to_owned(),
            code: error.invalid.code.to_owned(),
            detail: error.invalid.detail.in_language(language),
        };
        let document = ProblemDocument {
            r#type: format!("/api/docs#{}", code.name()),
            title: code.title().in_language(language),
            status: code.status().as_u16(),
            detail: detail.in_language(language),
            code: code.name().to_owned(),
            errors: (!errors.is_empty()).then(|| errors.iter().map(field).collect()),
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::builder()
            .status(code.status())
            .content_type("application/problem+json")
            .header(header::CONTENT_LANGUAGE, language.tag())
            .body(body);
        self.apply_headers(&mut response);
        response
    }

    /// Logs what the client is not told. Runs once, in the request's span.
    pub(super) fn log(&self) {
        let source = self.0.source.as_deref().map(|source| error_chain(source));
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
        self.to_response(Language::default())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.to_response(Language::default())
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
            Error::Token(TokenError::Expired) => Self::new(Code::TokenExpired),
            Error::Token(TokenError::Invalid) => Self::new(Code::TokenInvalid),
            Error::QuotaExceeded => Self::new(Code::QuotaExceeded),
            Error::TooLarge { limit } => {
                Self::new(Code::TooLarge).detail(Text::new("file-too-large").with("limit", Size(limit)))
            }
            Error::UnsupportedPhoto => Self::new(Code::UnsupportedPhoto),
            Error::UndecodablePhoto(reason) => Self::new(Code::UndecodablePhoto)
                .detail(Text::new("problem-undecodable_photo-reason").with("reason", reason)),
            Error::Interrupted => Self::new(Code::Interrupted),
            Error::IdempotencyMismatch => Self::new(Code::IdempotencyMismatch),
            Error::IdempotencyUnresolved => Self::new(Code::IdempotencyUnresolved).retry_after(5),
            Error::Contended => Self::new(Code::Contended).retry_after(1),
            Error::TooManyAttempts { retry_after } => {
                Self::new(Code::TooManyAttempts).retry_after(retry_after)
            }
            Error::MalformedReport(_) => Self::new(Code::Malformed).detail(Text::new("request-not-a-report")),
            Error::ForgedReport(_) => Self::new(Code::ForgedReport),
            Error::Unavailable(source) => Self::new(Code::Unavailable).retry_after(5).caused_by(source),
            Error::Full => Self::new(Code::StorageFull),
            Error::Internal(source) => Self::internal(source),
            other => Self::internal(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Box<dyn StdError + Send + Sync> {
        "connection refused by db.internal".into()
    }

    #[tokio::test]
    async fn every_error_has_its_status_and_code() {
        for (error, status, code, retry_after) in [
            (Error::NotFound, 404, "not_found", None),
            (Error::Invalid(Vec::new()), 422, "invalid", None),
            (Error::NoSession, 401, "no_session", None),
            (Error::BadCredentials, 403, "bad_credentials", None),
            (Error::Token(TokenError::Expired), 422, "token_expired", None),
            (Error::Token(TokenError::Invalid), 422, "token_invalid", None),
            (Error::QuotaExceeded, 413, "quota_exceeded", None),
            (Error::TooLarge { limit: 9 }, 413, "too_large", None),
            (Error::UnsupportedPhoto, 415, "unsupported_photo", None),
            (Error::UndecodablePhoto(Text::new("photo-cut-off")), 422, "undecodable_photo", None),
            (Error::Interrupted, 400, "interrupted", None),
            (Error::IdempotencyMismatch, 422, "idempotency_mismatch", None),
            (Error::IdempotencyUnresolved, 409, "idempotency_unresolved", Some("5")),
            (Error::Contended, 409, "contended", Some("1")),
            (Error::TooManyAttempts { retry_after: 60 }, 429, "too_many_attempts", Some("60")),
            (Error::MalformedReport("torn".to_owned()), 400, "malformed", None),
            (Error::ForgedReport("no signature".to_owned()), 403, "forged_report", None),
            (Error::Unavailable(source()), 503, "unavailable", Some("5")),
            (Error::Full, 507, "storage_full", None),
            (Error::Internal(source()), 500, "internal", None),
        ] {
            let response = Problem::from(error).to_response(Language::English);
            assert_eq!(response.status(), status, "{code}");
            assert_eq!(response.header("retry-after"), retry_after, "{code}");
            let body = response.into_body().into_string().await.unwrap();
            assert!(body.contains(&format!("\"code\":\"{code}\"")), "{body}");
            assert!(!body.contains("db.internal"), "{body}");
        }
    }

    #[test]
    fn a_wrong_password_is_401_only_where_a_session_would_begin() {
        assert_eq!(Problem::from(Error::BadCredentials).at_log_in().status(), 401);
        assert_eq!(Problem::from(Error::NoSession).at_log_in().code(), Code::NoSession);
    }

    #[test]
    fn sources_are_on_one_line() {
        let error = std::io::Error::other(Problem::internal(source()));
        assert_eq!(error_chain(&error).matches(": ").count(), 2);
    }
}
