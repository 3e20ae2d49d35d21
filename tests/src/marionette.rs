//! `Marionette`, by which Firefox takes the commands of `WebDriver` over a connection of its own,
//! without a driver beside it: `LENGTH:[0, number, name, parameters]` is answered by
//! `LENGTH:[1, number, error, result]` (Firefox Source Docs, Marionette Protocol).

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

/// The connection to a Firefox.
pub struct Marionette {
    connection: Mutex<BufReader<TcpStream>>,
}

impl Marionette {
    /// Connects to the Firefox that listens at this port.
    pub async fn connect(port: u16) -> Result<Self, String> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.map_err(|error| error.to_string())?;
        let mut connection = BufReader::new(stream);
        let hello = read(&mut connection).await?;
        if hello["marionetteProtocol"] != 3 {
            return Err(format!("not the protocol that is known: {hello}"));
        }
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Carries out the command that `WebDriver` has at a path below a session's.
    pub async fn command(&self, method: &str, path: &str, parameters: Value) -> Result<Value, String> {
        let (name, parameters) = named(method, path, parameters)?;
        let message = json!([0, 1, name, parameters]).to_string();
        let mut connection = self.connection.lock().await;
        let sent = connection.write_all(format!("{}:{message}", message.len()).as_bytes()).await;
        sent.map_err(|error| error.to_string())?;
        let mut answer = read(&mut connection).await?;
        match &answer[2] {
            Value::Null => {}
            error => return Err(format!("{}: {}", error["error"], error["message"])),
        }
        let mut result = answer[3].take();
        Ok(if result.get("value").is_some() { result["value"].take() } else { result })
    }
}

/// Reads one message.
async fn read(connection: &mut BufReader<TcpStream>) -> Result<Value, String> {
    let mut length = 0;
    loop {
        match connection.read_u8().await.map_err(|error| error.to_string())? {
            b':' => break,
            digit @ b'0'..=b'9' => length = length * 10 + usize::from(digit - b'0'),
            other => return Err(format!("no length: {other:#x}")),
        }
    }
    let mut message = vec![0; length];
    connection.read_exact(&mut message).await.map_err(|error| error.to_string())?;
    serde_json::from_slice(&message).map_err(|error| error.to_string())
}

/// What the command at a path is called here, and its parameters with those that the path has.
fn named(method: &str, path: &str, mut parameters: Value) -> Result<(&'static str, Value), String> {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    if let ["element", id, ..] = parts[..] {
        parameters["id"] = json!(id);
    }
    if let ["element", _, "attribute" | "property", name] = parts[..] {
        parameters["name"] = json!(name);
    }
    let name = match (method, &parts[..]) {
        ("POST", ["session"]) => "WebDriver:NewSession",
        ("DELETE", []) => "WebDriver:DeleteSession",
        ("POST", ["url"]) => "WebDriver:Navigate",
        ("GET", ["url"]) => "WebDriver:GetCurrentURL",
        ("GET", ["title"]) => "WebDriver:GetTitle",
        ("POST", ["back"]) => "WebDriver:Back",
        ("POST", ["elements"]) => "WebDriver:FindElements",
        ("GET", ["element", _, "text"]) => "WebDriver:GetElementText",
        ("GET", ["element", _, "attribute", _]) => "WebDriver:GetElementAttribute",
        ("GET", ["element", _, "property", _]) => "WebDriver:GetElementProperty",
        ("POST", ["element", _, "click"]) => "WebDriver:ElementClick",
        ("POST", ["element", _, "clear"]) => "WebDriver:ElementClear",
        ("POST", ["element", _, "value"]) => "WebDriver:ElementSendKeys",
        ("POST", ["execute", "sync"]) => "WebDriver:ExecuteScript",
        ("POST", ["cookie"]) => "WebDriver:AddCookie",
        ("GET", ["screenshot"]) => "WebDriver:TakeScreenshot",
        _ => return Err(format!("Firefox is not asked for {method} {path}")),
    };
    Ok((name, parameters))
}
