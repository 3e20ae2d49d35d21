//! The parts of a multipart form, as they arrive.
//!
//! The parser takes from the body whatever it can get, and keeps what it cannot interpret yet. [`Gate`] stands
//! before it: it hands out one small piece at a time, and ends the body when everything but the photo exceeds
//! its allowance. Tests of odd forms are in `tests/uploads.rs`.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use gallery_core::ports::ByteStream;
use poem::Body;

use super::body::drain;
use super::{Code, Problem};

/// The most bytes of everything but the photo: headers and texts of all parts.
const TEXT_BYTES: usize = 128 * 1024;
/// The most bytes that the parser is given at a time.
const PIECE_BYTES: usize = 32 * 1024;
/// The allowance while the photo is read: its receiver counts.
const UNLIMITED: usize = usize::MAX;

/// A form being read.
pub(super) struct Form {
    parser: multer::Multipart<'static>,
    allowance: Arc<AtomicUsize>,
}

/// One part of a form.
pub(super) struct Part {
    field: multer::Field<'static>,
    allowance: Arc<AtomicUsize>,
}

impl Form {
    /// The form in this body.
    pub(super) fn new(boundary: String, body: Body) -> Self {
        let allowance = Arc::new(AtomicUsize::new(TEXT_BYTES));
        let gate = Gate {
            stream: Some(Box::pin(body.into_bytes_stream())),
            piece: Bytes::new(),
            pause: false,
            allowance: allowance.clone(),
        };
        Self { parser: multer::Multipart::new(gate, boundary), allowance }
    }

    /// The next part; the one before it must have been read.
    pub(super) async fn next(&mut self) -> Result<Option<Part>, Problem> {
        let field = self.parser.next_field().await.map_err(|error| problem(&error))?;
        Ok(field.map(|field| Part { field, allowance: self.allowance.clone() }))
    }
}

impl Part {
    /// The part's name.
    pub(super) fn name(&self) -> &str {
        self.field.name().unwrap_or_default()
    }

    /// The name of its file, if the sender gave one.
    pub(super) fn file_name(&self) -> Option<&str> {
        self.field.file_name()
    }

    /// The part as a text.
    pub(super) async fn text(self) -> Result<String, Problem> {
        let bytes = self.field.bytes().await.map_err(|error| problem(&error))?;
        String::from_utf8(bytes.into()).map_err(|_| malformed("A field of the form is not UTF-8."))
    }

    /// The part's bytes, without a limit: whoever receives them counts.
    pub(super) fn into_stream(self) -> ByteStream {
        let left = self.allowance.swap(UNLIMITED, Ordering::Relaxed);
        Box::pin(FileStream { field: self.field, allowance: self.allowance, left })
    }
}

/// The bytes of a file. While it exists, the allowance is not touched.
struct FileStream {
    field: multer::Field<'static>,
    allowance: Arc<AtomicUsize>,
    left: usize,
}

impl Stream for FileStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.field).poll_next(context).map_err(io::Error::other)
    }
}

impl Drop for FileStream {
    fn drop(&mut self) {
        self.allowance.store(self.left, Ordering::Relaxed);
    }
}

fn malformed(detail: &'static str) -> Problem {
    Problem::new(Code::Malformed).detail(detail)
}

fn problem(error: &multer::Error) -> Problem {
    let multer::Error::StreamReadFailed(source) = error else {
        return malformed("The body is not well-formed multipart/form-data.");
    };
    match source.downcast_ref() {
        Some(GateError::Exceeded) => Problem::new(Code::TooLarge)
            .detail(format!("Everything but the photo has at most {TEXT_BYTES} bytes.")),
        _ => Problem::new(Code::Interrupted),
    }
}

/// Why a body ended before its end.
#[derive(Debug, thiserror::Error)]
enum GateError {
    #[error("the form's texts and headers are too large")]
    Exceeded,
    #[error("the body was interrupted")]
    Interrupted(#[source] io::Error),
}

/// The body in small pieces, within the allowance.
struct Gate {
    stream: Option<ByteStream>,
    piece: Bytes,
    pause: bool,
    allowance: Arc<AtomicUsize>,
}

impl Gate {
    fn hand_out(&mut self) -> Result<Bytes, GateError> {
        let piece = self.piece.split_to(self.piece.len().min(PIECE_BYTES));
        let left = self.allowance.load(Ordering::Relaxed);
        if left != UNLIMITED {
            if left < piece.len() {
                return Err(GateError::Exceeded);
            }
            self.allowance.store(left - piece.len(), Ordering::Relaxed);
        }
        self.pause = true;
        Ok(piece)
    }
}

impl Stream for Gate {
    type Item = Result<Bytes, GateError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.pause) {
            // Lets the parser interpret what it has before it asks for more.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.piece.is_empty() {
            let Some(stream) = &mut self.stream else { return Poll::Ready(None) };
            match std::task::ready!(stream.as_mut().poll_next(context)) {
                Some(Ok(bytes)) => self.piece = bytes,
                end => {
                    self.stream = None;
                    return Poll::Ready(end.map(|end| end.map_err(GateError::Interrupted)));
                }
            }
        }
        Poll::Ready(Some(self.hand_out()))
    }
}

/// A form that is refused is read on for a while, so that its sender sees the answer.
impl Drop for Gate {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take() {
            drain(stream);
        }
    }
}
