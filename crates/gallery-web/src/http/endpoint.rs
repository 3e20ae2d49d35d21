//! Building endpoints: handlers as async functions, and methods of one path.

use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;

use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderValue, Method, StatusCode, Uri, header};
use poem::{Endpoint, EndpointExt, IntoEndpoint, Request, Response};

use super::{Code, Problem, Web};

/// An endpoint of a function from the site and a request to an answer:
///
/// ```text
/// async fn show(web: Arc<Web>, request: Request) -> Result<Response, Problem> { … }
/// Route::new().at("/account", Methods::new().get(handle(&web, show)))
/// ```
pub fn handle<F, A>(web: &Arc<Web>, handler: F) -> impl Endpoint<Output = Response> + 'static + use<F, A>
where
    F: Fn(Arc<Web>, Request) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Response, Problem>> + Send + 'static,
{
    let web = web.clone();
    poem::endpoint::make(move |request| {
        let answer = handler(web.clone(), request);
        async move { answer.await.map_err(poem::Error::from) }
    })
}

/// The methods that one path answers. HEAD is answered by GET; every other method with 405 and
/// `Allow`.
#[derive(Default)]
pub struct Methods {
    endpoints: Vec<(Method, BoxEndpoint<'static>)>,
}

impl Methods {
    /// No method yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers GET, and HEAD.
    #[must_use]
    pub fn get(self, endpoint: impl IntoEndpoint<Endpoint: 'static>) -> Self {
        self.on(Method::GET, endpoint)
    }

    /// Answers POST.
    #[must_use]
    pub fn post(self, endpoint: impl IntoEndpoint<Endpoint: 'static>) -> Self {
        self.on(Method::POST, endpoint)
    }

    fn on(mut self, method: Method, endpoint: impl IntoEndpoint<Endpoint: 'static>) -> Self {
        self.endpoints.push((method, endpoint.into_endpoint().map_to_response().boxed()));
        self
    }

    fn allow(&self) -> HeaderValue {
        allow(self.endpoints.iter().map(|(method, _)| method))
    }
}

impl Endpoint for Methods {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let head = request.method() == Method::HEAD;
        if head {
            request.set_method(Method::GET);
        }
        let endpoint = self.endpoints.iter().find(|(method, _)| method == request.method());
        let Some((_, endpoint)) = endpoint else {
            return Err(Problem::new(Code::MethodNotAllowed).allow(self.allow()).into());
        };
        let mut response = endpoint.call(request).await?;
        if head {
            response.set_body(());
        }
        Ok(response)
    }
}

/// The value of `Allow` for these methods.
pub(crate) fn allow<'a>(methods: impl IntoIterator<Item = &'a Method>) -> HeaderValue {
    let mut names: Vec<&str> = methods.into_iter().map(Method::as_str).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    names.sort_unstable();
    HeaderValue::try_from(names.join(", ")).unwrap_or(HeaderValue::from_static(""))
}

/// 308: the page is at `path`, a path of this site, with the query of the address that was asked
/// for.
pub(crate) fn moved(path: &str, asked: &Uri) -> Response {
    let location = match asked.query() {
        Some(query) => Cow::Owned(format!("{path}?{query}")),
        None => Cow::Borrowed(path),
    };
    redirect(StatusCode::PERMANENT_REDIRECT, &location)
}

/// 303: the answer to a form that was accepted. `location` is a path of this site.
pub fn see_other(location: &str) -> Response {
    redirect(StatusCode::SEE_OTHER, location)
}

fn redirect(status: StatusCode, location: &str) -> Response {
    let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/"));
    Response::builder().status(status).header(header::LOCATION, location).finish()
}
