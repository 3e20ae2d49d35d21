//! Bounds on bodies. Uploads are streamed and counted by the gallery itself; every other body is
//! small and is read here, so that no handler can read one without a limit.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use gallery_core::texts::Text;
use poem::http::{HeaderMap, Method, header};
use poem::{Body, Request};

use super::context::is_hook;
use super::{Code, Problem};

/// The most bytes of a JSON document or form: a description of 5,000 characters, escaped, fits.
pub const MAX_BODY_BYTES: usize = 128 * 1024;

/// The most bytes of a report of the mail system: as long as a message of Amazon SNS may be.
pub const MAX_REPORT_BYTES: usize = 256 * 1024;

/// What is read of a refused body, so that its sender sees the answer and not a broken connection.
const DRAINED_BYTES: usize = 64 * 1024 * 1024;
const DRAINED_FOR: Duration = Duration::from_secs(10);

const MULTIPART: &str = "multipart/form-data";

/// Reads the body of a request that is no upload, and puts it back.
pub(super) async fn bound(request: &mut Request) -> Result<(), Problem> {
    let body = request.take_body();
    if body.is_empty() || is_upload(request) {
        request.set_body(body);
        return Ok(());
    }
    let limit = if is_hook(request.uri().path()) { MAX_REPORT_BYTES } else { MAX_BODY_BYTES };
    let declared = content_length(request.headers());
    if declared.is_some_and(|bytes| bytes > limit as u64) {
        drain(body.into_bytes_stream());
        return Err(too_large(limit));
    }
    request.set_body(collect(body, limit).await?);
    Ok(())
}

async fn collect(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let mut stream = Box::pin(body.into_bytes_stream());
    let mut collected = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Problem::new(Code::Interrupted))?;
        if collected.len() + chunk.len() > limit {
            drain(stream);
            return Err(too_large(limit));
        }
        collected.extend_from_slice(&chunk);
    }
    Ok(collected.freeze())
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::TooLarge).detail(Text::new("request-body-limit").with("limit", limit))
}

/// Reads on in the background and throws away, for a while: the answer is sent meanwhile.
pub(super) fn drain<S>(stream: S)
where
    S: Stream<Item = std::io::Result<Bytes>> + Send + 'static,
{
    let read = async {
        let mut stream = std::pin::pin!(stream);
        let mut bytes = 0;
        while let Some(Ok(chunk)) = stream.next().await {
            bytes += chunk.len();
            if bytes > DRAINED_BYTES {
                break;
            }
        }
    };
    tokio::spawn(tokio::time::timeout(DRAINED_FOR, read));
}

/// The declared size of a body in bytes.
pub(super) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Photos are posted to an album's photos, as multipart.
fn is_upload(request: &Request) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let start = content_type.and_then(|value| value.get(..MULTIPART.len()));
    let multipart = start.is_some_and(|start| start.eq_ignore_ascii_case(MULTIPART));
    request.method() == Method::POST && request.uri().path().ends_with("/photos") && multipart
}
