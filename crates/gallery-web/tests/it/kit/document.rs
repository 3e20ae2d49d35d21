//! Holds answers against the OpenAPI document.

use std::sync::LazyLock;

use poem::http::Method;
use serde_json::Value;

use super::Answer;

pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&gallery_web::openapi_document()).unwrap());

/// Fails when an operation answers what its documentation does not have.
pub fn check(method: &Method, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap();
    let Some(path) = path.strip_prefix("/api/v1") else { return };
    let method = if *method == Method::HEAD { "get".to_owned() } else { method.as_str().to_lowercase() };
    let Some(operation) = operation(path, &method) else { return };
    let status = answer.status.as_u16().to_string();
    let response = &operation["responses"][&status];
    assert!(response.is_object(), "{method} {path} answered {status}, which is not documented: {answer:?}");
    let content_type = answer.header("content-type");
    if !content_type.is_empty() && response["content"].is_object() {
        let documented = response["content"].get(content_type);
        assert!(documented.is_some(), "{method} {path} answered {content_type}, which is not documented");
    }
}

/// The operation of this method whose path has this form; a literal path goes before one with
/// parameters.
pub fn operation(path: &str, method: &str) -> Option<&'static Value> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let mut matching: Vec<_> = paths.iter().filter(|(template, _)| matches(template, path)).collect();
    matching.sort_by_key(|(template, _)| template.matches('{').count());
    matching.first()?.1.get(method)
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(template, part)| template.starts_with('{') || template == part)
}
