//! What poem and poem-openapi refuse by themselves, as problems: their own texts and plain-text
//! bodies are never sent.

use gallery_core::texts::Text;
use gallery_core::values::Invalid;
use poem::error::{MethodNotAllowedError, NotFoundError, ParseMultipartError, ParsePathError, ReadBodyError};
use poem_openapi::error::{
    ContentTypeError, ParseParamError, ParsePathError as ParseApiPathError, ParseRequestPayloadError,
};

use super::{Code, Problem};

impl From<poem::Error> for Problem {
    fn from(error: poem::Error) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(problem) => return problem,
            Err(other) => other,
        };
        if error.is::<NotFoundError>() || error.is::<ParsePathError>() || error.is::<ParseApiPathError>() {
            // A path with something that cannot be an id leads nowhere, like one with an id that is
            // not there.
            return Self::new(Code::NotFound);
        }
        if error.is::<MethodNotAllowedError>() {
            return Self::new(Code::MethodNotAllowed);
        }
        if error.is::<ContentTypeError>() {
            return Self::new(Code::UnsupportedMediaType);
        }
        if let Some(parameter) = error.downcast_ref::<ParseParamError>() {
            return malformed_parameter(parameter);
        }
        if let Some(payload) = error.downcast_ref::<ParseRequestPayloadError>() {
            return Self::new(Code::Malformed)
                .detail(Text::new("request-json-malformed").with("reason", payload.reason.as_str()));
        }
        if let Some(body) = error.downcast_ref::<ReadBodyError>() {
            return unreadable(body);
        }
        if let Some(multipart) = error.downcast_ref::<ParseMultipartError>() {
            return malformed_multipart(multipart);
        }
        if error.status().is_client_error() {
            return Self::new(Code::Malformed);
        }
        Self::internal(error.to_string())
    }
}

fn malformed_parameter(error: &ParseParamError) -> Problem {
    let invalid = Invalid::new("malformed", Text::new("request-parameter").with("name", error.name));
    Problem::new(Code::Malformed).detail(Text::new("request-parameter-malformed")).error(error.name, invalid)
}

fn unreadable(error: &ReadBodyError) -> Problem {
    match error {
        ReadBodyError::PayloadTooLarge => Problem::new(Code::TooLarge),
        ReadBodyError::Io(_) => Problem::new(Code::Interrupted),
        ReadBodyError::Utf8(_) => Problem::new(Code::Malformed).detail(Text::new("request-not-utf8")),
        ReadBodyError::BodyHasBeenTaken => Problem::internal("the body was read twice"),
    }
}

fn malformed_multipart(error: &ParseMultipartError) -> Problem {
    match error {
        ParseMultipartError::ContentTypeRequired | ParseMultipartError::InvalidContentType(_) => {
            Problem::new(Code::UnsupportedMediaType).detail(Text::new("request-not-multipart"))
        }
        _ => Problem::new(Code::Malformed).detail(Text::new("request-bad-multipart")),
    }
}
