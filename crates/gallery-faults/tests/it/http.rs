//! The HTTP proxy before an engine that counts what it does.

use std::convert::Infallible;
use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gallery_faults::{Fault, HttpProxy, Reply, Rule, dynamo};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Answers every request with what it was asked.
struct Engine {
    url: String,
    done: Arc<AtomicUsize>,
}

impl Engine {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let done = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&done);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let count = Arc::clone(&count);
                let service = service_fn(move |request| echo(request, Arc::clone(&count)));
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        Self { url, done }
    }

    fn done(&self) -> usize {
        self.done.load(Ordering::SeqCst)
    }
}

async fn echo(
    request: Request<Incoming>,
    count: Arc<AtomicUsize>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    count.fetch_add(1, Ordering::SeqCst);
    let (parts, body) = request.into_parts();
    let said = format!("{} {} {}", parts.method, parts.uri, parts.headers["host"].to_str().unwrap());
    let response = Response::builder().status(201).header("x-asked", said);
    Ok(response.body(Full::new(body.collect().await.unwrap().to_bytes())).unwrap())
}

/// Asks for an operation as the AWS SDKs do.
async fn ask(proxy: &HttpProxy, operation: &str, body: &Value) -> reqwest::Result<(u16, String)> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(20)).build()?;
    let request = client.post(proxy.url()).header("x-amz-target", format!("DynamoDB_20120810.{operation}"));
    let response = request.body(body.to_string()).send().await?;
    Ok((response.status().as_u16(), response.text().await?))
}

fn is_reset(error: &reqwest::Error) -> bool {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.map(ToString::to_string).any(|text| text.contains("reset"))
}

#[tokio::test]
async fn what_meets_no_rule_passes_unchanged() {
    let engine = Engine::start().await;
    let proxy = HttpProxy::start(&engine.url);
    let response = reqwest::Client::new()
        .put(format!("{}/bucket/key?partNumber=2", proxy.url()))
        .body(vec![7; 300_000])
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 201);
    let host = proxy.url().replace("http://", "");
    assert_eq!(response.headers()["x-asked"], format!("PUT /bucket/key?partNumber=2 {host}"));
    assert_eq!(response.bytes().await.unwrap(), vec![7; 300_000]);
    assert_eq!(proxy.count("PUT"), 1);
    assert!(proxy.faulted().is_empty());
}

#[tokio::test]
async fn operations_are_counted_and_one_is_refused() {
    let engine = Engine::start().await;
    let proxy = HttpProxy::start(&engine.url);
    proxy.add(Rule::on("Scan", dynamo::denied()));
    for operation in ["Query", "Scan", "Query"] {
        let (status, body) = ask(&proxy, operation, &json!({})).await.unwrap();
        assert_eq!(status, if operation == "Scan" { 400 } else { 201 }, "{body}");
    }
    assert_eq!(proxy.counts().into_iter().collect::<Vec<_>>(), [("Query".into(), 2), ("Scan".into(), 1)]);
    assert_eq!(proxy.faulted(), ["Scan"]);
    assert_eq!(engine.done(), 2, "the engine never heard of the Scan");
    proxy.clear();
    proxy.reset_counts();
    assert_eq!(ask(&proxy, "Scan", &json!({})).await.unwrap().0, 201);
    assert_eq!((proxy.count("Query"), proxy.count("Scan")), (0, 1));
    assert_eq!(proxy.operations().into_iter().collect::<Vec<_>>(), ["Query", "Scan"]);
}

#[tokio::test]
async fn refusals_have_the_shape_of_the_service() {
    let engine = Engine::start().await;
    let proxy = HttpProxy::start(&engine.url);
    proxy.add(Rule::on("PutItem", dynamo::throttled()).once());
    proxy.add(Rule::any(dynamo::transaction_conflict()));
    let (status, body) = ask(&proxy, "PutItem", &json!({})).await.unwrap();
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, 400);
    assert_eq!(body["__type"], "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException");
    let (_, body) = ask(&proxy, "PutItem", &json!({})).await.unwrap();
    assert!(body.contains("#TransactionConflictException"), "{body}");
    let items = json!({"TransactItems": [{}, {}, {}]});
    let (status, body) = ask(&proxy, "TransactWriteItems", &items).await.unwrap();
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(status, 400);
    assert!(body["Message"].as_str().unwrap().ends_with("[TransactionConflict, None, None]"), "{body}");
    let codes = body["CancellationReasons"].as_array().unwrap().iter().map(|reason| &reason["Code"]);
    assert_eq!(codes.collect::<Vec<_>>(), ["TransactionConflict", "None", "None"]);
    assert_eq!(engine.done(), 0);
}

