//! The end in a running server: takes commands at the socket and runs them on the server's own
//! gallery, one at a time.
//!
//! A command is dropped when the person who asked goes away, or takes nothing of its output for
//! long, and when the server stops. Must not know what commands do. Tests are in `tests/mod.rs`
//! beside it.

use std::io;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use futures_util::FutureExt as _;
use gallery_core::Gallery;
use gallery_core::texts::{Language, Text};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::args::Admin;
use super::commands::perform;
use super::output::Output;
use super::protocol::{self, Frame, LONGEST_REQUEST, PROTOCOL, Request, VERSION};
use super::socket::{self, SocketFile};
use super::store::Store;
use crate::failure::{self, Failure, OrSay as _};

/// How long to wait when the system has no more sockets to give.
const PAUSE: Duration = Duration::from_millis(100);

/// What is asked of clients.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Within which a request arrives completely.
    pub request: Duration,
    /// For which a client may take nothing of a command's output: somebody may read it in a pager.
    pub stalled: Duration,
    /// Connections at one moment.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { request: Duration::from_secs(10), stalled: Duration::from_mins(5), connections: 16 }
    }
}

/// Takes commands until it is stopped or dropped.
pub struct Server {
    file: SocketFile,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Server {
    /// Binds the socket of this folder, for a process that has the store already.
    pub async fn start(folder: &Path, store: Store, gallery: Gallery) -> Result<Self> {
        Self::start_with(folder, store, gallery, Limits::default()).await
    }

    pub(super) async fn start_with(
        folder: &Path,
        store: Store,
        gallery: Gallery,
        limits: Limits,
    ) -> Result<Self> {
        let (listener, file) = socket::bind(folder).await?;
        let server = Self { file, tasks: TaskTracker::new(), stop: CancellationToken::new() };
        let hall = Hall {
            store,
            gallery,
            limits,
            turn: Mutex::new(()),
            running: watch::Sender::new(""),
            places: Semaphore::new(limits.connections),
        };
        server.tasks.spawn(accept(listener, Arc::new(hall), server.tasks.clone(), server.stop.clone()));
        server.tasks.close();
        Ok(server)
    }

    /// Removes the socket, drops the commands that still run, and returns when none uses the store
    /// any more.
    pub async fn stop(self) {
        drop(self.file);
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

async fn accept(listener: UnixListener, hall: Arc<Hall>, tasks: TaskTracker, stop: CancellationToken) {
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted at the socket for admin commands");
                sleep(PAUSE).await;
                continue;
            }
        };
        let (hall, stop) = (Arc::clone(&hall), stop.clone());
        tasks.spawn(async move {
            // In this order, so that no command that waits begins when the one before it is
            // dropped.
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                () = hall.serve(stream) => {}
            }
        });
    }
}

/// Where clients are received, and wait for their turn.
struct Hall {
    store: Store,
    gallery: Gallery,
    limits: Limits,
    /// Whose command runs.
    turn: Mutex<()>,
    /// The name of that command.
    running: watch::Sender<&'static str>,
    places: Semaphore,
}

