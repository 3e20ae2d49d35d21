//! The end at the command line: asks the server of a data folder to carry a command out, and passes
//! on what it says.
//!
//! Must not know what to do when there is no such server. Tests are in `tests/mod.rs` beside it.

use std::io;
use std::time::Duration;

use anyhow::{Result, anyhow};
use gallery_core::texts::{Argument, Language, Text};
use tokio::io::{AsyncBufRead, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::args::Admin;
use super::output::Output;
use super::protocol::{self, Frame, LONGEST_FRAME, PROTOCOL, Request, VERSION};
use super::socket;
use super::store::Store;
use crate::failure::{self, Failure, OrSay as _};
use crate::folder::DataFolder;

/// A server accepts or refuses a command within this time, whatever it does besides.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);

/// What became of a command.
#[derive(Debug)]
pub enum Reply {
    /// The server carried it out, to this exit code.
    Done(u8),
    /// No server of this store is there, for this reason; nothing was done.
    Absent(Text),
}

/// Asks the server that has this store. An error when it refused the command, when the command
/// failed, or when the server ended before the command did.
pub async fn ask(
    folder: &DataFolder,
    store: &Store,
    command: &Admin,
    language: Language,
    out: &mut dyn Output,
) -> Result<Reply> {
    let place = socket::path(folder.path()).display().to_string();
    let absent = |reason: Argument| {
        Ok(Reply::Absent(Text::new("admin-absent").with("socket", &place).with("reason", reason)))
    };
    let stream = match reach(folder).await {
        Ok(stream) => stream,
        Err(error) => return absent(failure::in_language(&error, language).into()),
    };
    let mut stream = BufReader::new(stream);
    let begun = timeout(REPLY_TIMEOUT, begin(&mut stream, store, command, language)).await;
    match begun {
        Ok(Ok(Some(Frame::Accepted))) => {}
        Ok(Ok(Some(Frame::OtherStore(name)))) => {
            return absent(Text::new("admin-absent-other-store").with("store", name).into());
        }
        Ok(Ok(Some(Frame::Refused(why)))) => {
            return Err(Failure::new(Text::new("admin-server-refuses").with("reason", why)).into());
        }
        Ok(Ok(Some(_)) | Err(_)) => return absent(Text::new("admin-absent-no-server").into()),
        Ok(Ok(None)) => return absent(Text::new("admin-absent-hung-up").into()),
        Err(_) => return absent(Text::new("admin-absent-silent").into()),
    }
    relay(&mut stream, out).await.map(Reply::Done)
}

/// Connects to whoever listens, if that is a process of somebody who may write in the folder
/// anyway.
async fn reach(folder: &DataFolder) -> Result<UnixStream> {
    let stream = match socket::connect(folder.path()).await {
        Ok(stream) => stream,
        Err(error) if socket::is_left_over(&error) => {
            return Err(Failure::new(Text::new("admin-absent-nobody")).into());
        }
        Err(error) => return Err(error.into()),
    };
    socket::check_peer(&stream, &[socket::owner(folder.path())?])?;
    Ok(stream)
}

async fn begin(
    stream: &mut BufReader<UnixStream>,
    store: &Store,
    command: &Admin,
    language: Language,
) -> io::Result<Option<Frame>> {
    let command = serde_json::to_value(command)?;
    let request = Request {
        protocol: PROTOCOL,
        version: VERSION.to_owned(),
        store: store.name().to_owned(),
        language: language.tag().to_owned(),
        command,
    };
    let request = protocol::line(&request)?;
    match stream.write_all(&request).await {
        // It may have said why before it hung up.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error),
        _ => {}
    }
    match protocol::read(stream, LONGEST_FRAME).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ok(None),
        read => read,
    }
}

/// Passes on what the server says, until the command has ended.
async fn relay(stream: &mut (impl AsyncBufRead + Unpin), out: &mut dyn Output) -> Result<u8> {
    let gone = || Text::new("admin-server-ended");
    loop {
        match protocol::read(stream, LONGEST_FRAME).await.or_say(gone)?.or_say(gone)? {
            Frame::Out(text) => out.write(&text).await?,
            Frame::Note(text) => out.note(&text).await?,
            // The server has said it in our language.
            Frame::Failed(why) => return Err(anyhow!(why)),
            Frame::Exit(code) => return Ok(code),
            Frame::OtherStore(_) | Frame::Refused(_) | Frame::Accepted => {
                return Err(Failure::new(gone()).into());
            }
        }
    }
}
