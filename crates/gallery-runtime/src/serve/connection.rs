//! One connection: HTTP/1.1 by hyper, with those limits of `docs/security.md`, rule 44, that hyper
//! and poem leave open.
//!
//! * A request's header must be complete 10 seconds (a setting) after the connection was accepted,
//!   or after its first byte on a connection that is kept open; when that came behind another
//!   request, after the answer to that one.
//! * A request's body must arrive, and an answer must be taken, at a minimum rate
//!   ([`MinimumRate`]).
//! * An idle connection is closed after a while.
//! * A connection that is closed before all of a body has come, or because what came is no request,
//!   is closed lingeringly: what still comes is read and dropped for a while. Otherwise the system
//!   answers it with a reset, which makes the client lose the answer.
//!
//! HTTP/2 without TLS is not spoken: proxies speak HTTP/1.1 to what is behind them, and the limits
//! here are about one request at a time. Must not know the gallery. Tests are in `tests.rs` beside
//! it.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::endpoint::DynEndpoint;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint as _, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::CancellationToken;

use super::framing::{Framing, Length};
use super::minimum_rate::{MinimumRate, Paced, TimeBudget};
use super::unasked::{HeaderLines, Unasked};

/// A request's header is at most this long; also bounds what is buffered of an answer.
const BUFFER_BYTES: usize = 64 * 1024;

/// How long a connection lingers at most, and without anything coming.
const LINGER: Duration = Duration::from_secs(30);
const LINGER_IDLE: Duration = Duration::from_secs(5);

/// What is asked of clients.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// Within which a request's header arrives completely.
    pub header: Duration,
    /// For which an idle connection is kept open.
    pub keep_alive: Duration,
    /// At which rate bodies arrive and answers are taken.
    pub minimum_rate: MinimumRate,
}

/// Who is at the two ends.
#[derive(Clone)]
pub struct Ends {
    pub local: LocalAddr,
    pub remote: RemoteAddr,
}

/// Serves requests until the client or an error ends the connection, or `stop` is cancelled and the
/// request under way has been answered. What is no request is answered without the endpoint, with
/// these `headers`.
pub async fn serve<Io>(
    io: Io,
    ends: Ends,
    endpoint: Arc<dyn DynEndpoint<Output = Response>>,
    timeouts: Timeouts,
    headers: HeaderLines,
    stop: CancellationToken,
) where
    Io: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let progress = Arc::new(Progress::default());
    let io = Guarded::new(io, timeouts, headers, Arc::clone(&progress));
    let service = service_fn(move |request| {
        let (endpoint, ends, progress) = (Arc::clone(&endpoint), ends.clone(), Arc::clone(&progress));
        async move {
            progress.asked.fetch_add(1, Ordering::Relaxed);
            let answered = Answered(Arc::clone(&progress));
            let request = with_pace(request, ends, timeouts.minimum_rate, &progress);
            let answer = hyper::Response::from(endpoint.get_response(request).await);
            Ok::<_, Infallible>(answer.map(|body| Answer { body, _answered: answered }))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // Headers have a timer of ours: hyper's only ends connections that ask for nothing more.
        .header_read_timeout(timeouts.keep_alive)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(io), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // The client's doing, and no reason to fill the log.
        tracing::debug!(error = &error as &dyn std::error::Error, "a connection ended");
    }
}

/// The request as poem knows it, its body under the rule of the minimum rate.
fn with_pace(
    request: hyper::Request<Incoming>,
    Ends { local, remote }: Ends,
    minimum_rate: MinimumRate,
    progress: &Arc<Progress>,
) -> Request {
    let has_body = !request.body().is_end_stream();
    progress.awaits_body.store(has_body, Ordering::Relaxed);
    let length = if has_body { request.body().size_hint().exact().unwrap_or(CHUNKED) } else { 0 };
    progress.length.store(length, Ordering::Relaxed);
    let mut request = Request::from((request, local, remote, Scheme::HTTP));
    if has_body {
        let body = request.take_body().into_bytes_stream();
        let progress = Arc::clone(progress);
        let over = move || progress.awaits_body.store(false, Ordering::Relaxed);
        request.set_body(poem::Body::from_bytes_stream(Paced::new(body, minimum_rate, over)));
    }
    request
}

/// Stands for the length of a body in chunks.
const CHUNKED: u64 = u64::MAX;

/// How far a connection has come. Only its own task looks at it.
#[derive(Default)]
struct Progress {
    /// Requests whose header has arrived.
    asked: AtomicU64,
    /// Requests whose answer has been handed over to its end.
    answered: AtomicU64,
    /// Bytes of the last request's body.
    length: AtomicU64,
    /// The last request has a body, and more of it is to be read.
    awaits_body: AtomicBool,
}

/// Counts a request as answered when it is dropped.
struct Answered(Arc<Progress>);

impl Drop for Answered {
    fn drop(&mut self) {
        self.0.answered.fetch_add(1, Ordering::Relaxed);
    }
}

/// The body of an answer, which hyper drops when it has taken all of it.
struct Answer<B> {
    body: B,
    _answered: Answered,
}

impl<B: Body + Unpin> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream to a client that fails with `TimedOut` when a header takes too long, or an answer is
/// not taken.
struct Guarded<Io> {
    io: Io,
    progress: Arc<Progress>,
    framing: Framing,
    /// Requests whose header had arrived when it was last looked at.
    asked: u64,
    /// Requests whose header has arrived since all before them were answered.
    unanswered: u64,
    header: Duration,
    /// True while the client has to take something before more can be sent.
    writing: bool,
    /// Ends the wait for a header; absent while none has begun.
    header_end: Option<Pin<Box<Sleep>>>,
    taking: TimeBudget,
    unasked: Unasked,
    lingering: Option<Lingering>,
}

/// A connection of which our half is closed.
struct Lingering {
    end: Pin<Box<Sleep>>,
    idle_end: Pin<Box<Sleep>>,
}

impl<Io> Guarded<Io> {
    fn new(io: Io, timeouts: Timeouts, headers: HeaderLines, progress: Arc<Progress>) -> Self {
        Self {
            io,
            progress,
            framing: Framing::default(),
            asked: 0,
            unanswered: 0,
            writing: false,
            header: timeouts.header,
            header_end: Some(Box::pin(sleep(timeouts.header))),
            taking: TimeBudget::new(timeouts.minimum_rate),
            unasked: Unasked::new(headers),
            lingering: None,
        }
    }

    /// Ends the wait for a header that has arrived, and begins the wait for one that came behind an
    /// answered request; returns whether the next bytes belong to a header.
    fn expects_header(&mut self) -> bool {
        let asked = self.progress.asked.load(Ordering::Relaxed);
        if asked != self.asked {
            self.unanswered += asked - self.asked;
            self.asked = asked;
            self.header_end = None;
        }
        // An answer that was handed over may still be on its way.
        let idle = asked == self.progress.answered.load(Ordering::Relaxed) && !self.writing;
        if idle && self.unanswered > 0 {
            let length = match self.progress.length.load(Ordering::Relaxed) {
                CHUNKED => Length::Chunked,
                bytes => Length::Known(bytes),
            };
            let alone = self.unanswered == 1;
            self.unanswered = 0;
            if self.framing.next_has_begun(length, alone) {
                self.header_end = Some(Box::pin(sleep(self.header)));
            }
        }
        idle
    }

    /// What became of an attempt to send: progress, or another wait for the client.
    fn sent(&mut self, cx: &mut Context<'_>, attempt: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.writing = attempt.is_pending();
        match attempt {
            Poll::Ready(Ok(bytes)) => {
                self.taking.credit(bytes);
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.taking.poll_wait(cx).map(Err),
        }
    }
}

impl<Io: AsyncRead + Unpin> Guarded<Io> {
    /// Drops what comes, until the client is done or it takes too long.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let lingering = self.lingering.get_or_insert_with(|| Lingering {
            end: Box::pin(sleep(LINGER)),
            idle_end: Box::pin(sleep(LINGER_IDLE)),
        });
        let mut dropped = [0; 8192];
        while lingering.end.as_mut().poll(cx).is_pending() {
            let mut buffer = ReadBuf::new(&mut dropped);
            match Pin::new(&mut self.io).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    lingering.idle_end.as_mut().reset(Instant::now() + LINGER_IDLE);
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return lingering.idle_end.as_mut().poll(cx),
            }
        }
        Poll::Ready(())
    }
}