impl Hall {
    async fn serve(&self, stream: UnixStream) {
        let peer = socket::check_peer(&stream, &[]);
        let (reader, writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        // Until the request says it, nobody knows the language of whoever asks.
        let language = Language::default();
        let mut client = Client { writer, language, stalled: self.limits.stalled, lost: false };
        let Ok(_place) = self.places.try_acquire() else {
            let _ = client.send(&Frame::Refused("too many admin commands wait already".to_owned())).await;
            return;
        };
        if let Err(error) = peer {
            tracing::warn!(error = format!("{error:#}"), "an admin command was refused");
            let _ = client.send(&Frame::Refused("it belongs to another user".to_owned())).await;
            return;
        }
        let request = timeout(self.limits.request, protocol::read(&mut reader, LONGEST_REQUEST)).await;
        let request: Result<Request, Frame> = match request {
            Ok(Ok(Some(request))) => Ok(request),
            Ok(Ok(None)) => return,
            Ok(Err(error)) => Err(Frame::Refused(format!("the request makes no sense: {error}"))),
            Err(_) => Err(Frame::Refused("the request did not come in time".to_owned())),
        };
        if let Ok(request) = &request {
            client.language = request.language.parse().unwrap_or_default();
        }
        let last = match request.and_then(|request| self.admit(request, client.language)) {
            Err(refusal) => refusal,
            Ok(command) => tokio::select! {
                outcome = self.run(command, &mut client) => match outcome {
                    Ok(code) => Frame::Exit(code),
                    Err(error) => Frame::Failed(failure::in_language(&error, client.language)),
                },
                () = gone(&mut reader) => return,
            },
        };
        // Whoever has gone away needs no answer.
        let _ = client.send(&last).await;
    }

    /// The command, if it is for this store and this program.
    fn admit(&self, request: Request, language: Language) -> Result<Admin, Frame> {
        if request.store != self.store.name() {
            return Err(Frame::OtherStore(self.store.name().to_owned()));
        }
        let refused = |text: Text| Frame::Refused(text.in_language(language));
        if request.protocol != PROTOCOL || request.version != VERSION {
            return Err(refused(
                Text::new("admin-refused-version").with("server", VERSION).with("client", request.version),
            ));
        }
        serde_json::from_value(request.command)
            .map_err(|error| refused(Text::new("admin-refused-unknown").with("error", error.to_string())))
    }

    async fn run(&self, command: Admin, client: &mut Client) -> Result<u8> {
        client.send(&Frame::Accepted).await?;
        let _turn = if let Ok(turn) = self.turn.try_lock() {
            turn
        } else {
            let running = *self.running.borrow();
            let waiting = Text::new("admin-waiting").with("command", running);
            client.note(&waiting.in_language(client.language)).await?;
            self.turn.lock().await
        };
        let name = command.name();
        self.running.send_replace(name);
        tracing::info!(command = name, "runs an admin command for the command line");
        let performed = perform(&self.gallery, command, client.language, client);
        // A panic is a defect of one command; whoever asked is told, and the server lives on.
        let outcome = AssertUnwindSafe(performed).catch_unwind().await;
        outcome.unwrap_or_else(|_| Err(Failure::new(Text::new("admin-panicked")).into()))
    }
}

/// Returns when the client has closed the connection, or says something after its request, which no
/// client does.
async fn gone(reader: &mut (impl AsyncRead + Unpin)) {
    let _ = reader.read(&mut [0]).await;
}

/// The person who asked.
struct Client {
    writer: OwnedWriteHalf,
    language: Language,
    stalled: Duration,
    /// Whether a frame was not taken; what follows it would be read as part of it.
    lost: bool,
}

impl Client {
    async fn send(&mut self, frame: &Frame) -> io::Result<()> {
        if self.lost {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.lost = true;
        timeout(self.stalled, self.writer.write_all(&protocol::line(frame)?)).await??;
        self.lost = false;
        Ok(())
    }
}

#[async_trait]
impl Output for Client {
    async fn write(&mut self, text: &str) -> Result<()> {
        for chunk in protocol::chunks(text) {
            self.send(&Frame::Out(chunk.to_owned())).await.or_say(|| Text::new("admin-output-stalled"))?;
        }
        Ok(())
    }

    async fn note(&mut self, text: &str) -> Result<()> {
        self.send(&Frame::Note(text.to_owned())).await.or_say(|| Text::new("admin-output-stalled"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_ends_the_command() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (_reader, writer) = ours.into_split();
        let (language, stalled) = (Language::English, Duration::from_mins(5));
        let mut client = Client { writer, language, stalled, lost: false };
        let much = "x".repeat(8 << 20);
        let error = client.write(&much).await.unwrap_err();
        assert_eq!(error.to_string(), "nobody takes the output");
        // What is half said is not followed by anything.
        assert!(client.send(&Frame::Exit(0)).await.is_err());
        drop(theirs);
    }
}
