//! A connection whose end can be made a reset (RST) in place of an orderly end (FIN).

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How a connection, and what hangs on it, is to end; in order unless told otherwise.
#[derive(Clone, Default)]
pub struct Fate(Arc<AtomicBool>);

impl Fate {
    /// From now on the end is a reset.
    pub fn doom(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn is_doomed(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// One side's connection.
pub struct Line {
    stream: TcpStream,
    fate: Fate,
}

impl Line {
    /// A connection that ends as `fate` says when it is dropped.
    pub fn new(stream: TcpStream, fate: Fate) -> Self {
        // Without it, small packets wait for each other; a fault that delays is to be asked for.
        let _ = stream.set_nodelay(true);
        Self { stream, fate }
    }

    /// How it is to end.
    pub fn fate(&self) -> Fate {
        self.fate.clone()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.fate.is_doomed() {
            // Fails only when the other side has ended the connection already.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        if self.fate.is_doomed() {
            // An orderly end would come before the reset.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
