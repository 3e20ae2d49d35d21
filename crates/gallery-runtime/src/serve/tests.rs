//! Connections with clients of every kind, over a pipe and a clock that moves only when everybody
//! waits.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use poem::endpoint::{ToDynEndpoint, make};
use poem::http::{HeaderMap, HeaderValue, StatusCode};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::connection::{Ends, Timeouts, serve};
use super::minimum_rate::MinimumRate;
use super::unasked::HeaderLines;

const TIMEOUTS: Timeouts = Timeouts {
    header: Duration::from_secs(10),
    keep_alive: Duration::from_secs(75),
    minimum_rate: MinimumRate { longest: Duration::from_secs(20), bytes_per_second: 4096 },
};
const SECOND: Duration = Duration::from_secs(1);
const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
/// So long is a header of the site's: more than the pipe takes at once.
const LONG: usize = 3000;

struct Client {
    pipe: DuplexStream,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl Client {
    /// Answers `/` with "hello", `/empty` with nothing, `/slow` after a minute, `/large` with a
    /// megabyte, and a body with its length.
    fn connect() -> Self {
        let endpoint = make(|mut request: Request| async move {
            let body = request.take_body();
            Ok::<Response, poem::Error>(match request.uri().path() {
                "/slow" => {
                    sleep(Duration::from_mins(1)).await;
                    Response::builder().body("slow")
                }
                "/empty" => StatusCode::SEE_OTHER.into(),
                "/large" => Response::builder().body(vec![b'x'; 1 << 20]),
                _ if request.method() == "POST" => match body.into_vec().await {
                    Ok(body) => Response::builder().body(format!("got {}", body.len())),
                    Err(_) => StatusCode::REQUEST_TIMEOUT.into(),
                },
                _ => Response::builder().body("hello"),
            })
        });
        let (pipe, theirs) = duplex(1024);
        let stop = CancellationToken::new();
        let nowhere = || Addr::custom("pipe", "");
        let ends = Ends { local: LocalAddr(nowhere()), remote: RemoteAddr(nowhere()) };
        let endpoint = Arc::new(ToDynEndpoint(endpoint));
        let mut headers = HeaderMap::new();
        headers.insert("x-site", HeaderValue::from_static("yes"));
        headers.insert("x-long", "y".repeat(LONG).parse().unwrap());
        let headers = HeaderLines::new(&headers);
        let server = tokio::spawn(serve(theirs, ends, endpoint, TIMEOUTS, headers, stop.clone()));
        Self { pipe, stop, server }
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.pipe.write_all(bytes).await.unwrap();
    }

    /// Sends one byte a second until it fails; answers after how many seconds.
    async fn drip(&mut self, bytes: impl IntoIterator<Item = u8>) -> Option<u64> {
        let started = Instant::now();
        for byte in bytes {
            sleep(SECOND).await;
            if self.pipe.write_all(&[byte]).await.is_err() {
                return Some(started.elapsed().as_secs());
            }
        }
        None
    }

    /// Reads until this text has come; answers everything that came.
    async fn expect(&mut self, text: &str) -> String {
        let mut received = Vec::new();
        while !String::from_utf8_lossy(&received).ends_with(text) {
            let byte = self.pipe.read_u8().await.unwrap_or_else(|_| {
                panic!("the connection ended after {:?}", String::from_utf8_lossy(&received))
            });
            received.push(byte);
        }
        String::from_utf8_lossy(&received).into_owned()
    }

    /// Reads to the end; answers what came, and after how many seconds.
    async fn rest(&mut self) -> (String, u64) {
        let started = Instant::now();
        let mut received = Vec::new();
        match self.pipe.read_to_end(&mut received).await {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::BrokenPipe),
        }
        (String::from_utf8_lossy(&received).into_owned(), started.elapsed().as_secs())
    }
}

