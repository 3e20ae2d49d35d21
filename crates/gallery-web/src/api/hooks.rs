//! `POST /hooks/ses` in the OpenAPI document. It is no operation of the API: it lies beside
//! `/api/v1`, which poem-openapi has no way to say, so its description is put into the document's
//! text. Its handler is in [`crate::hooks`]. Tests are below.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::http::Code;

/// What is refused.
const CODES: [Code; 8] = [
    Code::Malformed,
    Code::Interrupted,
    Code::CrossSite,
    Code::ForgedReport,
    Code::NotFound,
    Code::TooLarge,
    Code::Internal,
    Code::Unavailable,
];

/// What comes behind the paths in a document that poem-openapi wrote.
const BEHIND_PATHS: &str = "\n  },\n  \"components\": {";

/// The document with what other services call.
pub(super) fn described(document: &str) -> String {
    let path = serde_json::to_string_pretty(&path()).unwrap_or_default().replace('\n', "\n    ");
    document.replacen(BEHIND_PATHS, &format!(",\n    \"/hooks/ses\": {path}{BEHIND_PATHS}"), 1)
}

fn path() -> Value {
    json!({
        "servers": [{ "url": "/" }],
        "post": {
            "operationId": "reportMail",
            "summary": "Report mails that could not be delivered",
            "description": "For Amazon SNS, which delivers what SES reports. A report proves itself by the \
                            signature of SNS and by its topic (`ses.feedback_topic`).",
            "requestBody": {
                "description": "A message of SNS: a notification, or the request to confirm a subscription.",
                "content": { "text/plain": { "schema": { "type": "string" } } },
                "required": true,
            },
            "responses": responses(),
        },
    })
}

fn responses() -> BTreeMap<String, Value> {
    let mut refusals = BTreeMap::<u16, Vec<String>>::new();
    for code in CODES {
        let line = format!("`{}`: {}.", code.name(), code.title());
        refusals.entry(code.status().as_u16()).or_default().push(line);
    }
    let refusal = |(status, lines): (u16, Vec<String>)| {
        let schema = json!({ "$ref": "#/components/schemas/Problem" });
        let content = json!({ "application/problem+json": { "schema": schema } });
        (status.to_string(), json!({ "description": lines.join(" "), "content": content }))
    };
    let taken = json!({ "description": "The report was taken, or says nothing that is kept." });
    refusals.into_iter().map(refusal).chain([("204".to_owned(), taken)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_tells_of_the_hook_beside_the_api() {
        let document: Value = serde_json::from_str(&super::super::openapi_document()).unwrap();
        let hook = &document["paths"]["/hooks/ses"];
        assert_eq!(hook["servers"][0]["url"], "/");
        let answers: Vec<_> = hook["post"]["responses"].as_object().unwrap().keys().collect();
        assert_eq!(answers, ["204", "400", "403", "404", "413", "500", "503"]);
        assert_eq!(document["servers"][0]["url"], "/api/v1");
        assert!(document["components"]["schemas"]["Problem"].is_object());
        assert!(document["paths"]["/accounts"].is_object());
    }
}
