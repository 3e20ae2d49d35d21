//! The TCP proxy before an engine that answers each line with the same line.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gallery_faults::TcpProxy;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

struct Engine {
    address: SocketAddr,
    done: Arc<AtomicUsize>,
}

impl Engine {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let done = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&done);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(echo(stream, Arc::clone(&count)));
            }
        });
        Self { address, done }
    }

    fn done(&self) -> usize {
        self.done.load(Ordering::SeqCst)
    }
}

async fn echo(stream: TcpStream, count: Arc<AtomicUsize>) {
    let (from, mut to) = stream.into_split();
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        count.fetch_add(1, Ordering::SeqCst);
        if to.write_all(format!("{line}\n").as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Sends a line and reads the answer.
async fn ask(stream: &mut TcpStream, line: &str) -> std::io::Result<String> {
    stream.write_all(format!("{line}\n").as_bytes()).await?;
    let mut answer = vec![0; line.len() + 1];
    stream.read_exact(&mut answer).await?;
    Ok(String::from_utf8(answer).unwrap().trim_end().to_owned())
}

async fn connect(proxy: &TcpProxy) -> TcpStream {
    TcpStream::connect(proxy.address()).await.unwrap()
}

fn is_reset(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}

#[tokio::test]
async fn bytes_and_the_end_pass() {
    let engine = Engine::start().await;
    let proxy = TcpProxy::start(engine.address);
    let mut stream = connect(&proxy).await;
    let long = "x".repeat(300_000);
    assert_eq!(ask(&mut stream, &long).await.unwrap(), long);
    stream.shutdown().await.unwrap();
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0, "an orderly end stays one");
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test]
async fn connections_are_cut_and_restored() {
    let engine = Engine::start().await;
    let proxy = TcpProxy::start(engine.address);
    let mut stream = connect(&proxy).await;
    ask(&mut stream, "one").await.unwrap();
    proxy.cut();
    proxy.restore();
    assert!(is_reset(&ask(&mut stream, "two").await.unwrap_err()), "a cut ends what was there");
    proxy.cut();
    // The kernel accepts before the proxy does.
    if let Ok(mut refused) = TcpStream::connect(proxy.address()).await {
        ask(&mut refused, "three").await.unwrap_err();
    }
    assert_eq!(engine.done(), 1);
    proxy.restore();
    assert_eq!(ask(&mut connect(&proxy).await, "four").await.unwrap(), "four");
}

#[tokio::test]
async fn a_stall_holds_back_and_loses_nothing() {
    let engine = Engine::start().await;
    let proxy = TcpProxy::start(engine.address);
    let mut stream = connect(&proxy).await;
    ask(&mut stream, "one").await.unwrap();
    proxy.stall();
    let asked = tokio::time::timeout(Duration::from_millis(200), ask(&mut stream, "two")).await;
    assert!(asked.is_err(), "it was answered");
    assert_eq!(engine.done(), 1);
    proxy.restore();
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"two\n");
}

#[tokio::test]
async fn a_request_or_its_reply_is_lost_once() {
    let engine = Engine::start().await;
    let proxy = TcpProxy::start(engine.address);
    proxy.lose_request("COMMIT");
    proxy.lose_reply("COMMIT");
    let mut stream = connect(&proxy).await;
    ask(&mut stream, "BEGIN").await.unwrap();
    assert!(is_reset(&ask(&mut stream, "COMMIT").await.unwrap_err()));
    assert_eq!((engine.done(), proxy.lost()), (1, 1), "the request was lost");
    let mut stream = connect(&proxy).await;
    assert!(is_reset(&ask(&mut stream, "COMMIT").await.unwrap_err()));
    assert_eq!((engine.done(), proxy.lost()), (2, 2), "the reply was lost");
    assert_eq!(ask(&mut connect(&proxy).await, "COMMIT").await.unwrap(), "COMMIT");
}