impl<Io: AsyncRead + Unpin> AsyncRead for Guarded<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let expects_header = this.expects_header();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.io).poll_read(cx, buffer);
        this.framing.read(&buffer.filled()[before..]);
        if expects_header && buffer.filled().len() > before && this.header_end.is_none() {
            this.header_end = Some(Box::pin(sleep(this.header)));
        }
        if let (Poll::Pending, Some(end)) = (&read, &mut this.header_end)
            && end.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the header takes too long")));
        }
        read
    }
}

impl<Io: AsyncWrite + Unpin> Guarded<Io> {
    /// Sends what stands in place of hyper's bytes; `None` when nothing does.
    fn poll_write_instead(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Option<Poll<io::Result<usize>>> {
        let asked = self.progress.asked.load(Ordering::Relaxed);
        loop {
            let instead = self.unasked.replaced(asked, bytes)?;
            let attempt = Pin::new(&mut self.io).poll_write(cx, instead);
            match self.sent(cx, attempt) {
                Poll::Ready(Ok(0)) => return Some(Poll::Ready(Err(io::ErrorKind::WriteZero.into()))),
                Poll::Ready(Ok(sent)) => {
                    if let Some(whole) = self.unasked.sent(sent) {
                        return Some(Poll::Ready(Ok(whole)));
                    }
                }
                other => return Some(other),
            }
        }
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guarded<Io> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(written) = self.poll_write_instead(cx, bytes) {
            return written;
        }
        let attempt = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.sent(cx, attempt)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // A message begins in one slice.
        let first = slices.iter().find(|slice| !slice.is_empty()).map_or(&[][..], |slice| slice);
        if let Some(written) = self.poll_write_instead(cx, first) {
            return written;
        }
        let attempt = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.sent(cx, attempt)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        if let Poll::Ready(Ok(())) = flushed {
            let Progress { asked, answered, .. } = &*Arc::clone(&self.progress);
            self.unasked.flushed(asked.load(Ordering::Relaxed), answered.load(Ordering::Relaxed));
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.lingering.is_none() {
            ready!(Pin::new(&mut this.io).poll_shutdown(cx))?;
        }
        if this.progress.awaits_body.load(Ordering::Relaxed) || this.unasked.has_begun() {
            ready!(this.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}
