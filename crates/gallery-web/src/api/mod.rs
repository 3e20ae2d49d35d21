//! The JSON API under `/api/v1`, its OpenAPI document, and the readable page at `/api/docs`.
//!
//! One file a noun; a handler parses, calls one use case, and makes a view of what it returns. It
//! knows no rule: those are in `gallery-core`. Every answer of an operation is documented:
//! successes by their types, problems by the [`refusal::Cases`] of the operation. Tests are in
//! `tests/it/api_*.rs`; their kit holds every answer against the document.

mod account;
mod accounts;
mod albums;
mod docs;
mod hooks;
mod login;
mod paging;
mod payload;
mod photos;
mod refusal;
mod renditions;
mod sessions;
mod tag;
mod taken;
mod types;
mod upload;
mod views;

use std::collections::HashMap;
use std::sync::Arc;

use poem::endpoint::{BoxEndpoint, make_sync};
use poem::error::MethodNotAllowedError;
use poem::http::{HeaderValue, Method};
use poem::{Endpoint, IntoEndpoint, PathPattern, Request, Response, Route};
use poem_openapi::registry::{MetaApi, Registry};
use poem_openapi::{OpenApi, OpenApiService};

use crate::Web;
use crate::http::{Code, Methods, Problem, allow};

const PREFIX: &str = "/api/v1";

const ABOUT: &str = "\
A self-hosted photo gallery: albums, photos, their renditions and what cameras wrote into them.

Bodies are JSON in UTF-8, times RFC 3339 in UTC with milliseconds, ids UUIDs. Unknown fields of a request are an \
error. What belongs to somebody else is not found.

Errors are problem documents (RFC 9457) with a stable `code`. Lists are read page by page: send the `next_cursor` of \
a page as the `cursor` of the next. Whoever is logged in carries a session cookie; browsers may send requests that \
change something from the gallery's own site only.";

type Operations = (
    accounts::Accounts,
    sessions::Sessions,
    account::OwnAccount,
    albums::Albums,
    photos::Photos,
    renditions::Renditions,
);

fn service<T: OpenApi>(operations: T) -> OpenApiService<T, ()> {
    OpenApiService::new(operations, "Photo gallery", env!("CARGO_PKG_VERSION"))
        .description(ABOUT)
        .server(PREFIX)
}

/// Everything under `/api`.
pub(crate) fn routes(web: &Arc<Web>) -> Route {
    let operations: Operations = (
        accounts::Accounts(web.clone()),
        sessions::Sessions(web.clone()),
        account::OwnAccount(web.clone()),
        albums::Albums(web.clone()),
        photos::Photos(web.clone()),
        renditions::Renditions(web.clone()),
    );
    let service = service(operations);
    let page = docs::page(&service.spec()).expect("the page is made of a document of our own");
    let document = document_of(&service);
    Route::new()
        .at("/docs", constant("text/html; charset=utf-8", page))
        .at("/v1/openapi.json", constant("application/json", document))
        .nest("/v1", NameMethods { allowed: allowed_methods(), operations: service.into_endpoint() })
}

/// The operations without a site behind them: what documents are made from.
struct Description;

impl OpenApi for Description {
    fn meta() -> Vec<MetaApi> {
        Operations::meta()
    }

    fn register(registry: &mut Registry) {
        Operations::register(registry);
    }

    fn add_routes(self, _: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {}
}

/// The OpenAPI document: JSON, the same at every call, with a newline at its end.
pub fn openapi_document() -> String {
    document_of(&service(Description))
}

fn document_of<T: OpenApi>(service: &OpenApiService<T, ()>) -> String {
    let mut document = hooks::described(&service.spec());
    document.push('\n');
    document
}

/// A GET of something that never changes while the process runs.
fn constant(content_type: &'static str, body: String) -> Methods {
    let body = bytes::Bytes::from(body);
    Methods::new().get(make_sync(move |_| Response::builder().content_type(content_type).body(body.clone())))
}

/// Says in `Allow` which methods a path answers when it is asked for another one.
struct NameMethods<E> {
    allowed: HashMap<String, HeaderValue>,
    operations: E,
}

impl<E: Endpoint<Output = Response>> Endpoint for NameMethods<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let refused = match self.operations.call(request).await {
            Err(error) if error.is::<MethodNotAllowedError>() => error,
            other => return other,
        };
        let pattern = refused.data::<PathPattern>();
        let methods = pattern.and_then(|pattern| self.allowed.get(&*pattern.0)).cloned();
        let problem =
            Problem::new(Code::MethodNotAllowed).allow(methods.unwrap_or(HeaderValue::from_static("")));
        Err(problem.into())
    }
}

/// By the patterns of the routes.
fn allowed_methods() -> HashMap<String, HeaderValue> {
    let mut methods = HashMap::<String, Vec<Method>>::new();
    for path in Operations::meta().into_iter().flat_map(|api| api.paths) {
        let own = path.operations.into_iter().map(|operation| operation.method);
        methods.entry(pattern(&path.path)).or_default().extend(own);
    }
    methods.into_iter().map(|(pattern, methods)| (pattern, allow(&methods))).collect()
}

/// The route of a documented path: poem-openapi numbers the parameters.
fn pattern(path: &str) -> String {
    let mut parameters = 0..;
    let parts = path.split('/').map(|part| match part.strip_prefix('{') {
        Some(_) => format!(":param{}", parameters.next().unwrap_or(0)),
        None => part.to_owned(),
    });
    format!("{PREFIX}{}", parts.collect::<Vec<_>>().join("/"))
}
