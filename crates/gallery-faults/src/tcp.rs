//! A proxy that passes bytes on, for protocols it does not understand (MySQL).

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;

use crate::gate::{Flow, Gate};
use crate::host::Host;
use crate::line::Line;

/// The most bytes that are passed on at once.
const CHUNK: usize = 64 * 1024;

/// A proxy before an engine that speaks over TCP; it stops when dropped.
pub struct TcpProxy {
    host: Host,
    book: Arc<Book>,
}

/// What the proxy was told to do, and what it saw.
#[derive(Default)]
struct Book {
    traps: Mutex<Vec<Trap>>,
    connections: AtomicUsize,
    sprung: AtomicUsize,
}

/// Springs once, on the first request that holds these bytes.
struct Trap {
    words: Vec<u8>,
    lost: Lost,
}

/// What gets lost, together with the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    Request,
    Reply,
}

/// The connection is to be reset.
struct Broken;

impl From<std::io::Error> for Broken {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

impl TcpProxy {
    /// Starts a proxy before the engine at this address, on a free port.
    pub fn start(upstream: SocketAddr) -> Self {
        let book = Arc::new(Book::default());
        let shared = Arc::clone(&book);
        let host = Host::start(move |client, gate| {
            let book = Arc::clone(&shared);
            book.connections.fetch_add(1, Ordering::SeqCst);
            carry(client, upstream, gate, book)
        });
        Self { host, book }
    }

    /// Where clients are to connect to.
    pub fn address(&self) -> SocketAddr {
        self.host.address()
    }

    /// How many connections there have been, of those that were not refused.
    pub fn connections(&self) -> usize {
        self.book.connections.load(Ordering::SeqCst)
    }

    /// Resets every connection, and every new one, until [`restore`](Self::restore).
    pub fn cut(&self) {
        self.host.set(Flow::Cut);
    }

    /// Holds everything back, without an error to the client, until [`restore`](Self::restore).
    pub fn stall(&self) {
        self.host.set(Flow::Stalled);
    }

    /// Lets traffic pass again after [`cut`](Self::cut) or [`stall`](Self::stall).
    pub fn restore(&self) {
        self.host.set(Flow::Open);
    }

    /// Once: resets the connection over which a request with these bytes comes, before the engine
    /// hears of it. The bytes must come in one packet, as a short statement does (`COMMIT`).
    pub fn lose_request(&self, words: impl AsRef<[u8]>) {
        self.book.set(Trap { words: words.as_ref().to_owned(), lost: Lost::Request });
    }

    /// Once: passes a request with these bytes on, waits until the engine replies, and resets the
    /// connection: done, but the reply was lost.
    pub fn lose_reply(&self, words: impl AsRef<[u8]>) {
        self.book.set(Trap { words: words.as_ref().to_owned(), lost: Lost::Reply });
    }

    /// How many requests and replies were lost this way so far.
    pub fn lost(&self) -> usize {
        self.book.sprung.load(Ordering::SeqCst)
    }
}

impl Book {
    fn set(&self, trap: Trap) {
        assert!(!trap.words.is_empty(), "every request holds no bytes");
        self.traps.lock().unwrap_or_else(PoisonError::into_inner).push(trap);
    }

    /// What these bytes of a client lose; the trap is gone then.
    fn spring(&self, bytes: &[u8]) -> Option<Lost> {
        let mut traps = self.traps.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |trap: &Trap| bytes.windows(trap.words.len()).any(|window| window == trap.words);
        let trap = traps.iter().position(fits).map(|place| traps.remove(place))?;
        Some(trap.lost)
    }
}

/// A connection of a client and the one to the engine that belongs to it; both end together.
struct Pair {
    gate: Arc<Gate>,
    book: Arc<Book>,
    /// The next bytes from the engine are the ones to lose.
    losing: AtomicBool,
}

async fn carry(client: Line, upstream: SocketAddr, gate: Arc<Gate>, book: Arc<Book>) {
    let fate = client.fate();
    // An engine that is away is away for the client, too.
    let Ok(engine) = TcpStream::connect(upstream).await else { return fate.doom() };
    let engine = Line::new(engine, fate.clone());
    let (mut from_client, mut to_client) = split(client);
    let (mut from_engine, mut to_engine) = split(engine);
    let pair = Pair { gate, book, losing: AtomicBool::new(false) };
    let requests = pair.requests(&mut from_client, &mut to_engine);
    let replies = pair.replies(&mut from_engine, &mut to_client);
    if tokio::try_join!(requests, replies).is_err() {
        // While both connections still stand.
        fate.doom();
    }
}

impl Pair {
    async fn requests(
        &self,
        client: &mut ReadHalf<Line>,
        engine: &mut WriteHalf<Line>,
    ) -> Result<(), Broken> {
        let mut buffer = vec![0; CHUNK];
        loop {
            let read = client.read(&mut buffer).await?;
            self.gate.opened().await;
            if read == 0 {
                return Ok(engine.shutdown().await?);
            }
            match self.book.spring(&buffer[..read]) {
                None => {}
                Some(Lost::Request) => return Err(self.broken()),
                Some(Lost::Reply) => self.losing.store(true, Ordering::SeqCst),
            }
            engine.write_all(&buffer[..read]).await?;
        }
    }

    async fn replies(&self, engine: &mut ReadHalf<Line>, client: &mut WriteHalf<Line>) -> Result<(), Broken> {
        let mut buffer = vec![0; CHUNK];
        loop {
            let read = engine.read(&mut buffer).await?;
            self.gate.opened().await;
            if self.losing.load(Ordering::SeqCst) {
                return Err(self.broken());
            }
            if read == 0 {
                return Ok(client.shutdown().await?);
            }
            client.write_all(&buffer[..read]).await?;
        }
    }

    fn broken(&self) -> Broken {
        self.book.sprung.fetch_add(1, Ordering::SeqCst);
        Broken
    }
}