#[tokio::test]
async fn rules_fit_spare_and_are_spent() {
    let engine = Engine::start().await;
    let proxy = HttpProxy::start(&engine.url);
    let rule = Rule::on("Put", Fault::answer(Reply::text(503, "away")));
    proxy.add(rule.when(|call| call.body.starts_with(b"\"x")).after(1).times(2));
    let mut statuses = Vec::new();
    for body in ["x1", "y", "x2", "y", "x3", "x4"] {
        statuses.push(ask(&proxy, "Put", &json!(body)).await.unwrap().0);
    }
    assert_eq!(statuses, [201, 201, 503, 201, 503, 201]);
}

#[tokio::test]
async fn connections_are_reset_before_and_after_the_engine_did_it() {
    let engine = Engine::start().await;
    let proxy = HttpProxy::start(&engine.url);
    proxy.record();
    proxy.add(Rule::any(Fault::Reset).once());
    proxy.add(Rule::any(Fault::ResetAfter).once());
    proxy.add(Rule::any(Fault::answer_after(Reply::text(500, "oh"))).once());
    let error = ask(&proxy, "Before", &json!({})).await.unwrap_err();
    assert!(is_reset(&error), "{error:?}");
    assert_eq!(engine.done(), 0);
    let error = ask(&proxy, "After", &json!(1)).await.unwrap_err();
    assert!(is_reset(&error), "{error:?}");
    assert_eq!(engine.done(), 1);
    assert_eq!(ask(&proxy, "Lied", &json!(2)).await.unwrap(), (500, "oh".to_owned()));
    assert_eq!(engine.done(), 2);
    let seen = proxy.exchanges();
    let seen = seen.iter().map(|seen| (seen.call.operation.as_str(), seen.status, &seen.reply[..]));
    let expected: [(_, _, &[u8]); 3] =
        [("Before", None, b""), ("After", None, b"1"), ("Lied", Some(500), b"2")];
    assert_eq!(seen.collect::<Vec<_>>(), expected);
    assert!(proxy.exchanges().is_empty(), "they are taken once");
}

#[tokio::test]
async fn a_request_hangs_until_its_client_gives_up() {
    let engine = Engine::start().await;
    let proxy = HttpProxy::start(&engine.url);
    proxy.add(Rule::on("Hang", Fault::Hang));
    proxy.add(Rule::on("HangAfter", Fault::HangAfter));
    proxy.add(Rule::on("Slow", Fault::Delay(Duration::from_millis(300))));
    let body = json!({});
    let hanging = tokio::time::timeout(Duration::from_millis(300), ask(&proxy, "Hang", &body));
    hanging.await.unwrap_err();
    assert_eq!(engine.done(), 0);
    let done = async {
        while engine.done() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    };
    tokio::select! {
        answer = ask(&proxy, "HangAfter", &body) => panic!("answered with {answer:?}"),
        () = done => {}
    }
    let started = Instant::now();
    assert_eq!(ask(&proxy, "Slow", &json!({})).await.unwrap().0, 201);
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn everything_is_cut_and_restored() {
    let engine = Engine::start().await;
    let proxy = HttpProxy::start(&engine.url);
    proxy.add(Rule::on("Hang", Fault::Hang));
    let url = proxy.url();
    let waiting = tokio::spawn(async move {
        reqwest::Client::new().post(url).header("x-amz-target", "D.Hang").send().await
    });
    while proxy.count("Hang") == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    proxy.cut();
    let error = waiting.await.unwrap().unwrap_err();
    assert!(is_reset(&error), "a cut ends what is under way: {error:?}");
    assert!(ask(&proxy, "Get", &json!({})).await.is_err());
    assert_eq!(engine.done(), 0);
    proxy.restore();
    assert_eq!(ask(&proxy, "Get", &json!({})).await.unwrap().0, 201);
}

#[tokio::test]
async fn a_stall_holds_back_and_loses_nothing() {
    let engine = Engine::start().await;
    let proxy = Arc::new(HttpProxy::start(&engine.url));
    proxy.stall();
    let asking = {
        let proxy = Arc::clone(&proxy);
        tokio::spawn(async move { ask(&proxy, "Get", &json!({})).await.unwrap().0 })
    };
    while proxy.count("Get") == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(engine.done(), 0);
    proxy.restore();
    assert_eq!(asking.await.unwrap(), 201);
}

#[tokio::test]
async fn an_engine_that_is_away_is_away_for_the_client() {
    let engine = Engine::start().await;
    let gone = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let proxy = HttpProxy::start(&format!("http://{gone}"));
    assert!(ask(&proxy, "Get", &json!({})).await.is_err());
    assert_eq!(engine.done(), 0);
}

/// A test that waits for a child process blocks its runtime; the proxy goes on.
#[tokio::test(flavor = "current_thread")]
async fn a_blocked_test_does_not_stop_the_proxy() {
    let proxy = HttpProxy::start("http://127.0.0.1:1");
    proxy.add(Rule::any(Fault::answer(Reply::text(200, "here"))));
    let address = proxy.url().replace("http://", "");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    std::io::Write::write_all(&mut stream, b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut stream, &mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 200 OK\r\n") && said.ends_with("here"), "{said}");
}
