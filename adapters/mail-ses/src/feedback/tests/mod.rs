//! Messages as SNS posts them, genuine, altered, repeated and made up. `signer` makes and signs
//! them with a certificate of the tests' own; `signed-*.json` were signed by OpenSSL.

mod forgeries;
mod genuine;
mod signer;

use std::sync::Mutex;

use async_trait::async_trait;
use gallery_core::ports::{Feedback as _, FeedbackError, MailEvent};
use gallery_core::values::Timestamp;
use url::Url;

use super::fetch::{Fetch, FetchError, Fetched};
use super::*;
use signer::{CERTIFICATE, Signer, TOPIC};

/// 22 November 2026, 12:00:05 UTC: a few seconds after the messages.
fn now() -> Timestamp {
    Timestamp::from_millis(1_795_348_805_000)
}

/// Plays SNS: has one certificate, takes confirmations, and remembers what it was asked for.
#[derive(Debug)]
struct FakeSns {
    certificate: Mutex<Result<Fetched, String>>,
    confirmation: u16,
    asked: Mutex<Vec<String>>,
}

impl FakeSns {
    fn new(certificate: &str) -> Arc<Self> {
        Self::with(Ok(Fetched { status: 200, body: certificate.into() }), 200)
    }

    fn with(certificate: Result<Fetched, String>, confirmation: u16) -> Arc<Self> {
        let certificate = Mutex::new(certificate);
        Arc::new(Self { certificate, confirmation, asked: Mutex::default() })
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Fetch for FakeSns {
    async fn get(&self, url: &Url) -> Result<Fetched, FetchError> {
        self.asked.lock().unwrap().push(url.to_string());
        if url.as_str() == CERTIFICATE {
            return self.certificate.lock().unwrap().clone().map_err(FetchError);
        }
        if url.path() == "/" {
            return Ok(Fetched {
                status: self.confirmation,
                body: b"<ConfirmSubscriptionResponse/>".to_vec(),
            });
        }
        Ok(Fetched { status: 404, body: Vec::new() })
    }
}

fn feedback(sns: &Arc<FakeSns>) -> SnsFeedback {
    let fetch: Arc<dyn Fetch> = sns.clone();
    SnsFeedback::over(TOPIC.parse().unwrap(), fetch)
}

async fn forged(feedback: &SnsFeedback, body: &str) -> String {
    match feedback.read(body.as_bytes(), now()).await {
        Err(FeedbackError::Forged(why)) => why,
        other => panic!("not taken for a forgery: {other:?}: {body}"),
    }
}

async fn malformed(feedback: &SnsFeedback, body: &str) -> String {
    match feedback.read(body.as_bytes(), now()).await {
        Err(FeedbackError::Malformed(why)) => why,
        other => panic!("not taken for malformed: {other:?}"),
    }
}

async fn unavailable(feedback: &SnsFeedback, body: &str) {
    let read = feedback.read(body.as_bytes(), now()).await;
    assert!(matches!(read, Err(FeedbackError::Unavailable(_))), "{read:?}");
}
