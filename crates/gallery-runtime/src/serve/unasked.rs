//! Answers that no endpoint makes: hyper's own to what is no request (400, 414, 431), and the
//! listener's to a connection too many. hyper lets nobody add to its answers; so the headers that
//! every answer of the site has are put in where the bytes go out. Knows neither sockets nor the
//! gallery. Tests are in `tests.rs` beside it.
//!
//! Nothing is guessed from the bytes. hyper begins a message of its own when it has written and
//! flushed every answer to its end, and no request has arrived since. Where that cannot be told,
//! because an answer before it was not yet taken, the bytes go out as they are.

use std::fmt::Write as _;

use bytes::{Buf, Bytes, BytesMut};
use poem::http::HeaderMap;

/// Headers as they are sent: each a line with its end.
#[derive(Debug, Clone, Default)]
pub struct HeaderLines(Bytes);

impl HeaderLines {
    /// These headers; one whose value is no text is left out.
    pub fn new(headers: &HeaderMap) -> Self {
        let mut lines = String::new();
        for (name, value) in headers {
            if let Ok(value) = value.to_str() {
                let _ = write!(lines, "{name}: {value}\r\n");
            }
        }
        Self(lines.into())
    }

    /// The message with these headers behind its first line; `None` when it is no message of
    /// HTTP/1.
    pub fn put_into(&self, message: &[u8]) -> Option<Bytes> {
        if !message.starts_with(b"HTTP/1.") {
            return None;
        }
        let behind_first = message.windows(2).position(|pair| pair == b"\r\n")? + 2;
        let mut bytes = BytesMut::with_capacity(message.len() + self.0.len());
        bytes.extend_from_slice(&message[..behind_first]);
        bytes.extend_from_slice(&self.0);
        bytes.extend_from_slice(&message[behind_first..]);
        Some(bytes.freeze())
    }
}

/// What goes out on one connection, as far as it tells hyper's own answers from the others.
pub struct Unasked {
    headers: HeaderLines,
    /// Requests that had arrived when every answer was written and flushed; absent since something
    /// was written after that.
    complete_after: Option<u64>,
    /// What is sent in place of hyper's bytes, and how many of them it stands for.
    sending: Option<(Bytes, usize)>,
    has_begun: bool,
}

impl Unasked {
    pub fn new(headers: HeaderLines) -> Self {
        Self { headers, complete_after: Some(0), sending: None, has_begun: false }
    }

    /// hyper has nothing more to write: so many requests have arrived and were answered.
    pub fn flushed(&mut self, asked: u64, answered: u64) {
        if asked == answered {
            self.complete_after = Some(asked);
        }
    }

    /// hyper writes these bytes, when so many requests have arrived. Returns what to send instead
    /// of them, if anything.
    pub fn replaced(&mut self, asked: u64, bytes: &[u8]) -> Option<&mut Bytes> {
        if self.sending.is_none() && self.complete_after.take() == Some(asked) {
            self.has_begun = true;
            self.sending = self.headers.put_into(bytes).map(|instead| (instead, bytes.len()));
        }
        self.sending.as_mut().map(|(instead, _)| instead)
    }

    /// So many bytes of what [`replaced`](Self::replaced) returned were sent. Returns how many of
    /// hyper's that is, when it was all.
    pub fn sent(&mut self, bytes: usize) -> Option<usize> {
        let (instead, stands_for) = self.sending.as_mut()?;
        instead.advance(bytes);
        let whole = (!instead.has_remaining()).then_some(*stands_for)?;
        self.sending = None;
        Some(whole)
    }

    /// hyper has answered what was no request: it reads nothing more.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }
}
