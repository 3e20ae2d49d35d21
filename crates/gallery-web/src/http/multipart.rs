//! The parts of a multipart form, as they arrive.
//!
//! The parser takes from the body whatever it can get, and keeps what it cannot interpret yet.
//! [`ThrottledBody`] stands before it: it hands out one small piece at a time, and ends the body
//! when the parser makes nothing of what it has. What the parser does make of it is counted byte by
//! byte: texts with their headers by a [`Form`], a file by whoever receives it. Tests of odd forms
//! are in `tests/it/uploads.rs`.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use gallery_core::ports::ByteStream;
use gallery_core::texts::Text;
use poem::Body;

use super::body::drain;
use super::{Code, Problem};

/// The most bytes of a form's texts with their headers.
const TEXT_BYTES: usize = 128 * 1024;
/// The most bytes that the parser is given at a time.
const PIECE_BYTES: usize = 32 * 1024;
/// The most bytes that the parser may keep without making a part, or a piece of one, of them: some
/// pieces, and a header.
const UNREAD_BYTES: usize = 4 * PIECE_BYTES;
/// What a header has besides its fields: the boundary with its dashes and line ends, about.
const AROUND_HEADER: usize = 80;

/// A form being read.
pub(super) struct Form {
    parser: multer::Multipart<'static>,
    counts: Arc<Counts>,
}

/// One part of a form.
pub(super) struct Part {
    field: multer::Field<'static>,
    name: String,
    file_name: Option<String>,
    header_bytes: usize,
    counts: Arc<Counts>,
}

/// What a form may still have.
struct Counts {
    /// Bytes of headers and texts.
    texts: AtomicUsize,
    /// Bytes that the parser has got since it made something of what it had.
    unread: AtomicUsize,
    /// The parser has made something of what it had since it asked last: it may make more of it,
    /// and gets nothing yet.
    fresh: AtomicBool,
}

impl Counts {
    /// Counts bytes of texts.
    fn charge(&self, bytes: usize) -> Result<(), Problem> {
        let left = self.texts.load(Ordering::Relaxed).checked_sub(bytes).ok_or_else(too_large)?;
        self.texts.store(left, Ordering::Relaxed);
        Ok(())
    }

    /// The parser has made something of what it had.
    fn made(&self) {
        self.unread.store(0, Ordering::Relaxed);
        self.fresh.store(true, Ordering::Relaxed);
    }
}

impl Form {
    /// The form in this body.
    pub(super) fn new(boundary: String, body: Body) -> Self {
        let counts = Arc::new(Counts {
            texts: AtomicUsize::new(TEXT_BYTES),
            unread: AtomicUsize::new(0),
            fresh: AtomicBool::new(false),
        });
        let body = ThrottledBody {
            stream: Some(Box::pin(body.into_bytes_stream())),
            piece: Bytes::new(),
            pause: false,
            counts: counts.clone(),
        };
        Self { parser: multer::Multipart::new(body, boundary), counts }
    }

    /// The next part; the one before it must have been read.
    pub(super) async fn next(&mut self) -> Result<Option<Part>, Problem> {
        let Some(field) = self.parser.next_field().await.map_err(|error| problem(&error))? else {
            return Ok(None);
        };
        self.counts.made();
        let fields = field.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
        Ok(Some(Part {
            name: field.name().map(decoded).unwrap_or_default(),
            file_name: field.file_name().map(decoded),
            header_bytes: fields.sum::<usize>() + AROUND_HEADER,
            counts: self.counts.clone(),
            field,
        }))
    }
}

impl Part {
    /// The part's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The name of its file, if the sender gave one.
    pub(super) fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// Bytes of its header.
    pub(super) fn header_bytes(&self) -> usize {
        self.header_bytes
    }

    /// The part as a text.
    pub(super) async fn text(mut self) -> Result<String, Problem> {
        self.counts.charge(self.header_bytes)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = self.field.chunk().await.map_err(|error| problem(&error))? {
            self.counts.made();
            self.counts.charge(chunk.len())?;
            bytes.extend_from_slice(&chunk);
        }
        String::from_utf8(bytes).map_err(|_| malformed("request-field-not-utf8"))
    }

    /// The part's bytes, without a limit: whoever receives them counts.
    pub(super) fn into_stream(self) -> ByteStream {
        Box::pin(FileStream { field: self.field, counts: self.counts })
    }
}

/// A name as it was before a browser escaped it for the header: quotes and line ends, and nothing
/// else (HTML Standard, "multipart/form-data encoding algorithm").
fn decoded(name: &str) -> String {
    name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

/// The bytes of a file.
struct FileStream {
    field: multer::Field<'static>,
    counts: Arc<Counts>,
}

impl Stream for FileStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let chunk = std::task::ready!(Pin::new(&mut self.field).poll_next(context));
        self.counts.made();
        Poll::Ready(chunk.map(|chunk| chunk.map_err(io::Error::other)))
    }
}

fn malformed(key: &'static str) -> Problem {
    Problem::new(Code::Malformed).detail(Text::new(key))
}

fn too_large() -> Problem {
    Problem::new(Code::TooLarge).detail(Text::new("request-form-texts-limit").with("limit", TEXT_BYTES))
}

/// The parser has got so much and found no part's beginning in it.
fn header_too_large() -> Problem {
    Problem::new(Code::TooLarge).detail(Text::new("request-file-name-limit").with("limit", UNREAD_BYTES))
}

fn problem(error: &multer::Error) -> Problem {
    let multer::Error::StreamReadFailed(source) = error else {
        return malformed("request-bad-multipart");
    };
    match source.downcast_ref() {
        Some(BodyError::Exceeded) => header_too_large(),
        _ => Problem::new(Code::Interrupted),
    }
}

/// Why a body ended before its end.
#[derive(Debug, thiserror::Error)]
enum BodyError {
    #[error("the header of a part is too large")]
    Exceeded,
    #[error("the body was interrupted")]
    Interrupted(#[source] io::Error),
}

/// The body in small pieces, as long as the parser makes something of them.
struct ThrottledBody {
    stream: Option<ByteStream>,
    piece: Bytes,
    pause: bool,
    counts: Arc<Counts>,
}

impl ThrottledBody {
    fn hand_out(&mut self) -> Result<Bytes, BodyError> {
        let piece = self.piece.split_to(self.piece.len().min(PIECE_BYTES));
        let unread = self.counts.unread.fetch_add(piece.len(), Ordering::Relaxed) + piece.len();
        if unread > UNREAD_BYTES {
            return Err(BodyError::Exceeded);
        }
        self.pause = true;
        Ok(piece)
    }
}

impl Stream for ThrottledBody {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.counts.fresh.swap(false, Ordering::Relaxed) || std::mem::take(&mut self.pause) {
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
                    return Poll::Ready(end.map(|end| end.map_err(BodyError::Interrupted)));
                }
            }
        }
        Poll::Ready(Some(self.hand_out()))
    }
}

/// A form that is refused is read on for a while, so that its sender sees the answer.
impl Drop for ThrottledBody {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take() {
            drain(stream);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_browsers_escaped() {
        for (sent, meant) in [
            ("5%22 print.jpg", "5\" print.jpg"),
            ("a%0D%0Ab.jpg", "a\r\nb.jpg"),
            ("100%25 %41 %2F %0d %.jpg", "100%25 %41 %2F %0d %.jpg"),
            ("%2522.jpg", "%2522.jpg"),
        ] {
            assert_eq!(decoded(sent), meant);
        }
    }
}
