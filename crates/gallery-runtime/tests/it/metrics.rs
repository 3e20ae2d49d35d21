//! The figures as Prometheus reads them, after requests of several kinds.

use std::sync::Arc;

use gallery_runtime::metrics::{Measured, Metrics, Page};
use poem::endpoint::make_sync;
use poem::http::{Method, StatusCode};
use poem::{Endpoint, Request, Response, Route};

async fn ask(endpoint: &impl Endpoint<Output = Response>, method: Method, path: &str) -> Response {
    let request = Request::builder().method(method).uri(path.parse().unwrap()).finish();
    endpoint.get_response(request).await
}

#[tokio::test]
async fn requests_are_counted_by_method_route_and_status_and_never_by_path() {
    let metrics = Arc::new(Metrics::default());
    let routes = Route::new().at("/photos/:id", make_sync(|_| "a photo"));
    let site = Measured { endpoint: routes, metrics: Arc::clone(&metrics) };
    let page = Page(metrics);
    for path in ["/photos/first", "/photos/another", "/nothing/here"] {
        ask(&site, Method::GET, path).await;
    }
    ask(&site, Method::from_bytes(b"BREW").unwrap(), "/photos/third").await;

    let response = ask(&page, Method::GET, "/metrics").await;
    assert!(response.content_type().unwrap().starts_with("application/openmetrics-text"));
    let text = response.into_body().into_string().await.unwrap();
    for line in [
        r#"gallery_requests_total{method="GET",route="/photos/:id",status="200"} 2"#,
        r#"gallery_requests_total{method="GET",route="none",status="404"} 1"#,
        r#"gallery_requests_total{method="other",route="/photos/:id",status="200"} 1"#,
        r#"gallery_request_duration_seconds_count{route="/photos/:id"} 3"#,
        "gallery_connections_refused_total 0",
        "# EOF",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    for secret in ["first", "another", "third", "nothing", "BREW"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn nothing_else_is_served() {
    let page = Page(Arc::default());
    assert_eq!(ask(&page, Method::GET, "/").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(ask(&page, Method::POST, "/metrics").await.status(), StatusCode::METHOD_NOT_ALLOWED);
}
