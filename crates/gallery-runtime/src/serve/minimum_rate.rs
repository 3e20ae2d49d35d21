//! How long a client may keep the server waiting: a budget of time that waiting empties and bytes
//! refill, and the stream that applies it to a request's body. Knows neither HTTP nor sockets.
//! Tests use a clock that stands still.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, Sleep, sleep};

/// What is asked of clients.
#[derive(Debug, Clone, Copy)]
pub struct MinimumRate {
    /// How far a client may fall behind the rate, and so the longest pause.
    pub longest: Duration,
    /// The least bytes a second on the whole; at least 1.
    pub bytes_per_second: u64,
}

/// The time left to one client. Waiting for it takes time out, its bytes put time in, up to the
/// longest pause: who is slower than the rate for long runs out, and time that the server itself
/// takes costs nothing.
#[derive(Debug)]
pub struct TimeBudget {
    minimum_rate: MinimumRate,
    left: Duration,
    /// Since when the server waits, with the timer of the end.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl TimeBudget {
    pub fn new(minimum_rate: MinimumRate) -> Self {
        Self { minimum_rate, left: minimum_rate.longest, waiting: None }
    }

    /// The client delivered, or took, so many bytes.
    pub fn credit(&mut self, bytes: usize) {
        if let Some((since, _)) = self.waiting.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        let nanos = bytes as u64 * 1_000_000_000 / self.minimum_rate.bytes_per_second;
        self.left = (self.left + Duration::from_nanos(nanos)).min(self.minimum_rate.longest);
    }

    /// The server waits for the client. Ready with an error when the client has used up its
    /// time.
    pub fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let left = self.left;
        let (_, end) = self.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
        ready!(end.as_mut().poll(cx));
        Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "the client is too slow"))
    }
}

/// A request's body that fails with `TimedOut` when it arrives too slowly. Tells when nothing more
/// is to be read: it has arrived, or failed.
pub struct Paced<S, F> {
    body: Pin<Box<S>>,
    budget: TimeBudget,
    over: F,
}

impl<S, F: Fn() + Unpin> Paced<S, F> {
    pub fn new(body: S, minimum_rate: MinimumRate, over: F) -> Self {
        Self { body: Box::pin(body), budget: TimeBudget::new(minimum_rate), over }
    }
}

impl<S: Stream<Item = io::Result<Bytes>>, F: Fn() + Unpin> Stream for Paced<S, F> {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        match this.body.as_mut().poll_next(cx) {
            Poll::Ready(Some(Ok(chunk))) => {
                this.budget.credit(chunk.len());
                Poll::Ready(Some(Ok(chunk)))
            }
            Poll::Ready(end) => {
                (this.over)();
                Poll::Ready(end)
            }
            Poll::Pending => {
                let error = ready!(this.budget.poll_wait(cx));
                (this.over)();
                Poll::Ready(Some(Err(error)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    const RATE: MinimumRate = MinimumRate { longest: Duration::from_secs(20), bytes_per_second: 4096 };

    /// Reads a body of which a chunk of `bytes` comes every `every`, `count` times; returns what
    /// came and how it ended.
    async fn read(bytes: usize, every: Duration, count: usize) -> (usize, Result<(), io::ErrorKind>) {
        let body = futures_util::stream::unfold(0, move |sent| async move {
            sleep(every).await;
            (sent < count).then(|| (Ok(Bytes::from(vec![0; bytes])), sent + 1))
        });
        let mut paced = Paced::new(body, RATE, || ());
        let mut received = 0;
        while let Some(chunk) = paced.next().await {
            match chunk {
                Ok(chunk) => received += chunk.len(),
                Err(error) => return (received, Err(error.kind())),
            }
        }
        (received, Ok(()))
    }

    #[tokio::test(start_paused = true)]
    async fn rule_44_dripping_bytes_are_cut_off() {
        let started = Instant::now();
        let (received, end) = read(1, Duration::from_secs(1), 100_000).await;
        assert_eq!(end, Err(io::ErrorKind::TimedOut));
        assert!(received <= 20, "{received}");
        assert!(started.elapsed() < Duration::from_secs(22), "{:?}", started.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_upload_at_the_rate_goes_through_however_long_it_takes() {
        let (received, end) = read(4096 * 5, Duration::from_secs(5), 2000).await;
        assert_eq!((received, end), (4096 * 5 * 2000, Ok(())));
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_pause_ends_it_whatever_came_before() {
        let body = futures_util::stream::iter([Ok(Bytes::from(vec![0; 50 << 20]))])
            .chain(futures_util::stream::pending());
        let mut paced = Paced::new(body, RATE, || ());
        assert_eq!(paced.next().await.unwrap().unwrap().len(), 50 << 20);
        let started = Instant::now();
        assert_eq!(paced.next().await.unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(started.elapsed().as_secs(), 20);
    }

    #[tokio::test(start_paused = true)]
    async fn time_that_the_server_takes_is_free() {
        let body = futures_util::stream::iter((0..3).map(|_| Ok(Bytes::from_static(b"x"))));
        let mut paced = Paced::new(body, RATE, || ());
        while let Some(chunk) = paced.next().await {
            chunk.unwrap();
            sleep(Duration::from_mins(5)).await;
        }
    }
}
