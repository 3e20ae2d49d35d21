//! [`Shell`]: what every request goes through, whatever its route.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt;
use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderName, HeaderValue, StatusCode, header};
use poem::{Endpoint, PathPattern, Request, Response};
use tracing::Instrument;

use super::kept::Kept;
use super::{Problem, RequestContext, Surface, Web, address, body, guard};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Makes the page that tells a person of a problem.
pub type ErrorPage = fn(&Web, &RequestContext, &Problem) -> Response;

/// Request id and span, security headers, panic catcher, address, cross-site guard, body limit,
/// errors: around all routes.
pub struct Shell {
    web: Arc<Web>,
    routes: BoxEndpoint<'static, Response>,
    error_page: ErrorPage,
}

impl Shell {
    /// These routes with everything around them.
    pub fn new(web: Arc<Web>, routes: BoxEndpoint<'static, Response>, error_page: ErrorPage) -> Self {
        Self { web, routes, error_page }
    }

    async fn answer(&self, request: Request, context: &Arc<RequestContext>) -> Response {
        let started = Instant::now();
        let mut response = match AssertUnwindSafe(self.route(request, context)).catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                let route = error.data::<PathPattern>().cloned();
                let mut response = self.refuse(&error.into(), context);
                if let Some(route) = route {
                    response.set_data(route);
                }
                response
            }
            Err(panic) => self.refuse(&panicked(&*panic), context),
        };
        record_route(response.data::<PathPattern>());
        self.complete(&mut response, context);
        log(context.surface(), response.status(), started);
        response
    }

    async fn route(&self, mut request: Request, context: &Arc<RequestContext>) -> poem::Result<Response> {
        address::check_host(&request)?;
        guard::check(&context.method, request.headers(), &self.web.settings.base_url)?;
        if let Some(way) = address::straightened(context.surface(), &context.uri) {
            return Ok(way);
        }
        body::bound(&mut request).await?;
        request.set_data(context.clone());
        self.routes.call(request).await
    }

    fn refuse(&self, problem: &Problem, context: &RequestContext) -> Response {
        problem.log();
        match context.surface() {
            Surface::Api | Surface::Probe => problem.to_response(context.language()),
            Surface::Page | Surface::Asset => {
                let mut response = (self.error_page)(&self.web, context, problem);
                problem.apply_headers(&mut response);
                response
            }
        }
    }

    fn complete(&self, response: &mut Response, context: &RequestContext) {
        let headers = response.headers_mut();
        self.web.security_headers.complete(headers);
        let mut buffer = uuid::Uuid::encode_buffer();
        if let Ok(id) = HeaderValue::from_str(context.id.hyphenated().encode_lower(&mut buffer)) {
            headers.insert(X_REQUEST_ID, id);
        }
        if let Some(cookie) = context.session.header(self.web.is_https()) {
            headers.append(header::SET_COOKIE, cookie);
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        for (cookie, kept) in [(&context.device, Kept::Device), (&context.sign_up, Kept::SignUp)] {
            if let Some(cookie) = cookie.header(kept, self.web.is_https()) {
                headers.append(header::SET_COOKIE, cookie);
            }
        }
    }
}

impl Endpoint for Shell {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let context = RequestContext::new(&self.web.gallery, self.web.is_https(), &request);
        let (route, status, ms) = (tracing::field::Empty, tracing::field::Empty, tracing::field::Empty);
        let span =
            tracing::info_span!("request", id = %context.id, method = %context.method, route, status, ms);
        Ok(self.answer(request, &context).instrument(span).await)
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Problem {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Problem::internal(format!("a handler panicked: {}", text.unwrap_or("without a message").escape_debug()))
}

/// The route is logged and not the path, which holds tokens and ids: `/confirm/:token`.
fn record_route(pattern: Option<&PathPattern>) {
    if let Some(pattern) = pattern {
        tracing::Span::current().record("route", &*pattern.0);
    }
}

fn log(surface: Surface, status: StatusCode, started: Instant) {
    let span = tracing::Span::current();
    span.record("status", status.as_u16());
    span.record("ms", u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
    match surface {
        Surface::Api | Surface::Page => tracing::info!(target: "gallery_web::request", "answered"),
        Surface::Probe | Surface::Asset => tracing::debug!(target: "gallery_web::request", "answered"),
    }
}
