//! The part of `WebDriver` (W3C) that the tests need, spoken to `ChromeDriver` over HTTP and to
//! Firefox by `Marionette`.
//!
//! A client library would do, but those on crates.io switch on features of `serde_json` that change
//! how the gallery itself is built in this workspace; what is tested must be what ships.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::marionette::Marionette;

/// Names an element in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser window that is controlled from here.
pub struct Session {
    wire: Wire,
}

/// How commands get to the browser.
enum Wire {
    /// To a driver, which has the session at this address.
    Http { client: reqwest::Client, address: String },
    /// To the browser itself.
    Marionette(Marionette),
}

/// An element of the open page; stale once another page is open.
#[derive(Clone)]
pub struct Element(String);

/// What a command answers, or why the driver refused it.
pub type Outcome<T> = Result<T, String>;

impl Session {
    /// Opens a window through the driver at this address.
    pub async fn open(driver: &str, capabilities: &Value) -> Outcome<Self> {
        let (client, wanted) =
            (reqwest::Client::new(), json!({"capabilities": {"alwaysMatch": capabilities}}));
        let opened = exchange(client.post(format!("{driver}/session")).json(&wanted)).await?;
        let id = opened["sessionId"].as_str().ok_or("no session id")?;
        Ok(Self { wire: Wire::Http { client, address: format!("{driver}/session/{id}") } })
    }

    /// Opens a window of the Firefox that listens at this port.
    pub async fn open_in_firefox(port: u16) -> Outcome<Self> {
        let firefox = Marionette::connect(port).await?;
        firefox.command("POST", "/session", json!({})).await?;
        Ok(Self { wire: Wire::Marionette(firefox) })
    }

    /// Closes the window.
    pub async fn close(&self) -> Outcome<()> {
        self.command(Method::DELETE, "", None).await.map(drop)
    }

    /// Goes to an address and waits until its page is there.
    pub async fn goto(&self, url: &str) -> Outcome<()> {
        self.post("/url", json!({"url": url})).await.map(drop)
    }

    /// Goes back to the page before, as by the browser's button.
    pub async fn back(&self) -> Outcome<()> {
        self.post("/back", json!({})).await.map(drop)
    }

    /// The open address.
    pub async fn url(&self) -> Outcome<String> {
        self.get("/url").await.map(text)
    }

    /// The page's title.
    pub async fn title(&self) -> Outcome<String> {
        self.get("/title").await.map(text)
    }

    /// The elements that a CSS selector finds now.
    pub async fn find(&self, css: &str) -> Outcome<Vec<Element>> {
        let found = self.post("/elements", json!({"using": "css selector", "value": css})).await?;
        let found = found.as_array().cloned().unwrap_or_default();
        Ok(found.into_iter().map(|element| Element(text(element[ELEMENT].clone()))).collect())
    }

    /// The visible text of an element.
    pub async fn text(&self, element: &Element) -> Outcome<String> {
        self.get(&format!("/element/{}/text", element.0)).await.map(text)
    }

    /// An attribute of an element, as it stands in the page.
    pub async fn attribute(&self, element: &Element, name: &str) -> Outcome<Option<String>> {
        let value = self.get(&format!("/element/{}/attribute/{name}", element.0)).await?;
        Ok(value.as_str().map(str::to_owned))
    }

    /// A property of an element.
    pub async fn property(&self, element: &Element, name: &str) -> Outcome<Value> {
        self.get(&format!("/element/{}/property/{name}", element.0)).await
    }

    /// Clicks an element, after scrolling to it.
    pub async fn click(&self, element: &Element) -> Outcome<()> {
        self.post(&format!("/element/{}/click", element.0), json!({})).await.map(drop)
    }

    /// Empties a field.
    pub async fn clear(&self, element: &Element) -> Outcome<()> {
        self.post(&format!("/element/{}/clear", element.0), json!({})).await.map(drop)
    }

    /// Types into a field; a file field takes paths, one a line.
    pub async fn send_keys(&self, element: &Element, keys: &str) -> Outcome<()> {
        self.post(&format!("/element/{}/value", element.0), json!({"text": keys})).await.map(drop)
    }

    /// Scrolls until an element is seen. This script is the driver's and runs where the page's own
    /// may not.
    pub async fn scroll_to(&self, element: &Element) -> Outcome<()> {
        let script = "arguments[0].scrollIntoView({block: 'center'})";
        self.post("/execute/sync", json!({"script": script, "args": [{ELEMENT: element.0}]})).await.map(drop)
    }

    /// Adds a cookie of the open site.
    pub async fn add_cookie(&self, name: &str, value: &str) -> Outcome<()> {
        self.post("/cookie", json!({"cookie": {"name": name, "value": value}})).await.map(drop)
    }

    /// A picture of what is seen, as PNG.
    pub async fn screenshot(&self) -> Outcome<Vec<u8>> {
        let encoded = self.get("/screenshot").await.map(text)?;
        STANDARD.decode(encoded).map_err(|error| error.to_string())
    }

    /// What was written to the console since the last call: `{level, source, message}` each.
    pub async fn console(&self) -> Outcome<Vec<Value>> {
        let log = self.post("/se/log", json!({"type": "browser"})).await?;
        Ok(log.as_array().cloned().unwrap_or_default())
    }

    /// A command of Chromium's `DevTools` protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Outcome<Value> {
        self.post("/goog/cdp/execute", json!({"cmd": command, "params": parameters})).await
    }

    async fn get(&self, path: &str) -> Outcome<Value> {
        self.command(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Outcome<Value> {
        self.command(Method::POST, path, Some(body)).await
    }

    async fn command(&self, method: Method, path: &str, body: Option<Value>) -> Outcome<Value> {
        match &self.wire {
            Wire::Http { client, address } => {
                let request = client.request(method, format!("{address}{path}"));
                exchange(body.iter().fold(request, reqwest::RequestBuilder::json)).await
            }
            Wire::Marionette(firefox) => {
                firefox.command(method.as_str(), path, body.unwrap_or_else(|| json!({}))).await
            }
        }
    }
}

/// What a driver answers to a request.
async fn exchange(request: reqwest::RequestBuilder) -> Outcome<Value> {
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let succeeded = answer.status().is_success();
    let mut document: Value = answer.json().await.map_err(|error| error.to_string())?;
    let value = document["value"].take();
    if succeeded { Ok(value) } else { Err(format!("{}: {}", value["error"], value["message"])) }
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        _ => String::new(),
    }
}
