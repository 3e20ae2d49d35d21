//! What the gallery answered, with the assertions that every test makes.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Clone)]
pub struct Answer {
    /// Method and path that were asked, for messages.
    pub asked: String,
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Panics unless the status is this one.
    #[track_caller]
    #[must_use = "an answer is asked for to be looked at; `.ok(…)` only checks the status"]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        self
    }

    /// Panics unless the status is this one; for answers that have nothing else to look at.
    #[track_caller]
    pub fn ok(self, status: u16) {
        let _ = self.expect(status);
    }

    /// Panics unless this is a problem document (RFC 9457) with this status and code. Answers the
    /// document.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.asked);
        let document = self.json();
        assert_eq!(document["status"], status, "{}: {document}", self.asked);
        assert_eq!(document["code"], code, "{}: {document}", self.asked);
        for field in ["type", "title", "detail"] {
            assert!(document[field].is_string(), "{}: no {field} in {document}", self.asked);
        }
        document
    }

    /// The codes of the fields that a 422 complains of.
    #[track_caller]
    pub fn invalid_fields(&self) -> Vec<(String, String)> {
        let document = self.json();
        let errors = document["errors"].as_array().unwrap_or_else(|| panic!("no errors in {document}"));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error} in {}", self.asked, self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header field; empty when it is absent.
    pub fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        value.unwrap_or_default().into_owned()
    }

    /// Every `Set-Cookie`.
    pub fn set_cookies(&self) -> Vec<String> {
        let values = self.headers.get_all("set-cookie").iter();
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
    }

    /// Where a 303 leads to, or what a 201 has made: the path of `Location`.
    #[track_caller]
    pub fn location(&self) -> String {
        let location = self.header("location");
        assert!(!location.is_empty(), "{}: {} without Location", self.asked, self.status);
        match location.split_once("://").and_then(|(_, rest)| rest.split_once('/')) {
            Some((_, path)) => format!("/{path}"),
            None => location,
        }
    }
}
