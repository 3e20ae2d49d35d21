//! Where in the bytes of a connection a request ends, as far as a timer has to know: has the next
//! one begun, when a request has been answered? What hyper keeps in its buffer it does not tell.
//! Knows neither sockets nor time, and refuses nothing: that is hyper's part. Tests are below, and
//! in `tests.rs` beside it.

/// What a request has behind its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// So many bytes; none for a request without a body.
    Known(u64),
    /// As many as its chunks have, of which the last one is followed by an empty line.
    Chunked,
}

/// What was read of a connection.
#[derive(Debug, Default)]
pub struct Framing {
    /// The last bytes.
    tail: [u8; 3],
    /// A byte of a header has come that is no empty line before it.
    begun: bool,
    /// Bytes behind the header; absent while it has not ended.
    behind: Option<u64>,
}

impl Framing {
    /// These bytes have come.
    pub fn read(&mut self, bytes: &[u8]) {
        if let Some(behind) = &mut self.behind {
            *behind += bytes.len() as u64;
            bytes.iter().rev().take(3).rev().for_each(|byte| self.push(*byte));
            return;
        }
        for (at, byte) in bytes.iter().enumerate() {
            self.push(*byte);
            self.begun |= !matches!(byte, b'\r' | b'\n');
            if self.begun && self.ends_with_empty_line() {
                self.behind = Some(0);
                return self.read(&bytes[at + 1..]);
            }
        }
    }

    /// The request whose header ended last has been answered: returns whether something of the next
    /// one has come. `alone` unless another request was in the same bytes; then only the last bytes
    /// can tell.
    pub fn next_has_begun(&mut self, length: Length, alone: bool) -> bool {
        let begun = match (length, self.behind.take()) {
            (Length::Known(length), Some(behind)) if alone => behind > length,
            _ => !self.ends_with_empty_line(),
        };
        self.begun = begun;
        begun
    }

    fn push(&mut self, byte: u8) {
        self.tail = [self.tail[1], self.tail[2], byte];
    }

    fn ends_with_empty_line(&self) -> bool {
        matches!(self.tail, [_, b'\n', b'\n'] | [b'\n', b'\r', b'\n'])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    /// Whether the next request has begun after these bytes, read in pieces of every size.
    fn begun(text: &str, length: Length, alone: bool) -> bool {
        let answers = (1..=text.len()).map(|size| {
            let mut framing = Framing::default();
            text.as_bytes().chunks(size).for_each(|piece| framing.read(piece));
            framing.next_has_begun(length, alone)
        });
        let answers: Vec<bool> = answers.collect();
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{text:?}: {answers:?}");
        answers[0]
    }

    #[test]
    fn a_request_alone_is_followed_by_nothing() {
        for (text, length) in [
            (GET.to_owned(), Length::Known(0)),
            (format!("\r\n{GET}"), Length::Known(0)),
            ("GET / HTTP/1.1\nHost: x\n\n".to_owned(), Length::Known(0)),
            (format!("{GET}12345"), Length::Known(5)),
            (format!("{GET}\r\n\r\n"), Length::Known(4)),
            (format!("{GET}5\r\n12345\r\n0\r\n\r\n"), Length::Chunked),
            (format!("{GET}5\r\n12345\r\n0\r\nX: y\r\n\r\n"), Length::Chunked),
        ] {
            assert!(!begun(&text, length, true), "{text:?}");
        }
    }

    #[test]
    fn what_comes_behind_a_request_is_noticed() {
        for next in ["G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nX: y\r"] {
            assert!(begun(&format!("{GET}{next}"), Length::Known(0), true));
            assert!(begun(&format!("{GET}12345{next}"), Length::Known(5), true));
            assert!(begun(&format!("{GET}5\r\n12345\r\n0\r\n\r\n{next}"), Length::Chunked, true));
            assert!(begun(&format!("{GET}{GET}{next}"), Length::Known(0), false));
        }
        assert!(!begun(&format!("{GET}{GET}"), Length::Known(0), false));
    }

    #[test]
    fn every_request_of_a_connection_is_told_apart() {
        let mut framing = Framing::default();
        for _ in 0..3 {
            framing.read(GET.as_bytes());
            framing.read(b"123");
            assert!(!framing.next_has_begun(Length::Known(3), true));
        }
        framing.read(GET.as_bytes());
        framing.read(&GET.as_bytes()[..9]);
        assert!(framing.next_has_begun(Length::Known(0), true));
        framing.read(&GET.as_bytes()[9..]);
        assert!(!framing.next_has_begun(Length::Known(0), true));
    }
}
