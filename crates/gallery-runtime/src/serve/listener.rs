//! Accepting connections: a bounded number of them, each a task of its own, until it is told to
//! stop. Must not know the gallery. Tests are in `tests/it/listener.rs`.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gallery_core::texts::Text;
use poem::endpoint::{DynEndpoint, ToDynEndpoint};
use poem::http::HeaderMap;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::{self, Ends, Timeouts};
use super::unasked::HeaderLines;
use crate::failure::OrSay as _;
use crate::metrics::Metrics;

/// The answer to a connection that is one too many, without the site's headers.
const REFUSAL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
/// How long to wait when the system has no more sockets to give.
const PAUSE: Duration = Duration::from_millis(100);

/// Opens the port that the setting of this name has chosen. Nothing is accepted before
/// [`Listener::run`].
pub async fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .or_say(|| Text::new("start-listen").with("address", address.to_string()).with("setting", setting))
}

/// Accepts connections and serves them.
pub struct Listener {
    socket: TcpListener,
    endpoint: Arc<dyn DynEndpoint<Output = Response>>,
    timeouts: Timeouts,
    headers: HeaderLines,
    refusal: Bytes,
    places: Arc<Semaphore>,
    metrics: Arc<Metrics>,
    connections: TaskTracker,
    /// Ends connections at once.
    cut: CancellationToken,
}

impl Listener {
    /// A listener that serves this endpoint to at most `max_connections` at once.
    pub fn new<E>(
        socket: TcpListener,
        endpoint: E,
        timeouts: Timeouts,
        max_connections: u32,
        metrics: Arc<Metrics>,
    ) -> Self
    where
        E: Endpoint<Output = Response> + 'static,
    {
        Self {
            socket,
            endpoint: Arc::new(ToDynEndpoint(endpoint)),
            timeouts,
            headers: HeaderLines::default(),
            refusal: Bytes::from_static(REFUSAL),
            places: Arc::new(Semaphore::new(max_connections as usize)),
            metrics,
            connections: TaskTracker::new(),
            cut: CancellationToken::new(),
        }
    }

    /// Has these headers on answers that the endpoint does not make: to what is no request, and to
    /// a connection too many.
    #[must_use]
    pub fn with_headers(mut self, headers: &HeaderMap) -> Self {
        self.headers = HeaderLines::new(headers);
        self.refusal = self.headers.put_into(REFUSAL).unwrap_or(self.refusal);
        self
    }

    /// Serves until `stop` is cancelled, then closes the port, lets the requests under way finish
    /// for up to `grace`, and returns.
    pub async fn run(self, stop: CancellationToken, grace: Duration) {
        while let Some(accepted) = stop.run_until_cancelled(self.socket.accept()).await {
            match accepted {
                Ok((stream, remote)) => self.serve(stream, remote, &stop),
                Err(error) if is_the_clients_doing(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    sleep(PAUSE).await;
                }
            }
        }
        drop(self.socket);
        self.connections.close();
        if tokio::time::timeout(grace, self.connections.wait()).await.is_err() {
            tracing::warn!(
                connections = self.connections.len(),
                "requests were cut off, because they took too long"
            );
            self.cut.cancel();
            self.connections.wait().await;
        }
    }

    fn serve(&self, stream: TcpStream, remote: SocketAddr, stop: &CancellationToken) {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            // What does not fit into the socket's buffer is not worth waiting for.
            let _ = stream.try_write(&self.refusal);
            self.metrics.refused();
            tracing::debug!("a connection was refused, because there are too many");
            return;
        };
        let Ok(local) = stream.local_addr() else { return };
        // Answers are written whole; waiting for more to send only delays them.
        let _ = stream.set_nodelay(true);
        let ends = Ends { local: LocalAddr(local.into()), remote: RemoteAddr(remote.into()) };
        let (endpoint, timeouts, stop) = (Arc::clone(&self.endpoint), self.timeouts, stop.clone());
        let (headers, cut) = (self.headers.clone(), self.cut.clone());
        self.connections.spawn(async move {
            let _place = place;
            cut.run_until_cancelled(connection::serve(stream, ends, endpoint, timeouts, headers, stop)).await
        });
    }
}

/// Errors of a connection that ended before it was accepted.
fn is_the_clients_doing(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
