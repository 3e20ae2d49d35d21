//! What goes over the socket: one [`Request`], then [`Frame`]s until one that ends the command.
//! Each is a line of JSON.
//!
//! Both ends are the same program most of the time. When they are not, each knows by the protocol's
//! number and the program's version. Must not know sockets. Tests are beside the code.

use std::io;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

/// The number of this form of requests and frames; `protocol` and `version` stay in every form.
pub const PROTOCOL: u32 = 1;
/// The program's version, which both ends must have in common: it decides what a command means.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The longest request, in bytes.
pub const LONGEST_REQUEST: u64 = 16 << 10;
/// The longest frame, in bytes: twice what [`CHUNK`] can become when every byte of it is escaped.
pub const LONGEST_FRAME: u64 = 1 << 20;
/// The most text of one frame, in bytes.
pub const CHUNK: usize = 64 << 10;

/// What a client wants.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    pub protocol: u32,
    pub version: String,
    /// The name of the store that the client's configuration means.
    pub store: String,
    /// The tag of the language of whoever asked. A program of a version without it says nothing,
    /// and gets English.
    #[serde(default)]
    pub language: String,
    /// The command, which only a program of the same version can read.
    pub command: serde_json::Value,
}

/// What a server says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frame {
    /// The server has another store, of this name: the client may open its own.
    OtherStore(String),
    /// The server will not do it, for this reason.
    Refused(String),
    /// The server will do it. Always the first frame then, and at once.
    Accepted,
    /// Text for standard output.
    Out(String),
    /// A line for standard error.
    Note(String),
    /// The command failed, for this reason. Nothing follows.
    Failed(String),
    /// The command ended with this exit code. Nothing follows.
    Exit(u8),
}

/// Something as a line.
pub fn line(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}

/// Reads a line of at most so many bytes. `None` when the other end is gone.
pub async fn read<T: DeserializeOwned>(
    reader: &mut (impl AsyncBufRead + Unpin),
    longest: u64,
) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    reader.take(longest).read_until(b'\n', &mut line).await?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        let too_long = line.len() as u64 == longest;
        let what = if too_long { "a line that is too long" } else { "a line without an end" };
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    }
    Ok(Some(serde_json::from_slice(&line)?))
}

/// Text in pieces of at most [`CHUNK`] bytes, cut between characters.
pub fn chunks(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (chunk, rest) = text.split_at(text.floor_char_boundary(CHUNK));
        text = rest;
        (!chunk.is_empty()).then_some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_from(bytes: &[u8], longest: u64) -> io::Result<Option<Frame>> {
        read(&mut &*bytes, longest).await
    }

    #[tokio::test]
    async fn frames_are_read_as_they_were_written() {
        let frames = [
            Frame::OtherStore("gallery.redb".to_owned()),
            Frame::Refused("no".to_owned()),
            Frame::Accepted,
            Frame::Out("a\nb\u{1b}".to_owned()),
            Frame::Note(String::new()),
            Frame::Failed("é".to_owned()),
            Frame::Exit(2),
        ];
        let bytes: Vec<u8> = frames.iter().flat_map(|frame| line(frame).unwrap()).collect();
        assert_eq!(bytes.split(|byte| *byte == b'\n').count(), frames.len() + 1);
        let mut reader = &*bytes;
        for frame in frames {
            assert_eq!(read::<Frame>(&mut reader, LONGEST_FRAME).await.unwrap(), Some(frame));
        }
        assert_eq!(read::<Frame>(&mut reader, LONGEST_FRAME).await.unwrap(), None);
    }

    #[tokio::test]
    async fn lines_too_long_cut_off_or_senseless_are_errors() {
        let accepted = b"\"accepted\"\n";
        let length = accepted.len() as u64;
        assert_eq!(read_from(accepted, length).await.unwrap(), Some(Frame::Accepted));
        for (bytes, longest) in [(&accepted[..], length - 1), (&accepted[..8], length), (b"\0\xff\n", length)]
        {
            assert_eq!(read_from(bytes, longest).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
    }

    #[test]
    fn chunks_are_the_text_and_fit_into_frames_however_they_are_escaped() {
        let text = "\u{1}".repeat(CHUNK - 1) + "é" + &"\u{1}".repeat(CHUNK);
        let pieces: Vec<&str> = chunks(&text).collect();
        assert_eq!(pieces.concat(), text);
        assert_eq!(pieces.len(), 3);
        for piece in pieces {
            assert!(line(&Frame::Out(piece.to_owned())).unwrap().len() as u64 <= LONGEST_FRAME);
        }
        assert_eq!(chunks("").count(), 0);
    }
}
