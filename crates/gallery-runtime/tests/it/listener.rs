//! The listener on real sockets: how many connections it takes, and how it stops.

use std::sync::Arc;
use std::time::Duration;

use gallery_runtime::serve::{Listener, MinimumRate, Timeouts, bind};
use poem::endpoint::make;
use poem::http::header::X_CONTENT_TYPE_OPTIONS;
use poem::http::{HeaderMap, HeaderValue};
use poem::{Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const LONG: Duration = Duration::from_mins(1);
const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

struct Server {
    address: std::net::SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    /// Tells of every request that has arrived.
    arrived: mpsc::UnboundedReceiver<()>,
}

/// Answers `/` at once, and `/never` never.
async fn start(max_connections: u32, grace: Duration) -> Server {
    let socket = bind("127.0.0.1:0".parse().unwrap(), "server.listen").await.unwrap();
    let address = socket.local_addr().unwrap();
    let (sender, arrived) = mpsc::unbounded_channel();
    let endpoint = make(move |request: Request| {
        let sender = sender.clone();
        async move {
            sender.send(()).unwrap();
            if request.uri().path() == "/never" {
                std::future::pending::<()>().await;
            }
            Ok::<_, poem::Error>(Response::builder().body(request.remote_addr().to_string()))
        }
    });
    // No test waits for these.
    let minimum_rate = MinimumRate { longest: LONG, bytes_per_second: 1 };
    let timeouts = Timeouts { header: LONG, keep_alive: LONG, minimum_rate };
    let stop = CancellationToken::new();
    let headers = HeaderMap::from_iter([(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))]);
    let listener = Listener::new(socket, endpoint, timeouts, max_connections, Arc::default());
    let listener = listener.with_headers(&headers);
    let serving = tokio::spawn(listener.run(stop.clone(), grace));
    Server { address, stop, serving, arrived }
}

/// Sends a request and reads what comes of its answer at first.
async fn ask(stream: &mut TcpStream) -> String {
    stream.write_all(GET).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[tokio::test]
async fn requests_carry_the_address_of_the_peer() {
    let server = start(10, LONG).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let peer = stream.local_addr().unwrap().to_string();
    assert!(ask(&mut stream).await.contains(&peer));
}

#[tokio::test]
async fn rule_44_a_connection_too_many_is_refused_and_its_place_comes_free() {
    let server = start(1, LONG).await;
    let mut first = TcpStream::connect(server.address).await.unwrap();
    assert!(ask(&mut first).await.starts_with("HTTP/1.1 200 "));

    let mut second = TcpStream::connect(server.address).await.unwrap();
    let mut refusal = String::new();
    second.read_to_string(&mut refusal).await.unwrap();
    assert!(refusal.starts_with("HTTP/1.1 503 ") && refusal.contains("Retry-After: 1"), "{refusal}");
    assert!(refusal.contains("\r\nx-content-type-options: nosniff\r\n"), "{refusal}");

    drop(first);
    loop {
        let mut third = TcpStream::connect(server.address).await.unwrap();
        if ask(&mut third).await.starts_with("HTTP/1.1 200 ") {
            break;
        }
    }
}

/// A reset would make the client lose an answer that came before its body was read.
#[tokio::test]
async fn an_answer_before_the_body_was_read_reaches_the_client() {
    let server = start(10, LONG).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let megabytes = 64 << 20;
    let header = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {megabytes}\r\n\r\n");
    stream.write_all(header.as_bytes()).await.unwrap();
    stream.write_all(&vec![b'x'; megabytes]).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

/// The same for what is no request: a header without an end.
#[tokio::test]
async fn an_answer_to_a_header_that_is_too_long_reaches_the_client() {
    let server = start(10, LONG).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX: ").await.unwrap();
    stream.write_all(&vec![b'y'; 16 << 20]).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert!(answer.contains("\r\nx-content-type-options: nosniff\r\n"), "{answer}");
}

#[tokio::test]
async fn stopping_closes_the_port_and_idle_connections() {
    let server = start(10, LONG).await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    ask(&mut idle).await;
    server.stop.cancel();
    server.serving.await.unwrap();
    assert_eq!(idle.read(&mut [0]).await.unwrap(), 0);
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn requests_that_take_longer_than_the_grace_are_cut_off() {
    let mut server = start(10, Duration::ZERO).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /never HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    server.arrived.recv().await.unwrap();
    server.stop.cancel();
    server.serving.await.unwrap();
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn an_address_in_use_is_named_with_what_to_do() {
    let server = start(1, LONG).await;
    let error = format!("{:#}", bind(server.address, "server.listen").await.unwrap_err());
    let named = format!("cannot listen on {} (`server.listen` sets another address): ", server.address);
    assert!(error.starts_with(&named), "{error}");
}
