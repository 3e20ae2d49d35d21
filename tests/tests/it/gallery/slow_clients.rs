//! `docs/security.md`, rule 44: clients that are slow on purpose, and too many of them.

use std::time::{Duration, Instant};

use gallery_tests::Server;
use gallery_tests::server::Launch;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(("127.0.0.1", server.port())).await.expect("a connection")
}

/// Sends a byte now and then until the gallery ends the connection; returns how long that took.
async fn drip(mut stream: TcpStream, start: &str) -> Duration {
    let started = Instant::now();
    let _ = stream.write_all(start.as_bytes()).await;
    let mut answer = [0; 4096];
    loop {
        let pause = tokio::time::sleep(Duration::from_millis(100));
        tokio::select! {
            read = stream.read(&mut answer) => if !matches!(read, Ok(1..)) {
                return started.elapsed();
            },
            () = pause => if stream.write_all(b"a").await.is_err() {
                return started.elapsed();
            },
        }
        assert!(started.elapsed() < Duration::from_secs(25), "the connection is still open");
    }
}

#[tokio::test]
async fn a_header_that_never_ends_is_cut_off() {
    let server = Launch::new().setting("GALLERY__SERVER__HEADER_SECONDS", "1").start().await;
    let drips = (0..20).map(|_| connect(&server));
    let mut slow = Vec::new();
    for stream in drips {
        slow.push(tokio::spawn(drip(stream.await, "GET / HTTP/1.1\r\nHost: gallery\r\nX-Slow: ")));
    }
    server.client().get("/healthz").await.ok(200);
    for slow in slow {
        let took = slow.await.expect("the connection ends");
        assert!(took > Duration::from_millis(500), "cut off after {took:?}");
    }
    server.client().get("/healthz").await.ok(200);
}

/// The attack: what is incomplete stands behind a request, and nothing more comes.
#[tokio::test]
async fn a_header_behind_another_request_is_cut_off() {
    let server = Launch::new().setting("GALLERY__SERVER__HEADER_SECONDS", "1").start().await;
    let mut stream = connect(&server).await;
    let started = Instant::now();
    let pipelined = "GET /healthz HTTP/1.1\r\nHost: gallery\r\n\r\nGET / HTTP/1.1\r\nX-Slow: ";
    stream.write_all(pipelined.as_bytes()).await.expect("it is sent");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    let took = started.elapsed();
    assert!((Duration::from_millis(500)..Duration::from_secs(25)).contains(&took), "cut off after {took:?}");
}

#[tokio::test]
async fn a_body_that_trickles_is_cut_off() {
    let launch = Launch::new().setting("GALLERY__SERVER__MIN_BYTES_PER_SECOND", "1000");
    let server = launch.setting("GALLERY__SERVER__SLOW_CLIENT_GRACE_SECONDS", "1").start().await;
    let start = "POST /api/v1/sessions HTTP/1.1\r\nHost: gallery\r\nContent-Type: application/json\r\n\
                 Content-Length: 5000\r\n\r\n{";
    let took = drip(connect(&server).await, start).await;
    assert!(took < Duration::from_secs(20), "cut off only after {took:?}");
    server.client().get("/healthz").await.ok(200);
}

#[tokio::test]
async fn connections_have_a_limit_and_are_given_back() {
    let server = Launch::new().setting("GALLERY__SERVER__MAX_CONNECTIONS", "8").start().await;
    // The harness may still hold a connection of its own, so which one is refused is open; that at
    // most eight are served at once is not.
    let (mut held, mut answered) = (Vec::new(), 0);
    for _ in 0..20 {
        let mut stream = connect(&server).await;
        let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: gallery\r\n\r\n").await;
        let mut start = [0; 12];
        let read = tokio::time::timeout(Duration::from_secs(10), stream.read_exact(&mut start)).await;
        match read.expect("a connection hangs") {
            Ok(_) if &start == b"HTTP/1.1 200" => answered += 1,
            Ok(_) => assert_eq!(&start, b"HTTP/1.1 503"),
            // Not let in at all.
            Err(_) => {}
        }
        held.push(stream);
    }
    assert!((7..=8).contains(&answered), "{answered} connections were served at once");

    drop(held);
    gallery_tests::eventually("room for another", async || server.client().is_ready().await.then_some(()))
        .await;
}
