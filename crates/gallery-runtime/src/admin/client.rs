//! The end at the command line: asks the server of a data folder to carry a command out, and passes
//! on what it says.
//!
//! Must not know what to do when there is no such server. Tests are in `tests/mod.rs` beside it.

use std::io;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use tokio::io::{AsyncBufRead, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::args::Admin;
use super::output::Output;
use super::protocol::{self, Frame, LONGEST_FRAME, PROTOCOL, Request, VERSION};
use super::socket;
use super::store::Store;
use crate::folder::DataFolder;

/// A server accepts or refuses a command within this time, whatever it does besides.
const REPLY_TIMEOUT: Duration = Duration::from_secs(10);

/// What became of a command.
#[derive(Debug)]
pub enum Reply {
    /// The server carried it out, to this exit code.
    Done(u8),
    /// No server of this store is there, for this reason; nothing was done.
    Absent(String),
}

/// Asks the server that has this store. An error when it refused the command, when the command
/// failed, or when the server ended before the command did.
pub async fn ask(folder: &DataFolder, store: &Store, command: &Admin, out: &mut dyn Output) -> Result<Reply> {
    let place = socket::path(folder.path());
    let stream = match reach(folder).await {
        Ok(stream) => stream,
        Err(error) => return Ok(Reply::Absent(format!("{}: {error:#}", place.display()))),
    };
    let mut stream = BufReader::new(stream);
    let begun = timeout(REPLY_TIMEOUT, begin(&mut stream, store, command)).await;
    let absent = |why: &str| Ok(Reply::Absent(format!("{}: {why}", place.display())));
    match begun {
        Ok(Ok(Some(Frame::Accepted))) => {}
        Ok(Ok(Some(Frame::OtherStore(name)))) => {
            return absent(&format!("the server there has another store, {name}"));
        }
        Ok(Ok(Some(Frame::Refused(why)))) => bail!("the running server refuses: {why}"),
        Ok(Ok(Some(_)) | Err(_)) => return absent("the process there is no server of this program"),
        Ok(Ok(None)) => return absent("the process there hung up"),
        Err(_) => return absent("the process there does not answer"),
    }
    relay(&mut stream, out).await.map(Reply::Done)
}

/// Connects to whoever listens, if that is a process of somebody who may write in the folder
/// anyway.
async fn reach(folder: &DataFolder) -> Result<UnixStream> {
    let stream = match socket::connect(folder.path()).await {
        Ok(stream) => stream,
        Err(error) if socket::is_left_over(&error) => bail!("no server listens there"),
        Err(error) => return Err(error.into()),
    };
    socket::check_peer(&stream, &[socket::owner(folder.path())?])?;
    Ok(stream)
}

async fn begin(
    stream: &mut BufReader<UnixStream>,
    store: &Store,
    command: &Admin,
) -> io::Result<Option<Frame>> {
    let command = serde_json::to_value(command)?;
    let (version, store) = (VERSION.to_owned(), store.name().to_owned());
    let request = protocol::line(&Request { protocol: PROTOCOL, version, store, command })?;
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
    let gone = "the server ended before the command was done";
    loop {
        match protocol::read(stream, LONGEST_FRAME).await.context(gone)?.context(gone)? {
            Frame::Out(text) => out.write(&text).await?,
            Frame::Note(text) => out.note(&text).await?,
            Frame::Failed(why) => return Err(anyhow!(why)),
            Frame::Exit(code) => return Ok(code),
            Frame::OtherStore(_) | Frame::Refused(_) | Frame::Accepted => bail!(gone),
        }
    }
}