#[tokio::test(start_paused = true)]
async fn rule_44_a_header_has_ten_seconds() {
    let mut client = Client::connect();
    let ended = client.drip(b"GET / HTTP/1.1\r\nHost: x\r\nX: ".iter().copied().chain([b'y'; 1000])).await;
    assert!(matches!(ended, Some(10 | 11)), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn rule_44_a_silent_connection_has_ten_seconds() {
    let (answer, seconds) = Client::connect().rest().await;
    assert_eq!((answer.as_str(), seconds), ("", 10));
}

#[tokio::test(start_paused = true)]
async fn rule_44_every_header_of_a_kept_connection_has_ten_seconds() {
    let mut client = Client::connect();
    client.send(GET).await;
    client.expect("hello").await;
    sleep(30 * SECOND).await;
    let ended = client.drip(b"GET / HTTP/1.1\r\nX: ".iter().copied().chain([b'y'; 1000])).await;
    assert!(matches!(ended, Some(11 | 12)), "{ended:?}");
}

/// The attack: what is incomplete stands behind a request, and nothing more comes.
#[tokio::test(start_paused = true)]
async fn rule_44_a_header_behind_another_request_has_ten_seconds() {
    const CHUNKS: &[u8] =
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n";
    for (first, answer) in [
        (GET, "hello"),
        (b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n", "slow"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345", "got 5"),
        (CHUNKS, "got 5"),
        (&[GET, GET].concat(), "hello"),
    ] {
        let mut client = Client::connect();
        client.send(&[first, b"GET / HTTP/1.1\r\nHost: x\r\nX: y"].concat()).await;
        client.expect(answer).await;
        let (rest, seconds) = client.rest().await;
        assert_eq!(seconds, 10, "behind {}: {rest}", String::from_utf8_lossy(first));
        let mut patient = Client::connect();
        patient.send(first).await;
        patient.expect(answer).await;
        assert_eq!(patient.rest().await.1, 75, "{} is idle", String::from_utf8_lossy(first));
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_may_wait_behind_an_answer_that_is_taken_slowly() {
    let mut client = Client::connect();
    client.send(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await;
    sleep(SECOND).await;
    client.send(GET).await;
    let mut received = Vec::new();
    while !received.ends_with(b"hello") {
        sleep(SECOND / 5).await;
        let mut chunk = [0; 1024];
        let bytes = client.pipe.read(&mut chunk).await.unwrap();
        assert_ne!(bytes, 0, "cut off after {} bytes", received.len());
        received.extend_from_slice(&chunk[..bytes]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_kept_for_a_while() {
    let mut client = Client::connect();
    for _ in 0..3 {
        client.send(GET).await;
        client.expect("hello").await;
        sleep(70 * SECOND).await;
    }
    let (answer, seconds) = client.rest().await;
    assert_eq!((answer.as_str(), seconds), ("", 5));
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_take_its_time() {
    let mut client = Client::connect();
    for _ in 0..2 {
        client.send(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
        client.expect("slow").await;
    }
}

#[tokio::test(start_paused = true)]
async fn rule_44_a_dripping_body_is_cut_off() {
    let mut client = Client::connect();
    client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n").await;
    let ended = client.drip([b'x'; 1000]).await;
    assert!(matches!(ended, Some(20..=22)), "{ended:?}");
    let (answer, _) = client.rest().await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn rule_44_a_closed_connection_lingers_for_a_while_only() {
    let mut client = Client::connect();
    client.send(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n").await;
    client.expect("hello").await;
    let ended = client.drip([b'x'; 1000]).await;
    assert!(matches!(ended, Some(30..=32)), "{ended:?}");
    let mut silent = Client::connect();
    silent.send(b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n").await;
    let started = Instant::now();
    (&mut silent.server).await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_body_of_a_megabyte_a_second_goes_through() {
    let mut client = Client::connect();
    client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 26214400\r\n\r\n").await;
    for _ in 0..25 {
        client.send(&vec![b'x'; 1 << 20]).await;
        sleep(SECOND).await;
    }
    client.expect("got 26214400").await;
}

#[tokio::test(start_paused = true)]
async fn rule_44_an_answer_that_nobody_takes_is_cut_off() {
    let mut client = Client::connect();
    client.send(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let started = Instant::now();
    (&mut client.server).await.unwrap();
    assert_eq!(started.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn rule_44_an_answer_that_is_taken_byte_by_byte_is_cut_off() {
    let mut client = Client::connect();
    client.send(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let started = Instant::now();
    while !client.server.is_finished() {
        sleep(SECOND).await;
        let _ = client.pipe.read_u8().await;
    }
    assert!(started.elapsed() < 30 * SECOND, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_taken_slowly_goes_through() {
    let mut client = Client::connect();
    client.send(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut taken = 0;
    let mut chunk = [0; 1024];
    while taken < 1 << 20 {
        sleep(SECOND / 5).await;
        taken += client.pipe.read_exact(&mut chunk).await.unwrap();
    }
}

/// Holds an answer of hyper's own against what it has to be: whole, and with the site's headers
/// once.
fn assert_unasked(answer: &str, status: &str) {
    let first = format!("HTTP/1.1 {status}\r\nx-site: yes\r\nx-long: {}\r\n", "y".repeat(LONG));
    assert!(answer.starts_with(&first), "{answer}");
    assert!(answer.contains("\r\ncontent-length: 0\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
    assert_eq!((answer.matches("HTTP/1.1").count(), answer.matches("x-site").count()), (1, 1), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn rule_32_what_is_no_request_is_answered_with_the_sites_headers() {
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}", "y".repeat(100_000));
    for (sent, status) in [
        ("GARBAGE\r\n\r\n", "400 Bad Request"),
        ("GET / HTTP/1.1\r\nHost: x\r\nX Y: z\r\n\r\n", "400 Bad Request"),
        (long.as_str(), "431 Request Header Fields Too Large"),
    ] {
        let client = Client::connect();
        let (mut reader, mut writer) = tokio::io::split(client.pipe);
        let sending =
            async { writer.write_all(sent.as_bytes()).await.expect("what comes is read to its end") };
        let mut answer = String::new();
        let (read, ()) = tokio::join!(reader.read_to_string(&mut answer), sending);
        read.unwrap();
        assert_unasked(&answer, status);
        client.server.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_32_answers_of_the_endpoint_stay_as_they_are() {
    for (first, end) in [
        (GET, "hello"),
        (b"GET /empty HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\n"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12345", "got 5"),
        (b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\n"),
    ] {
        for next in [first, b"GARBAGE\r\n\r\n"] {
            let mut client = Client::connect();
            client.send(first).await;
            let answer = client.expect(end).await;
            assert!(!answer.contains("x-site"), "{answer}");
            client.send(next).await;
            if next == first {
                let answer = client.expect(end).await;
                assert!(!answer.contains("x-site"), "{answer}");
                continue;
            }
            assert_unasked(&client.rest().await.0, "400 Bad Request");
        }
        let mut client = Client::connect();
        client.send(&[first, b"GARBAGE\r\n\r\n"].concat()).await;
        client.expect(end).await;
        assert_unasked(&client.rest().await.0, "400 Bad Request");
    }
}

#[tokio::test(start_paused = true)]
async fn stopping_answers_what_was_asked_and_closes_what_is_idle() {
    let mut busy = Client::connect();
    busy.send(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut idle = Client::connect();
    idle.send(GET).await;
    idle.expect("hello").await;
    for client in [&busy, &idle] {
        client.stop.cancel();
    }
    assert_eq!(idle.rest().await, (String::new(), 0));
    let (answer, seconds) = busy.rest().await;
    assert!(answer.ends_with("slow"), "{answer}");
    assert_eq!(seconds, 60);
}
