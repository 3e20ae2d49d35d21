//! Bounds on bodies. Uploads are streamed and counted by the gallery itself; every other body is small and is
//! read here, so that no handler can read one without a limit.

use poem::Request;
use poem::error::ReadBodyError;
use poem::http::{HeaderMap, Method, header};

use super::{Code, Problem};

/// The most bytes of a JSON document or form. A description of 5,000 characters, escaped, fits.
pub const MAX_BODY_BYTES: usize = 128 * 1024;

/// Reads the body of a request that is no upload, and puts it back.
pub(super) async fn bound(request: &mut Request) -> Result<(), Problem> {
    let body = request.take_body();
    if body.is_empty() || is_upload(request) {
        request.set_body(body);
        return Ok(());
    }
    let too_large =
        || Problem::new(Code::TooLarge).detail(format!("The body has at most {MAX_BODY_BYTES} bytes."));
    if content_length(request.headers()).is_some_and(|bytes| bytes > MAX_BODY_BYTES as u64) {
        return Err(too_large());
    }
    match body.into_bytes_limit(MAX_BODY_BYTES).await {
        Ok(bytes) => {
            request.set_body(bytes);
            Ok(())
        }
        Err(ReadBodyError::PayloadTooLarge) => Err(too_large()),
        Err(_) => Err(Problem::new(Code::Interrupted)),
    }
}

/// The declared size of a body in bytes.
pub(super) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Photos are posted to an album's photos, as multipart.
fn is_upload(request: &Request) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let multipart = content_type
        .and_then(|value| value.get(..MULTIPART.len()))
        .is_some_and(|start| start.eq_ignore_ascii_case(MULTIPART));
    request.method() == Method::POST && request.uri().path().ends_with("/photos") && multipart
}

const MULTIPART: &str = "multipart/form-data";
