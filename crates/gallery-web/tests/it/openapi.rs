//! The OpenAPI document and the page made of it.

use std::collections::BTreeSet;

use crate::kit::Site;
use crate::kit::document::DOCUMENT;
use serde_json::Value;

/// The operations of the API. What has a server of its own lies beside it: `/hooks/ses`, whose
/// description is tested where it is made.
fn operations() -> impl Iterator<Item = (String, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap().iter();
    paths.filter(|(_, methods)| methods["servers"].is_null()).flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}

#[tokio::test]
async fn the_document_is_served_as_it_is_printed() {
    let printed = gallery_web::openapi_document();
    assert!(printed.ends_with("}\n"));
    assert_eq!(printed, gallery_web::openapi_document(), "the same at every call");
    let served = Site::new().get("/api/v1/openapi.json").send().await;
    assert_eq!((served.header("content-type"), served.text()), ("application/json", printed.as_str()));
}

#[test]
fn every_row_of_the_contract_is_there() {
    let documented: BTreeSet<_> = operations().map(|(name, _)| name).collect();
    let contract = "\
        post /accounts|post /accounts/resend-confirmation|post /accounts/confirm|post /accounts/forgot-password|\
        post /accounts/reset-password|post /sessions|get /sessions|delete /sessions/{session_id}|\
        delete /sessions/current|get /account|patch /account|post /account/password|delete /account|get /albums|\
        post /albums|get /albums/{album_id}|patch /albums/{album_id}|delete /albums/{album_id}|\
        get /albums/{album_id}/photos|post /albums/{album_id}/photos|get /photos|get /photos/{photo_id}|\
        patch /photos/{photo_id}|delete /photos/{photo_id}|get /photos/{photo_id}/renditions/{name}|get /search";
    assert_eq!(documented, contract.split('|').map(str::to_owned).collect());
}

#[test]
fn every_operation_is_documented() {
    let mut ids = BTreeSet::new();
    for (name, operation) in operations() {
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{name}: an operationId of its own");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{name}: a summary");
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{name}: a tag");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let described = parameter["description"].as_str().is_some();
            assert!(described || parameter["in"] == "path", "{name}: {parameter}");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(!response["description"].as_str().unwrap().is_empty(), "{name}: {status}");
            let problem = status.parse::<u16>().unwrap() >= 400 && status != "416";
            assert_eq!(
                response["content"].get("application/problem+json").is_some(),
                problem,
                "{name}: {status}"
            );
        }
    }
}

#[test]
fn every_field_is_described() {
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        assert!(schema["description"].as_str().is_some(), "{name}");
        for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
            let described = schema["description"].as_str().is_some() || schema.get("$ref").is_some();
            assert!(described, "{name}.{field}: {schema}");
        }
    }
}

#[tokio::test]
async fn the_page_shows_every_operation_schema_and_code() {
    let page = Site::new().get("/api/docs").send().await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
    let text = page.text();
    assert!(!text.contains("<script"));
    for (_, operation) in operations() {
        assert!(text.contains(&format!("id=\"{}\"", operation["operationId"].as_str().unwrap())));
    }
    for name in DOCUMENT["components"]["schemas"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("id=\"schema-{name}\"")), "{name}");
    }
    for code in gallery_web::http::Code::ALL {
        assert_eq!(text.matches(&format!("id=\"{}\"", code.name())).count(), 1, "{}", code.name());
    }
    let anchors: Vec<_> =
        text.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    for anchor in anchors {
        assert!(text.contains(&format!("id=\"{anchor}\"")), "{anchor} leads nowhere");
    }
}
