//! One request to an engine, to see that it answers. A few lines of HTTP instead of a client
//! library, which a fresh machine would have to compile first.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Result, ensure};

/// The longest that an answer may take.
const LIMIT: Duration = Duration::from_secs(10);

/// An error unless the answer to this request has that status and contains that text.
pub fn expect(port: u16, request: &Request<'_>, status: u16, text: &str) -> Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.set_write_timeout(Some(LIMIT))?;
    stream.write_all(request.to_string().as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let right = answer.split(' ').nth(1) == Some(&status.to_string()) && answer.contains(text);
    ensure!(right, "it answered: {answer}");
    Ok(())
}

/// A request.
pub struct Request<'a> {
    /// `GET /path`.
    pub line: &'a str,
    /// Names and values, besides those that every request has.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a str,
}

impl<'a> Request<'a> {
    /// A request of no more than its first line.
    pub fn plain(line: &'a str) -> Self {
        Self { line, headers: &[], body: "" }
    }
}

impl std::fmt::Display for Request<'_> {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n", self.line)?;
        for (name, value) in self.headers {
            write!(to, "{name}: {value}\r\n")?;
        }
        write!(to, "Content-Length: {}\r\n\r\n{}", self.body.len(), self.body)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Answers one request with these bytes; its port.
    fn server(answer: &'static str) -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            stream.write_all(answer.as_bytes()).unwrap();
        });
        port
    }

    #[test]
    fn status_and_text_must_be_right() {
        let answer = "HTTP/1.1 403 Forbidden\r\n\r\nAccessDenied";
        let get = Request::plain("GET /");
        expect(server(answer), &get, 403, "AccessDenied").unwrap();
        let error = expect(server(answer), &get, 200, "AccessDenied").unwrap_err().to_string();
        assert!(error.contains("403 Forbidden"), "{error}");
        assert!(expect(server(answer), &get, 403, "NoSuchKey").is_err());
    }
}
