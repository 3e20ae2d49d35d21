//! One client's connection: reads requests, asks the book about each, and passes on.

use std::future::pending;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, EXPECT, TRANSFER_ENCODING};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::book::{Book, Exchange};
use super::operation;
use super::rule::{Call, Fault, Reply};
use crate::gate::Gate;
use crate::line::Line;

/// What connections share.
#[derive(Clone)]
pub struct Service {
    authority: Arc<str>,
    engine: Client<HttpConnector, Full<Bytes>>,
    book: Arc<Book>,
}

/// The client gets no reply: its connection is reset.
#[derive(Debug)]
struct Lost;

impl std::fmt::Display for Lost {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the reply is lost")
    }
}

impl std::error::Error for Lost {}

impl Service {
    /// Passes requests on to `authority` (`127.0.0.1:8000`) as the book says.
    pub fn new(authority: &str, book: Arc<Book>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let engine = Client::builder(TokioExecutor::new()).build(connector);
        Self { authority: authority.into(), engine, book }
    }

    async fn answer(&self, request: Request<Incoming>, gate: &Gate) -> Result<Response<Full<Bytes>>, Lost> {
        let call = read(request).await?;
        let fault = self.book.decide(&call);
        gate.opened().await;
        let answered = self.meet(&call, fault).await;
        // A stall holds replies back, too.
        gate.opened().await;
        let (outcome, said) = answered;
        let status = outcome.as_ref().ok().map(|response| response.status().as_u16());
        self.book.record(|| Exchange { call, status, reply: said });
        match outcome {
            Ok(response) => Ok(response),
            Err(Silence::Reset) => Err(Lost),
            Err(Silence::Hang) => pending().await,
        }
    }

    /// What the client gets, and what the engine said.
    async fn meet(
        &self,
        call: &Call,
        fault: Option<Fault>,
    ) -> (Result<Response<Full<Bytes>>, Silence>, Bytes) {
        match fault {
            Some(Fault::Answer(answer)) => return (Ok(response(answer(call))), Bytes::new()),
            Some(Fault::Hang) => return (Err(Silence::Hang), Bytes::new()),
            Some(Fault::Reset) => return (Err(Silence::Reset), Bytes::new()),
            Some(Fault::Delay(time)) => tokio::time::sleep(time).await,
            Some(Fault::AnswerAfter(_) | Fault::HangAfter | Fault::ResetAfter) | None => {}
        }
        // An engine that is away is away for the client, too.
        let Ok((reply, said)) = self.forward(call).await else { return (Err(Silence::Reset), Bytes::new()) };
        let outcome = match fault {
            Some(Fault::AnswerAfter(answer)) => Ok(response(answer(call))),
            Some(Fault::HangAfter) => Err(Silence::Hang),
            Some(Fault::ResetAfter) => Err(Silence::Reset),
            _ => Ok(reply),
        };
        (outcome, said)
    }

    async fn forward(&self, call: &Call) -> Result<(Response<Full<Bytes>>, Bytes), Lost> {
        let uri = format!("http://{}{}", self.authority, call.path);
        let mut request = Request::new(Full::new(call.body.clone()));
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = uri.parse::<Uri>().map_err(|_| Lost)?;
        // The host stays the client's: signatures cover it.
        *request.headers_mut() = end_to_end(call.headers.clone());
        let (mut parts, body) = self.engine.request(request).await.map_err(|_| Lost)?.into_parts();
        let said = body.collect().await.map_err(|_| Lost)?.to_bytes();
        parts.headers = end_to_end(parts.headers);
        Ok((Response::from_parts(parts, Full::new(said.clone())), said))
    }
}

/// Why the client gets nothing.
enum Silence {
    Hang,
    Reset,
}

/// Serves a connection until either side ends it.
pub async fn serve(line: Line, gate: Arc<Gate>, service: Service) {
    let fate = line.fate();
    let answer = service_fn(|request| {
        let (service, gate, fate) = (&service, &gate, &fate);
        async move {
            let answered = service.answer(request, gate).await;
            if answered.is_err() {
                fate.doom();
            }
            answered
        }
    });
    // An error is a client that went away, or a reply that was to be lost.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(line), answer).await;
}

async fn read(request: Request<Incoming>) -> Result<Call, Lost> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Lost)?.to_bytes();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let operation = operation::of(&parts.method, &path, &parts.headers);
    Ok(Call { method: parts.method, path, operation, headers: parts.headers, body })
}

fn response(reply: Reply) -> Response<Full<Bytes>> {
    let mut builder = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        builder = builder.header(name, value);
    }
    builder.body(Full::new(reply.body)).expect("a rule's reply is valid HTTP")
}

/// Without what concerns one connection only; the body's length is known now.
fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    for name in [CONNECTION, EXPECT, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    headers
}
