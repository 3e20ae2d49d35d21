//! Figures for Prometheus: what was asked and how long it took, what became of jobs, how many
//! connections there are.
//!
//! Labels are few by design: methods, patterns of routes and status codes, never a path or an id.
//! Tests are in `tests/it/metrics.rs`.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use gallery_core::usecases::JobOutcome;
use poem::http::Method;
use poem::{Endpoint, PathPattern, Request, Response};
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, LabelSetEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper ends of the histogram's buckets, in seconds: from a probe to a large upload.
const SECONDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 60.0];

/// Names and values of labels.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Labels(Vec<(&'static str, String)>);

impl EncodeLabelSet for Labels {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> Result<(), std::fmt::Error> {
        self.0.encode(encoder)
    }
}

/// The metrics of this process.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    jobs: Family<Labels, Counter>,
    refused: Counter<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("gallery");
        let requests = Family::default();
        registry.register("requests", "Requests by method, route and status", requests.clone());
        let durations = Family::new_with_constructor((|| Histogram::new(SECONDS)) as fn() -> Histogram);
        let help = "Time to the beginning of the answer, by route";
        registry.register_with_unit("request_duration", help, Unit::Seconds, durations.clone());
        let jobs = Family::default();
        registry.register("jobs", "Jobs that ran, by what became of them", jobs.clone());
        let refused = Counter::default();
        registry.register("connections_refused", "Connections refused as too many", refused.clone());
        Self { registry, requests, durations, jobs, refused }
    }
}

impl Metrics {
    /// A job ran.
    pub(crate) fn job(&self, outcome: JobOutcome) {
        let outcome = match outcome {
            JobOutcome::Done => "done",
            JobOutcome::Failed => "failed",
            JobOutcome::Parked => "parked",
            JobOutcome::LostLease => "lost_lease",
        };
        self.jobs.get_or_create(&Labels(vec![("outcome", outcome.to_owned())])).inc();
    }

    /// A connection was refused.
    pub(crate) fn refused(&self) {
        self.refused.inc();
    }

    fn request(&self, method: &Method, response: &Response, started: Instant) {
        let route = response.data::<PathPattern>().map_or("none", |pattern| &pattern.0);
        let route = ("route", route.to_owned());
        let method = if KNOWN.contains(method) { method.as_str() } else { "other" };
        let status = response.status().as_u16().to_string();
        let labels = vec![("method", method.to_owned()), route.clone(), ("status", status)];
        self.requests.get_or_create(&Labels(labels)).inc();
        self.durations.get_or_create(&Labels(vec![route])).observe(started.elapsed().as_secs_f64());
    }

    fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Whoever sends other methods does not make labels.
const KNOWN: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];

/// An endpoint that is measured.
pub struct Measured<E> {
    /// What answers.
    pub endpoint: E,
    /// Where it is noted.
    pub metrics: Arc<Metrics>,
}

impl<E: Endpoint<Output = Response>> Endpoint for Measured<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let (method, started) = (request.method().clone(), Instant::now());
        let response = self.endpoint.get_response(request).await;
        self.metrics.request(&method, &response, started);
        Ok(response)
    }
}

/// The metrics over HTTP: `GET /metrics`, and nothing else.
pub struct Page(pub Arc<Metrics>);

impl Endpoint for Page {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        use poem::http::StatusCode;
        if request.uri().path() != "/metrics" {
            return Ok(StatusCode::NOT_FOUND.into());
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(StatusCode::METHOD_NOT_ALLOWED.into());
        }
        let text = self.0.text().map_err(|_| poem::Error::from_status(StatusCode::INTERNAL_SERVER_ERROR))?;
        Ok(Response::builder()
            .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
            .body(text))
    }
}
