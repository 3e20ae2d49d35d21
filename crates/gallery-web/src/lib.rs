//! The gallery over HTTP: pages for people, a JSON API with its OpenAPI document for programs,
//! probes for load balancers. It knows `gallery-core` and poem, and neither a store nor the
//! listener.
//!
//! # For the runtime
//!
//! ```text
//! let web = Web::new(gallery, WebSettings { base_url, trusted_proxies, image_origins });
//! Server::new_with_acceptor(acceptor).run(gallery_web::app(web.clone())).await;
//! web.drain(); // at SIGTERM: /readyz answers 503 from now on, everything else goes on
//! println!("{}", gallery_web::openapi_document()); // the command `openapi`
//! ```
//!
//! * [`app`] expects poem's `RemoteAddr` to be the peer's socket address; `X-Forwarded-For` is
//!   believed only when the peer is one of [`WebSettings::trusted_proxies`].
//! * Every request runs in a span `request{id, method, route, status, ms}` and ends in one event at
//!   INFO (probes and assets: DEBUG) of target `gallery_web::request`. Routes are logged, paths
//!   never: they hold tokens and ids.
//! * Header time-outs, minimum body rates and connection limits are the listener's business. Bodies
//!   are bounded here: [`MAX_BODY_BYTES`], reports of mail systems by [`MAX_REPORT_BYTES`], uploads
//!   by the gallery's rules.
//!
//! # For pages and API
//!
//! * [`http`] is the foundation: [`Web::caller`] and the session cookie, [`http::Problem`] as the
//!   one error type, [`http::RequestContext`], security headers, the cross-site guard, streaming
//!   uploads.
//! * `api` is the JSON API, `pages` are the pages, `hooks` is for other services. All call use
//!   cases of [`Gallery`](gallery_core::Gallery) only.
//!
//! Tests are beside the code, and in `tests/it` over the memory store.

mod api;
mod hooks;
pub mod http;
mod pages;

use std::sync::Arc;

use poem::endpoint::BoxEndpoint;
use poem::{Endpoint, EndpointExt, Response, Route};

pub use api::openapi_document;
pub use http::{MAX_BODY_BYTES, MAX_REPORT_BYTES, Network, NetworkError, Web, WebSettings};

/// The whole site: `/api/v1/*`, `/api/docs`, `/healthz`, `/readyz`, `/hooks/ses`, and pages at
/// every other path.
///
/// Every answer of the endpoint is Ok: errors are rendered inside, as problem documents or as
/// pages.
pub fn app(web: Arc<Web>) -> impl Endpoint<Output = Response> {
    let routes = Route::new()
        .nest("/api", api::routes(&web))
        .at("/healthz", http::probes::healthz())
        .at("/readyz", http::probes::readyz(&web))
        .nest("/hooks", hooks::routes(&web))
        .nest("/", pages::routes(&web));
    shell(web, routes.boxed())
}

/// These routes with everything around them that every request of the site goes through.
pub fn shell(web: Arc<Web>, routes: BoxEndpoint<'static, Response>) -> http::Shell {
    http::Shell::new(web, routes, pages::error_page)
}
