//! Why a request failed, as the client is told. The core knows no statuses.

use std::error::Error as StdError;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gallery_core::usecases::Error;

/// Why a request failed: the status, and what the client is told.
pub struct Failure(pub StatusCode, pub String);

impl Failure {
    /// A defect: told to the log, not to the client.
    pub fn internal(error: &(dyn StdError + 'static)) -> Self {
        tracing::error!(error, "a request failed");
        Self(StatusCode::INTERNAL_SERVER_ERROR, "internal error".into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = match &error {
            Error::NotFound => StatusCode::NOT_FOUND,
            Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::UnsupportedPhoto | Error::UndecodablePhoto(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Error::Interrupted => StatusCode::BAD_REQUEST,
            Error::Contended => StatusCode::CONFLICT,
            Error::QuotaExceeded | Error::Full => StatusCode::INSUFFICIENT_STORAGE,
            Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            tracing::error!(error = &error as &dyn StdError, "a request failed");
        }
        match error {
            Error::Invalid(fields) => {
                let details: Vec<_> = fields.into_iter().map(|field| field.invalid.detail).collect();
                Self(status, details.join(" "))
            }
            other => Self(status, other.to_string()),
        }
    }
}

impl From<multer::Error> for Failure {
    fn from(error: multer::Error) -> Self {
        Self(StatusCode::BAD_REQUEST, error.to_string())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}
