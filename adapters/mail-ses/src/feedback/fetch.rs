//! Fetching over HTTPS, from addresses that were checked before: with the client and the
//! certificates of the AWS SDK, without following a redirect, for a bounded time and a bounded
//! number of bytes. Tests are below.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;
use tokio::time::timeout;
use url::Url;

use crate::error::causes;

/// The most bytes of an answer; a certificate has about two thousand.
const LARGEST_ANSWER: usize = 64 * 1024;

/// How long a connection may take to be made.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// How long all of it may take. SNS waits 15 seconds for the answer to a message.
const LIMIT: Duration = Duration::from_secs(8);

/// An answer.
#[derive(Debug, Clone)]
pub struct Fetched {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Why there is no answer, in one line.
#[derive(Debug, thiserror::Error)]
#[error("SNS did not answer: {0}")]
pub struct FetchError(pub String);

/// Fetches what is at an address.
#[async_trait]
pub trait Fetch: fmt::Debug + Send + Sync + 'static {
    async fn get(&self, url: &Url) -> Result<Fetched, FetchError>;
}

/// The real thing.
#[derive(Debug)]
pub struct HttpsFetch {
    connector: Connector,
    limit: Duration,
}

impl HttpsFetch {
    pub fn new() -> Self {
        Self::with_limit(LIMIT)
    }

    fn with_limit(limit: Duration) -> Self {
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_LIMIT).read_timeout(limit);
        let connector = Connector::builder()
            .connector_settings(settings.build())
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build();
        Self { connector, limit }
    }

    async fn fetch(&self, url: &Url) -> Result<Fetched, FetchError> {
        let failed = |error: &(dyn std::error::Error + 'static)| FetchError(causes(error));
        let request = HttpRequest::get(url.as_str()).map_err(|error| failed(&error))?;
        let answer = self.connector.call(request).await.map_err(|error| failed(&error))?;
        let status = answer.status().as_u16();
        let mut stream = ByteStream::new(answer.into_body());
        let mut body = Vec::new();
        while let Some(bytes) = stream.try_next().await.map_err(|error| failed(&error))? {
            body.extend_from_slice(&bytes);
            if body.len() > LARGEST_ANSWER {
                return Err(FetchError(format!("it sends more than {LARGEST_ANSWER} bytes")));
            }
        }
        Ok(Fetched { status, body })
    }
}

#[async_trait]
impl Fetch for HttpsFetch {
    async fn get(&self, url: &Url) -> Result<Fetched, FetchError> {
        let fetched = timeout(self.limit, self.fetch(url)).await;
        fetched.unwrap_or_else(|_| Err(FetchError(format!("not within {:?}", self.limit))))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// An address at which every request is answered like this.
    async fn serving(answer: Vec<u8>) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/x", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                // The client may have had enough.
                let _ = stream.write_all(&answer).await;
            }
        });
        url.parse().unwrap()
    }

    fn answer(status: &str, length: usize) -> Vec<u8> {
        let head =
            format!("HTTP/1.1 {status}\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: {length}\r\n\r\n");
        [head.into_bytes(), vec![b'x'; length]].concat()
    }

    #[tokio::test]
    async fn an_answer_is_read_whole_up_to_the_limit() {
        let url = serving(answer("200 OK", LARGEST_ANSWER)).await;
        let fetched = HttpsFetch::new().get(&url).await.unwrap();
        assert_eq!((fetched.status, fetched.body.len()), (200, LARGEST_ANSWER));
        let url = serving(answer("200 OK", LARGEST_ANSWER + 1)).await;
        let error = HttpsFetch::new().get(&url).await.unwrap_err();
        assert!(error.to_string().contains("more than"), "{error}");
    }

    #[tokio::test]
    async fn no_redirect_is_followed() {
        let url = serving(answer("302 Found", 0)).await;
        assert_eq!(HttpsFetch::new().get(&url).await.unwrap().status, 302);
    }

    #[tokio::test]
    async fn who_is_silent_or_away_is_not_waited_for() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}/x", silent.local_addr().unwrap()).parse().unwrap();
        let impatient = HttpsFetch::with_limit(Duration::from_millis(100));
        assert!(impatient.get(&url).await.is_err());
        drop(silent);
        assert!(HttpsFetch::new().get(&url).await.is_err());
        // An answer that never ends.
        let mut endless = answer("200 OK", 10);
        endless.pop();
        assert!(impatient.get(&serving(endless).await).await.is_err());
    }
}
